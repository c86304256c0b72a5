import { addDays, weekdayOf, type Weekday } from '../../booking/engine/zoned-time.js';
import { comingDate, dateFrom, datesBetween, daysFrom, twoDigits } from './calendar-days.js';
import type { DayReading } from './when.js';

/*
 * What callers mean by the days that they name: our rules, whatever the language and however a day was found
 * in the text.
 */

/** A day, or days, as named. */
export type NamedDay =
  | { kind: 'date'; year?: number; month: number; day: number; order?: NumericOrder }
  /** Said by its distance from today. */
  | { kind: 'relative'; date: string }
  | { kind: 'weekday'; weekday: Weekday; which: WhichWeekday }
  | { kind: 'day of month'; day: number }
  | { kind: 'span'; dates: readonly string[] }
  /** Found to be none, or one that is over. */
  | { kind: 'settled'; reading: DayReading };

/** What `1/5` can be; without it there is one reading. */
export type NumericOrder = 'day first' | 'either';

/** `next`: that of the following week, Monday to Sunday. `coming`: not today's. `any`: today's as well. */
export type WhichWeekday = 'next' | 'coming' | 'any';

/** A date said with a wrong year is taken for the coming one if that is at most so many days ahead; else it is asked about. */
const MOST_DAYS_ROLLED = 183;
/** A date that passed at most so many days ago may well have been meant: saying it is a slip, not a wish for next year's. */
const DAYS_JUST_PASSED = 30;
/** As far ahead a weekday chooses the month of "Friday the 13th". */
const DAYS_OF_CHOICE = 62;

/**
 * What the days that were named side by side mean together: "Thursday, January 21", "Tuesday next week", "the
 * 5th of next month".
 */
export function dayMeant(named: readonly NamedDay[], today: string): DayReading | undefined {
  const [first, ...others] = (nthWeekday(named) ?? named).toSorted(
    (a, b) => BREADTH[a.kind] - BREADTH[b.kind],
  );
  if (first === undefined) return undefined;
  return dayNamed(
    others.reduce((narrow, wide) => narrowed(narrow, wide, today), first),
    today,
  );
}

/** "The first Monday of June": a number before the weekday, of a month, counts the weekdays. */
function nthWeekday([nth, weekday, month]: readonly NamedDay[]): NamedDay[] | undefined {
  if (nth?.kind !== 'day of month' || weekday?.kind !== 'weekday' || month?.kind !== 'span') return undefined;
  const date = month.dates.filter((candidate) => dayFits(candidate, weekday))[nth.day - 1];
  return date === undefined ? undefined : [{ kind: 'relative', date }];
}

/** The more a kind leaves open, the higher: what leaves more open checks or narrows what leaves less. */
const BREADTH: Readonly<Record<NamedDay['kind'], number>> = {
  settled: 0,
  date: 1,
  relative: 2,
  'day of month': 3,
  weekday: 4,
  span: 5,
};

function narrowed(narrow: NamedDay, wide: NamedDay, today: string): NamedDay {
  if (narrow.kind === 'weekday' || narrow.kind === 'day of month') {
    // Any of the span's days, or the one day whose date and weekday go together.
    const pool = wide.kind === 'span' ? wide.dates : daysFrom(today, DAYS_OF_CHOICE);
    const fitting = pool.filter((date) => dayFits(date, narrow) && dayFits(date, wide));
    if (fitting.length > 0) {
      return { kind: 'span', dates: wide.kind === 'span' ? fitting : fitting.slice(0, 1) };
    }
    // "The 30th of next month", which is February.
    if (narrow.kind === 'day of month' && wide.kind === 'span') {
      return { kind: 'settled', reading: { kind: 'no_such_date' } };
    }
  }
  const reading = dayNamed(narrow, today);
  if (reading.kind !== 'days') return { kind: 'settled', reading };
  const [date = ''] = reading.dates;
  if (dayFits(date, wide)) return { kind: 'settled', reading };
  const other = wide.kind === 'weekday' ? nearestWeekday(date, wide.weekday, today) : firstOf(wide, today);
  return {
    kind: 'settled',
    reading:
      other === undefined ? { kind: 'no_such_date' } : { kind: 'ambiguous', candidates: [date, other] },
  };
}

function firstOf(named: NamedDay, today: string): string | undefined {
  const reading = dayNamed(named, today);
  return reading.kind === 'days' ? reading.dates[0] : undefined;
}

export function dayFits(date: string, named: NamedDay): boolean {
  switch (named.kind) {
    case 'weekday':
      return weekdayOf(date) === named.weekday;
    case 'day of month':
      return Number(date.slice(8)) === named.day;
    case 'date':
      return date.slice(5) === `${twoDigits(named.month)}-${twoDigits(named.day)}`;
    case 'relative':
      return date === named.date;
    case 'span':
      return named.dates.includes(date);
    case 'settled':
      return true;
  }
}

