import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { EventContent, ProviderEvent } from './calendar-provider.js';

export type EventWriteStatus = 'not_connected' | 'pending' | 'synced' | 'failed';

/** Reasons that ask for another look although the event is as it should be. */
export const MEET_LINK_PENDING = 'meet_link_pending';
export const REMOVAL_UNCONFIRMED = 'removal_unconfirmed';

/** How far a booking's event is, for whoever shows the booking. */
export interface EventState {
  status: EventWriteStatus;
  /** Why, where there is something to say: a stable word such as `needs_reconnect` or `calendar_gone`. */
  reason: string | null;
  meetLink: string | null;
  htmlLink: string | null;
  eventId: string | null;
  /** How often writing the present content was tried. */
  attempts: number;
}

/** A booking's event to be written, held by whoever has the lease. */
export interface ClaimedWrite {
  wanted: 'present' | 'absent';
  content: EventContent;
  version: number;
  writtenVersion: number;
  /** The event that was written, if any is known of. */
  eventId: string | null;
  eventAttempt: number;
  meetLink: string | null;
  attempts: number;
  /** Since when it waits, or is settled. */
  since: Date;
  /** When an earlier attempt began, whose outcome may be unknown. */
  previousAttemptAt: Date | null;
  leaseUntil: Date;
  /** Null when there is no calendar to write to. */
  target: { connectionId: string; connectionState: string; calendarId: string; googleId: string } | null;
}

/** What one attempt came to. */
export interface WriteOutcome {
  status: EventWriteStatus;
  reason: string | null;
  /** The version that the calendar has now; unchanged when nothing was written. */
  writtenVersion?: number;
  /** Null when the event is gone; left out when nothing is known anew. */
  event?: ProviderEvent | null;
  eventAttempt?: number;
}

/** Of `event_write w`: nobody is at it. */
export const LEASE_IS_FREE = `(w.lease_until IS NULL OR w.lease_until < clock_timestamp())`;
/** One that waits for its owner to connect again is set going by that. */
const HAS_WORK = `(w.state = 'pending' AND w.failure IS DISTINCT FROM 'needs_reconnect'
  OR w.state = 'synced' AND w.failure IN ('${MEET_LINK_PENDING}', '${REMOVAL_UNCONFIRMED}'))`;
const ACTIVE_STATE = `(SELECT c.state FROM calendar_connection c WHERE c.tenant_id = $1 AND c.state <> 'disconnected' LIMIT 1)`;
/** What a write that is wanted from now on starts in. */
const FRESH_STATE = `CASE WHEN ${ACTIVE_STATE} IS NULL THEN 'not_connected' ELSE 'pending' END`;
const FRESH_FAILURE = `CASE WHEN ${ACTIVE_STATE} = 'needs_reconnect' THEN 'needs_reconnect' END`;

/** What events should be in the calendar, and how far the calendar has them (`event_write`). */
@Injectable()
export class EventWriteRepository {
  constructor(private readonly database: Database) {}

  /** @returns the state it waits in, and why */
  async wantPresent(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    content: EventContent,
  ): Promise<{ state: EventWriteStatus; failure: string | null } | undefined> {
    const rows = await sql.query<{ state: EventWriteStatus; failure: string | null }>(
      `INSERT INTO event_write AS w (tenant_id, booking_id, wanted, content, state, failure)
       VALUES ($1, $2, 'present', $3, ${FRESH_STATE}, ${FRESH_FAILURE})
       ON CONFLICT (tenant_id, booking_id) DO UPDATE SET wanted = 'present', content = excluded.content,
         version = w.version + 1, state = excluded.state, failure = excluded.failure, attempts = 0, updated_at = now()
       RETURNING state, failure`,
      [tenant, bookingId, JSON.stringify(content)],
    );
    return rows[0];
  }

  /** @returns the state it waits in; undefined when there is no event to be taken away */
  async wantAbsent(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
  ): Promise<{ state: EventWriteStatus; failure: string | null } | undefined> {
    // Where nothing was ever tried, nothing can be in the calendar.
    const rows = await sql.query<{ state: EventWriteStatus; failure: string | null }>(
      `UPDATE event_write w SET wanted = 'absent', version = version + 1, attempts = 0, updated_at = now(),
         written_version = CASE WHEN last_attempt_at IS NULL THEN version + 1 ELSE written_version END,
         state = CASE WHEN last_attempt_at IS NULL THEN 'synced' ELSE ${FRESH_STATE} END,
         failure = CASE WHEN last_attempt_at IS NOT NULL THEN ${FRESH_FAILURE} END
       WHERE tenant_id = $1 AND booking_id = $2 RETURNING state, failure`,
      [tenant, bookingId],
    );
    return rows[0];
  }

