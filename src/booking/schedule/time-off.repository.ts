import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { Interval } from '../engine/intervals.js';
import type { TimeOff } from './time-off.js';

/** A position in the list of time off: the last one that was seen. */
export interface TimeOffPosition {
  startsAt: Date;
  id: string;
}

export interface TimeOffFilter {
  /** With a part at this instant or later. */
  from: Date;
  /** With a part before this instant. */
  to?: Date;
  after?: TimeOffPosition;
  limit: number;
}

const COLUMNS = 'id, starts_at AS "startsAt", ends_at AS "endsAt", reason, created_at AS "createdAt"';

/** Every statement names the tenant itself, although row-level security would also confine it. */
@Injectable()
export class TimeOffRepository {
  constructor(private readonly database: Database) {}

  /** In the order of its start. */
  async list(
    tenant: TenantId,
    resourceId: string,
    { from, to, after, limit }: TimeOffFilter,
  ): Promise<TimeOff[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<TimeOff>(
        `SELECT ${COLUMNS} FROM time_off
         WHERE tenant_id = $1 AND resource_id = $2 AND ends_at > $3 AND ($4::timestamptz IS NULL OR starts_at < $4)
           AND ($5::timestamptz IS NULL OR (starts_at, id) > ($5, $6::uuid))
         ORDER BY starts_at, id LIMIT $7`,
        [tenant, resourceId, from, to ?? null, after?.startsAt ?? null, after?.id ?? null, limit],
      ),
    );
  }

  async count(sql: SqlTransaction, tenant: TenantId, resourceId: string): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM time_off WHERE tenant_id = $1 AND resource_id = $2',
      [tenant, resourceId],
    );
    return row?.count ?? 0;
  }

  async insert(
    sql: SqlTransaction,
    tenant: TenantId,
    resourceId: string,
    { start, end }: Interval,
    reason: string | null,
  ): Promise<TimeOff> {
    const [row] = await sql.query<TimeOff>(
      `INSERT INTO time_off (tenant_id, resource_id, starts_at, ends_at, reason) VALUES ($1, $2, $3, $4, $5)
       RETURNING ${COLUMNS}`,
      [tenant, resourceId, new Date(start), new Date(end), reason],
    );
    if (row === undefined) throw new Error('The inserted time off was not returned.');
    return row;
  }

  /** @returns whether there was such time off of this resource */
  async delete(sql: SqlTransaction, tenant: TenantId, resourceId: string, id: string): Promise<boolean> {
    const rows = await sql.query(
      'DELETE FROM time_off WHERE tenant_id = $1 AND resource_id = $2 AND id = $3 RETURNING id',
      [tenant, resourceId, id],
    );
    return rows.length > 0;
  }
}
