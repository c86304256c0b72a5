import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { BookableRepository } from '../booking/schedule/bookable.repository.js';
import type { Conversation } from './conversation.js';
import { findNamed } from './named.js';
import type { ToolArguments } from './tool-arguments.js';
import { ToolRefusal } from './tool-refusal.js';

/**
 * The service and resource that a call is about. What was not said is the tenant's default: its first service or, of somebody
 * in particular, the first that is given by them.
 */
export interface AskedBookable {
  serviceId?: string;
  resourceId?: string;
}

@Injectable()
export class Bookables {
  constructor(private readonly repository: BookableRepository) {}

  /** @throws ToolRefusal `unknown_service`; `unknown_resource`, also for one that does not give the service */
  async read(
    tenant: TenantId,
    { service, resource }: ToolArguments,
    { say }: Conversation,
  ): Promise<AskedBookable> {
    const asked: AskedBookable = {};
    if (service !== undefined) {
      const services = await this.repository.listServices(tenant);
      asked.serviceId = findNamed(services, service)?.id;
      if (asked.serviceId === undefined) {
        throw new ToolRefusal('unknown_service', say.unknownService(names(services)));
      }
    }
    if (resource !== undefined) {
      const { serviceId } = asked;
      const resources = (await this.repository.listResources(tenant)).filter(
        ({ serviceIds }) => serviceId === undefined || serviceIds.includes(serviceId),
      );
      const found = findNamed(resources, resource);
      if (found === undefined) {
        throw new ToolRefusal('unknown_resource', say.unknownResource(names(resources)));
      }
      asked.resourceId = found.id;
      asked.serviceId ??= found.serviceIds[0];
    }
    return asked;
  }
}

/** As many as can be said. */
function names(items: readonly { name: string }[]): string[] {
  return items.slice(0, 3).map(({ name }) => name);
}
