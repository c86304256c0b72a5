import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { isUuid, type TenantId } from '../platform/database/tenant-id.js';
import type { BusyEvent } from './calendar-provider.js';
import { REMOVAL_UNCONFIRMED } from './event-write.sql.js';

/** A booking's event, as the database has it. */
interface WantedEvent {
  bookingId: string;
  wanted: 'present' | 'absent';
  startsAt: Date;
  endsAt: Date;
  /** The calendar is the one that it is written to. */
  isHere: boolean;
  /** What is in this calendar is about to be changed or taken away by us, or has been since the reading began. */
  isChanging: boolean;
}

/** Tells the events that we made from those that are in the way. */
@Injectable()
export class OwnEventRepository {
  constructor(private readonly database: Database) {}

  /**
   * The events that block. The database itself keeps bookings from overlapping, so their events do not block a second time,
   * which would also keep one resource from being booked because another is. That goes for an event that is where the
   * database wants it, or is about to be changed or taken away by us; one that the owner has moved, or brought back after it
   * was taken away, blocks where it is now, and so does one of a booking that is not known, or of another tenant.
   * @param readingBegan epoch milliseconds
   */
  async withoutOwn(
    tenant: TenantId,
    calendarId: string,
    events: readonly BusyEvent[],
    readingBegan: number,
  ): Promise<BusyEvent[]> {
    const own = events.flatMap(({ mark }) =>
      mark?.tenant === tenant && isUuid(mark.bookingId) ? [mark.bookingId] : [],
    );
    if (own.length === 0) return [...events];
    const wanted = await this.#find(tenant, calendarId, own, readingBegan);
    return events.filter((event) => {
      const booking = event.mark?.tenant === tenant ? wanted.get(event.mark.bookingId) : undefined;
      return booking === undefined || isInTheWay(event, booking);
    });
  }

  async #find(
    tenant: TenantId,
    calendarId: string,
    bookingIds: readonly string[],
    readingBegan: number,
  ): Promise<Map<string, WantedEvent>> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query<WantedEvent>(
        // One calendar may be known through several accounts: to its owner's, it is `primary`.
        `WITH named AS (
           SELECT k.id, CASE k.google_id WHEN 'primary' THEN c.account_email ELSE k.google_id END AS name
           FROM calendar k JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
           WHERE k.tenant_id = $1)
         SELECT w.booking_id AS "bookingId", w.wanted, (w.content ->> 'startsAt')::timestamptz AS "startsAt",
           (w.content ->> 'endsAt')::timestamptz AS "endsAt",
           coalesce(written.name = read.name, false) AS "isHere",
           w.written_version <> w.version AND w.state <> 'failed'
             OR w.failure IS NOT DISTINCT FROM '${REMOVAL_UNCONFIRMED}'
             OR greatest(w.last_attempt_at, w.updated_at) >= $4
             OR EXISTS (SELECT FROM event_leftover o WHERE o.tenant_id = w.tenant_id AND o.booking_id = w.booking_id
                  AND o.calendar_id = $2) AS "isChanging"
         FROM event_write w
         LEFT JOIN named written ON written.id = w.calendar_id
         LEFT JOIN named read ON read.id = $2
         WHERE w.tenant_id = $1 AND w.booking_id = ANY ($3::uuid[])`,
        [tenant, calendarId, bookingIds, new Date(readingBegan)],
      ),
    );
    return new Map(rows.map((row) => [row.bookingId, row]));
  }
}

function isInTheWay({ start, end }: BusyEvent, booking: WantedEvent): boolean {
  if (booking.isChanging) return false;
  if (booking.wanted === 'absent') return true;
  return !booking.isHere || start !== booking.startsAt.getTime() || end !== booking.endsAt.getTime();
}
