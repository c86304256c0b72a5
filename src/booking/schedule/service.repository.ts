import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { PageCursor } from '../../tenant/page-cursor.js';
import type { OfferedService, ServiceDescription } from './offered-service.js';

const COLUMNS = `s.id, s.name, s.duration_minutes AS "durationMinutes", s.buffer_before_minutes AS "bufferBeforeMinutes",
  s.buffer_after_minutes AS "bufferAfterMinutes", s.slot_step_minutes AS "slotStepMinutes",
  s.min_notice_minutes AS "minNoticeMinutes", s.max_advance_days AS "maxAdvanceDays", s.max_per_day AS "maxPerDay",
  ARRAY(
    SELECT r.id FROM service_resource sr JOIN resource r ON r.tenant_id = sr.tenant_id AND r.id = sr.resource_id
    WHERE sr.tenant_id = s.tenant_id AND sr.service_id = s.id AND r.deleted_at IS NULL
    ORDER BY r.created_at, r.id) AS "resourceIds",
  s.description, s.active, s.created_at AS "createdAt", s.updated_at AS "updatedAt"`;

/** Every statement names the tenant itself, although row-level security would also confine it. */
@Injectable()
export class ServiceRepository {
  constructor(private readonly database: Database) {}

  async find(tenant: TenantId, id: string): Promise<OfferedService | undefined> {
    return this.database.inTenant(tenant, (sql) => this.findIn(sql, tenant, id));
  }

  async findIn(sql: SqlTransaction, tenant: TenantId, id: string): Promise<OfferedService | undefined> {
    const [row] = await sql.query<OfferedService>(
      `SELECT ${COLUMNS} FROM service s WHERE s.tenant_id = $1 AND s.id = $2 AND s.deleted_at IS NULL`,
      [tenant, id],
    );
    return row;
  }

  /** Also of one that was deleted since: bookings keep theirs. */
  async nameOf(sql: SqlTransaction, tenant: TenantId, id: string): Promise<string | undefined> {
    const [row] = await sql.query<{ name: string }>(
      'SELECT name FROM service WHERE tenant_id = $1 AND id = $2',
      [tenant, id],
    );
    return row?.name;
  }

  /** Oldest first. */
  async listAfter(tenant: TenantId, after: PageCursor | null, limit: number): Promise<OfferedService[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<OfferedService>(
        `SELECT ${COLUMNS} FROM service s
         WHERE s.tenant_id = $1 AND s.deleted_at IS NULL
           AND ($2::timestamptz IS NULL OR (s.created_at, s.id) > ($2, $3::uuid))
         ORDER BY s.created_at, s.id LIMIT $4`,
        [tenant, after?.createdAt ?? null, after?.id ?? null, limit],
      ),
    );
  }

  async count(sql: SqlTransaction, tenant: TenantId): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM service WHERE tenant_id = $1 AND deleted_at IS NULL',
      [tenant],
    );
    return row?.count ?? 0;
  }

  /** @returns its id */
  async insert(sql: SqlTransaction, tenant: TenantId, service: ServiceDescription): Promise<string> {
    const [row] = await sql.query<{ id: string }>(
      `INSERT INTO service (tenant_id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes,
         slot_step_minutes, min_notice_minutes, max_advance_days, max_per_day, description, active)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
      [tenant, ...valuesOf(service)],
    );
    if (row === undefined) throw new Error('The inserted service was not returned.');
    return row.id;
  }

  async update(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    service: ServiceDescription,
  ): Promise<void> {
    await sql.query(
      `UPDATE service SET name = $3, duration_minutes = $4, buffer_before_minutes = $5, buffer_after_minutes = $6,
         slot_step_minutes = $7, min_notice_minutes = $8, max_advance_days = $9, max_per_day = $10, description = $11,
         active = $12, updated_at = now()
       WHERE tenant_id = $1 AND id = $2`,
      [tenant, id, ...valuesOf(service)],
    );
  }

  /** Who gives the service: these and nobody else. */
  async giveTo(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    resourceIds: readonly string[],
  ): Promise<void> {
    await sql.query(
      'DELETE FROM service_resource WHERE tenant_id = $1 AND service_id = $2 AND resource_id <> ALL ($3::uuid[])',
      [tenant, id, resourceIds],
    );
    await sql.query(
      `INSERT INTO service_resource (tenant_id, service_id, resource_id)
       SELECT $1, $2, given.id FROM unnest($3::uuid[]) AS given (id) ON CONFLICT DO NOTHING`,
      [tenant, id, resourceIds],
    );
  }

  /** Keeps the row, because bookings refer to it. @returns whether there was such a service */
  async markDeleted(sql: SqlTransaction, tenant: TenantId, id: string): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE service SET deleted_at = now(), updated_at = now()
       WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING id`,
      [tenant, id],
    );
    return rows.length > 0;
  }
}

function valuesOf(service: ServiceDescription): unknown[] {
  return [
    service.name,
    service.durationMinutes,
    service.bufferBeforeMinutes,
    service.bufferAfterMinutes,
    service.slotStepMinutes,
    service.minNoticeMinutes,
    service.maxAdvanceDays,
    service.maxPerDay,
    service.description,
    service.active,
  ];
}
