import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { invalidInput, notFound } from '../platform/errors/domain-error.js';
import type { AgentConnection } from '../tenant/agent-connection.js';
import { AgentConnectionRepository } from '../tenant/agent-connection.repository.js';
import type { Caller } from '../tenant/caller.js';
import { TenantService } from '../tenant/tenant.service.js';
import { agentInstructions } from './agent-instructions.js';
import { confinesOf } from './agent-scope.js';
import { OfferedTools } from './offered-tools.js';
import { platformNamed, platformOfFormat } from './platforms/platforms.js';
import { SECRET_PLACEHOLDER, type VoicePlatform } from './platforms/voice-platform.js';

/** Definitions as they are pasted into a platform or given to a model, and what else that takes. */
export interface ToolDefinitionsView {
  format: string;
  /** Whose address and scope they are for; null where there is none yet. */
  connectionId: string | null;
  /** Where tools are called. */
  url: string;
  /** What proves who calls them; none where the platform signs. The secret itself stands nowhere. */
  headers: Record<string, string>;
  /** For the agent's prompt. */
  instructions: string;
  tools: object[];
}

/** The tools in the format of a platform, filled with what the tenant offers and with the address to call. */
@Injectable()
export class ToolDefinitions {
  constructor(
    private readonly offered: OfferedTools,
    private readonly connections: AgentConnectionRepository,
    private readonly tenants: TenantService,
    private readonly settings: Settings,
  ) {}

  /**
   * @param format one of `DEFINITION_FORMATS`
   * @param connectionId default: the tenant's newest of that platform, if there is one
   * @throws DomainError `not_found` for a connection that is not the caller's to see; `invalid_input` for one of another platform
   */
  async list(caller: Caller, format: string, connectionId?: string): Promise<ToolDefinitionsView> {
    const platform = platformOfFormat(format);
    if (platform === undefined) throw invalidInput({ field: 'format', message: 'is none that there is' });
    const connection = await this.#connectionFor(caller, platform, connectionId);
    const { publicUrl } = this.settings;
    const target =
      connection === null
        ? platform.targetWithoutConnection(publicUrl)
        : { url: platform.address(publicUrl, connection.id), secret: SECRET_PLACEHOLDER };
    const [tools, { name }] = await Promise.all([
      this.offered.list(caller.tenant, connection ?? confinesOf(caller).scope),
      this.tenants.recent(caller.tenant),
    ]);
    return {
      format,
      connectionId: connection?.id ?? null,
      url: target.url,
      headers: platform.headersWith(target.secret),
      instructions: agentInstructions(name),
      tools: platform.define(tools, target, format),
    };
  }

  async #connectionFor(
    { tenant, credential }: Caller,
    platform: VoicePlatform,
    asked: string | undefined,
  ): Promise<AgentConnection | null> {
    // A voice platform's own credential knows of no other connection.
    const own = credential.kind === 'agent-connection' ? credential.id : undefined;
    if (own !== undefined && asked !== undefined && asked !== own) throw notFound('connection');
    const id = asked ?? own;
    if (id === undefined) {
      const all = await this.connections.list(tenant);
      return all.filter((connection) => connection.platform === platform.name).at(-1) ?? null;
    }
    const found = await this.connections.find(tenant, id);
    if (found === null) throw notFound('connection');
    if (found.platform === platform.name) return found;
    if (asked === undefined) return null;
    const title = platformNamed(found.platform)?.title ?? 'another platform';
    throw invalidInput({ field: 'connectionId', message: `is of ${title}, not of ${platform.title}` });
  }
}
