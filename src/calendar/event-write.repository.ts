import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { EventContent } from './calendar-provider.js';
import type { ClaimedWrite, EventWriteStatus, WriteOutcome } from './claimed-write.js';
import { HAS_LEFTOVERS, HAS_WORK, staysIn } from './event-write.sql.js';

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

/** What a write that is wanted waits in. */
export interface WantedWrite {
  state: EventWriteStatus;
  failure: string | null;
}

/** The connection of the calendar that a write goes to, where `place` is a query of `event_place`. */
const stateFor = (place: string) => `CASE WHEN ${place} IS NULL THEN 'not_connected' ELSE 'pending' END`;
const failureFor = (place: string) => `CASE WHEN ${place} = 'needs_reconnect' THEN 'needs_reconnect' END`;
const connectionAt = (resource: string, stays: string) =>
  `(SELECT p.connection_state FROM event_place($1, ${resource}, ${stays}) p)`;
const NEW_PLACE = 'place.connection_state';
/** Where there is nowhere to go, the calendar that the event is to be taken from counts. */
const CHANGED_PLACE = `coalesce(${connectionAt('excluded.resource_id', staysIn('excluded.resource_id'))},
  ${connectionAt('NULL', 'w.calendar_id')})`;
/** One that has a calendar to leave is taken in hand for that, even while the owner of the next has to connect again. */
const CHANGED_FAILURE = `CASE WHEN w.calendar_id IS NULL OR ${staysIn('excluded.resource_id')} IS NOT NULL
  THEN ${failureFor(CHANGED_PLACE)} END`;
const PRESENT_PLACE = connectionAt('NULL', 'w.calendar_id');

/** What events should be in the calendars, and how far the calendars have them (`event_write`). */
@Injectable()
export class EventWriteRepository {
  constructor(private readonly database: Database) {}

  /** @returns the state it waits in, and why */
  async wantPresent(
    sql: SqlTransaction,
    tenant: TenantId,
    booking: { id: string; resourceId: string },
    content: EventContent,
  ): Promise<WantedWrite | undefined> {
    const rows = await sql.query<WantedWrite>(
      `INSERT INTO event_write AS w (tenant_id, booking_id, resource_id, wanted, content, state, failure)
       SELECT $1::uuid, $2::uuid, $3::uuid, 'present', $4::jsonb, ${stateFor(NEW_PLACE)}, ${failureFor(NEW_PLACE)}
       FROM (SELECT) AS booking LEFT JOIN event_place($1, $3, NULL) place ON true
       ON CONFLICT (tenant_id, booking_id) DO UPDATE SET wanted = 'present', content = excluded.content,
         resource_id = excluded.resource_id, version = w.version + 1, attempts = 0, revived_at = NULL, updated_at = now(), wanted_at = now(),
         state = ${stateFor(CHANGED_PLACE)}, failure = ${CHANGED_FAILURE}
       RETURNING state, failure`,
      [tenant, booking.id, booking.resourceId, JSON.stringify(content)],
    );
    return rows[0];
  }

