import { Temporal } from 'temporal-polyfill';
import { badRequest } from './api-error.js';
import type { EventTime } from './calendar-event.js';

const withOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;
const withoutOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const knownZones = new Set<string>(['UTC']);

export function isTimeZone(zone: string): boolean {
  if (knownZones.has(zone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    return false;
  }
  // An offset like +02:00 is a zone to Intl, but Google wants a name from the IANA database.
  if (/^[+-]/.test(zone)) return false;
  knownZones.add(zone);
  return true;
}

/**
 * The stored form of a start or end: a date, or a UTC instant to the second, with the zone it was given in.
 * The zone matters later: a recurring event repeats at the same wall time in it.
 */
export function storedTime(which: 'start' | 'end', time: EventTime, calendarZone: string): EventTime {
  const { date, dateTime, timeZone } = time;
  if (timeZone && !isTimeZone(timeZone)) {
    throw badRequest(`Invalid time zone definition for ${which} time.`, 'invalid');
  }
  if (Boolean(date) === Boolean(dateTime)) throw badRequest(`Invalid ${which} time.`, 'invalid');
  try {
    if (date) return { date: Temporal.PlainDate.from(plainDate(date)).toString() };
    return { dateTime: instantText(String(dateTime), timeZone), timeZone: timeZone ?? calendarZone };
  } catch {
    throw badRequest(`Invalid ${which} time.`, 'invalid');
  }
}

function plainDate(date: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new RangeError('not a date');
  return date;
}

function instantText(dateTime: string, timeZone: string | undefined): string {
  if (withOffset.test(dateTime)) return secondsText(Date.parse(dateTime));
  if (!withoutOffset.test(dateTime) || !timeZone) throw new RangeError('an offset or a zone is needed');
  return secondsText(Temporal.PlainDateTime.from(dateTime).toZonedDateTime(timeZone).epochMilliseconds);
}

/** RFC 3339 in UTC without fractions: Google drops milliseconds. */
export function secondsText(epochMs: number): string {
  return new Date(Math.floor(epochMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** Epoch milliseconds; a date begins at the first moment of that day in the calendar's zone. */
export function instantOf(time: EventTime, calendarZone: string): number {
  if (time.dateTime) return Date.parse(time.dateTime);
  return Temporal.PlainDate.from(String(time.date)).toZonedDateTime(calendarZone).epochMilliseconds;
}

/** As Google writes times: wall time with offset in the wished zone, `Z` for UTC. */
export function textInZone(epochMs: number, zone: string): string {
  if (zone === 'UTC') return secondsText(epochMs);
  const instant = Temporal.Instant.fromEpochMilliseconds(epochMs);
  return instant.toString({ timeZone: zone, smallestUnit: 'second' });
}

/** A stored time as an answer shows it: the instant in the answer's zone, beside the zone it was given in. */
export function shownTime(time: EventTime, zone: string): EventTime {
  if (!time.dateTime) return { ...time };
  return { dateTime: textInZone(Date.parse(time.dateTime), zone), timeZone: time.timeZone };
}
