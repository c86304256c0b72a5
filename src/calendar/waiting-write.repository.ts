import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { ConnectionRef } from './calendar-provider.js';
import { IN_CONFLICT, LEASE_IS_FREE, WRONG_EVENT, staysIn } from './event-write.sql.js';

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

/** Which stuck writes are meant. */
export interface StuckFilter {
  state: 'failed' | 'pending';
  /** Left out: of all tenants. */
  tenantId?: string;
  /** Left out: for whatever reason. */
  reason?: string;
}

/** Writes of events that wait for a calendar, or for somebody to help. */
@Injectable()
export class WaitingWriteRepository {
  constructor(private readonly database: Database) {}

  /** From an account that is being disconnected nothing is to be expected any more. */
  async disconnectPending(sql: SqlTransaction, { tenant, connectionId }: ConnectionRef): Promise<void> {
    await sql.query(
      `UPDATE event_write SET state = 'not_connected', failure = NULL, updated_at = now()
       WHERE tenant_id = $1 AND state = 'pending' AND (connection_id = $2 OR connection_id IS NULL AND resource_id IN (
         SELECT o.resource_id FROM calendars_of_resources($1) o WHERE o.writes_bookings AND o.connection_id = $2))`,
      [tenant, connectionId],
    );
  }

  /**
   * Sets going again what waits although its account is connected: bookings that are not over and whose event is not as
   * wanted or is in an account that is not connected any more, and removals.
   * @returns the bookings; fewer than `limit` when there are no more
   */
  async revive(sql: SqlTransaction, tenant: TenantId, limit: number): Promise<string[]> {
    const rows = await sql.query<{ bookingId: string }>(
      `WITH here AS (
         SELECT k.id, c.state FROM calendar k
         JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
         WHERE k.tenant_id = $1 AND c.state <> 'disconnected'),
       place AS (
         SELECT o.resource_id, o.connection_state AS state FROM calendars_of_resources($1) o WHERE o.writes_bookings),
       waiting AS (
         SELECT w.booking_id FROM event_write w
         LEFT JOIN here ON here.id =
           CASE w.wanted WHEN 'absent' THEN w.calendar_id ELSE ${staysIn('w.resource_id')} END
         LEFT JOIN place ON w.wanted = 'present' AND place.resource_id = w.resource_id
         WHERE w.tenant_id = $1 AND ${LEASE_IS_FREE} AND coalesce(here.state, place.state) = 'connected'
           AND (w.wanted = 'absent' OR (w.content ->> 'endsAt')::timestamptz > now())
           AND (w.state = 'not_connected' OR w.state = 'failed' AND w.failure IS DISTINCT FROM '${WRONG_EVENT}'
             OR w.state = 'pending' AND w.failure IS NOT NULL
             OR w.state = 'synced' AND w.wanted = 'present' AND here.state IS NULL)
         LIMIT $2 FOR UPDATE OF w SKIP LOCKED)
       UPDATE event_write w SET state = 'pending', failure = NULL, attempts = 0, revived_at = NULL, updated_at = now()
       FROM waiting WHERE w.tenant_id = $1 AND w.booking_id = waiting.booking_id
       RETURNING w.booking_id AS "bookingId"`,
      [tenant, limit],
    );
    return rows.map(({ bookingId }) => bookingId);
  }

  /**
   * The bookings whose event is still to be written and that nobody is at, in the order of their ids.
   * @param after the last one that is known; null for the first
   */
  async findPending(
    sql: SqlTransaction,
    tenant: TenantId,
    after: string | null,
    limit: number,
  ): Promise<string[]> {
    const rows = await sql.query<{ bookingId: string }>(
      `SELECT w.booking_id AS "bookingId" FROM event_write w
       WHERE w.tenant_id = $1 AND w.state = 'pending' AND w.failure IS DISTINCT FROM 'needs_reconnect' AND ${LEASE_IS_FREE}
         AND ($2::uuid IS NULL OR w.booking_id > $2) ORDER BY w.booking_id LIMIT $3`,
      [tenant, after, limit],
    );
    return rows.map(({ bookingId }) => bookingId);
  }

