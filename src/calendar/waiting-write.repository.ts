import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { LEASE_IS_FREE } from './event-write.repository.js';

/** A write that is not done, for whoever runs the service. */
export interface StuckWrite {
  tenantId: string;
  bookingId: string;
  wanted: 'present' | 'absent';
  state: 'pending' | 'failed';
  reason: string | null;
  attempts: number;
  since: Date;
  lastAttemptAt: Date | null;
}

/** Writes of events that wait for a calendar, or for somebody to help. */
@Injectable()
export class WaitingWriteRepository {
  constructor(private readonly database: Database) {}

  /** Without a calendar nothing is to be expected any more. */
  async disconnectPending(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(
      `UPDATE event_write SET state = 'not_connected', failure = NULL, updated_at = now()
       WHERE tenant_id = $1 AND state = 'pending'`,
      [tenant],
    );
  }

  /**
   * Sets going again what waits although there is a connection: bookings that are not over and whose event is not as wanted or
   * is in the calendar of another account, and removals. An event of another account is forgotten, and made anew under
   * the same id: ids are unique within a calendar, so an account that comes back is met with the events it has. For the same
   * reason what was cancelled is removed here too: an account that comes back may still have its event.
   * @returns the bookings; fewer than `limit` when there are no more
   */
  async revive(sql: SqlTransaction, tenant: TenantId, limit: number): Promise<string[]> {
    const rows = await sql.query<{ bookingId: string }>(
      `WITH active AS (
         SELECT id FROM calendar_connection WHERE tenant_id = $1 AND state = 'connected' LIMIT 1),
       waiting AS (
         SELECT w.booking_id, w.connection_id IS DISTINCT FROM active.id AS is_elsewhere
         FROM event_write w CROSS JOIN active
         WHERE w.tenant_id = $1 AND ${LEASE_IS_FREE} AND CASE
           WHEN w.connection_id IS DISTINCT FROM active.id THEN (w.content ->> 'endsAt')::timestamptz > now()
             AND (w.wanted = 'present' OR w.last_attempt_at IS NOT NULL)
           ELSE (w.wanted = 'absent' OR (w.content ->> 'endsAt')::timestamptz > now())
             AND (w.state IN ('not_connected', 'failed') OR w.state = 'pending' AND w.failure IS NOT NULL) END
         LIMIT $2 FOR UPDATE OF w SKIP LOCKED)
       UPDATE event_write w SET state = 'pending', failure = NULL, attempts = 0, updated_at = now(),
         connection_id = (SELECT id FROM active),
         calendar_id = CASE WHEN is_elsewhere THEN NULL ELSE calendar_id END,
         written_version = CASE WHEN is_elsewhere THEN 0 ELSE written_version END,
         event_id = CASE WHEN is_elsewhere THEN NULL ELSE event_id END,
         event_etag = CASE WHEN is_elsewhere THEN NULL ELSE event_etag END,
         meet_link = CASE WHEN is_elsewhere THEN NULL ELSE meet_link END,
         html_link = CASE WHEN is_elsewhere THEN NULL ELSE html_link END
       FROM waiting WHERE w.tenant_id = $1 AND w.booking_id = waiting.booking_id
       RETURNING w.booking_id AS "bookingId"`,
      [tenant, limit],
    );
    return rows.map(({ bookingId }) => bookingId);
  }

  /**
   * Sets one write going again that failed or waits.
   * @returns false when there is none, or when it is as wanted
   */
  async retry(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE event_write SET state = 'pending', failure = NULL, attempts = 0, updated_at = now()
       WHERE tenant_id = $1 AND booking_id = $2 AND state IN ('failed', 'pending') RETURNING 1`,
      [tenant, bookingId],
    );
    return rows.length > 0;
  }

  /** Writes of all tenants that are stuck, longest waiting first. Says nothing of customers. */
  async findStuck(
    state: 'failed' | 'pending',
    limit: number,
    after: { since: Date; bookingId: string } | null,
  ): Promise<StuckWrite[]> {
    return this.database.inSystem((sql) =>
      sql.query<StuckWrite>(
        `SELECT tenant_id AS "tenantId", booking_id AS "bookingId", wanted, state, failure AS reason, attempts,
           updated_at AS since, last_attempt_at AS "lastAttemptAt"
         FROM event_write
         WHERE state = $1 AND ($2::timestamptz IS NULL OR (updated_at, booking_id) > ($2, $3::uuid))
         ORDER BY updated_at, booking_id LIMIT $4`,
        [state, after?.since ?? null, after?.bookingId ?? null, limit],
      ),
    );
  }
}
