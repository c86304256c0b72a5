import type { ParsedResult } from 'chrono-node';
import type { TimePreference } from '../../booking/engine/slot-finder.js';
import { addDays, type Weekday } from '../../booking/engine/zoned-time.js';
import { comingMonth, dateFrom, datesBetween, monthOf } from './calendar-days.js';
import { type NamedDay, type NumericOrder, rangeNamed } from './spoken-date.js';
import type { NamedTime } from './spoken-time.js';

/** A piece of a text that names a day or a time by itself. */
export interface SaidPhrase {
  index: number;
  length: number;
  meaning: Meaning;
}

export type Meaning =
  | { kind: 'day'; day: NamedDay }
  | { kind: 'time'; time: NamedTime }
  /** `night`: an evening that goes on after midnight. */
  | { kind: 'part'; part: TimePreference; night: boolean }
  | { kind: 'earliest' }
  /** So many minutes from now, … */
  | { kind: 'elapsed'; minutes: number }
  /** … but nobody counts on to another day in hours. */
  | { kind: 'unclear' }
  /** So many days from the day that follows. */
  | { kind: 'shift'; days: number }
  /** So many minutes after the time that follows, or before it. */
  | { kind: 'offset'; minutes: number };

/** Chrono is asked as of noon, which is far from every change of the clocks of the process. */
export const REFERENCE_HOUR = 12;

/** What dates are read by. */
export interface Ground {
  today: string;
  order: NumericOrder;
}

/** What a parser of ours found that has no component in Chrono. */
export const TAGS = {
  next: 'weekday/next',
  coming: 'weekday/coming',
  numeric: 'date/numeric',
  relative: 'result/relativeDate',
  exact: 'time/exact',
  earliest: 'earliest',
  part: (part: TimePreference) => `part/${part}`,
  night: 'night',
  shift: (days: number) => `shift/${days}`,
  offset: (minutes: number) => `offset/${minutes}`,
} as const;

const PARTS: readonly TimePreference[] = ['any', 'morning', 'afternoon', 'evening'];

/** What Chrono found, by the components that it is sure of: what it only supposes is ours to decide. */
export function phraseOf(result: ParsedResult, ground: Ground): SaidPhrase {
  return { index: result.index, length: result.text.length, meaning: meaningOf(result, ground) };
}

function meaningOf({ start, end }: ParsedResult, ground: Ground): Meaning {
  const tags = start.tags();
  if (tags.has(TAGS.earliest)) return { kind: 'earliest' };
  const part = PARTS.find((candidate) => tags.has(TAGS.part(candidate)));
  if (part !== undefined) return { kind: 'part', part, night: tags.has(TAGS.night) };
  const shift = numberIn(tags, TAGS.shift);
  if (shift !== undefined) return { kind: 'shift', days: shift };
  const offset = numberIn(tags, TAGS.offset);
  if (offset !== undefined) return { kind: 'offset', minutes: offset };
  if (tags.has('result/relativeDateAndTime')) {
    const minutes = ((start.get('hour') ?? 0) - REFERENCE_HOUR) * 60 + (start.get('minute') ?? 0);
    const isToday = dateOf(start) === ground.today && minutes > 0;
    return isToday ? { kind: 'elapsed', minutes } : { kind: 'unclear' };
  }
  if (start.isCertain('hour')) {
    const half = start.isCertain('meridiem') ? (start.get('meridiem') === 0 ? 'am' : 'pm') : undefined;
    const time = {
      hour: start.get('hour') ?? 0,
      minute: start.get('minute') ?? 0,
      exact: tags.has(TAGS.exact),
    };
    return { kind: 'time', time: half === undefined ? time : { ...time, half } };
  }
  const day = dayOf(start, ground);
  if (end && day.kind === 'relative') {
    const last = dayOf(end, ground);
    const dates = last.kind === 'relative' ? datesBetween(day.date, last.date) : [day.date];
    return { kind: 'day', day: { kind: 'span', dates } };
  }
  return { kind: 'day', day: end ? rangeNamed(day, dayOf(end, ground), ground.today) : day };
}

function numberIn(tags: ReadonlySet<string>, tagOf: (n: number) => string): number | undefined {
  const prefix = tagOf(0).slice(0, -1);
  const tag = [...tags].find((candidate) => candidate.startsWith(prefix));
  return tag === undefined ? undefined : Number(tag.slice(prefix.length));
}

function dayOf(said: ParsedResult['start'], ground: Ground): NamedDay {
  const { today } = ground;
  const [year, month, day] = [said.get('year') ?? 0, said.get('month') ?? 0, said.get('day') ?? 0];
  const tags = said.tags();
  const isRelative = [...tags].some((tag) => /^(?:casualReference|result\/relativeDate)/.test(tag));
  if (isRelative) {
    const date = dateOf(said) ?? today;
    // "In a month", on January 31: Chrono goes on into March, people stop at the end of February.
    const isPast = !said.isCertain('day') && day < Number(today.slice(8));
    return { kind: 'relative', date: isPast ? addDays(date, -day) : date };
  }
  const yearSaid = said.isCertain('year') ? { year } : {};
  if (said.isCertain('day')) {
    if (!said.isCertain('month')) return { kind: 'day of month', day };
    return {
      kind: 'date',
      ...yearSaid,
      month,
      day,
      ...(tags.has(TAGS.numeric) ? { order: ground.order } : {}),
    };
  }
  if (said.isCertain('weekday')) {
    const which = tags.has(TAGS.next) ? 'next' : tags.has(TAGS.coming) ? 'coming' : 'any';
    return { kind: 'weekday', weekday: (said.get('weekday') || 7) as Weekday, which };
  }
  return { kind: 'span', dates: said.isCertain('year') ? monthOf(year, month) : comingMonth(month, today) };
}

function dateOf(said: ParsedResult['start']): string | undefined {
  return dateFrom(said.get('year') ?? 0, said.get('month') ?? 0, said.get('day') ?? 0);
}
