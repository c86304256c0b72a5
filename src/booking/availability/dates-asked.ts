import { invalidInput } from '../../platform/errors/domain-error.js';
import { addDays, isLocalDate, startOfDay } from '../engine/zoned-time.js';

/** The widest range of dates that may be asked about at once. */
const MAX_RANGE_DAYS = 62;
/** Asked without a date, availability is that of this many days. */
const DEFAULT_RANGE_DAYS = 7;
/** Dates are local to the tenant, `YYYY-MM-DD`; `to` is the last date, included. */
export interface DatesQuery {
  date?: string;
  from?: string;
  to?: string;
}

export interface Day {
  date: string;
  from: number;
  to: number;
}

/** The dates of a range, each with its instants within `[from, to)`. */
export function* days(
  dates: { from: string; to: string },
  timezone: string,
  { from, to }: { from: number; to: number },
  isAsked: (date: string) => boolean = () => true,
): Generator<Day> {
  let start = startOfDay(dates.from, timezone);
  for (let date = dates.from; date <= dates.to; date = addDays(date, 1)) {
    const end = startOfDay(addDays(date, 1), timezone);
    const day = { date, from: Math.max(start, from), to: Math.min(end, to) };
    if (day.from < day.to && isAsked(date)) yield day;
    start = end;
  }
}

/**
 * The dates that a query is about; without any, those of the next week.
 * @param daysOff by how many days it may be another date where the tenant is
 * @throws DomainError `invalid_input`
 */
export function datesAsked(
  { date, from, to }: DatesQuery,
  today: string,
  daysOff = 0,
): { from: string; to: string } {
  for (const [field, value] of Object.entries({ date, from, to })) {
    if (value !== undefined && (!isLocalDate(value) || value < '2000-01-01' || value > '2199-12-31')) {
      throw invalidInput({ field, message: 'must be a date that exists, as YYYY-MM-DD, from 2000 to 2199' });
    }
  }
  if (date !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw invalidInput({ field: 'date', message: 'cannot be given together with from and to' });
    }
    return { from: date, to: date };
  }
  const first = from ?? today;
  const last = to ?? addDays(first, DEFAULT_RANGE_DAYS - 1);
  const off = from === undefined ? daysOff : 0;
  if (last < addDays(first, -off)) throw invalidInput({ field: 'to', message: 'must not be before from' });
  if (last > addDays(first, MAX_RANGE_DAYS - 1 + off)) {
    throw invalidInput({ field: 'to', message: `must be at most ${MAX_RANGE_DAYS - 1} days after from` });
  }
  return { from: first, to: last };
}
