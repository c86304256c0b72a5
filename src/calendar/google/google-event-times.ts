import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { Temporal } from 'temporal-polyfill';
import type { BusyInterval } from '../calendar-provider.js';
import { WINDOWS_ZONES } from './windows-zones.js';

type Times = Pick<calendar_v3.Schema$Event, 'start' | 'end'>;
type GoogleTime = calendar_v3.Schema$EventDateTime | undefined;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No zone is further from UTC: a wall time of an unknown zone is somewhere in between. */
const FURTHEST_EAST_HOURS = 14;
const FURTHEST_WEST_HOURS = 12;
const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

/** Whether an event takes whole days, as dates say. */
export function isAllDay({ start }: Times): boolean {
  return typeof start?.date === 'string' && start.date !== '';
}

/**
 * When an event takes place: all-day ones from the first to the last moment of their dates in the calendar's zone.
 * @returns null for times that cannot be read
 */
export function eventTime({ start, end }: Times, calendarZone: string): BusyInterval | null {
  if (start?.date) return allDay(start.date, end == null ? null : (end.date ?? ''), calendarZone);
  const from = instantOf(start, calendarZone);
  // Google gives every event an end. One that came without would last as long as its default event.
  const to = end == null ? from + HOUR_MS : instantOf(end, calendarZone);
  return from <= to ? { start: from, end: to } : null;
}

/**
 * The time that an event may take whose times cannot be read, as far as they tell: from its start to the end of that day, or to an end in a
 * zone that is not known at the latest that it can be; with an end alone, the part of that day before it.
 * @returns null where they tell nothing
 */
export function toldTime({ start, end }: Times, calendarZone: string): BusyInterval | null {
  const [first, last] = [spanOf(start, calendarZone), spanOf(end, calendarZone)];
  if (first === null) {
    if (last === null) return null;
    const until = last.isDate ? last.earliest : last.latest;
    return { start: dayAround(until - 1, calendarZone).start, end: until };
  }
  const day = dayAround(first.earliest, calendarZone);
  const endOfDay = first.isDate ? first.latest : dayAround(first.latest, calendarZone).end;
  if (last === null) return { start: first.earliest, end: endOfDay };
  // The end comes before the start. Which of the two is wrong nobody can say, but that day has something in it.
  if (last.latest <= first.earliest)
    return { start: Math.max(day.start, Math.min(first.earliest, last.earliest)), end: endOfDay };
  const isInUnknownZone = last.earliest < last.latest && !last.isDate;
  return { start: first.earliest, end: isInUnknownZone ? last.latest : Math.max(endOfDay, first.latest) };
}

/** From when to when one time of an event may be. */
interface Span {
  earliest: number;
  latest: number;
  isDate: boolean;
}

function spanOf(time: GoogleTime, calendarZone: string): Span | null {
  const { date, dateTime } = (time ?? {}) as Record<string, unknown>;
  if (typeof date === 'string') {
    const day = allDay(date, null, calendarZone);
    return day && { earliest: day.start, latest: day.end, isDate: true };
  }
  const instant = instantOf(time, calendarZone);
  if (!Number.isNaN(instant)) return { earliest: instant, latest: instant, isDate: false };
  const wall = typeof dateTime === 'string' ? instantOf({ dateTime }, 'UTC') : NaN;
  if (Number.isNaN(wall)) return null;
  return {
    earliest: wall - FURTHEST_EAST_HOURS * HOUR_MS,
    latest: wall + FURTHEST_WEST_HOURS * HOUR_MS,
    isDate: false,
  };
}

function dayAround(instant: number, calendarZone: string): BusyInterval {
  try {
    const day = Temporal.Instant.fromEpochMilliseconds(instant)
      .toZonedDateTimeISO(zoneNamed(calendarZone))
      .startOfDay();
    return { start: day.epochMilliseconds, end: day.add({ days: 1 }).epochMilliseconds };
  } catch {
    return { start: instant - DAY_MS, end: instant + DAY_MS };
  }
}

/** From the first to the last moment of these dates in the calendar's zone; the end is the first date after it. */
function allDay(first: string, after: string | null, zone: string): BusyInterval | null {
  try {
    const from = Temporal.PlainDate.from(first);
    const to = after === null ? from.add({ days: 1 }) : Temporal.PlainDate.from(after);
    if (Temporal.PlainDate.compare(from, to) > 0) return null;
    return {
      start: beginningOf(from, zone, -FURTHEST_EAST_HOURS),
      end: beginningOf(to, zone, FURTHEST_WEST_HOURS),
    };
  } catch {
    return null; // a RangeError is how Temporal says that there is no such date
  }
}

/** @param hoursElsewhere where the zone is not known, the day is blocked from its first beginning on earth to its last end */
function beginningOf(date: Temporal.PlainDate, zone: string, hoursElsewhere: number): number {
  try {
    return date.toZonedDateTime(zoneNamed(zone)).epochMilliseconds;
  } catch {
    return date.toZonedDateTime('UTC').epochMilliseconds + hoursElsewhere * HOUR_MS;
  }
}

/** @returns NaN for what is no time */
function instantOf(time: GoogleTime, calendarZone: string): number {
  const text: unknown = time?.dateTime;
  if (typeof text !== 'string') return NaN;
  if (WITH_OFFSET.test(text)) return Date.parse(text);
  try {
    const zone = zoneNamed(time?.timeZone ?? calendarZone);
    return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return NaN;
  }
}

/** Events that come from Outlook and Exchange may name zones as Windows does. */
function zoneNamed(name: string): string {
  return WINDOWS_ZONES.get(name) ?? name;
}
