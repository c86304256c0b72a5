import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { ClaimedWrite, LeftoverEvent, StrayEvent, WriteTarget } from './claimed-write.js';
import { HAS_LEFTOVERS, HAS_WORK, LEASE_IS_FREE, staysIn } from './event-write.sql.js';

type ClaimedRow = Omit<ClaimedWrite, 'target' | 'leftovers' | 'strays'> & {
  resourceId: string | null;
  staysIn: string | null;
  isCalendarConnected: boolean;
};

/** Takes writes in hand (`event_write`), and decides which calendar each goes to. */
@Injectable()
export class WriteClaimRepository {
  /**
   * Takes the lease of a write that has something to do, and chooses its calendar: the one its event is in, or else the one
   * that its resource's bookings are written to. From a calendar where it does not belong any more, the event is to be taken
   * away: that is noted as a leftover.
   * @param missingMs after how long it is believed that an event is not there
   * @returns null when there is nothing to do or somebody else is at it
   */
  async claim(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    { leaseMs, missingMs }: { leaseMs: number; missingMs: number },
  ): Promise<ClaimedWrite | null> {
    const [row] = await sql.query<ClaimedRow>(
      `WITH before AS (
         SELECT w.tenant_id, w.booking_id, w.last_attempt_at, ${HAS_WORK} AS is_due FROM event_write w
         WHERE w.tenant_id = $1 AND w.booking_id = $2 AND ${LEASE_IS_FREE} AND (${HAS_WORK} OR ${HAS_LEFTOVERS})
         FOR UPDATE)
       UPDATE event_write w SET lease_until = clock_timestamp() + $3::int * interval '1 ms',
         -- Looks that went well have nothing to do with how long the next waits should it fail.
         attempts = CASE WHEN NOT is_due THEN attempts
           WHEN written_version = version AND look_requested_at > w.last_attempt_at THEN 1 ELSE attempts + 1 END,
         last_attempt_at = CASE WHEN is_due THEN clock_timestamp() ELSE w.last_attempt_at END
       FROM before WHERE w.tenant_id = before.tenant_id AND w.booking_id = before.booking_id
       RETURNING w.wanted, w.content, w.version, w.written_version AS "writtenVersion", before.is_due AS "isDue", w.state,
         w.failure, w.event_id AS "eventId", w.event_attempt AS "eventAttempt", w.event_etag AS "eventEtag", w.written,
         w.written_at AS "writtenAt", w.wanted_at AS "wantedAt", w.look_requested_at AS "lookRequestedAt",
         w.meet_link AS "meetLink", w.attempts, w.left_out AS "leftOut", w.stray_event_id AS "strayEventId",
         coalesce(w.meet_link_due_at <= clock_timestamp(), false) AS "isMeetLinkDue", w.revived_at IS NOT NULL AS "isRevived",
         coalesce(w.missing_since < clock_timestamp() - $4::int * interval '1 ms', false) AS "isLongMissing",
         w.updated_at AS since, before.last_attempt_at AS "previousAttemptAt", w.lease_until AS "leaseUntil",
         w.calendar_id AS "calendarId", w.resource_id AS "resourceId",
         CASE w.wanted WHEN 'absent' THEN w.calendar_id ELSE ${staysIn('w.resource_id')} END AS "staysIn",
         EXISTS (SELECT FROM event_place($1, NULL, w.calendar_id)) AS "isCalendarConnected"`,
      [tenant, bookingId, leaseMs, missingMs],
    );
    if (row === undefined) return null;
    const { resourceId, staysIn: stays, isCalendarConnected, ...write } = row;
    const [target = null] = await sql.query<WriteTarget>(
      `SELECT p.calendar_id AS "calendarId", p.google_id AS "googleId", p.connection_id AS "connectionId",
         p.connection_state AS "connectionState", k.timezone, c.connected_at AS "connectedAt",
         c.timeouts > 0 AS "isHanging"
       FROM event_place($1, $2, $3) p
       JOIN calendar k ON k.tenant_id = $1 AND k.id = p.calendar_id
       JOIN calendar_connection c ON c.tenant_id = $1 AND c.id = p.connection_id`,
      [tenant, write.wanted === 'present' ? resourceId : null, stays],
    );
    // Where there is nowhere to go, an event in an account that is not connected is left for when it is again.
    const goesOn = target !== null || isCalendarConnected;
    const placed = write.isDue && goesOn ? await this.#place(sql, tenant, bookingId, write, target) : write;
    const leftovers = await this.#leftovers(sql, tenant, bookingId);
    return { ...placed, target, leftovers, strays: await this.#strays(sql, tenant, bookingId) };
  }

  /**
   * Noted before the calendar is asked: whatever happens now, it is known where an event may be. The ids of an event are
   * unique within a calendar, so one that comes back to a calendar goes on with the attempt it had there.
   */
  async #place<Write extends Omit<ClaimedWrite, 'target' | 'leftovers' | 'strays'>>(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    write: Write,
    target: WriteTarget | null,
  ): Promise<Write> {
    const calendarId = target?.calendarId ?? null;
    const booking = [tenant, bookingId, calendarId, target?.connectionId ?? null];
    if (write.calendarId === calendarId) {
      await sql.query(
        `UPDATE event_write SET calendar_id = $3, connection_id = $4, placed_for = resource_id
         WHERE tenant_id = $1 AND booking_id = $2`,
        booking,
      );
      return write;
    }
    if (write.calendarId !== null) {
      await sql.query(
        `INSERT INTO event_leftover (tenant_id, booking_id, calendar_id, event_attempt) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, booking_id, calendar_id) DO UPDATE SET event_attempt = excluded.event_attempt,
           since = excluded.since`,
        [tenant, bookingId, write.calendarId, write.eventAttempt],
      );
    }
    if (write.calendarId !== null && write.strayEventId !== null) {
      await sql.query(
        `INSERT INTO event_stray (tenant_id, booking_id, calendar_id, event_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [tenant, bookingId, write.calendarId, write.strayEventId],
      );
    }
    const [back] = await sql.query<{ eventAttempt: number }>(
      `DELETE FROM event_leftover WHERE tenant_id = $1 AND booking_id = $2 AND calendar_id = $3
       RETURNING event_attempt AS "eventAttempt"`,
      [tenant, bookingId, calendarId],
    );
    const eventAttempt = back?.eventAttempt ?? write.eventAttempt;
    await sql.query(
      `UPDATE event_write SET calendar_id = $3, connection_id = $4, placed_for = resource_id, event_attempt = $5,
         written_version = 0, event_id = NULL, event_etag = NULL, written = NULL, meet_link = NULL, html_link = NULL,
         missing_since = NULL, left_out = '{}', meet_link_due_at = NULL, stray_event_id = NULL
       WHERE tenant_id = $1 AND booking_id = $2`,
      [...booking, eventAttempt],
    );
    return {
      ...write,
      calendarId,
      eventAttempt,
      writtenVersion: 0,
      eventId: null,
      eventEtag: null,
      written: null,
      meetLink: null,
      leftOut: [],
      isMeetLinkDue: false,
      isLongMissing: false,
      strayEventId: null,
      previousAttemptAt: null,
    };
  }

  /** Those in calendars that can be reached. */
  async #leftovers(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<LeftoverEvent[]> {
    const rows = await sql.query<LeftoverEvent & { isInPlace: boolean }>(
      // One calendar may be known through several accounts (to its owner's, it is "primary"): what is left over in one of
      // them may be where it belongs in the other.
      `WITH named AS (
         SELECT k.id, k.google_id, k.connection_id, c.state, c.timeouts,
           CASE k.google_id WHEN 'primary' THEN c.account_email ELSE k.google_id END AS name
         FROM calendar k JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
         WHERE k.tenant_id = $1)
       SELECT o.calendar_id AS "calendarId", n.connection_id AS "connectionId", n.google_id AS "googleId",
         o.event_attempt AS "eventAttempt", o.since, n.timeouts > 0 AS "isHanging",
         w.wanted = 'present' AND coalesce(n.name = (SELECT name FROM named WHERE id = w.calendar_id), false) AS "isInPlace"
       FROM event_leftover o
       JOIN event_write w ON w.tenant_id = o.tenant_id AND w.booking_id = o.booking_id
       JOIN named n ON n.id = o.calendar_id AND n.state = 'connected'
       WHERE o.tenant_id = $1 AND o.booking_id = $2 ORDER BY o.calendar_id`,
      [tenant, bookingId],
    );
    const inPlace = rows.filter(({ isInPlace }) => isInPlace).map(({ calendarId }) => calendarId);
    if (inPlace.length > 0) {
      await sql.query(
        `DELETE FROM event_leftover WHERE tenant_id = $1 AND booking_id = $2 AND calendar_id = ANY ($3::uuid[])`,
        [tenant, bookingId, inPlace],
      );
    }
    return rows.flatMap(({ isInPlace, ...leftover }) => (isInPlace ? [] : leftover));
  }

  /** Those in calendars that can be reached. One that the booking wants by now is none. */
  async #strays(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<StrayEvent[]> {
    await sql.query(
      `DELETE FROM event_stray o USING event_write w
       WHERE o.tenant_id = $1 AND o.booking_id = $2 AND w.tenant_id = $1 AND w.booking_id = $2
         AND w.wanted = 'present' AND w.calendar_id = o.calendar_id AND w.event_id = o.event_id`,
      [tenant, bookingId],
    );
    return sql.query<StrayEvent>(
      `SELECT o.calendar_id AS "calendarId", k.connection_id AS "connectionId", k.google_id AS "googleId", o.event_id AS "eventId",
         o.since, c.timeouts > 0 AS "isHanging"
       FROM event_stray o
       JOIN calendar k ON k.tenant_id = $1 AND k.id = o.calendar_id
       JOIN calendar_connection c ON c.tenant_id = $1 AND c.id = k.connection_id AND c.state = 'connected'
       WHERE o.tenant_id = $1 AND o.booking_id = $2 ORDER BY o.calendar_id, o.event_id`,
      [tenant, bookingId],
    );
  }
}
