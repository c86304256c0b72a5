import type { BookingView } from '../../src/booking/booking.js';
import type { ConflictView } from '../../src/booking/conflicts/conflicts.service.js';
import type { Calendar } from '../../src/local/google-stand-in/calendar.js';
import type { CalendarEvent } from '../../src/local/google-stand-in/calendar-event.js';
import { type BookingHistory, isSameTime, latest, type Time } from './random-history.js';
import { timeOf } from './random-ours.js';
import { ownBookingId, placeOf } from './random-owners.js';
import { DAY, type Organisation, type OwnedCalendar, type World } from './random-world.js';

const DELETED = 'Its event was deleted in Google Calendar.';

/** An event at a time, by Google's own account. */
interface Placed extends Time {
  event: CalendarEvent;
  calendar: Calendar;
}

/** A calendar that is mirrored, with the part of it that is. */
interface Mirrored {
  tenantId: string;
  calendarId: string;
  email: string;
  googleId: string;
  from: number;
  to: number;
  readBy: string[];
}

interface Block extends Time {
  calendarId: string;
  eventId: string;
}

/** What a booking's event should be by the service's own account: only used to tell which of its calendars an event belongs in. */
interface Write {
  bookingId: string;
  googleId: string | null;
  email: string | null;
}

/** Everything of one organisation while everything is at rest. */
interface Seen {
  organisation: Organisation;
  bookings: BookingView[];
  conflicts: ConflictView[];
  mirrored: Mirrored[];
  blocks: Block[];
  writes: Map<string, Write>;
  /** E-mail addresses of the connected accounts. */
  connected: Set<string>;
  /** Live events with the ids of bookings in calendars of connected accounts. */
  own: (Placed & OwnedCalendar & { bookingId: string })[];
}

/**
 * Compares bookings, the mirror, conflicts and what is in Google with each other and with what was done; then counts from what it found.
 * @returns what is wrong, a sentence each
 */
export async function compare(world: World): Promise<string[]> {
  const wrong: string[] = [];
  world.touched.clear();
  world.known.clear();
  for (const organisation of world.organisations) {
    const seen = await look(world, organisation);
    const found = [
      ...mirror(world, seen),
      ...histories(seen),
      ...events(seen),
      ...conflicts(world, seen),
      ...(await overlaps(world, organisation)),
      ...(await leftBehind(world, organisation)),
    ];
    wrong.push(...found.map((sentence) => `organisation ${organisation.number}: ${sentence}`));
    countFrom(world, seen);
  }
  return wrong;
}

async function look(world: World, organisation: Organisation): Promise<Seen> {
  const { id, key } = organisation;
  const { database } = world;
  const bookings = await pages<BookingView>(world, key, '/api/bookings?limit=200');
  const listed = [
    ...(await pages<ConflictView>(world, key, '/api/conflicts?limit=200')),
    ...(await pages<ConflictView>(world, key, '/api/conflicts?limit=200&state=resolved')),
  ];
  const mirrored = await database.query<Mirrored>(
    `SELECT k.tenant_id AS "tenantId", k.id AS "calendarId", c.account_email AS email,
       CASE k.google_id WHEN 'primary' THEN c.account_email ELSE k.google_id END AS "googleId",
       epoch_ms(k.known_from)::float8 AS from, epoch_ms(k.known_to)::float8 AS to,
       ARRAY(SELECT o.resource_id::text FROM calendars_of_resources($1) o WHERE o.calendar_id = k.id AND o.reads_conflicts) AS "readBy"
     FROM calendar_sync s JOIN calendar k ON k.tenant_id = s.tenant_id AND k.id = s.calendar_id
     JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
     WHERE s.tenant_id = $1 AND c.state = 'connected' ORDER BY 3, 4`,
    [id],
  );
  const blocks = await database.query<Block>(
    `SELECT calendar_id AS "calendarId", event_id AS "eventId", epoch_ms(starts_at)::float8 AS start, epoch_ms(ends_at)::float8 AS "end"
     FROM busy_block WHERE tenant_id = $1`,
    [id],
  );
  const writes = await database.query<Write>(
    `SELECT w.booking_id AS "bookingId", c.account_email AS email,
       CASE k.google_id WHEN 'primary' THEN c.account_email ELSE k.google_id END AS "googleId"
     FROM event_write w LEFT JOIN calendar k ON k.tenant_id = w.tenant_id AND k.id = w.calendar_id
     LEFT JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id WHERE w.tenant_id = $1`,
    [id],
  );
  const accounts = await database.query<{ email: string }>(
    `SELECT account_email AS email FROM calendar_connection WHERE tenant_id = $1 AND state = 'connected'`,
    [id],
  );
  const connected = new Set(accounts.map(({ email }) => email));
  const own = world
    .ownedCalendars(organisation)
    .filter(({ email }) => connected.has(email))
    .flatMap((owned) =>
      placedIn(owned.calendar, { from: 0, to: Date.now() + 60 * 86_400_000 }).flatMap((placed) => {
        const bookingId = ownBookingId(placed.event.id);
        return bookingId === null ? [] : [{ ...placed, ...owned, bookingId }];
      }),
    );
  return {
    organisation,
    bookings,
    conflicts: listed,
    mirrored,
    blocks,
    writes: new Map(writes.map((write) => [write.bookingId, write])),
    connected,
    own,
  };
}