  async findStates(tenant: TenantId, bookingIds: readonly string[]): Promise<Map<string, EventState>> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query<EventState & { bookingId: string }>(
        `SELECT booking_id AS "bookingId", state AS status, failure AS reason, meet_link AS "meetLink",
           html_link AS "htmlLink", event_id AS "eventId", attempts
         FROM event_write WHERE tenant_id = $1 AND booking_id = ANY ($2::uuid[])`,
        [tenant, bookingIds],
      ),
    );
    return new Map(rows.map(({ bookingId, ...state }) => [bookingId, state]));
  }

  /**
   * Takes the lease of a write that has something to do, and chooses its calendar: the one its event is in, or else the one
   * that bookings are written to.
   * @returns null when there is nothing to do or somebody else is at it
   */
  async claim(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    leaseMs: number,
  ): Promise<ClaimedWrite | null> {
    const [row] = await sql.query<Omit<ClaimedWrite, 'target'> & { calendarId: string | null }>(
      `WITH before AS (
           SELECT w.tenant_id, w.booking_id, w.last_attempt_at FROM event_write w
           WHERE w.tenant_id = $1 AND w.booking_id = $2 AND ${LEASE_IS_FREE} AND ${HAS_WORK} FOR UPDATE)
         UPDATE event_write w SET lease_until = clock_timestamp() + $3::int * interval '1 ms',
           attempts = attempts + 1, last_attempt_at = clock_timestamp()
         FROM before WHERE w.tenant_id = before.tenant_id AND w.booking_id = before.booking_id
         RETURNING w.wanted, w.content, w.version, w.written_version AS "writtenVersion", w.event_id AS "eventId",
           w.event_attempt AS "eventAttempt", w.meet_link AS "meetLink", w.attempts, w.updated_at AS since,
           before.last_attempt_at AS "previousAttemptAt", w.lease_until AS "leaseUntil", w.calendar_id AS "calendarId"`,
      [tenant, bookingId, leaseMs],
    );
    if (row === undefined) return null;
    const [target] = await sql.query<NonNullable<ClaimedWrite['target']>>(
      `SELECT c.id AS "connectionId", c.state AS "connectionState", k.id AS "calendarId", k.google_id AS "googleId"
         FROM calendar_connection c JOIN calendar k ON k.tenant_id = c.tenant_id AND k.connection_id = c.id
         WHERE c.tenant_id = $1 AND c.state <> 'disconnected' AND (k.writes_bookings OR k.id = $2)
         ORDER BY k.id IS NOT DISTINCT FROM $2 DESC, k.google_id LIMIT 1`,
      [tenant, row.calendarId],
    );
    if (target === undefined) return { ...row, target: null };
    // Noted before the calendar is asked: whatever happens now, it is known where an event may be.
    await sql.query(
      `UPDATE event_write SET connection_id = $3, calendar_id = $4 WHERE tenant_id = $1 AND booking_id = $2`,
      [tenant, bookingId, target.connectionId, target.calendarId],
    );
    return { ...row, target };
  }

  /** When the lease that keeps others away ends; null when nothing is to be done or nobody is at it. */
  async leasedUntil(tenant: TenantId, bookingId: string): Promise<Date | null> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<{ leaseUntil: Date }>(
        `SELECT w.lease_until AS "leaseUntil" FROM event_write w
         WHERE w.tenant_id = $1 AND w.booking_id = $2 AND ${HAS_WORK} AND NOT ${LEASE_IS_FREE}`,
        [tenant, bookingId],
      ),
    );
    return row?.leaseUntil ?? null;
  }

  /**
   * Stores what an attempt came to and gives the lease back. When something else is wanted by now, the write stays
   * `pending` whatever came of the earlier one.
   * @returns the state as stored; undefined when the lease was lost, and with it the say
   */
  async settle(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    { version, leaseUntil }: Pick<ClaimedWrite, 'version' | 'leaseUntil'>,
    { status, reason, writtenVersion, event, eventAttempt }: WriteOutcome,
  ): Promise<{ isCurrent: boolean } | undefined> {
    const knowsEvent = event !== undefined;
    const [row] = await sql.query<{ isCurrent: boolean }>(
      `UPDATE event_write SET lease_until = NULL,
         state = CASE WHEN version <> $4 THEN state
           WHEN $5 = 'pending' AND ${ACTIVE_STATE} IS NULL THEN 'not_connected' ELSE $5 END,
         failure = CASE WHEN version = $4 THEN $6 ELSE failure END,
         updated_at = CASE WHEN version = $4 AND state <> $5 THEN now() ELSE updated_at END,
         written_version = coalesce($7, written_version),
         event_attempt = coalesce($8, event_attempt),
         event_id = CASE WHEN $9 THEN $10 ELSE event_id END,
         event_etag = CASE WHEN $9 THEN $11 ELSE event_etag END,
         meet_link = CASE WHEN $9 THEN $12 ELSE meet_link END,
         html_link = CASE WHEN $9 THEN $13 ELSE html_link END
       WHERE tenant_id = $1 AND booking_id = $2 AND lease_until = $3
       RETURNING version = $4 AS "isCurrent"`,
      [
        tenant,
        bookingId,
        leaseUntil,
        version,
        status,
        reason,
        writtenVersion ?? null,
        eventAttempt ?? null,
        knowsEvent,
        event?.id ?? null,
        event?.etag ?? null,
        event?.meetLink ?? null,
        event?.htmlLink ?? null,
      ],
    );
    return row;
  }
}
