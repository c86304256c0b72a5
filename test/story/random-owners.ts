import type { Calendar } from '../../src/local/google-stand-in/calendar.js';
import type { CalendarEvent, EventEntry } from '../../src/local/google-stand-in/calendar-event.js';
import type { BookingHistory, Time } from './random-history.js';
import type { Random } from './random-numbers.js';
import type { Doing } from './random-ours.js';
import {
  ALL_DAYS,
  DAY,
  HOUR,
  MINUTE,
  type OwnedCalendar,
  someDate,
  someStart,
  type World,
} from './random-world.js';

/** Ids of events of bookings, as the service forms them: the test knows them in its own way. */
const OWN = /^bk([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})n\d+/;

/** What owners do in Google Calendar. */
export const OWNERS: readonly Doing[] = [
  { name: 'owner adds', weight: 8, do: add },
  { name: 'owner adds whole days', weight: 1, do: addWholeDays },
  { name: 'owner adds a series', weight: 3, do: addSeries },
  { name: 'owner moves', weight: 6, do: moveForeign },
  { name: 'owner deletes', weight: 6, do: deleteForeign },
  { name: 'owner changes how it blocks', weight: 4, do: changeForeign },
  { name: 'owner restores', weight: 2, do: restoreForeign },
  { name: 'owner changes a series', weight: 3, do: changeSeries },
  { name: 'owner changes an instance', weight: 5, do: changeInstance },
  { name: 'owner deletes a series', weight: 1, do: deleteSeries },
  { name: 'owner turns one into a series', weight: 0.7, do: turnIntoSeries },
  { name: 'owner moves a booking', weight: 9, do: moveOwn },
  { name: 'owner deletes a booking', weight: 4, do: deleteOwn },
  { name: 'owner changes a booking', weight: 3, do: changeOwn },
  { name: 'owner copies a booking', weight: 1.5, do: copyOwn },
  { name: 'owner restores a booking', weight: 1, do: restoreOwn },
];

export function ownBookingId(eventId: string): string | null {
  return OWN.exec(eventId)?.slice(1, 6).join('-') ?? null;
}

function aCalendar(world: World, random: Random): OwnedCalendar {
  return random.pick(world.organisations.flatMap((each) => world.ownedCalendars(each)));
}

/** An event of the owner's own. */
function aForeign(
  world: World,
  random: Random,
  is: (event: CalendarEvent) => boolean = () => true,
): { calendar: Calendar; event: CalendarEvent } | undefined {
  const { calendar } = aCalendar(world, random);
  const event = random.any(
    calendar.events({ includeDeleted: true }).filter((one) => ownBookingId(one.id) === null && is(one)),
  );
  if (event === undefined) return undefined;
  touch(world, calendar, event.id);
  return { calendar, event };
}

/** What is done to a series is done to its instances. */
function touch(world: World, calendar: Calendar, eventId: string): void {
  const [whole = ''] = eventId.split('_');
  for (const known of world.known.values())
    for (const key of known.keys()) if (key.startsWith(`${calendar.id} ${whole}`)) world.touched.add(key);
}

const isLive = ({ status }: CalendarEvent) => status !== 'cancelled';
const isSeries = ({ recurrence }: CalendarEvent) => (recurrence?.length ?? 0) > 0;
const isInstance = ({ recurringEventId }: CalendarEvent) => recurringEventId !== undefined;
const isSingle = (event: CalendarEvent) => isLive(event) && !isSeries(event) && !isInstance(event);

function someTimes(random: Random, zone: string): Pick<EventEntry, 'start' | 'end'> {
  const start = someStart(random) + random.pick([0, 0, 10, 15]) * MINUTE;
  const end = start + random.pick([0, 15, 30, 60, 60, 120, 300, 40 * 60]) * MINUTE;
  return {
    start: { dateTime: new Date(start).toISOString(), timeZone: zone },
    end: { dateTime: new Date(end).toISOString(), timeZone: zone },
  };
}

function someDays(random: Random): Pick<EventEntry, 'start' | 'end'> {
  const date = someDate(random);
  const after = new Date(Date.parse(date) + random.pick([1, 1, 2]) * DAY).toISOString().slice(0, 10);
  return { start: { date }, end: { date: after } };
}

function add(world: World, random: Random): boolean {
  const { calendar } = aCalendar(world, random);
  const more = random.pick([
    {},
    {},
    {},
    { transparency: 'transparent' },
    { eventType: 'outOfOffice' },
    { eventType: 'workingLocation' },
    {
      attendees: [
        { self: true, email: '', responseStatus: random.pick(['accepted', 'declined', 'needsAction']) },
      ],
    },
    { attendees: [{ email: 'guest@example.com', responseStatus: 'declined' }] },
  ]);
  calendar.addEvent({ summary: 'Private', ...someTimes(random, calendar.timeZone), ...more });
  return true;
}

