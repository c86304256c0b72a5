import { languageOf } from '../../../src/agent-tools/language/languages.js';
import type { DayReading, WhenReading } from '../../../src/agent-tools/language/when.js';
import { addDays, zonedInstant } from '../../../src/booking/engine/zoned-time.js';

/** Phrases that are said at one moment somewhere, with what they mean in the words of `describeReading`. */
export interface Sayings {
  /** `YYYY-MM-DD HH:MM` by the clock of the zone. */
  at: string;
  timezone: string;
  locale: string;
  phrases: readonly (readonly [said: string, meant: string])[];
}

/** What a phrase means: "2027-01-20 14:00", "2027-01-25 to 2027-01-31 morning", "asks again". */
export function meaningOf(said: string, { at, timezone, locale }: Omit<Sayings, 'phrases'>): string {
  const [now = NaN] = zonedInstant(at.slice(0, 10), at.slice(11), timezone).instants;
  return describeReading(languageOf(locale).readWhen(said, { now, timezone, locale }));
}

function describeReading({ day, time, earliest, rest, or }: WhenReading): string {
  if (rest !== '') return 'asks again';
  const { times, preference, notBefore, before, until, otherHalf, callersClock } = time;
  return [
    day === undefined ? [] : describeDay(day),
    times.length === 0 ? [] : times.join('/'),
    preference ?? [],
    notBefore === undefined ? [] : `from ${[notBefore, otherHalf?.notBefore ?? []].flat().join('/')}`,
    before === undefined ? [] : `before ${[before, otherHalf?.before ?? []].flat().join('/')}`,
    until === undefined ? [] : `until ${[until, otherHalf?.until ?? []].flat().join('/')}`,
    callersClock === true ? "by the caller's clock" : [],
    earliest ? 'earliest' : [],
    or === undefined ? [] : `or ${describeReading(or)}`,
  ]
    .flat()
    .join(' ');
}

function describeDay(day: DayReading): string {
  switch (day.kind) {
    case 'days': {
      const [first = '', ...others] = day.dates;
      const last = others.at(-1);
      const inARow = others.every((date, n) => date === addDays(first, n + 1));
      const dates = inARow && last !== undefined ? `${first} to ${last}` : day.dates.join(', ');
      return day.rolled ? `${dates} in another year` : dates;
    }
    case 'ambiguous':
      return `${day.candidates.join(' or ')}?`;
    case 'passed':
      return `passed ${[day.date, day.next ?? []].flat().join(' or ')}`;
    case 'no_such_date':
      return 'no such date';
  }
}
