import { Temporal } from 'temporal-polyfill';
import { DAY, MINUTE, type Interval } from './intervals.js';
import { clockText, dateOfWall, hoursAndMinutes } from './wall-text.js';

/*
 * Wall time and instants. A wall time is what the clock on the wall of a place reads; here it is a number
 * too, the epoch milliseconds at which a clock in UTC reads the same, so that `wall = instant + offset`. A
 * zone is a list of spans of constant offset, and every question about gaps, repeats and skipped days
 * becomes arithmetic on those spans. Temporal is asked for the spans, once for a zone and year, and never
 * for a slot. Nothing here reads the zone of the process.
 */

/** Days of the week as ISO 8601 counts them: Monday is 1, Sunday is 7. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A stretch in which a zone keeps one offset from UTC: milliseconds, positive east of Greenwich. */
export interface OffsetSpan extends Interval {
  offset: number;
}

/** Zone-years kept. Dates come from callers, so there has to be a bound. */
const MAX_CACHED_YEARS = 4096;
const spansByZone = new Map<string, Map<number, readonly OffsetSpan[]>>();
let cachedYears = 0;
/** Where the last offset was found: the instants of one answer mostly lie in one span. */
let lastFound: { zone: string; span: OffsetSpan } | undefined;
/** Is this a date of the (proleptic) Gregorian calendar, written `YYYY-MM-DD` as in RFC 3339? */
export function isLocalDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const midnight = wallMidnight(text);
  return !Number.isNaN(midnight) && dateOfWall(midnight) === text;
}

/** The date `n` days after `date` (before it, if negative), by the calendar: no zone takes part. */
export function addDays(date: string, n: number): string {
  return dateOfWall(wallMidnight(date) + n * DAY);
}

export function weekdayOf(date: string): Weekday {
  return weekdayOfWall(wallMidnight(date));
}

/** The wall time of midnight at the beginning of `date`. A date without a time is read as UTC (ECMA-262 §21.4.3.2). */
export function wallMidnight(date: string): number {
  return Date.parse(date);
}

export function weekdayOfWall(wall: number): Weekday {
  return (new Date(wall).getUTCDay() || 7) as Weekday;
}

