import type { Interval } from './intervals.js';
import { DAY } from './intervals.js';
import {
  addDays,
  instantsReading,
  isLocalDate,
  localDateOf,
  offsetSpans,
  startOfDay,
  timeOfDay,
  wallMidnight,
  weekdayOf,
  weekdayOfWall,
  type Weekday,
} from './zoned-time.js';

export type { Weekday } from './zoned-time.js';

/**
 * Wall times `HH:MM`, half-open. `end` may be `24:00`. An `end` at or before `start` is a time on the
 * following day: 22:00 to 02:00 are four hours, and all of them belong to the day on which they start.
 */
export interface WallInterval {
  start: string;
  end: string;
}

export interface WeeklyInterval extends WallInterval {
  day: Weekday;
}

/**
 * Replaces the weekly hours that start on `date`; without intervals, nothing starts on that date. What runs
 * over from the evening before is that evening's and stays.
 */
interface DateOverride {
  date: string;
  intervals: WallInterval[];
}

export interface WorkingHours {
  weekly: WeeklyInterval[];
  overrides: DateOverride[];
}

export interface HoursProblem {
  /** Where, as a path into the hours: `weekly[2].end`. */
  field: string;
  message: string;
}

/** Hours are read for every answer, so there has to be a bound on what can be said of single dates. */
const MOST_IN_OVERRIDES = 2000;

const weekdays: readonly Weekday[] = [1, 2, 3, 4, 5];

/** Monday to Friday, 09:00 to 17:00. */
export const DEFAULT_WORKING_HOURS: WorkingHours = {
  weekly: weekdays.map((day) => ({ day, start: '09:00', end: '17:00' })),
  overrides: [],
};

/**
 * The stretches of time in which work is done, as instants: all that have a part in `[from, to)`, each
 * whole, sorted by start. An instant is inside the hours if the clock of `zone` reads a time inside them. It
 * follows that 09:00 to 17:00 end at 17:00 on the clock however long the day is, that hours inside a gap
 * shrink or vanish, and that an hour which the clock repeats is there twice. One wall interval becomes one
 * stretch, except where the clock goes back over its start or end: then it may be two. Neighbouring wall
 * intervals are never joined: see `endOfWork`.
 */
export function workingStretches(hours: WorkingHours, zone: string, from: number, to: number): Interval[] {
  // Instants on a local date may be in hours of the date before; a clock going back adds at most one more.
  const firstDay = wallMidnight(localDateOf(from, zone)) - 2 * DAY;
  const lastDay = wallMidnight(localDateOf(to, zone)) + DAY;
  const spans = offsetSpans(zone, firstDay - DAY, lastDay + 3 * DAY);
  const weekly = hoursOfWeekdays(hours);
  const overrides = hoursOfDates(hours, firstDay, lastDay);

  const stretches: Interval[] = [];
  for (let day = firstDay; day <= lastDay; day += DAY) {
    for (const { start, end } of overrides.get(day) ?? weekly[weekdayOfWall(day)] ?? []) {
      for (const stretch of instantsReading(day + start, day + end, spans)) {
        if (stretch.start < to && stretch.end > from) stretches.push(stretch);
      }
    }
  }
  return stretches.sort((a, b) => a.start - b.start);
}

/**
 * Until when work goes on without a break, from a stretch of these: hours that touch over midnight are one, so that a business
 * that is always open has an appointment at 23:30. The grid of starts stays each stretch's own: two stretches that touch by day
 * are apart, as those who enter two mean them to be.
 * @param stretches as `workingStretches` gives them, at least as far as the appointment goes
 */
export function endOfWork(stretch: Interval, stretches: readonly Interval[], zone: string): number {
  let { end } = stretch;
  for (;;) {
    const nextEnd = Math.max(...stretches.map((next) => (next.start === end ? next.end : end)));
    if (nextEnd <= end || !isMidnight(end, zone)) return end;
    end = nextEnd;
  }
}

function isMidnight(instant: number, zone: string): boolean {
  return startOfDay(localDateOf(instant, zone), zone) === instant;
}

/** The hours of each day of the week, by its number, as milliseconds of wall time after midnight. */
function hoursOfWeekdays({ weekly }: WorkingHours): Interval[][] {
  const collected: Interval[][] = [[], [], [], [], [], [], [], []];
  for (const interval of weekly) collected[interval.day]?.push(sinceMidnight(interval));
  return collected;
}

/** The same for the dates that have an override, by the wall time of their midnight. */
function hoursOfDates(
  { overrides }: WorkingHours,
  firstDay: number,
  lastDay: number,
): Map<number, Interval[]> {
  const collected = new Map<number, Interval[]>();
  for (const { date, intervals } of overrides) {
    const day = wallMidnight(date);
    if (day < firstDay || day > lastDay) continue;
    collected.set(day, [...(collected.get(day) ?? []), ...intervals.map(sinceMidnight)]);
  }
  return collected;
}

