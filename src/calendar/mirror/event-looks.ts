import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { JobQueue } from '../../platform/jobs/job-queue.js';
import type { SeenEvent } from '../calendar-provider.js';
import { CALENDAR_WRITES, calendarWriteOptions } from '../calendar-writes.queue.js';
import { wholeEventId } from '../event-id.js';
import type { OwnEvent } from './own-events.js';
import type { ClaimedSync, Window } from './sync.repository.js';

type Calendar = Pick<ClaimedSync, 'tenant' | 'calendarId'>;

/** Beyond every appointment. */
const LATEST = Date.UTC(9999, 0);

/** Has the events of bookings looked at that are other than we know of, by whoever writes them (`event_write`). */
@Injectable()
export class EventLooks {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobQueue,
  ) {}

  /**
   * Part of the transaction `sql`. In one order, as two calendars may tell of the same bookings.
   * @param own the bookings of the events, by their ids
   * @returns those bookings
   */
  async request(
    sql: SqlTransaction,
    tenant: TenantId,
    changed: readonly Pick<SeenEvent, 'id' | 'etag'>[],
    own: ReadonlyMap<string, { bookingId: string }>,
  ): Promise<string[]> {
    const looks = new Map(changed.map(({ id, etag }) => [own.get(id)?.bookingId ?? '', etag]));
    if (looks.size === 0) return [];
    const bookingIds = [...looks.keys()].sort();
    await sql.query(
      `WITH wanted AS (
         SELECT w.booking_id, l.etag FROM event_write w
         JOIN unnest($2::uuid[], $3::text[]) AS l (booking_id, etag) ON l.booking_id = w.booking_id
         WHERE w.tenant_id = $1 ORDER BY w.booking_id FOR NO KEY UPDATE OF w)
       UPDATE event_write w SET look_requested_at = clock_timestamp(), look_etag = wanted.etag
       FROM wanted WHERE w.tenant_id = $1 AND w.booking_id = wanted.booking_id`,
      [tenant, bookingIds, bookingIds.map((id) => looks.get(id) ?? null)],
    );
    await this.#enqueue(sql, tenant, bookingIds);
    return bookingIds;
  }

  /**
   * Has events taken away that are in a calendar although their bookings want none, or others: they were made after we had given them up, or
   * brought back by their owner. Part of the transaction `sql`.
   * @param own what events are to us, by their ids
   * @returns the bookings
   */
  async requestRemovals(
    sql: SqlTransaction,
    tenant: TenantId,
    own: ReadonlyMap<string, Pick<OwnEvent, 'bookingId' | 'strayIn'>>,
  ): Promise<string[]> {
    const strays = [...own].flatMap(([id, { bookingId, strayIn }]) =>
      strayIn === null ? [] : [{ bookingId, calendarId: strayIn, eventId: wholeEventId(id) }],
    );
    if (strays.length === 0) return [];
    await sql.query(
      `INSERT INTO event_stray (tenant_id, booking_id, calendar_id, event_id)
       SELECT DISTINCT $1::uuid, s.booking_id, s.calendar_id, s.event_id
       FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS s (booking_id, calendar_id, event_id)
       ORDER BY 2, 3, 4 ON CONFLICT DO NOTHING`,
      [
        tenant,
        strays.map(({ bookingId }) => bookingId),
        strays.map(({ calendarId }) => calendarId),
        strays.map(({ eventId }) => eventId),
      ],
    );
    const bookingIds = [...new Set(strays.map(({ bookingId }) => bookingId))].sort();
    await this.#enqueue(sql, tenant, bookingIds);
    return bookingIds;
  }

  /**
   * Part of the transaction `sql`.
   * @param seen the bookings whose events were seen in the calendar
   * @returns the bookings to come whose events should be in the window and were not seen
   */
  async requestUnseen(
    sql: SqlTransaction,
    { tenant, calendarId, window }: Calendar & { window: Window },
    seen: readonly string[],
  ): Promise<string[]> {
    const missing = await sql.query<{ bookingId: string }>(
      `WITH missing AS (
         SELECT booking_id FROM event_write
         WHERE tenant_id = $1 AND calendar_id = $2 AND event_id IS NOT NULL AND wanted = 'present'
           AND (content ->> 'startsAt')::timestamptz < $4 AND (content ->> 'endsAt')::timestamptz > greatest($3, now())
           AND booking_id <> ALL ($5::uuid[])
         ORDER BY booking_id FOR NO KEY UPDATE)
       UPDATE event_write w SET look_requested_at = clock_timestamp(), look_etag = NULL
       FROM missing WHERE w.tenant_id = $1 AND w.booking_id = missing.booking_id
       RETURNING w.booking_id AS "bookingId"`,
      [tenant, calendarId, new Date(window.from), new Date(window.to), seen],
    );
    const bookingIds = missing.map(({ bookingId }) => bookingId);
    await this.#enqueue(sql, tenant, bookingIds);
    return bookingIds;
  }

  /** Of all bookings to come whose events are in the calendar: it is not there any more. */
  async requestAll({ tenant, calendarId }: Calendar): Promise<void> {
    const everything = { tenant, calendarId, window: { from: 0, to: LATEST } };
    await this.database.inTenant(tenant, (sql) => this.requestUnseen(sql, everything, []));
  }

  async #enqueue(sql: SqlTransaction, tenant: TenantId, bookingIds: readonly string[]): Promise<void> {
    for (const bookingId of bookingIds) {
      const job = { tenant, bookingId };
      await this.jobs.enqueue(sql, CALENDAR_WRITES, job, calendarWriteOptions(job));
    }
  }
}