function addWholeDays(world: World, random: Random): boolean {
  const { calendar } = aCalendar(world, random);
  calendar.addEvent({ summary: 'Away', ...someDays(random) });
  return true;
}

function someRule(random: Random): string[] {
  const until = new Date(someStart(random)).toISOString().replace(/[-:]|\.\d+/g, '');
  return random.pick([
    ['RRULE:FREQ=DAILY;COUNT=3'],
    ['RRULE:FREQ=DAILY;COUNT=6'],
    ['RRULE:FREQ=DAILY;INTERVAL=2'],
    ['RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR'],
    ['RRULE:FREQ=WEEKLY;BYDAY=TU,SA,SU;COUNT=5'],
    [`RRULE:FREQ=DAILY;UNTIL=${until}`],
  ]);
}

function addSeries(world: World, random: Random): boolean {
  const { calendar } = aCalendar(world, random);
  const times = random.chance(0.15) ? someDays(random) : shortTimes(random, calendar.timeZone);
  calendar.addEvent({ summary: 'Regular', ...times, recurrence: someRule(random) });
  return true;
}

/** As a rule people's regular appointments do not overlap themselves. */
function shortTimes(random: Random, zone: string): Pick<EventEntry, 'start' | 'end'> {
  const start = someStart(random);
  return {
    start: { dateTime: new Date(start).toISOString(), timeZone: zone },
    end: { dateTime: new Date(start + random.pick([30, 60]) * MINUTE).toISOString(), timeZone: zone },
  };
}

/** What an event's `start` and `end` become, whatever they were: a date makes way for a time, and the other way round. */
function replaced({ start, end }: Pick<EventEntry, 'start' | 'end'>): Partial<CalendarEvent> {
  const none = { date: null, dateTime: null, timeZone: null } as unknown as object;
  return { start: { ...none, ...start }, end: { ...none, ...end } };
}

function moveForeign(world: World, random: Random): boolean {
  const found = aForeign(world, random, isSingle);
  if (found === undefined) return false;
  const { calendar, event } = found;
  const times = random.chance(0.1) ? someDays(random) : someTimes(random, calendar.timeZone);
  calendar.updateEvent(event.id, replaced(times));
  return true;
}

function deleteForeign(world: World, random: Random): boolean {
  const found = aForeign(world, random, isSingle);
  found?.calendar.deleteEvent(found.event.id);
  return found !== undefined;
}

function changeForeign(world: World, random: Random): boolean {
  const found = aForeign(world, random, (event) => isLive(event));
  if (found === undefined) return false;
  const { calendar, event } = found;
  calendar.updateEvent(event.id, someChange(random, calendar, event));
  return true;
}

function someChange(random: Random, calendar: Calendar, event: CalendarEvent): Partial<CalendarEvent> {
  const isTransparent = event.transparency === 'transparent';
  return random.pick<Partial<CalendarEvent>>([
    { transparency: isTransparent ? 'opaque' : 'transparent' },
    { transparency: isTransparent ? 'opaque' : 'transparent' },
    { attendees: [{ email: calendar.id, responseStatus: random.pick(['accepted', 'declined']) }] },
    { description: 'Changed' },
  ]);
}

function restoreForeign(world: World, random: Random): boolean {
  const found = aForeign(world, random, (event) => !isLive(event) && !isInstance(event));
  found?.calendar.updateEvent(found.event.id, { status: 'confirmed' });
  return found !== undefined;
}

function changeSeries(world: World, random: Random): boolean {
  const found = aForeign(world, random, (event) => isLive(event) && isSeries(event));
  if (found === undefined) return false;
  const { calendar, event } = found;
  const change = random.pick<Partial<CalendarEvent>>([
    { recurrence: someRule(random) },
    replaced(shortTimes(random, calendar.timeZone)),
    { recurrence: null as unknown as string[] },
    { ...replaced(shortTimes(random, calendar.timeZone)), recurrence: someRule(random) },
  ]);
  calendar.updateEvent(event.id, change);
  return true;
}

function changeInstance(world: World, random: Random): boolean {
  const found = aForeign(world, random, (event) => isLive(event) && isSeries(event));
  if (found === undefined) return false;
  const { calendar, event } = found;
  const instance = random.any(
    [...calendar.store.singlesWithin({ from: ALL_DAYS.start, to: ALL_DAYS.end })].filter(
      (one) => one.event.recurringEventId === event.id,
    ),
  );
  if (instance === undefined) return false;
  if (random.chance(0.5)) calendar.deleteEvent(instance.event.id);
  else calendar.updateEvent(instance.event.id, replaced(someTimes(random, calendar.timeZone)));
  return true;
}

