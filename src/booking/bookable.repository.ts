import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';

/** A service or resource, as a caller may ask for it. */
export interface Bookable {
  id: string;
  name: string;
}

/** No agent is told of more than these. */
const MOST = 200;

/**
 * What callers can ask for by name. Every statement names the tenant itself, although row-level security
 * would confine it.
 */
@Injectable()
export class BookableRepository {
  constructor(private readonly database: Database) {}

  async listServices(tenant: TenantId): Promise<Bookable[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<Bookable>(
        'SELECT id, name FROM service WHERE tenant_id = $1 AND active ORDER BY created_at, id LIMIT $2',
        [tenant, MOST],
      ),
    );
  }

  async listResources(tenant: TenantId): Promise<Bookable[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<Bookable>(
        'SELECT id, name FROM resource WHERE tenant_id = $1 AND active ORDER BY created_at, id LIMIT $2',
        [tenant, MOST],
      ),
    );
  }
}
