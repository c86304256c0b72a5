import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';

/** A service or resource, as a caller may ask for it. */
export interface Bookable {
  id: string;
  name: string;
}

export interface BookableService extends Bookable {
  /** What the tenant has the agent know of it. */
  description: string | null;
  durationMinutes: number;
}

export interface BookableResource extends Bookable {
  /** Those that it gives, the oldest first. */
  serviceIds: string[];
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

  /** Those that somebody gives. */
  async listServices(tenant: TenantId): Promise<BookableService[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<BookableService>(
        `SELECT s.id, s.name, s.description, s.duration_minutes AS "durationMinutes" FROM service s
         WHERE s.tenant_id = $1 AND s.active AND s.deleted_at IS NULL AND EXISTS (
           SELECT FROM service_resource sr JOIN resource r ON r.tenant_id = sr.tenant_id AND r.id = sr.resource_id
           WHERE sr.tenant_id = s.tenant_id AND sr.service_id = s.id AND r.active AND r.deleted_at IS NULL)
         ORDER BY s.created_at, s.id LIMIT $2`,
        [tenant, MOST],
      ),
    );
  }

  /** Those that give something. */
  async listResources(tenant: TenantId): Promise<BookableResource[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<BookableResource>(
        `SELECT r.id, r.name, array_agg(s.id::text ORDER BY s.created_at, s.id) AS "serviceIds"
         FROM resource r
         JOIN service_resource sr ON sr.tenant_id = r.tenant_id AND sr.resource_id = r.id
         JOIN service s ON s.tenant_id = sr.tenant_id AND s.id = sr.service_id
         WHERE r.tenant_id = $1 AND r.active AND r.deleted_at IS NULL AND s.active AND s.deleted_at IS NULL
         GROUP BY r.id, r.name, r.created_at
         ORDER BY r.created_at, r.id LIMIT $2`,
        [tenant, MOST],
      ),
    );
  }
}
