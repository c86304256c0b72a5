import { addDays, isLocalDate, weekdayOf } from '../../booking/engine/zoned-time.js';

/* Days by the calendar alone. Dates are `YYYY-MM-DD`. */

/** The longest stretch of days that is looked through. */
const MOST_DAYS = 31;

/** Monday to Sunday. */
export function weekOf(date: string): string[] {
  return daysFrom(addDays(date, 1 - weekdayOf(date)), 7);
}

/** The week so many after this one. On a Sunday "this week" is for many the one that begins. */
export function weekAhead(today: string, n: number): string[] {
  const week = weekOf(addDays(today, 7 * n));
  return n === 0 && weekdayOf(today) === 7 ? [today, ...weekOf(addDays(today, 1))] : week;
}

/** The first day from Monday to Friday after a date. */
export function nextWorkday(date: string): string {
  const next = addDays(date, 1);
  return weekdayOf(next) > 5 ? nextWorkday(next) : next;
}

/** The month so many after this one. */
export function monthAhead(today: string, n: number): string[] {
  const months = Number(today.slice(0, 4)) * 12 + Number(today.slice(5, 7)) - 1 + n;
  return monthOf(Math.floor(months / 12), (months % 12) + 1);
}

export function monthOf(year: number, month: number): string[] {
  const first = dateFrom(year, month, 1);
  return first === undefined
    ? []
    : daysFrom(first, 31).filter((date) => date.slice(0, 7) === first.slice(0, 7));
}

/** This month, or the next of that name. */
export function comingMonth(month: number, today: string): string[] {
  const [year, current] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  return monthOf(month < current ? year + 1 : year, month);
}

/** Both included, but at most a month. */
export function datesBetween(first: string, last: string): string[] {
  return daysFrom(first, MOST_DAYS).filter((date) => date <= last);
}

/** The first such date from today on; a February 29 may be years ahead. */
export function comingDate(month: number, day: number, today: string): string | undefined {
  const thisYear = Number(today.slice(0, 4));
  for (let year = thisYear; year <= thisYear + 8; year++) {
    const date = dateFrom(year, month, day);
    if (date !== undefined && date >= today) return date;
  }
  return undefined;
}

export function dateFrom(year: number, month: number, day: number): string | undefined {
  const date = `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;
  return isLocalDate(date) ? date : undefined;
}

export function daysFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => addDays(first, n));
}

export function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