  /** @returns the state it waits in; undefined when no event was ever wanted */
  async wantAbsent(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
  ): Promise<WantedWrite | undefined> {
    // A calendar is noted before it is asked: without one, nothing can be in any.
    const rows = await sql.query<WantedWrite>(
      `UPDATE event_write w SET wanted = 'absent', version = version + 1, attempts = 0, revived_at = NULL, updated_at = now(),
         wanted_at = now(), meet_link_due_at = NULL,
         written_version = CASE WHEN calendar_id IS NULL THEN version + 1 ELSE written_version END,
         state = CASE WHEN calendar_id IS NULL THEN 'synced' ELSE ${stateFor(PRESENT_PLACE)} END,
         failure = CASE WHEN calendar_id IS NOT NULL THEN ${failureFor(PRESENT_PLACE)} END
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
   * When the lease that keeps others away ends, or has just ended without an end of the attempt: whoever had it is gone.
   * Null when nothing is to be done or nobody is at it.
   */
  async leasedUntil(tenant: TenantId, bookingId: string): Promise<Date | null> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<{ leaseUntil: Date }>(
        `SELECT w.lease_until AS "leaseUntil" FROM event_write w
         WHERE w.tenant_id = $1 AND w.booking_id = $2 AND (${HAS_WORK} OR ${HAS_LEFTOVERS}) AND w.lease_until IS NOT NULL`,
        [tenant, bookingId],
      ),
    );
    return row?.leaseUntil ?? null;
  }

  /**
   * Whether what was claimed is still what is wanted, and by whom: until the transaction ends, it stays so. After the booking's own lock,
   * which changes of it take first.
   */
  async isCurrent(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    { version, leaseUntil }: Pick<ClaimedWrite, 'version' | 'leaseUntil'>,
  ): Promise<boolean> {
    const rows = await sql.query(
      `SELECT 1 FROM event_write WHERE tenant_id = $1 AND booking_id = $2 AND version = $3 AND lease_until = $4 FOR UPDATE`,
      [tenant, bookingId, version, leaseUntil],
    );
    return rows.length > 0;
  }

  /**
   * Stores what an attempt came to and gives the lease back. When something else is wanted by now, the write stays
   * `pending` whatever came of the earlier one; that, and a look that was asked for meanwhile, is still to be done: the job that was to do
   * it may have found somebody at it and have ended.
   * @returns undefined when the lease was lost, and with it the say
   */
  async settle(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    {
      version,
      leaseUntil,
      lookRequestedAt,
    }: Pick<ClaimedWrite, 'version' | 'leaseUntil' | 'lookRequestedAt'>,
    outcome: WriteOutcome,
  ): Promise<{ isCurrent: boolean } | undefined> {
    const { status, reason, event, removedFrom, doneStrays, adopted, written = adopted } = outcome;
    const knowsEvent = event !== undefined;
    const [row] = await sql.query<{ isCurrent: boolean }>(
      `UPDATE event_write w SET lease_until = NULL,
         state = CASE WHEN version <> $4 THEN state
           WHEN $5 = 'pending' AND ${PRESENT_PLACE} IS NULL THEN 'not_connected' ELSE $5 END,
         failure = CASE WHEN version = $4 THEN $6 ELSE failure END,
         updated_at = CASE WHEN version = $4 AND state <> $5 THEN now() ELSE updated_at END,
         written_version = CASE WHEN $16 AND $5 <> 'pending' THEN version + 1 ELSE coalesce($7, written_version) END,
         event_attempt = coalesce($8, event_attempt),
         event_id = CASE WHEN $9 THEN $10 ELSE event_id END,
         event_etag = CASE WHEN $9 THEN $11 ELSE event_etag END,
         meet_link = CASE WHEN $9 THEN $12 ELSE meet_link END,
         html_link = CASE WHEN $9 THEN $13 ELSE html_link END,
         written = CASE WHEN $9 AND $10::text IS NULL THEN NULL ELSE coalesce($14::jsonb, written) END,
         written_at = CASE WHEN $9 THEN clock_timestamp() ELSE written_at END,
         missing_since = CASE WHEN $19 THEN coalesce(missing_since, clock_timestamp()) WHEN $9 THEN NULL ELSE missing_since END,
         left_out = coalesce($20::text[], left_out),
         meet_link_due_at = CASE WHEN $9 THEN now() + $21::float8 * interval '1 ms' ELSE meet_link_due_at END,
         stray_event_id = CASE WHEN $22 THEN $23 ELSE stray_event_id END,
         revived_at = CASE WHEN $5 = 'synced' THEN NULL ELSE revived_at END,
         content = coalesce($15::jsonb, content),
         version = CASE WHEN $16 THEN version + 1 ELSE version END,
         wanted = CASE WHEN $17 THEN 'absent' ELSE wanted END,
         look_requested_at =
           CASE WHEN $9 AND (look_requested_at <= $18 OR look_etag = $11) THEN NULL ELSE look_requested_at END
       WHERE tenant_id = $1 AND booking_id = $2 AND lease_until = $3
       RETURNING (version = $4 OR $16) AND (look_requested_at IS NULL OR look_requested_at IS NOT DISTINCT FROM $18) AS "isCurrent"`,
      [
        tenant,
        bookingId,
        leaseUntil,
        version,
        status,
        reason,
        outcome.writtenVersion ?? null,
        outcome.eventAttempt ?? null,
        knowsEvent,
        event?.id ?? null,
        event?.etag ?? null,
        event?.meetLink ?? null,
        event?.htmlLink ?? null,
        written === undefined ? null : JSON.stringify(written),
        adopted === undefined ? null : JSON.stringify(adopted),
        adopted !== undefined || outcome.unwanted === true,
        outcome.unwanted === true,
        lookRequestedAt,
        outcome.missing === true,
        outcome.leftOut ?? null,
        outcome.meetLinkInMs ?? null,
        outcome.strayEventId !== undefined,
        outcome.strayEventId ?? null,
      ],
    );
    if (row === undefined) return undefined;
    if (doneStrays.length > 0) {
      await sql.query(
        `DELETE FROM event_stray o USING unnest($3::uuid[], $4::text[]) AS d (calendar_id, event_id)
         WHERE o.tenant_id = $1 AND o.booking_id = $2 AND o.calendar_id = d.calendar_id AND o.event_id = d.event_id`,
        [
          tenant,
          bookingId,
          doneStrays.map(({ calendarId }) => calendarId),
          doneStrays.map(({ eventId }) => eventId),
        ],
      );
    }
    if (removedFrom.length > 0) {
      await sql.query(
        `DELETE FROM event_leftover WHERE tenant_id = $1 AND booking_id = $2 AND calendar_id = ANY ($3::uuid[])`,
        [tenant, bookingId, removedFrom],
      );
    }
    return row;
  }
}