/** `HH:MM` as milliseconds after midnight on the clock; `24:00` is the end of the day. */
export function timeOfDay(time: string): number {
  return (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * MINUTE;
}

/** The wall time a clock in `zone` shows at an instant. */
export function wallOf(epochMs: number, zone: string): number {
  return epochMs + offsetAt(epochMs, zone);
}

/** The date on the calendar in `zone` at an instant, as `YYYY-MM-DD`. */
export function localDateOf(epochMs: number, zone: string): string {
  return dateOfWall(wallOf(epochMs, zone));
}

/**
 * The first instant of a local date: not always 00:00, where clocks go forward at midnight (Beirut, Cairo).
 * Of a date that a zone skipped (Samoa, 30 December 2011), the instant at which it was skipped.
 */
export function startOfDay(date: string, zone: string): number {
  const midnight = wallMidnight(date);
  for (const span of offsetSpans(zone, midnight - DAY, midnight + DAY)) {
    if (span.end <= midnight - DAY) continue; // no zone is a day from UTC, so its clock is still behind
    const instant = Math.max(span.start, midnight - span.offset);
    if (instant < span.end) return instant;
  }
  throw new RangeError(`No start of ${date} in ${zone}`);
}

/** Every instant of a local date, as intervals in order; none if the zone skipped the date. */
export function instantsOfDate(date: string, zone: string): Interval[] {
  const midnight = wallMidnight(date);
  return instantsReading(midnight, midnight + DAY, offsetSpans(zone, midnight - DAY, midnight + 2 * DAY));
}

/**
 * The instants at which a clock in `zone` reads `time` on `date`: none inside a gap, two when the clock goes
 * back over it (earlier first), otherwise one. RFC 5545 §3.3.5 would pick one in every case; here the caller
 * decides.
 */
export function zonedInstant(date: string, time: string, zone: string): { instants: number[] } {
  const wall = wallMidnight(date) + timeOfDay(time);
  const instants = offsetSpans(zone, wall - DAY, wall + DAY)
    .filter((span) => wall - span.offset >= span.start && wall - span.offset < span.end)
    .map((span) => wall - span.offset);
  return { instants };
}

/**
 * An instant as RFC 3339 date and time with the offset of `zone`: `2026-01-21T14:00:00-05:00`. That format
 * knows whole minutes of offset only; where history has seconds in it, the offset is rounded and the instant
 * kept exact.
 */
export function toIsoWithOffset(epochMs: number, zone: string): string {
  const minutes = Math.round(offsetAt(epochMs, zone) / MINUTE);
  const wall = Math.trunc(epochMs) + minutes * MINUTE;
  const time = wall - Math.floor(wall / DAY) * DAY;
  return `${dateOfWall(wall)}T${clockText(time)}${minutes < 0 ? '-' : '+'}${hoursAndMinutes(Math.abs(minutes))}`;
}

/**
 * The spans of constant offset that cover `[from, to)`, in order and without holes; the outer ones may reach
 * further.
 */
export function offsetSpans(zone: string, from: number, to: number): readonly OffsetSpan[] {
  const [first, last] = [utcYear(from), utcYear(to)];
  if (first === last) return spansOfYear(zone, first);
  const spans: OffsetSpan[] = [];
  for (let year = first; year <= last; year++) {
    for (const span of spansOfYear(zone, year)) append(spans, span);
  }
  return spans;
}

/**
 * Every instant at which the clock reads a time in `[wallStart, wallEnd)`, as intervals in order. What lies
 * in a gap adds nothing; what the clock passes twice is there twice, in one interval where the two passes
 * touch. `spans` must cover a day more than the wall times on both sides.
 */
export function instantsReading(
  wallStart: number,
  wallEnd: number,
  spans: readonly OffsetSpan[],
): Interval[] {
  const found: Interval[] = [];
  for (const span of spans) {
    const start = Math.max(span.start, wallStart - span.offset);
    const end = Math.min(span.end, wallEnd - span.offset);
    if (start >= end) continue;
    const last = found.at(-1);
    if (last?.end === start) last.end = end;
    else found.push({ start, end });
  }
  return found;
}

function offsetAt(epochMs: number, zone: string): number {
  if (lastFound?.zone === zone && lastFound.span.start <= epochMs && epochMs < lastFound.span.end) {
    return lastFound.span.offset;
  }
  for (const span of spansOfYear(zone, utcYear(epochMs))) {
    if (epochMs < span.end) {
      lastFound = { zone, span };
      return span.offset;
    }
  }
  throw new RangeError(`Not an instant: ${epochMs}`);
}

function spansOfYear(zone: string, year: number): readonly OffsetSpan[] {
  let spans = spansByZone.get(zone)?.get(year);
  if (!spans) {
    spans = readSpans(zone, startOfUtcYear(year), startOfUtcYear(year + 1));
    if (cachedYears >= MAX_CACHED_YEARS) {
      spansByZone.clear();
      cachedYears = 0;
    }
    cachedYears += 1;
    const years = spansByZone.get(zone) ?? new Map<number, readonly OffsetSpan[]>();
    spansByZone.set(zone, years.set(year, spans));
  }
  return spans;
}

function readSpans(zone: string, from: number, to: number): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    const start = Math.max(from, at.epochMilliseconds);
    const end = Math.min(to, next?.epochMilliseconds ?? to);
    append(spans, { start, end, offset: at.offsetNanoseconds / 1e6 });
    if (!next || end === to) return spans;
    at = next;
  }
}

/** Adds a span that follows the last one, as a part of it where the offset stays. */
function append(spans: OffsetSpan[], { start, end, offset }: OffsetSpan): void {
  const last = spans.at(-1);
  if (last?.offset === offset) last.end = end;
  else spans.push({ start, end, offset });
}

function utcYear(epochMs: number): number {
  return new Date(epochMs).getUTCFullYear();
}

/** `Date.UTC` would take years below 100 for years of the twentieth century. */
function startOfUtcYear(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}
