import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { AgentScope } from './agent-scope.js';
import type { ToolSpecification } from './agent-tool.js';
import { Bookables } from './asked/bookables.js';
import type { ToolParameter } from './tool-parameters.js';
import { ToolRegistry } from './tool-registry.js';

/** With more names than these a model had better ask than read; also far below OpenAI's bounds for an enum. */
const MOST_NAMES = 50;
/** Of all names of an enum together; of 15,000 in a schema OpenAI takes no more. */
const MOST_CHARACTERS = 5_000;

/** The tools as one credential may use them: where a service or a resource is named, the names there are. */
@Injectable()
export class OfferedTools {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly bookables: Bookables,
  ) {}

  async list(tenant: TenantId, scope: AgentScope): Promise<ToolSpecification[]> {
    const { services, resources } = await this.bookables.offered(tenant, scope);
    const names = { service: namesOf(services), resource: namesOf(resources) };
    return this.registry.all.map(({ specification }) => ({
      ...specification,
      parameters: Object.fromEntries(
        Object.entries(specification.parameters).map(([name, parameter]) => [
          name,
          parameter.asks === 'service' || parameter.asks === 'resource'
            ? withNames(parameter, names[parameter.asks])
            : parameter,
        ]),
      ),
    }));
  }
}

/** Each once: two people may have one name, an enum may not hold it twice. */
function namesOf(items: readonly { name: string }[]): string[] {
  return [...new Set(items.map(({ name }) => name))];
}

function withNames(parameter: ToolParameter, names: readonly string[]): ToolParameter {
  const isShort = names.length <= MOST_NAMES && names.join('').length <= MOST_CHARACTERS;
  return names.length > 0 && isShort ? { ...parameter, enum: names } : parameter;
}