async function pages<Item>(world: World, key: string, path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Item[]; nextCursor: string | null } = await world.must(
      key,
      'GET',
      `${path}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** Live events that touch the window, with each instance of a series. */
function placedIn(calendar: Calendar, window: { from: number; to: number }): Placed[] {
  return [...calendar.store.singlesWithin(window)].map(({ event, startMs, endMs }) => ({
    event,
    calendar,
    start: startMs,
    end: endMs,
  }));
}

/** Whether an event takes up the time of whose calendar it is in, as Google's own free/busy counts it. */
function isBlocking({ event, calendar, start, end }: Placed): boolean {
  if (start >= end || event.transparency === 'transparent') return false;
  if (event.eventType === 'workingLocation' || event.eventType === 'birthday') return false;
  return !event.attendees?.some((one) => one.email === calendar.id && one.responseStatus === 'declined');
}

/** Whether a booking accounts for this event: it is that booking's, where the booking is and in the calendar that it is written to. */
function isInPlace({ event, calendar, ...time }: Placed, { bookings, writes }: Seen): boolean {
  const booking = bookings.find(({ id }) => id === ownBookingId(event.id));
  if (booking === undefined || booking.status === 'cancelled') return false;
  return (
    writes.get(booking.id)?.googleId === calendar.id &&
    isSameTime(time, timeOf(booking.startsAt, booking.endsAt))
  );
}

function isFreeBusyOnly(world: World, { email, googleId }: Mirrored): boolean {
  return world.account(email).listed(googleId)?.accessRole === 'freeBusyReader';
}

/** What blocks in a mirrored calendar beside the bookings, by Google's own account. */
function blocksOf(world: World, seen: Seen, { email, googleId, from, to }: Mirrored): Placed[] {
  const calendar = world.account(email).listed(googleId)?.calendar;
  if (calendar === undefined) return [];
  return placedIn(calendar, { from, to }).filter(
    (placed) =>
      placed.end > from &&
      isBlocking(placed) &&
      !isInPlace(placed, seen) &&
      !isBroughtBack(seen, placed.event.id),
  );
}

/**
 * Whether an event that we had taken away may have been brought back while we were still at it: then it is only seen to block the next time
 * that it changes, or that everything is listed.
 */
function isBroughtBack({ organisation }: Seen, eventId: string): boolean {
  return organisation.bookings.get(ownBookingId(eventId) ?? '')?.isBroughtBack === true;
}

/** 1. The mirror. */
function mirror(world: World, seen: Seen): string[] {
  return seen.mirrored.flatMap((mirrored) => {
    const name = `the mirror of ${mirrored.googleId} by ${mirrored.email}`;
    const here = seen.blocks.filter(({ calendarId }) => calendarId === mirrored.calendarId);
    const there = blocksOf(world, seen, mirrored);
    if (isFreeBusyOnly(world, mirrored)) {
      // It is read anew all the time, each time as far as chance has it.
      const certain = { from: mirrored.from, to: Date.now() + 20 * DAY };
      const some = joined(here, certain).map(iso);
      const others = joined(there, certain).map(iso);
      return unequal(name, some, 'the calendar', others);
    }
    return unequal(
      name,
      here
        .filter(({ eventId }) => !isBroughtBack(seen, eventId))
        .map((block) => `${block.eventId} ${iso(block)}`),
      'the calendar',
      there.map((placed) => `${placed.event.id} ${iso(placed)}`),
    );
  });
}

/** As free/busy tells of it: clipped to the window, and what touches made one. */
function joined(times: readonly Time[], { from, to }: { from: number; to: number }): Time[] {
  const merged: Time[] = [];
  const clipped = times.map(({ start, end }) => ({ start: Math.max(start, from), end: Math.min(end, to) }));
  for (const { start, end } of clipped.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (start >= end) continue;
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** 3. Every booking is there, and is as the last word of whoever has a say made it. */
function histories({ organisation, bookings, conflicts: listed, writes, connected }: Seen): string[] {
  const wrong: string[] = [];
  const there = new Map(bookings.map((booking) => [booking.id, booking]));
  for (const booking of bookings) {
    if (organisation.bookings.get(booking.id)?.isAnswered === true) continue;
    if (!organisation.perhaps.has(booking.phone)) wrong.push(`booking ${booking.id} was made by nobody`);
  }
  for (const history of organisation.bookings.values()) {
    // Of one that nobody has heard of, nothing more is asked than that it is in order with everything else.
    if (!history.isAnswered) continue;
    const booking = there.get(history.id);
    if (booking === undefined) {
      wrong.push(`booking ${history.id} was answered 201 and is gone`);
      continue;
    }
    const say = (text: string) => wrong.push(`booking ${history.id} ${text}; ${told(history)}`);
    const { status, name, cancelReason } = booking;
    // What its owner does in an account that is not connected is not heard of.
    const hears = !organisation.isDisturbed && connected.has(writes.get(history.id)?.email ?? '');
    const endings = latest(history.endings, hears);
    const lives = latest(history.lives, hears);
    const isOwnersDoing = status === 'cancelled' && cancelReason === DELETED;
    if (isOwnersDoing) {
      if (!lives.includes(false))
        say('was cancelled for its event, which nobody deleted, or not after its last change');
    } else {
      if (!endings.some((ending) => ending === status))
        say(`is ${status}, and should be ${endings.join(' or ')}`);
      if (status === 'confirmed' && !lives.includes(true))
        say('stands although its owner has deleted its event');
    }
    if (status !== 'confirmed') continue;
    if (!latest(history.names, hears).includes(name)) say(`is of ${name}`);
    const time = timeOf(booking.startsAt, booking.endsAt);
    const times = latest(history.times, hears);
    if (times.some((one) => isSameTime(one, time))) continue;
    // It could not follow its event.
    const isInConflict = listed.some(
      ({ kind, booking: { id }, event, resolution }) =>
        kind === 'booking_event_moved' &&
        id === history.id &&
        (resolution === null || resolution === 'dismissed') &&
        times.some((one) => isSameTime(one, timeOf(event.startsAt ?? '', event.endsAt ?? ''))),
    );
    const isKnownTime = history.allTimes.some((one) => isSameTime(one, time));
    // Correcting a booking that could not follow its event brings that back.
    const isBack = history.names.length > 1 && times.every((one) => isTaken(one, booking, bookings));
    if (!(isInConflict || isBack) || !isKnownTime)
      say(`is at ${iso(time)}, and should be at ${times.map(iso).join(' or ')}`);
  }
  return wrong;
}

/** Whether a booking cannot have a time: its resource is booked then, or it is none that bookings have. */
function isTaken(
  { start, end }: Time,
  { id, resourceId }: BookingView,
  bookings: readonly BookingView[],
): boolean {
  const others = bookings.filter(
    (one) => one.id !== id && one.resourceId === resourceId && one.status === 'confirmed',
  );
  return (
    start >= end ||
    end - start > DAY ||
    others.some(({ startsAt, endsAt }) => Date.parse(startsAt) < end && Date.parse(endsAt) > start)
  );
}

function told({ times, endings, lives, names }: BookingHistory): string {
  const all = [...times, ...endings, ...lives, ...names].sort((one, other) => one.from - other.from);
  const text = all.map(({ from, to, value, isOwners, isCertain }) => {
    const what = typeof value === 'object' ? iso(value) : String(value);
    const when = `${clock(from)}${to === from ? '' : `–${clock(to)}`}`;
    return `${when} ${isOwners ? 'owner' : 'we'}${isCertain ? '' : ' perhaps'} ${what}`;
  });
  return `its history: ${text.join(', ')}`;
}

/** 2. Each booking that stands has one event where it should be, and no event is of one that does not. */
function events({ organisation, bookings, conflicts: listed, writes, connected, own }: Seen): string[] {
  const wrong: string[] = [];
  for (const booking of bookings) {
    const history = organisation.bookings.get(booking.id);
    const mine = own.filter(({ bookingId }) => bookingId === booking.id);
    const say = (text: string) =>
      wrong.push(
        `booking ${booking.id} (${booking.status}, ${booking.calendar.status} ${booking.calendar.reason}) ${text}; ` +
          `its events: ${mine.map((one) => `${one.event.id} ${iso(one)} in ${one.calendar.id}`).join(', ')}; ` +
          (history === undefined ? '' : told(history)),
      );
    const most = booking.status === 'cancelled' ? 0 : 1;
    // An event that its owner has brought back is the owner's.
    if (mine.length > most && history?.isBroughtBack !== true) say(`has ${mine.length} events`);
    if (booking.status !== 'confirmed' || connected.size === 0) continue;
    const resource = organisation.resources.find(({ id }) => id === booking.resourceId);
    const { status, reason } = booking.calendar;
    // A resource can have chosen to have its bookings written nowhere, or to an account that has to be connected again.
    if (resource?.hasChosen === true && status === 'not_connected') continue;
    if (status === 'pending' && reason === 'needs_reconnect') continue;
    if (status === 'failed' ? reason !== 'in_conflict' : status !== 'synced') say('is not in the calendar');
    const place = writes.get(booking.id);
    // It stays in an account whose owner has to connect it again.
    if (place?.email !== undefined && !connected.has(place.email ?? '')) continue;
    const here = mine.filter(({ calendar }) => calendar.id === place?.googleId);
    const event = here.find((one) => isSameTime(one, timeOf(booking.startsAt, booking.endsAt))) ?? here[0];
    if (event === undefined) {
      say('has no event');
      continue;
    }
    const isByDefault = organisation.resources.every(({ hasChosen }) => !hasChosen);
    if (isByDefault && !organisation.emails.includes(event.calendar.id))
      say('has its event in another calendar');
    const isMoved = !isSameTime(event, timeOf(booking.startsAt, booking.endsAt));
    const isTold = listed.some(
      (conflict) =>
        conflict.kind === 'booking_event_moved' &&
        conflict.booking.id === booking.id &&
        (conflict.resolution === null || conflict.resolution === 'dismissed') &&
        isSameTime(event, timeOf(conflict.event.startsAt ?? '', conflict.event.endsAt ?? '')),
    );
    if (isMoved && !isTold) say('is elsewhere than its event, and nobody is told');
    if (status === 'failed' && !isMoved) say('is not in conflict with its event');
    // As long as it is in conflict, its event is left alone.
    const isLeft = isMoved || history === undefined || history.isNamedByOwner || history.isBroughtBack;
    if (!isLeft && event.event.summary?.endsWith(`: ${booking.name}`) !== true)
      say(`is of ${booking.name}, and its event of ${event.event.summary ?? 'nobody'}`);
  }
  const known = new Set(bookings.map(({ id }) => id));
  for (const { bookingId, event } of own)
    if (!known.has(bookingId)) wrong.push(`the event ${event.id} is of no booking`);
  return wrong;
}

/** 4. What is in each other's way is listed, and nothing else. */
function conflicts(world: World, seen: Seen): string[] {
  const { bookings, mirrored, conflicts: listed, own } = seen;
  const wrong: string[] = [];
  const upcoming = bookings.filter(
    ({ status, endsAt }) => status === 'confirmed' && Date.parse(endsAt) > Date.now(),
  );
  const standing = new Set(bookings.filter(({ status }) => status !== 'cancelled').map(({ id }) => id));
  for (const calendar of mirrored) {
    const inTheWay = blocksOf(world, seen, calendar);
    const isMerged = isFreeBusyOnly(world, calendar);
    for (const booking of upcoming.filter(({ resourceId }) => calendar.readBy.includes(resourceId))) {
      const time = timeOf(booking.startsAt, booking.endsAt);
      for (const block of inTheWay) {
        if (block.start >= time.end || block.end <= time.start) continue;
        // The event of another booking, which is elsewhere: that is told of that booking.
        if (!isMerged && standing.has(ownBookingId(block.event.id) ?? '')) continue;
        const isListed = listed.some(
          (one) =>
            one.kind === 'event_over_booking' &&
            one.booking.id === booking.id &&
            one.event.calendarId === calendar.calendarId &&
            (isMerged || one.event.id === block.event.id) &&
            (one.resolution === null || one.resolution === 'dismissed'),
        );
        // A booking that was made at the very moment at which the event was heard of is compared with it again when its own event is seen:
        // one that has none, as its account is not connected, has to wait for that.
        if (!isListed && own.some(({ bookingId }) => bookingId === booking.id))
          wrong.push(
            `nobody is told of ${block.event.id} in ${calendar.googleId} ${iso(block)} over booking ${booking.id} ${iso(time)}; ` +
              `${JSON.stringify(listed.filter((one) => one.booking.id === booking.id && one.event.id === block.event.id))}; ` +
              (seen.organisation.bookings.get(booking.id) === undefined
                ? ''
                : told(seen.organisation.bookings.get(booking.id)!)),
          );
      }
    }
  }
  for (const conflict of listed.filter(({ resolution }) => resolution === null)) {
    const booking = upcoming.find(({ id }) => id === conflict.booking.id);
    const calendar = mirrored.find(({ calendarId }) => calendarId === conflict.event.calendarId);
    if (booking === undefined) {
      wrong.push(`conflict ${conflict.id} is of a booking that does not stand`);
      continue;
    }
    // Of an account that has to be connected again, what was last known counts.
    if (calendar === undefined) continue;
    const time = timeOf(booking.startsAt, booking.endsAt);
    const said = timeOf(conflict.event.startsAt ?? '', conflict.event.endsAt ?? '');
    const account = world.account(calendar.email).listed(calendar.googleId)?.calendar;
    const isFreeBusy = isFreeBusyOnly(world, calendar);
    const events = account === undefined ? [] : placedIn(account, calendar);
    const event = events.find((one) => one.event.id === conflict.event.id);
    const what = `conflict ${conflict.id} (${conflict.kind} ${conflict.reason}) of ${conflict.event.id} ${iso(said)} and booking ${booking.id}`;
    if (!isFreeBusy && (event === undefined || !isSameTime(event, said)))
      wrong.push(`${what} is of an event that is ${event === undefined ? 'not there' : `at ${iso(event)}`}`);
    if (conflict.kind === 'event_over_booking') {
      if (said.start >= time.end || said.end <= time.start)
        wrong.push(`${what} is none: the booking is ${iso(time)}`);
      else if (!isFreeBusy && event !== undefined && !isBlocking(event))
        wrong.push(`${what} is none: it does not block`);
    } else if (isSameTime(said, time)) wrong.push(`${what} is none: both are at the same time`);
  }
  return wrong;
}

/** 3. No two that occupy a resource overlap: asked of the table itself, beside the constraint. */
async function overlaps(world: World, { id }: Organisation): Promise<string[]> {
  const rows = await world.database.query<{ one: string; other: string }>(
    `SELECT a.id AS one, b.id AS other FROM booking a JOIN booking b ON b.tenant_id = a.tenant_id AND b.resource_id = a.resource_id
     WHERE a.tenant_id = $1 AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
       AND a.status IN ('held', 'pending', 'confirmed') AND b.status IN ('held', 'pending', 'confirmed')`,
    [id],
  );
  return rows.map(({ one, other }) => `bookings ${one} and ${other} overlap`);
}

/** Of accounts that are not connected any more, nothing is kept of what was read. */
async function leftBehind(world: World, { id }: Organisation): Promise<string[]> {
  const wrong: string[] = [];
  for (const table of ['busy_block', 'push_channel', 'calendar_conflict', 'calendar_sync']) {
    const rows = await world.database.query<{ email: string }>(
      `SELECT DISTINCT x.calendar_id FROM ${table} x JOIN calendar k ON k.tenant_id = x.tenant_id AND k.id = x.calendar_id
       JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
       WHERE x.tenant_id = $1 AND c.state = 'disconnected'`,
      [id],
    );
    if (rows.length > 0) wrong.push(`${table} has something of an account that is not connected`);
  }
  const orphans = await world.database.query(
    `SELECT DISTINCT calendar_id FROM busy_block u WHERE tenant_id = $1 AND NOT EXISTS (
       SELECT FROM calendar_sync s WHERE s.tenant_id = u.tenant_id AND s.calendar_id = u.calendar_id)`,
    [id],
  );
  if (orphans.length > 0) wrong.push('busy_block has something of a calendar that is not mirrored');
  return wrong;
}

/** From here on, histories begin with what was found, and what blocks now is known. */
function countFrom(world: World, seen: Seen): void {
  const { organisation, bookings, mirrored } = seen;
  const at = Date.now();
  const owned = world.ownedCalendars(organisation);
  for (const booking of bookings) {
    const { id, name, startsAt, endsAt } = booking;
    const status = booking.status === 'pending' ? 'confirmed' : booking.status;
    const isEndedByOwner = status === 'cancelled' && booking.cancelReason === DELETED;
    const found = { status, isEndedByOwner, name, time: timeOf(startsAt, endsAt) };
    const history = world.historyOf(organisation, id);
    history.settledAs(found, at);
    // One that could not follow its event may do so when it is tried again.
    for (const { calendar } of owned) {
      for (const event of calendar.events().filter((one) => ownBookingId(one.id) === id))
        history.touchedByOwner(at, placeOf(calendar, event.id));
    }
    // What was done in an account while it was not connected is heard of later.
    if (!seen.connected.has(seen.writes.get(id)?.email ?? '')) history.deletedByOwner(at, false);
  }
  organisation.perhaps.clear();
  for (const calendar of mirrored) {
    if (isFreeBusyOnly(world, calendar)) continue;
    for (const block of blocksOf(world, seen, calendar)) {
      if (ownBookingId(block.event.id) !== null) continue;
      for (const resourceId of calendar.readBy) {
        const key = `${organisation.id} ${resourceId}`;
        const known = world.known.get(key) ?? new Map<string, Time>();
        known.set(`${calendar.googleId} ${block.event.id}`, { start: block.start, end: block.end });
        world.known.set(key, known);
      }
    }
  }
  organisation.isDisturbed = false;
}

function unequal(here: string, some: readonly string[], there: string, others: readonly string[]): string[] {
  const inSome = new Set(some);
  const inOthers = new Set(others);
  return [
    ...some.filter((one) => !inOthers.has(one)).map((one) => `only ${here} has ${one}`),
    ...others.filter((one) => !inSome.has(one)).map((one) => `only ${there} has ${one}, which ${here} lacks`),
  ];
}

function iso({ start, end }: Time): string {
  const at = (instant: number) =>
    Number.isNaN(instant) ? 'no time' : new Date(instant).toISOString().slice(5, 16);
  return `${at(start)}/${at(end)}`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(14, 23);
}
