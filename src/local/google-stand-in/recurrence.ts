import { Temporal } from 'temporal-polyfill';
import { badRequest } from './api-error.js';
import type { EventTime } from './calendar-event.js';
import { instantOf, secondsText } from './event-times.js';
import { datesOf, parseRule, type RecurrenceRule } from './recurrence-rule.js';

/** What makes a recurring event recur; an instance's place in the calendar follows from it alone. */
export interface Series {
  start: EventTime;
  end: EventTime;
  recurrence: string[];
}

export interface Occurrence {
  start: EventTime;
  end: EventTime;
  startMs: number;
  endMs: number;
  /** What Google appends to the series' id to name this instance, e.g. `20260601T080000Z`. */
  key: string;
}

/** Epoch milliseconds, half-open. */
export interface Window {
  from: number;
  to: number;
}

interface Recurrence {
  rules: RecurrenceRule[];
  excluded: Set<string>;
}

export function checkRecurrence(recurrence: string[]): void {
  try {
    parseRecurrence(recurrence);
  } catch (error) {
    throw badRequest(`Invalid recurrence rule: ${(error as Error).message}`, 'invalid');
  }
}

function parseRecurrence(lines: string[]): Recurrence {
  const recurrence: Recurrence = { rules: [], excluded: new Set() };
  for (const line of lines) {
    const [head = '', value = ''] = line.split(':');
    const [name, ...parameters] = head.split(';');
    if (name === 'RRULE') recurrence.rules.push(parseRule(value));
    else if (name === 'EXDATE') {
      const zone = parameters.find((part) => part.startsWith('TZID='))?.slice(5);
      value.split(',').forEach((moment) => recurrence.excluded.add(keyOf(moment, zone)));
    } else throw new RangeError(`cannot expand ${line}`);
  }
  return recurrence;
}

/** A moment of EXDATE as an instance's key: a date, or a UTC instant. */
function keyOf(moment: string, zone: string | undefined): string {
  if (/^\d{8}(T\d{6}Z)?$/.test(moment)) return moment;
  if (!/^\d{8}T\d{6}$/.test(moment) || !zone) throw new RangeError(`cannot expand ${moment}`);
  const wall = Temporal.PlainDateTime.from(moment);
  return keyOfInstant(wall.toZonedDateTime(zone).epochMilliseconds);
}

function keyOfInstant(epochMs: number): string {
  return secondsText(epochMs).replace(/[-:]/g, '');
}

/** The occurrences that touch the window, in order of the rule. Wall time is kept across clock changes. */
export function occurrencesOf(series: Series, calendarZone: string, window: Window): Occurrence[] {
  const { rules, excluded } = parseRecurrence(series.recurrence);
  const place = placer(series, calendarZone);
  const lengthMs = instantOf(series.end, calendarZone) - instantOf(series.start, calendarZone);
  const from = dateAt(Math.max(window.from - lengthMs, 0), place.zone).subtract({ days: 1 });
  const found = new Map<string, Occurrence>();
  for (const rule of rules) {
    for (const date of datesOf(rule, place.first, from)) {
      const occurrence = place.on(date);
      if (occurrence.startMs >= window.to || isAfter(occurrence, rule.until)) break;
      if (occurrence.endMs > window.from && !excluded.has(occurrence.key)) {
        found.set(occurrence.key, occurrence);
      }
    }
  }
  return [...found.values()];
}

function placer(series: Series, calendarZone: string) {
  const { start, end } = series;
  if (start.date) {
    const first = Temporal.PlainDate.from(start.date);
    const days = Temporal.PlainDate.from(String(end.date)).since(first).days;
    const on = (date: Temporal.PlainDate): Occurrence => {
      const times = { start: { date: date.toString() }, end: { date: date.add({ days }).toString() } };
      const startMs = instantOf(times.start, calendarZone);
      const endMs = instantOf(times.end, calendarZone);
      return { ...times, startMs, endMs, key: date.toString().replaceAll('-', '') };
    };
    return { first, zone: calendarZone, on };
  }
  const zone = start.timeZone ?? calendarZone;
  const wall = Temporal.Instant.from(String(start.dateTime)).toZonedDateTimeISO(zone);
  const lengthMs = Date.parse(String(end.dateTime)) - wall.epochMilliseconds;
  const on = (date: Temporal.PlainDate): Occurrence => {
    const startMs = date.toZonedDateTime({ timeZone: zone, plainTime: wall.toPlainTime() }).epochMilliseconds;
    const endMs = startMs + lengthMs;
    const times = {
      start: { dateTime: secondsText(startMs), timeZone: zone },
      end: { dateTime: secondsText(endMs), timeZone: end.timeZone ?? zone },
    };
    return { ...times, startMs, endMs, key: keyOfInstant(startMs) };
  };
  return { first: wall.toPlainDate(), zone, on };
}

function isAfter(occurrence: Occurrence, until: string | undefined): boolean {
  if (!until) return false;
  // Both forms sort as text; a date as the limit of a timed event includes that whole day.
  return until.length === 8 ? occurrence.key.slice(0, 8) > until : occurrence.key > until;
}

function dateAt(epochMs: number, zone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone).toPlainDate();
}