  /**
   * The bookings whose event is to be taken away from a calendar that can be reached, in the order of their ids.
   * @param after the last one that is known; null for the first
   */
  async findLeftovers(
    sql: SqlTransaction,
    tenant: TenantId,
    after: string | null,
    limit: number,
  ): Promise<string[]> {
    const rows = await sql.query<{ bookingId: string }>(
      `SELECT DISTINCT o.booking_id AS "bookingId" FROM (
         SELECT tenant_id, booking_id, calendar_id FROM event_leftover
         UNION ALL SELECT tenant_id, booking_id, calendar_id FROM event_stray) o
       JOIN calendar k ON k.tenant_id = o.tenant_id AND k.id = o.calendar_id
       JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id AND c.state = 'connected'
       WHERE o.tenant_id = $1 AND ($2::uuid IS NULL OR o.booking_id > $2) ORDER BY o.booking_id LIMIT $3`,
      [tenant, after, limit],
    );
    return rows.map(({ bookingId }) => bookingId);
  }

  /**
   * Tries once more what was given up in a calendar that can be synchronised: what was in its way may be over. Each no more often than once
   * an hour; neither conflicts, which somebody has to decide, nor what would make one more event that nobody wants.
   * @returns the bookings; fewer than `limit` when there are no more
   */
  async reviveGivenUp(
    sql: SqlTransaction,
    tenant: TenantId,
    calendarId: string,
    limit: number,
  ): Promise<string[]> {
    const rows = await sql.query<{ bookingId: string }>(
      `WITH given_up AS (
         SELECT w.booking_id FROM event_write w
         WHERE w.tenant_id = $1 AND w.calendar_id = $2 AND w.state = 'failed' AND ${LEASE_IS_FREE}
           AND w.failure NOT IN ('${IN_CONFLICT}', '${WRONG_EVENT}')
           AND (w.wanted = 'absent' OR (w.content ->> 'endsAt')::timestamptz > now())
           AND (w.revived_at IS NULL OR w.revived_at < now() - interval '1 hour')
         LIMIT $3 FOR UPDATE SKIP LOCKED)
       UPDATE event_write w SET state = 'pending', attempts = 0, revived_at = clock_timestamp(), updated_at = now()
       FROM given_up WHERE w.tenant_id = $1 AND w.booking_id = given_up.booking_id
       RETURNING w.booking_id AS "bookingId"`,
      [tenant, calendarId, limit],
    );
    return rows.map(({ bookingId }) => bookingId);
  }

  /**
   * Sets one write going again that failed or waits.
   * @returns false when there is none, or when it is as wanted
   */
  async retry(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE event_write SET state = 'pending', failure = NULL, attempts = 0, revived_at = NULL, updated_at = now()
       WHERE tenant_id = $1 AND booking_id = $2 AND state IN ('failed', 'pending') RETURNING 1`,
      [tenant, bookingId],
    );
    return rows.length > 0;
  }

  /** Writes of all tenants, or of one, that are stuck, longest waiting first. Says nothing of customers. */
  async findStuck(
    { state, tenantId, reason }: StuckFilter,
    limit: number,
    after: { since: Date; bookingId: string } | null,
  ): Promise<StuckWrite[]> {
    return this.database.inSystem((sql) =>
      sql.query<StuckWrite>(
        `SELECT tenant_id AS "tenantId", booking_id AS "bookingId", wanted, state, failure AS reason, attempts,
           updated_at AS since, last_attempt_at AS "lastAttemptAt"
         FROM event_write
         WHERE state = $1 AND ($2::timestamptz IS NULL OR (updated_at, booking_id) > ($2, $3::uuid))
           AND ($5::uuid IS NULL OR tenant_id = $5) AND ($6::text IS NULL OR failure = $6)
         ORDER BY updated_at, booking_id LIMIT $4`,
        [state, after?.since ?? null, after?.bookingId ?? null, limit, tenantId ?? null, reason ?? null],
      ),
    );
  }
}