function deleteSeries(world: World, random: Random): boolean {
  const found = aForeign(world, random, (event) => isLive(event) && isSeries(event));
  found?.calendar.deleteEvent(found.event.id);
  return found !== undefined;
}

function turnIntoSeries(world: World, random: Random): boolean {
  const found = aForeign(world, random, (event) => isSingle(event) && event.start?.date === undefined);
  found?.calendar.updateEvent(found.event.id, { recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] });
  return found !== undefined;
}

/** An event of a booking, with what is known of that. */
function anOwn(
  world: World,
  random: Random,
  is: (event: CalendarEvent) => boolean = isLive,
): (OwnedCalendar & { event: CalendarEvent; booking: BookingHistory }) | undefined {
  const owned = aCalendar(world, random);
  const event = random.any(
    owned.calendar.events({ includeDeleted: true }).filter((one) => ownBookingId(one.id) !== null && is(one)),
  );
  if (event === undefined) return undefined;
  return { ...owned, event, booking: world.historyOf(owned.organisation, ownBookingId(event.id) ?? '') };
}

/** When an event takes place, by Google's own account. */
export function placeOf(calendar: Calendar, eventId: string): Time {
  const stored = calendar.store.find(eventId);
  const window = { from: ALL_DAYS.start - 5 * DAY, to: ALL_DAYS.end + 5 * DAY };
  const [place] = stored === undefined ? [] : calendar.store.singlesOf(stored, window);
  return place === undefined ? { start: NaN, end: NaN } : { start: place.startMs, end: place.endMs };
}

function moveOwn(world: World, random: Random): boolean {
  const found = anOwn(world, random);
  if (found === undefined) return false;
  const { calendar, event, booking } = found;
  calendar.updateEvent(event.id, replaced(someOwnTimes(random, calendar, event)));
  booking.movedByOwner(Date.now(), placeOf(calendar, event.id));
  return true;
}

function someOwnTimes(
  random: Random,
  calendar: Calendar,
  event: CalendarEvent,
): Pick<EventEntry, 'start' | 'end'> {
  if (random.chance(0.06)) return someDays(random);
  if (random.chance(0.06)) return someTimes(random, calendar.timeZone);
  const { start, end } = placeOf(calendar, event.id);
  const length = Math.min(end - start, 2 * HOUR);
  const from = random.chance(0.2) ? start : someStart(random) + random.pick([0, 0, 10]) * MINUTE;
  // Most are only dragged; some are made longer or shorter.
  const to = from + Math.max(length + random.pick([0, 0, 0, 30, -15]) * MINUTE, 15 * MINUTE);
  return {
    start: { dateTime: new Date(from).toISOString(), timeZone: calendar.timeZone },
    end: { dateTime: new Date(to).toISOString(), timeZone: calendar.timeZone },
  };
}

function deleteOwn(world: World, random: Random): boolean {
  const found = anOwn(world, random);
  if (found === undefined) return false;
  found.calendar.deleteEvent(found.event.id);
  found.booking.deletedByOwner(Date.now());
  return true;
}

function changeOwn(world: World, random: Random): boolean {
  const found = anOwn(world, random);
  if (found === undefined) return false;
  const { calendar, event, booking } = found;
  const isRenamed = random.chance(0.3);
  calendar.updateEvent(
    event.id,
    isRenamed ? { summary: `Renamed ${world.next()}` } : someChange(random, calendar, event),
  );
  if (isRenamed) booking.isNamedByOwner = true;
  booking.touchedByOwner(Date.now(), placeOf(calendar, event.id));
  return true;
}

/** As "Duplicate" does, with all that the event bears. */
function copyOwn(world: World, random: Random): boolean {
  const found = anOwn(world, random);
  if (found === undefined) return false;
  const { calendar, event } = found;
  const { extendedProperties, summary, transparency } = event;
  calendar.addEvent({
    extendedProperties,
    summary,
    transparency,
    ...(random.chance(0.5) && event.start && event.end
      ? { start: event.start, end: event.end }
      : someTimes(random, calendar.timeZone)),
  });
  return true;
}

function restoreOwn(world: World, random: Random): boolean {
  const found = anOwn(world, random, (event) => !isLive(event));
  if (found === undefined) return false;
  const { calendar, event, booking } = found;
  calendar.updateEvent(event.id, { status: 'confirmed' });
  booking.broughtBackByOwner(Date.now(), placeOf(calendar, event.id));
  return true;
}
