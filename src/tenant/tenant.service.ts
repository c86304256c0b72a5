import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { notFound } from '../platform/errors/domain-error.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { decodeCursor, encodeCursor } from './page-cursor.js';
import { KnownConnections } from './known-connections.js';
import { TenantLifecycle } from './tenant-lifecycle.js';
import { RecentTenants } from './recent-tenants.js';
import type { Tenant, TenantChanges } from './tenant.js';
import { TenantRepository } from './tenant.repository.js';

interface TenantPage {
  items: Tenant[];
  /** Asks for the next page; null on the last. */
  nextCursor: string | null;
}

@Injectable()
export class TenantService {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly lifecycle: TenantLifecycle,
    private readonly recentTenants: RecentTenants,
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly connections: KnownConnections,
  ) {}

  /** Makes a tenant together with all that a tenant begins with (see `TenantLifecycle`). */
  async create(wanted: TenantChanges & Pick<Tenant, 'name' | 'timezone'>): Promise<Tenant> {
    return this.tenants.add(wanted, (prisma, tenant) => this.lifecycle.created(prisma, tenant));
  }

  /** @throws DomainError `not_found` */
  async get(tenant: TenantId): Promise<Tenant> {
    const found = await this.tenants.find(tenant);
    if (found === null) throw notFound('tenant');
    return found;
  }

  /** As `get`, but as the tenant was at most five seconds ago. @throws DomainError `not_found` */
  async recent(tenant: TenantId): Promise<Tenant> {
    const found = await this.recentTenants.find(tenant);
    if (found === null) throw notFound('tenant');
    return found;
  }

  /** As it was when it was last looked at, for answers that cannot wait; undefined when it never was. */
  lastSeen(tenant: TenantId): Tenant | undefined {
    return this.recentTenants.lastSeen(tenant);
  }

  /**
   * Oldest first.
   * @throws DomainError `invalid_input` for a cursor that is not one
   */
  async list({ cursor, limit }: { cursor?: string; limit: number }): Promise<TenantPage> {
    const found = await this.tenants.listAfter(cursor === undefined ? null : decodeCursor(cursor), limit + 1);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last !== undefined ? encodeCursor(last) : null };
  }

  /** @throws DomainError `not_found` */
  async change(tenant: TenantId, changes: TenantChanges): Promise<Tenant> {
    const changed = await this.tenants.change(tenant, changes);
    this.recentTenants.forget(tenant);
    if (changed === null) throw notFound('tenant');
    return changed;
  }

  /**
   * Deletes the tenant with everything that is its own, in one transaction, after what has to happen outside of the database.
   * Its credentials stop working at once here, and within five seconds on other instances.
   * @throws DomainError `not_found`
   */
  async delete(tenant: TenantId): Promise<void> {
    await this.get(tenant);
    await this.lifecycle.deleting(tenant);
    const existed = await this.tenants.delete(tenant);
    this.authenticator.forgetTenant(tenant);
    this.connections.forgetTenant(tenant);
    this.recentTenants.forget(tenant);
    if (!existed) throw notFound('tenant');
  }
}
