import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { BusyInterval } from '../calendar-provider.js';
import { bookingIdOf, wholeEventId } from '../event-id.js';
import type { EventWriteStatus } from '../claimed-write.js';
import { REMOVAL_UNCONFIRMED } from '../event-write.sql.js';

/** An event as it was seen in a calendar. */
export interface SeenOwnEvent {
  id: string;
  etag: string | null;
  cancelled: boolean;
  time: BusyInterval | null;
}

/** What an event in a calendar is to us. */
export interface OwnEvent {
  bookingId: string;
  /**
   * Whether the booking itself, or what we are about to do with the event, accounts for the time that it takes. The database keeps bookings
   * from overlapping: counting their events as well would keep one resource from being booked because another is.
   */
  isAccountedFor: boolean;
  /** Whether it is the booking's present event, and other than we know of. */
  isChanged: boolean;
  /** Where its booking wants none, or another one, and nobody is about to take it away: the calendar to take it from. */
  strayIn: string | null;
}

interface WantedEvent {
  bookingId: string;
  wanted: 'present' | 'absent';
  startsAt: Date;
  endsAt: Date;
  state: EventWriteStatus;
  eventId: string | null;
  etag: string | null;
  /** Where it is written to. */
  calendarId: string | null;
  /** The calendar is the one that it is written to. */
  isHere: boolean;
  /** What is in this calendar is about to be changed or taken away by us. */
  isChanging: boolean;
  /** We have written it or looked at it since the reading began that saw it. */
  isHandledSince: boolean;
}

/** Tells the events that we made from those that are in the way. */
@Injectable()
export class OwnEvents {
  /**
   * Of the events that are those of the tenant's bookings, by their ids. One that the owner has moved is not accounted for, nor is one that
   * was brought back after it was taken away, or that of a booking that is not known.
   * @param seenAt when the reading began that saw them, by the database's clock
   */
  async find(
    sql: SqlTransaction,
    tenant: TenantId,
    calendarId: string,
    events: readonly SeenOwnEvent[],
    seenAt: Date,
  ): Promise<Map<string, OwnEvent>> {
    const ids = [...new Set(events.flatMap(({ id }) => bookingIdOf(id) ?? []))];
    if (ids.length === 0) return new Map();
    const wanted = new Map(
      (await this.#wanted(sql, tenant, calendarId, ids, seenAt)).map((row) => [row.bookingId, row]),
    );
    return new Map(
      events.flatMap((event): [string, OwnEvent][] => {
        const booking = wanted.get(bookingIdOf(event.id) ?? '');
        return booking === undefined ? [] : [[event.id, ownEvent(event, booking, calendarId)]];
      }),
    );
  }

  async #wanted(
    sql: SqlTransaction,
    tenant: TenantId,
    calendarId: string,
    bookingIds: readonly string[],
    seenAt: Date,
  ): Promise<WantedEvent[]> {
    return sql.query<WantedEvent>(
      // One calendar may be known through several accounts: to its owner's, it is `primary`.
      `WITH named AS (
         SELECT k.id, CASE k.google_id WHEN 'primary' THEN c.account_email ELSE k.google_id END AS name
         FROM calendar k JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
         WHERE k.tenant_id = $1)
       SELECT w.booking_id AS "bookingId", w.wanted, w.state, w.calendar_id AS "calendarId", (w.content ->> 'startsAt')::timestamptz AS "startsAt",
         (w.content ->> 'endsAt')::timestamptz AS "endsAt", w.event_id AS "eventId", w.event_etag AS etag,
         coalesce(written.name = read.name, false) AS "isHere",
         w.written_version <> w.version AND w.state <> 'failed'
           OR w.failure IS NOT DISTINCT FROM '${REMOVAL_UNCONFIRMED}'
           OR EXISTS (SELECT FROM event_leftover o WHERE o.tenant_id = w.tenant_id AND o.booking_id = w.booking_id
                AND o.calendar_id = $2) AS "isChanging",
         -- A look that is under way has changed nothing, and knows nothing yet.
         greatest(w.last_attempt_at, w.updated_at) >= $4
           AND NOT (w.written_version = w.version AND coalesce(w.lease_until > clock_timestamp(), false)) AS "isHandledSince"
       FROM event_write w
       LEFT JOIN named written ON written.id = w.calendar_id
       LEFT JOIN named read ON read.id = $2
       WHERE w.tenant_id = $1 AND w.booking_id = ANY ($3::uuid[])`,
      [tenant, calendarId, bookingIds, seenAt],
    );
  }
}

function ownEvent(
  { id, etag, cancelled, time }: SeenOwnEvent,
  booking: WantedEvent,
  calendarId: string,
): OwnEvent {
  const { bookingId, wanted, isHere, isChanging, isHandledSince } = booking;
  const isPlaced = wanted === 'present' && isHere;
  const isInPlace =
    isPlaced &&
    time !== null &&
    time.start === booking.startsAt.getTime() &&
    time.end === booking.endsAt.getTime();
  // One that is being made has no id yet: should it be the same event, that attempt will know.
  const isPresentOne = isPlaced && (booking.eventId === null || booking.eventId === wholeEventId(id));
  const isAsKnown = !cancelled && etag !== null && etag === booking.etag;
  const isStray = !cancelled && !isPresentOne && !isChanging && !isHandledSince && isUnwanted(booking);
  return {
    bookingId,
    // What was seen may be older than what is known, unless it is the same.
    isAccountedFor: (isInPlace && !isStray) || isChanging || (isHandledSince && !(isPresentOne && isAsKnown)),
    isChanged: isPresentOne && !isAsKnown,
    strayIn: isStray ? (isHere ? booking.calendarId : calendarId) : null,
  };
}

/**
 * Whether an event that is not the booking's present one is to be taken away. In a calendar that the booking's is not written to, only while
 * the present one is known to be there: otherwise its owner has moved it.
 */
function isUnwanted({ wanted, isHere, state, eventId }: WantedEvent): boolean {
  return wanted === 'absent' ? isHere : eventId !== null && state === 'synced';
}
