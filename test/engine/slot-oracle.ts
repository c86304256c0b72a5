import { Temporal } from 'temporal-polyfill';
import type { Interval } from '../../src/booking/engine/intervals.js';
import type {
  ResourceCalendar,
  ServiceRules,
  Slot,
  SlotSearch,
} from '../../src/booking/engine/slot-finder.js';
import type { WallInterval } from '../../src/booking/engine/working-hours.js';

/*
 * What the slot finder should say, worked out the slow way: every minute of the time is looked at, its wall
 * time is read from Intl as text, and texts are compared. It shares no code with the engine and knows no
 * offsets, gaps, repeats, merging or pointers. Its one assumption: wall clocks differ from UTC by whole
 * minutes (true since 1972).
 */

const minute = 60_000;
const margin = 2 * 1440; // minutes looked at on both sides of the search

const clocks = new Map<string, (epochMinute: number) => string>();

/** Reads the clock on the wall in `zone`, as `2026-11-01T01:30`. */
export function clockIn(zone: string): (epochMinute: number) => string {
  const known = clocks.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const readings = new Map<number, string>();
  const clock = (epochMinute: number): string => {
    const reading = readings.get(epochMinute) ?? format.format(epochMinute * minute).replace(' ', 'T');
    readings.set(epochMinute, reading);
    return reading;
  };
  clocks.set(zone, clock);
  return clock;
}

/** @param holidays dates on which nothing starts, unless an override gives them hours */
export function slotsByOracle(search: SlotSearch, holidays: readonly string[] = []): Slot[] {
  return search.resources
    .flatMap((resource) =>
      [...startsByOracle(resource, search, holidays)].map((start) => ({
        resourceId: resource.resourceId,
        start: start * minute,
        end: (start + search.rules.durationMinutes) * minute,
      })),
    )
    .sort((a, b) => a.start - b.start || (a.resourceId < b.resourceId ? -1 : 1));
}

function startsByOracle(
  resource: ResourceCalendar,
  { now, from, to, rules }: SlotSearch,
  holidays: readonly string[],
): Set<number> {
  const clock = clockIn(resource.timezone);
  const first = Math.floor(from / minute) - margin;
  const last = Math.floor(to / minute) + margin;
  const minutes = Array.from({ length: last - first + 1 }, (_, i) => ({
    m: first + i,
    wall: clock(first + i),
  }));
  const minutesOn = Map.groupBy(minutes, ({ wall }) => wall.slice(0, 10));

  const runs: { start: number; end: number }[] = [];
  for (const date of datesBetween(clock(first).slice(0, 10), clock(last).slice(0, 10))) {
    const nearby = [date, plusDays(date, 1)]
      .flatMap((on) => minutesOn.get(on) ?? [])
      .sort((a, b) => a.m - b.m);
    for (const interval of hoursOn(date, resource, holidays)) {
      const [opens, closes] = wallTimes(date, interval);
      // The minutes of the interval that follow each other without a break.
      let run: { start: number; end: number } | undefined;
      for (const { m, wall } of nearby) {
        if (wall < opens || wall >= closes) continue;
        if (run?.end === m) run.end = m + 1;
        else runs.push((run = { start: m, end: m + 1 }));
      }
    }
  }
  const onGrid = new Set<number>();
  for (const run of runs) {
    // Over midnight, an appointment may go on into another run.
    const covered = new Set([run.end]);
    for (const end of covered) {
      const isMidnight = clock(end).slice(0, 10) !== clock(end - 1).slice(0, 10);
      if (isMidnight) runs.filter((next) => next.start === end).forEach((next) => covered.add(next.end));
    }
    for (let m = run.start; m < run.end; m += rules.slotStepMinutes) {
      if (m + rules.durationMinutes <= Math.max(...covered)) onGrid.add(m);
    }
  }

  const endOfAdvance = firstMinuteAfter(
    plusDays(localDate(now, clock), rules.maxAdvanceDays),
    now,
    last,
    clock,
  );
  const allowed = [...onGrid].filter((m) => {
    const start = m * minute;
    return (
      start >= from &&
      start < to &&
      start >= now &&
      start >= now + rules.minNoticeMinutes * minute &&
      m < endOfAdvance &&
      !(resource.fullDays ?? []).includes(clock(m).slice(0, 10)) &&
      !isTaken(start, resource, rules) &&
      !isAway(start, resource, rules)
    );
  });
  return new Set(allowed);
}

function isTaken(start: number, { booked, busy }: ResourceCalendar, rules: ServiceRules): boolean {
  const from = start - rules.bufferBeforeMinutes * minute;
  const until = start + (rules.durationMinutes + rules.bufferAfterMinutes) * minute;
  const isInTheWay = (block: Interval): boolean =>
    block.start < block.end && block.start < until && block.end > from;
  return booked.some(isInTheWay) || busy.some(isInTheWay);
}

/** Time off is for the customer's time alone: buffers may lie in it. */
function isAway(start: number, { timeOff }: ResourceCalendar, { durationMinutes }: ServiceRules): boolean {
  const until = start + durationMinutes * minute;
  return (timeOff ?? []).some((away) => away.start < away.end && away.start < until && away.end > start);
}

function hoursOn(
  date: string,
  { workingHours }: ResourceCalendar,
  holidays: readonly string[],
): WallInterval[] {
  const overrides = workingHours.overrides.filter((override) => override.date === date);
  if (overrides.length > 0) return overrides.flatMap(({ intervals }) => intervals);
  if (holidays.includes(date)) return [];
  return workingHours.weekly.filter(({ day }) => day === Temporal.PlainDate.from(date).dayOfWeek);
}

function wallTimes(date: string, { start, end }: WallInterval): [opens: string, closes: string] {
  return [`${date}T${start}`, `${end <= start ? plusDays(date, 1) : date}T${end}`];
}

/**
 * The first minute after `date`, looked for from two days before `now`; `last` if there is none until then.
 */
function firstMinuteAfter(date: string, now: number, last: number, clock: (m: number) => string): number {
  for (let m = Math.floor(now / minute) - 2 * 1440; m < last; m++) {
    if (clock(m).slice(0, 10) > date) return m;
  }
  return last;
}

function localDate(epochMs: number, clock: (m: number) => string): string {
  return clock(Math.floor(epochMs / minute)).slice(0, 10);
}

function datesBetween(first: string, last: string): string[] {
  const dates: string[] = [];
  for (let date = first; date <= last; date = plusDays(date, 1)) dates.push(date);
  return dates;
}

function plusDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}
