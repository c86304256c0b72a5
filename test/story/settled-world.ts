import { bookingIdOf } from '../../src/calendar/event-id.js';
import { HAS_WORK } from '../../src/calendar/event-write.sql.js';
import type { StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/test-database.js';

/** What was done to a tenant's bookings and their events, as far as it explains what became of them. */
export interface History {
  /** Bookings that were answered with 201. */
  answered: ReadonlySet<string>;
  /** Bookings that somebody has asked us to cancel, whatever came of the request. */
  cancelAsked: ReadonlySet<string>;
  /** Bookings whose events their owner has deleted. */
  eventDeleted: ReadonlySet<string>;
  /** Where a booking was last confirmed to be, epoch ms, of those that nobody else has moved and no request may still move. */
  lastConfirmedStart: ReadonlyMap<string, number>;
}

interface BookingRow {
  id: string;
  status: string;
  start: number;
  end: number;
  phone: string;
  cancelReason: string | null;
}

interface ConflictRow {
  kind: 'event_over_booking' | 'booking_event_moved';
  bookingId: string;
  eventId: string;
  start: number;
  end: number;
}

/**
 * Waits until every calendar has been synchronised from beginning to end after this was called, none of them fails or has been asked for
 * since, and every event is as its booking wants it. Nothing may be done to the world meanwhile.
 */
export async function settled(database: TestDatabase, withinMs: number): Promise<void> {
  const [moment] = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  await eventually(async () => {
    const unsettled = await database.query(
      `SELECT 'calendar' AS what, s.calendar_id::text AS id, s.failure AS why FROM calendar_sync s
       JOIN calendar k ON k.tenant_id = s.tenant_id AND k.id = s.calendar_id
       WHERE k.known_as_of IS NULL OR k.known_as_of < $1 OR s.requested_at > k.known_as_of
         OR s.failure IS NOT NULL OR s.lease_until IS NOT NULL
       UNION ALL
       SELECT 'event', w.booking_id::text, concat_ws(' ', w.wanted, w.state, w.failure, 'look ' || w.look_requested_at, w.look_etag)
       FROM event_write w WHERE ${HAS_WORK} OR w.state = 'pending'`,
      [moment?.now],
    );
    expect(unsettled).toEqual([]);
  }, withinMs);
}

/** @returns what is otherwise than it should be between a tenant's bookings, its calendar and the mirror of that, a sentence each */
export async function differences(
  database: TestDatabase,
  tenantId: string,
  calendar: StandInCalendar,
  history: History,
): Promise<string[]> {
  const bookings = await database.query<BookingRow>(
    `SELECT id, status, epoch_ms(starts_at)::float8 AS start, epoch_ms(ends_at)::float8 AS "end", phone, cancel_reason AS "cancelReason"
     FROM booking WHERE tenant_id = $1 AND status <> 'held'`,
    [tenantId],
  );
  const conflicts = await database.query<ConflictRow>(
    `SELECT kind, booking_id AS "bookingId", event_id AS "eventId", epoch_ms(starts_at)::float8 AS start, epoch_ms(ends_at)::float8 AS "end"
     FROM calendar_conflict WHERE tenant_id = $1 AND resolved_at IS NULL`,
    [tenantId],
  );
  const events = calendar.events().map(({ id, start, end, transparency }) => ({
    id,
    bookingId: bookingIdOf(id),
    start: Date.parse(start?.dateTime ?? ''),
    end: Date.parse(end?.dateTime ?? ''),
    blocks: transparency !== 'transparent',
  }));
  const wrong: string[] = [];
  const ids = new Set(bookings.map(({ id }) => id));
  for (const id of history.answered) if (!ids.has(id)) wrong.push(`${id} was answered and is gone`);
  for (const [phone, same] of Map.groupBy(bookings, (booking) => booking.phone))
    if (same.length > 1) wrong.push(`${phone} booked once and has ${same.length}`);

  const elsewhere = new Set<string>();
  for (const { id, status, start, end, cancelReason } of bookings) {
    const own = events.filter(({ bookingId }) => bookingId === id);
    if (status === 'cancelled') {
      for (const event of own) wrong.push(`${id} is cancelled and has the event ${event.id}`);
      if (cancelReason === 'Its event was deleted in Google Calendar.') {
        if (!history.eventDeleted.has(id)) wrong.push(`${id} was cancelled for an event that nobody deleted`);
      } else if (!history.cancelAsked.has(id)) wrong.push(`${id} was cancelled by nobody`);
      continue;
    }
    const confirmedStart = history.lastConfirmedStart.get(id);
    if (confirmedStart !== undefined && confirmedStart !== start)
      wrong.push(`${id} was confirmed for ${iso(confirmedStart)} and is at ${iso(start)}`);
    if (own.length !== 1) wrong.push(`${id} is ${status} and has ${own.length} events`);
    for (const event of own.filter((one) => one.start !== start || one.end !== end)) {
      elsewhere.add(event.id);
      const isOpen = conflicts.some(
        (one) =>
          one.kind === 'booking_event_moved' &&
          one.bookingId === id &&
          one.eventId === event.id &&
          one.start === event.start &&
          one.end === event.end,
      );
      if (!isOpen)
        wrong.push(`${id} is at ${iso(start)}, its event at ${iso(event.start)}, and nobody is told`);
    }
  }

  const blocks = await database.query<{ id: string; start: number; end: number }>(
    `SELECT event_id AS id, epoch_ms(starts_at)::float8 AS start, epoch_ms(ends_at)::float8 AS "end" FROM busy_block WHERE tenant_id = $1`,
    [tenantId],
  );
  const blocking = events.filter(
    ({ id, bookingId, blocks: isBusy }) => isBusy && (bookingId === null || elsewhere.has(id)),
  );
  wrong.push(...unequal('the mirror', blocks.map(placed), 'the calendar', blocking.map(placed)));

  const upcoming = bookings.filter(({ status, end }) => status === 'confirmed' && end > Date.now());
  const over = upcoming.flatMap((booking) =>
    blocks
      .filter(({ id, start, end }) => !elsewhere.has(id) && start < booking.end && end > booking.start)
      .map(({ id }) => `${id} over ${booking.id}`),
  );
  const told = conflicts
    .filter(({ kind, bookingId, start, end }) => {
      const booking = upcoming.find(({ id }) => id === bookingId);
      return (
        kind === 'event_over_booking' && booking !== undefined && start < booking.end && end > booking.start
      );
    })
    .map(({ eventId, bookingId }) => `${eventId} over ${bookingId}`);
  wrong.push(...unequal('the list of conflicts', told, 'the mirror', over));

  const overlapping = await database.query<{ one: string; other: string }>(
    `SELECT a.id AS one, b.id AS other FROM booking a JOIN booking b ON b.tenant_id = a.tenant_id AND b.resource_id = a.resource_id
       AND b.id > a.id AND b.blocked && a.blocked
     WHERE a.tenant_id = $1 AND a.status IN ('held', 'pending', 'confirmed') AND b.status IN ('held', 'pending', 'confirmed')`,
    [tenantId],
  );
  for (const { one, other } of overlapping) wrong.push(`${one} and ${other} overlap`);
  return wrong;
}

function placed({ id, start, end }: { id: string; start: number; end: number }): string {
  return `${id} from ${iso(start)} to ${iso(end)}`;
}

function unequal(here: string, some: readonly string[], there: string, others: readonly string[]): string[] {
  return [
    ...some.filter((one) => !others.includes(one)).map((one) => `only ${here} has ${one}`),
    ...others.filter((one) => !some.includes(one)).map((one) => `only ${there} has ${one}`),
  ];
}

function iso(instant: number): string {
  return Number.isNaN(instant) ? 'no time' : new Date(instant).toISOString();
}