export function dayNamed(named: NamedDay, today: string): DayReading {
  switch (named.kind) {
    case 'settled':
      return named.reading;
    case 'date':
      return calendarDate(named, today);
    case 'relative':
      return named.date < today ? { kind: 'passed', date: named.date, next: null } : found(named.date);
    case 'weekday':
      return comingWeekday(named.weekday, named.which, today);
    case 'day of month':
      return dayOfMonth(named.day, today);
    case 'span':
      return spanOf(named.dates, today);
  }
}

/** A date that was said with its year: models often say a wrong one. */
export function datedDay(date: string, today: string): DayReading {
  if (date >= today) return found(date);
  const next = comingDate(Number(date.slice(5, 7)), Number(date.slice(8)), today);
  if (next === undefined || date >= addDays(today, -DAYS_JUST_PASSED)) {
    return { kind: 'passed', date, next: null };
  }
  return next <= addDays(today, MOST_DAYS_ROLLED)
    ? { kind: 'days', dates: [next], rolled: true }
    : { kind: 'passed', date, next };
}

/**
 * `1/21` can only be January 21, anywhere; whether `1/5` is in January or in May is asked where both are usual.
 */
function calendarDate({ year, month, day, order }: NamedDay & { kind: 'date' }, today: string): DayReading {
  const orders = [
    [month, day],
    [day, month],
  ].slice(0, order === undefined ? 1 : 2);
  const dates = orders.map(([m = 0, d = 0]) =>
    year === undefined ? comingDate(m, d, today) : dateFrom(year, m, d),
  );
  const readings = (order === 'day first' ? dates.reverse() : dates).filter((date) => date !== undefined);
  const [usual] = readings;
  const other = readings.find((date) => date >= today);
  if (usual !== undefined && other !== undefined && usual < today) {
    // The usual reading, in the year that was meant, may be as plausible as the other: `1/12/2026` in December 2026.
    const meant = datedDay(usual, today);
    const next = meant.kind === 'days' ? meant.dates[0] : meant.kind === 'passed' ? meant.next : null;
    if (next != null && next !== other) return { kind: 'ambiguous', candidates: [next, other] };
  }
  // Nobody means one that is over beside one that is to come.
  const ahead = readings.filter((date) => date >= today);
  const [first, second] = ahead.length > 0 ? ahead : readings;
  if (first === undefined) return { kind: 'no_such_date' };
  if (order === 'either' && second !== undefined && second !== first)
    return { kind: 'ambiguous', candidates: [first, second] };
  return year === undefined ? datedWithoutYear(first, today) : datedDay(first, today);
}

function datedWithoutYear(coming: string, today: string): DayReading {
  // February 29, in a year that has none.
  if (coming > addDays(today, 365)) return { kind: 'no_such_date' };
  const yearBefore = `${Number(coming.slice(0, 4)) - 1}${coming.slice(4)}`;
  const justPassed = yearBefore < today && yearBefore >= addDays(today, -DAYS_JUST_PASSED);
  return justPassed ? { kind: 'passed', date: yearBefore, next: coming } : found(coming);
}

/** "Tuesday" on a Tuesday can be today or in a week. */
function comingWeekday(weekday: Weekday, which: WhichWeekday, today: string): DayReading {
  if (which === 'next') return found(addDays(today, 7 - weekdayOf(today) + weekday));
  const ahead = (weekday - weekdayOf(today) + 7) % 7;
  if (ahead > 0) return found(addDays(today, ahead));
  if (which === 'coming') return found(addDays(today, 7));
  return { kind: 'ambiguous', candidates: [today, addDays(today, 7)] };
}

/** "The 31st" is in the next month that has one. */
function dayOfMonth(day: number, today: string): DayReading {
  const date = daysFrom(today, DAYS_OF_CHOICE).find((candidate) => Number(candidate.slice(8)) === day);
  return date === undefined ? { kind: 'no_such_date' } : found(date);
}

/** Of several days those that are not over. */
function spanOf(dates: readonly string[], today: string): DayReading {
  const left = dates.filter((date) => date >= today);
  if (left.length > 0) return { kind: 'days', dates: left, rolled: false };
  return { kind: 'passed', date: dates[0] ?? today, next: null };
}

/** "Monday to Wednesday", "June 8 to 12": from the one to the first of the other after it. */
export function rangeNamed(from: NamedDay, to: NamedDay, today: string): NamedDay {
  const first = dayNamed(from, today);
  if (first.kind !== 'days') return { kind: 'settled', reading: first };
  const [begin = today] = first.dates;
  const last = dayNamed(to, begin);
  // "Monday to Monday" is eight days; whoever says it on a Monday means from today.
  const end =
    last.kind === 'ambiguous' ? last.candidates[1] : last.kind === 'days' ? last.dates.at(-1) : undefined;
  if (end === undefined) return { kind: 'settled', reading: last };
  return { kind: 'span', dates: datesBetween(begin, end) };
}

function found(date: string): DayReading {
  return { kind: 'days', dates: [date], rolled: false };
}

function nearestWeekday(date: string, weekday: Weekday, today: string): string {
  const ahead = (weekday - weekdayOf(date) + 7) % 7;
  const nearest = addDays(date, ahead > 3 ? ahead - 7 : ahead);
  return nearest < today ? addDays(nearest, 7) : nearest;
}