function sinceMidnight(interval: WallInterval): Interval {
  const start = timeOfDay(interval.start);
  const end = timeOfDay(interval.end);
  return { start, end: end > start ? end : end + DAY };
}

/**
 * What is wrong with these hours, beyond their shape: times and dates that do not exist, more intervals than
 * anybody needs, intervals without length or overlapping another (also over midnight, and from Sunday into
 * Monday), and two overrides of one date. Empty if they can be used. Hours that overlap would still be worked
 * out, but nobody means them.
 */
export function workingHoursProblems(hours: WorkingHours): HoursProblem[] {
  const problems: HoursProblem[] = [];
  hours.weekly.forEach((interval, i) => problems.push(...timeProblems(interval, `weekly[${i}]`)));
  hours.overrides.forEach(({ date, intervals }, i) => {
    const field = `overrides[${i}]`;
    if (!isLocalDate(date)) problems.push({ field: `${field}.date`, message: `${date} is not a date` });
    if (hours.overrides.findIndex((other) => other.date === date) < i) {
      problems.push({ field: `${field}.date`, message: `${date} has an override already` });
    }
    intervals.forEach((interval, j) => problems.push(...timeProblems(interval, `${field}.intervals[${j}]`)));
  });
  const inOverrides = hours.overrides.reduce((sum, { intervals }) => sum + intervals.length, 0);
  if (inOverrides > MOST_IN_OVERRIDES) {
    const message = `must have at most ${MOST_IN_OVERRIDES} intervals altogether`;
    problems.push({ field: 'overrides', message });
  }
  // Overlaps are only worth looking for between intervals that mean something.
  return problems.length > 0 ? problems : [...weeklyOverlaps(hours), ...overrideOverlaps(hours)];
}

function timeProblems({ start, end }: WallInterval, field: string): HoursProblem[] {
  const problems: HoursProblem[] = [];
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(start)) {
    problems.push({ field: `${field}.start`, message: `${start} is not a time from 00:00 to 23:59` });
  }
  if (!/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(end)) {
    problems.push({ field: `${field}.end`, message: `${end} is not a time from 00:00 to 24:00` });
  }
  if (start === end) {
    problems.push({
      field: `${field}.end`,
      message: 'must differ from start; a whole day is 00:00 to 24:00',
    });
  }
  return problems;
}

function weeklyOverlaps({ weekly }: WorkingHours): HoursProblem[] {
  const inWeek = weekly.map((interval) => shifted(sinceMidnight(interval), interval.day * DAY));
  return weekly.flatMap((_, i) => {
    const other = inWeek.slice(0, i).findIndex((earlier) =>
      // The week is a circle: Sunday's last hours may run into Monday's first.
      [-7, 0, 7].some((days) => overlap(shifted(earlier, days * DAY), inWeek[i])),
    );
    return other < 0 ? [] : [{ field: `weekly[${i}].start`, message: `overlaps weekly[${other}]` }];
  });
}

/**
 * Looks at the override, at the evening before that runs into it, and at the morning after that it runs
 * into.
 */
function overrideOverlaps({ weekly, overrides }: WorkingHours): HoursProblem[] {
  const overrideOf = new Map(overrides.map(({ date, intervals }) => [date, intervals]));
  const hoursOf = (date: string): WallInterval[] =>
    overrideOf.get(date) ?? weekly.filter(({ day }) => day === weekdayOf(date));

  return overrides.flatMap(({ date, intervals }, i) => {
    const before = addDays(date, -1);
    const after = addDays(date, 1);
    const evening = hoursOf(before).map((interval) => shifted(sinceMidnight(interval), -DAY));
    // An override of the day after finds the overlap as its evening before.
    const morning = overrideOf.has(after)
      ? []
      : hoursOf(after).map((interval) => shifted(sinceMidnight(interval), DAY));
    const own = intervals.map(sinceMidnight);
    return own.flatMap((interval, j) => {
      const clashes = (others: Interval[]): boolean => others.some((other) => overlap(other, interval));
      const field = `overrides[${i}].intervals[${j}]`;
      if (clashes(own.slice(0, j))) {
        return [{ field: `${field}.start`, message: 'overlaps another interval of this date' }];
      }
      if (clashes(evening)) return [{ field: `${field}.start`, message: `overlaps the hours of ${before}` }];
      if (clashes(morning)) return [{ field: `${field}.end`, message: `overlaps the hours of ${after}` }];
      return [];
    });
  });
}

function shifted({ start, end }: Interval, by: number): Interval {
  return { start: start + by, end: end + by };
}

function overlap(a: Interval, b: Interval | undefined): boolean {
  return b !== undefined && a.start < b.end && b.start < a.end;
}
