import { daysFrom } from './calendar-days.js';
import type { SaidShape } from './said-shape.js';
import { dayFits, type NamedDay } from './spoken-date.js';
import type { DayReading, TimeLimits } from './when.js';

/** What was said not to do. */
export interface Exceptions {
  days: readonly NamedDay[];
  /** What is left of the day. */
  time: TimeLimits;
}

/** As many days as are looked through where only some were said not to do. */
const DAYS_LOOKED_THROUGH = 15;

/** Takes out what is said not to do: "not Monday", "any day but Monday or Tuesday", "except in the morning". */
export function takeExceptions(shape: SaidShape): Exceptions {
  // What goes on after it may belong to it: "not Monday at 10". That is asked for again.
  const found = shape.take(
    /EXCEPT D\d+(?:(?: (?:OR|AND))? D\d+)* (?:OR|AND) D\d+(?! [DTP])|EXCEPT D\d+(?! [DTP]| (?:OR|AND))/,
  );
  const days = (found?.meanings ?? []).flatMap((meaning) => (meaning.kind === 'day' ? [meaning.day] : []));
  const part = shape.take(
    /EXCEPT P\d+(?! (?:OR|AND))/,
    ([meaning]) => meaning?.kind === 'part' && meaning.part in LEFT,
  )?.meanings[0];
  return { days, time: part?.kind === 'part' ? (LEFT[part.part] ?? {}) : {} };
}

/** Without the afternoon two stretches are left, which cannot be wished for at once. */
const LEFT: Readonly<Partial<Record<string, Exceptions['time']>>> = {
  morning: { notBefore: '12:00' },
  evening: { before: '17:00' },
};

/** The days that were said without those that will not do; of none that were said, those ahead. */
export function exceptDays(
  day: DayReading | undefined,
  exceptions: readonly NamedDay[],
  today: string,
): DayReading | undefined {
  if (exceptions.length === 0 || (day !== undefined && day.kind !== 'days')) return day;
  const dates = day?.dates ?? daysFrom(today, DAYS_LOOKED_THROUGH);
  const left = dates.filter((date) => !exceptions.some((exception) => dayFits(date, exception)));
  return left.length === 0
    ? { kind: 'no_such_date' }
    : { kind: 'days', dates: left, rolled: day?.rolled ?? false };
}
