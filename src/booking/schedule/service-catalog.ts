import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { decodeCursor, encodeCursor } from '../../tenant/page-cursor.js';
import { DescriptionRepository, MOST_DESCRIBED, refuseBeyond } from './description.repository.js';
import {
  describeService,
  type NewService,
  type OfferedService,
  type ServiceDescription,
} from './offered-service.js';
import { ResourceRepository } from './resource.repository.js';
import { ServiceRepository } from './service.repository.js';
import { withChanges } from './with-changes.js';

interface ServicePage {
  items: OfferedService[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** What a tenant offers. Changing it never touches bookings that were made. */
@Injectable()
export class ServiceCatalog {
  constructor(
    private readonly descriptions: DescriptionRepository,
    private readonly services: ServiceRepository,
    private readonly resources: ResourceRepository,
  ) {}

  /** Oldest first. @throws DomainError `invalid_input` for a cursor that this list did not give */
  async list(tenant: TenantId, { cursor, limit }: { cursor?: string; limit: number }): Promise<ServicePage> {
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const found = await this.services.listAfter(tenant, after, limit + 1);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last !== undefined ? encodeCursor(last) : null };
  }

  /** @throws DomainError `not_found` */
  async get(tenant: TenantId, id: string): Promise<OfferedService> {
    return found(await this.services.find(tenant, id));
  }

  /**
   * Given by every active resource, unless it says by whom.
   * @throws DomainError `limit_reached`; `not_found` naming the resources that there are not
   */
  async add(tenant: TenantId, wanted: NewService): Promise<OfferedService> {
    return this.descriptions.change(tenant, async (sql) => {
      refuseBeyond(MOST_DESCRIBED, await this.services.count(sql, tenant), 'services');
      const service = describeService(wanted, await this.resources.activeIds(sql, tenant));
      await this.#expectResources(sql, tenant, service.resourceIds);
      const id = await this.services.insert(sql, tenant, service);
      await this.services.giveTo(sql, tenant, id, service.resourceIds);
      return found(await this.services.findIn(sql, tenant, id));
    });
  }

  /** What is not given stays as it is. @throws DomainError `not_found`, also naming the resources that there are not */
  async change(tenant: TenantId, id: string, changes: Partial<ServiceDescription>): Promise<OfferedService> {
    return this.descriptions.change(tenant, async (sql) => {
      const service = found(await this.services.findIn(sql, tenant, id));
      const { resourceIds } = changes;
      if (resourceIds !== undefined) {
        await this.#expectResources(sql, tenant, resourceIds);
        await this.services.giveTo(sql, tenant, id, resourceIds);
      }
      await this.services.update(sql, tenant, id, withChanges(service, changes));
      return found(await this.services.findIn(sql, tenant, id));
    });
  }

  /** It is offered and listed no more; its bookings stay as they are. @throws DomainError `not_found` */
  async remove(tenant: TenantId, id: string): Promise<void> {
    await this.descriptions.change(tenant, async (sql) => {
      if (!(await this.services.markDeleted(sql, tenant, id))) throw notFound('service');
    });
  }

  async #expectResources(sql: SqlTransaction, tenant: TenantId, ids: readonly string[]): Promise<void> {
    const present = new Set(await this.resources.presentAmong(sql, tenant, ids));
    const errors = ids.flatMap((id, index) =>
      present.has(id) ? [] : [{ field: `resourceIds[${index}]`, message: 'there is no such resource' }],
    );
    if (errors.length > 0) throw new DomainError('not_found', 'There is no such resource.', { errors });
  }
}

function found(service: OfferedService | undefined): OfferedService {
  if (service === undefined) throw notFound('service');
  return service;
}
