import { Temporal } from 'temporal-polyfill';

type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** The part of RFC 5545's RRULE that calendars in front of a receptionist use. */
export interface RecurrenceRule {
  frequency: Frequency;
  interval: number;
  count: number;
  /** A date, or a UTC instant for events with a time, as RFC 5545 writes them. */
  until?: string;
  days: { weekday: number; nth: number }[];
  monthDays: number[];
  weekStart: number;
}

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
/** A rule that never meets a day (30 February) must still end. */
const mostPeriods = 20_000;

/** Throws a RangeError for what it cannot expand: better refused than silently repeated on wrong days. */
export function parseRule(text: string): RecurrenceRule {
  const rule: RecurrenceRule = {
    frequency: 'DAILY',
    interval: 1,
    count: Infinity,
    days: [],
    monthDays: [],
    weekStart: 1,
  };
  let frequency: Frequency | undefined;
  for (const part of text.split(';')) {
    const [name, value = ''] = part.split('=');
    if (name === 'FREQ' && /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(value)) frequency = value as Frequency;
    else if (name === 'INTERVAL' && /^[1-9]\d*$/.test(value)) rule.interval = Number(value);
    else if (name === 'COUNT' && /^[1-9]\d*$/.test(value)) rule.count = Number(value);
    else if (name === 'UNTIL' && /^\d{8}(T\d{6}Z)?$/.test(value)) rule.until = value;
    else if (name === 'BYDAY') rule.days = value.split(',').map(parseDay);
    else if (name === 'BYMONTHDAY' && /^\d+(,\d+)*$/.test(value)) {
      rule.monthDays = value.split(',').map(Number);
    } else if (name === 'WKST' && weekdays.includes(value)) rule.weekStart = weekdays.indexOf(value) + 1;
    else throw new RangeError(`cannot expand ${part}`);
  }
  if (!frequency) throw new RangeError('FREQ is missing');
  rule.frequency = frequency;
  return rule;
}

function parseDay(text: string): { weekday: number; nth: number } {
  const found = /^([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)$/.exec(text);
  if (!found) throw new RangeError(`cannot expand BYDAY=${text}`);
  return { weekday: weekdays.indexOf(String(found[2])) + 1, nth: Number(found[1] ?? 0) };
}

/** The rule's days in order. `from` lets an endless rule skip the years before the window. */
export function* datesOf(
  rule: RecurrenceRule,
  first: Temporal.PlainDate,
  from: Temporal.PlainDate,
): Generator<Temporal.PlainDate> {
  let left = rule.count;
  // A counted rule must be counted from its beginning.
  const skipped = rule.count === Infinity ? Math.max(0, periodsBetween(rule, first, from) - 1) : 0;
  for (let period = skipped; period < skipped + mostPeriods; period++) {
    for (const date of datesOfPeriod(rule, first, period * rule.interval)) {
      if (Temporal.PlainDate.compare(date, first) < 0) continue;
      if (left-- <= 0) return;
      yield date;
    }
  }
}

function periodsBetween(rule: RecurrenceRule, first: Temporal.PlainDate, from: Temporal.PlainDate): number {
  const days = from.since(first, { largestUnit: 'days' }).days;
  const daysPerPeriod = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[rule.frequency];
  return Math.floor(days / (daysPerPeriod * rule.interval));
}

function datesOfPeriod(rule: RecurrenceRule, first: Temporal.PlainDate, ahead: number): Temporal.PlainDate[] {
  switch (rule.frequency) {
    case 'DAILY': {
      const date = first.add({ days: ahead });
      return !rule.days.length || rule.days.some((day) => day.weekday === date.dayOfWeek) ? [date] : [];
    }
    case 'WEEKLY': {
      const daysIn = (weekday: number): number => (weekday - rule.weekStart + 7) % 7;
      const week = first.subtract({ days: daysIn(first.dayOfWeek) }).add({ weeks: ahead });
      const chosen = rule.days.length ? rule.days.map((day) => day.weekday) : [first.dayOfWeek];
      return [...new Set(chosen.map(daysIn))].sort((a, b) => a - b).map((days) => week.add({ days }));
    }
    case 'MONTHLY':
      return datesOfMonth(rule, first.toPlainYearMonth().add({ months: ahead }), first.day);
    case 'YEARLY': {
      const month = Temporal.PlainYearMonth.from({ year: first.year + ahead, month: first.month });
      return datesOfMonth(rule, month, first.day);
    }
  }
}

function datesOfMonth(
  rule: RecurrenceRule,
  month: Temporal.PlainYearMonth,
  dayOfFirst: number,
): Temporal.PlainDate[] {
  const all = Array.from({ length: month.daysInMonth }, (_, index) => month.toPlainDate({ day: index + 1 }));
  if (!rule.days.length) {
    const wished = rule.monthDays.length ? rule.monthDays : [dayOfFirst];
    return all.filter((date) => wished.includes(date.day));
  }
  return all.filter((date) =>
    rule.days.some(({ weekday, nth }) => {
      if (date.dayOfWeek !== weekday) return false;
      const fromStart = Math.ceil(date.day / 7);
      const fromEnd = -Math.ceil((month.daysInMonth - date.day + 1) / 7);
      return nth === 0 || nth === fromStart || nth === fromEnd;
    }),
  );
}
