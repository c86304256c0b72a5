import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { PageCursor } from '../../tenant/page-cursor.js';
import type { ResourceDescription, ResourceRow } from './described-resource.js';

const COLUMNS = `id, name, timezone, working_hours AS "workingHours", active, created_at AS "createdAt",
  updated_at AS "updatedAt"`;

const MOST_DATES_OF_PAGE = 2_000;

/** Every statement names the tenant itself, although row-level security would also confine it. */
@Injectable()
export class ResourceRepository {
  constructor(private readonly database: Database) {}

  async find(tenant: TenantId, id: string): Promise<ResourceRow | undefined> {
    return this.database.inTenant(tenant, (sql) => this.findIn(sql, tenant, id));
  }

  async findIn(sql: SqlTransaction, tenant: TenantId, id: string): Promise<ResourceRow | undefined> {
    const [row] = await sql.query<ResourceRow>(
      `SELECT ${COLUMNS} FROM resource WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [tenant, id],
    );
    return row;
  }

  /** The zone that a resource is in: its own, or else the tenant's. Undefined where there is no such resource. */
  async findZone(tenant: TenantId, id: string): Promise<string | undefined> {
    return this.database.inTenant(tenant, (sql) => this.findZoneIn(sql, tenant, id));
  }

  async findZoneIn(sql: SqlTransaction, tenant: TenantId, id: string): Promise<string | undefined> {
    const [row] = await sql.query<{ timezone: string }>(
      `SELECT coalesce(r.timezone, t.timezone) AS timezone FROM resource r JOIN tenant t ON t.id = r.tenant_id
       WHERE r.tenant_id = $1 AND r.id = $2 AND r.deleted_at IS NULL`,
      [tenant, id],
    );
    return row?.timezone;
  }

  /**
   * Oldest first. After so many dates with hours of their own a page ends: a thousand of them for every resource would be megabytes.
   * @returns the rows of the page, and whether there are more
   */
  async listAfter(
    tenant: TenantId,
    after: PageCursor | null,
    limit: number,
  ): Promise<{ rows: ResourceRow[]; isMore: boolean }> {
    const found = await this.database.inTenant(tenant, (sql) =>
      sql.query<ResourceRow & { fits: boolean }>(
        `SELECT id, name, timezone, CASE WHEN fits THEN working_hours END AS "workingHours", active,
           created_at AS "createdAt", updated_at AS "updatedAt", fits
         FROM (
           SELECT *, sum(dates) OVER (ORDER BY created_at, id) - dates < $5 AS fits
           FROM (
             SELECT *, coalesce(jsonb_array_length(working_hours -> 'overrides'), 0) AS dates FROM resource
             WHERE tenant_id = $1 AND deleted_at IS NULL
               AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
             ORDER BY created_at, id LIMIT $4) page) counted
         ORDER BY created_at, id`,
        [tenant, after?.createdAt ?? null, after?.id ?? null, limit + 1, MOST_DATES_OF_PAGE],
      ),
    );
    const rows = found.slice(0, limit).filter(({ fits }) => fits);
    return { rows: rows.map(({ fits: _, ...row }) => row), isMore: rows.length < found.length };
  }

  async count(sql: SqlTransaction, tenant: TenantId): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM resource WHERE tenant_id = $1 AND deleted_at IS NULL',
      [tenant],
    );
    return row?.count ?? 0;
  }

  async activeIds(sql: SqlTransaction, tenant: TenantId): Promise<string[]> {
    const rows = await sql.query<{ id: string }>(
      'SELECT id FROM resource WHERE tenant_id = $1 AND active AND deleted_at IS NULL ORDER BY created_at, id',
      [tenant],
    );
    return rows.map(({ id }) => id);
  }

  /** Those of the ids that are resources of the tenant. */
  async presentAmong(sql: SqlTransaction, tenant: TenantId, ids: readonly string[]): Promise<string[]> {
    const rows = await sql.query<{ id: string }>(
      'SELECT id FROM resource WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND deleted_at IS NULL',
      [tenant, ids],
    );
    return rows.map(({ id }) => id);
  }

  /** @returns its id */
  async insert(sql: SqlTransaction, tenant: TenantId, resource: ResourceDescription): Promise<string> {
    const [row] = await sql.query<{ id: string }>(
      `INSERT INTO resource (tenant_id, name, timezone, working_hours, active) VALUES ($1, $2, $3, $4, $5)
       RETURNING id`,
      [tenant, ...valuesOf(resource)],
    );
    if (row === undefined) throw new Error('The inserted resource was not returned.');
    return row.id;
  }

  async update(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    resource: Omit<ResourceDescription, 'calendars'>,
  ): Promise<void> {
    await sql.query(
      `UPDATE resource SET name = $3, timezone = $4, working_hours = $5, active = $6, updated_at = now()
       WHERE tenant_id = $1 AND id = $2`,
      [tenant, id, ...valuesOf(resource)],
    );
  }

  /**
   * Keeps the row, because bookings refer to it, and the calendars it has chosen, because their events are there; it gives no
   * service any more.
   * @returns whether there was such a resource
   */
  async markDeleted(sql: SqlTransaction, tenant: TenantId, id: string): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE resource SET deleted_at = now(), updated_at = now()
       WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING id`,
      [tenant, id],
    );
    await sql.query('DELETE FROM service_resource WHERE tenant_id = $1 AND resource_id = $2', [tenant, id]);
    return rows.length > 0;
  }
}

function valuesOf({
  name,
  timezone,
  workingHours,
  active,
}: Omit<ResourceDescription, 'calendars'>): unknown[] {
  return [name, timezone, workingHours === null ? null : JSON.stringify(workingHours), active];
}
