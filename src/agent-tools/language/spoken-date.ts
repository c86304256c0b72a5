import {
  addDays,
  isLocalDate,
  localDateOf,
  wallOf,
  weekdayOf,
  type Weekday,
} from '../../booking/engine/zoned-time.js';
import { anyOf, plainText, withoutWords } from './plain-text.js';

/** How a language says dates. All words as they are after `plainText`: small letters, no accents. */
export interface DateWords {
  /** Days by their distance from today. */
  relative: Readonly<Record<string, number>>;
  weekdays: Readonly<Record<string, Weekday>>;
  /** 1 is January. */
  months: Readonly<Record<string, number>>;
  /** Before a weekday: the one of the following week, Monday to Sunday. */
  next: readonly string[];
  /** Before a weekday: the coming one. */
  coming: readonly string[];
  /** What follows the number of a day: "st", "nd". */
  ordinals: readonly string[];
  /** Phrases that stand for others: "tonight" for "today evening". */
  sameAs: Readonly<Record<string, string>>;
  /** Words without meaning here: "on", "the". */
  fillers: readonly string[];
}

/** What a text says about a day, by the calendar of the tenant's zone. */
export type DateReading =
  /** `rest`: what else was said, such as a time. `rolled`: said with a year, but not the year meant. */
  | { kind: 'date'; date: string; rest: string; rolled: boolean }
  /** It can be either of two days. */
  | { kind: 'ambiguous'; candidates: readonly [string, string] }
  /** The day is over. `next`: the same date when it comes round again, if that may be what was meant. */
  | { kind: 'passed'; date: string; next: string | null }
  /** Dates like February 30. */
  | { kind: 'no_such_date' }
  | { kind: 'unreadable' };

export interface Moment {
  /** Epoch milliseconds. */
  now: number;
  timezone: string;
}

export type DateReader = (text: string, moment: Moment) => DateReading;

/**
 * A date said with a wrong year is taken for the coming one if that is at most so many days ahead; else it is
 * asked about.
 */
const MOST_DAYS_ROLLED = 183;
/**
 * A date that passed at most so many days ago may well have been meant: saying it is a slip, not a wish for
 * next year's.
 */
const DAYS_JUST_PASSED = 30;

const ISO_DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})t(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?\s*(z|[+-]\d{2}:?\d{2})?(?:\[[^\]]*\])?$/;

/**
 * Makes the reader of a language's dates: ISO dates and date-times, relative days, weekdays, days of a month
 * with or without a year. Pure: the same text at the same moment reads the same.
 */
export function dateReader(words: DateWords): DateReader {
  const patterns = patternsFor(words);
  const sameAs = new RegExp(`\\b${anyOf(Object.keys(words.sameAs))}\\b`, 'g');
  return (text, moment) => {
    const today = localDateOf(moment.now, moment.timezone);
    const instant = isoDateTime(text, moment.timezone);
    if (instant) return settle(instant.date, today, instant.rest);
    // What models nearly always send, and nothing in it has to be looked for.
    if (isLocalDate(text)) return settle(text, today, '');
    const said = withoutWords(
      plainText(text).replace(sameAs, (phrase) => words.sameAs[phrase] ?? phrase),
      words.fillers,
    );
    for (const { pattern, read } of patterns) {
      const match = pattern.exec(said);
      if (!match) continue;
      const rest = `${said.slice(0, match.index)} ${said.slice(match.index + match[0].length)}`.trim();
      return checkWeekday(read(match.groups ?? {}, today, rest), today, words);
    }
    return { kind: 'unreadable' };
  };
}

interface DatePattern {
  pattern: RegExp;
  read: (groups: Readonly<Record<string, string | undefined>>, today: string, rest: string) => DateReading;
}

function patternsFor(words: DateWords): readonly DatePattern[] {
  const weekday = `(?<weekday>${anyOf(Object.keys(words.weekdays))})`;
  const month = `(?<month>${anyOf(Object.keys(words.months))})`;
  // Not part of a time of day: "January 21 14:00", "2:30 January 21".
  const day = `(?<![:\\d])(?<day>\\d{1,2})(?:${anyOf(words.ordinals)})?(?![:\\d])`;
  const year = `(?:\\s(?<year>(?:19|20)\\d{2})(?!:))?`;
  const named: DatePattern['read'] = (groups, today, rest) =>
    dayOfMonth(groups, words.months[groups['month'] ?? ''] ?? 0, today, rest);
  return [
    {
      pattern: /\b(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})\b/,
      read: ({ year: y, month: m, day: d }, today, rest) => {
        const date = dateFrom(Number(y), Number(m), Number(d));
        return date === undefined ? { kind: 'no_such_date' } : settle(date, today, rest);
      },
    },
    { pattern: new RegExp(`\\b${day}\\s${month}\\b${year}`), read: named },
    { pattern: new RegExp(`\\b${month}\\s${day}\\b${year}`), read: named },
    { pattern: /\b(?<a>\d{1,2})[/.-](?<b>\d{1,2})(?:[/.-](?<year>\d{4}|\d{2}))?\b/, read: numericDate },
    {
      pattern: new RegExp(`\\b(?<relative>${anyOf(Object.keys(words.relative))})\\b`),
      read: ({ relative = '' }, today, rest) => {
        const date = addDays(today, words.relative[relative] ?? 0);
        return date < today ? { kind: 'passed', date, next: null } : found(date, rest);
      },
    },
    {
      pattern: new RegExp(
        `\\b(?:(?<next>${anyOf(words.next)})\\s|(?<coming>${anyOf(words.coming)})\\s)?${weekday}\\b`,
      ),
      read: (groups, today, rest) =>
        comingWeekday(
          words.weekdays[groups['weekday'] ?? ''] ?? 1,
          groups['next'] !== undefined,
          today,
          rest,
        ),
    },
  ];
}

/**
 * A date-time means the local date and time at that instant, or without an offset the wall time as written.
 * Midnight UTC is how software writes a mere date, so it means that date, not the evening before.
 */
function isoDateTime(text: string, timezone: string): { date: string; rest: string } | undefined {
  const [, date = '', time = '', offset] = ISO_DATE_TIME.exec(text.trim().toLowerCase()) ?? [];
  if (!isLocalDate(date)) return undefined;
  if (time === '00:00' && (offset === undefined || /^z$|^[+-]00:?00$/.test(offset)))
    return { date, rest: '' };
  if (offset === undefined) return { date, rest: time };
  const instant = Date.parse(`${date}T${time}:00${offset.toUpperCase().replace(/^(...)(\d\d)$/, '$1:$2')}`);
  if (Number.isNaN(instant)) return undefined;
  const wall = new Date(wallOf(instant, timezone)).toISOString();
  const wallTime = wall.slice(11, 16);
  return { date: wall.slice(0, 10), rest: wallTime === '00:00' ? '' : wallTime };
}

/** `1/21` can only be January 21; whether `1/5` is in January or in May is asked. */
function numericDate(
  { a, b, year }: Readonly<Record<string, string | undefined>>,
  today: string,
  rest: string,
): DateReading {
  const wanted = year === undefined ? undefined : Number(year.length === 2 ? `20${year}` : year);
  const readings = [
    [Number(a), Number(b)],
    [Number(b), Number(a)],
  ].flatMap(([month = 0, day = 0]) => {
    const date = wanted === undefined ? comingDate(month, day, today) : dateFrom(wanted, month, day);
    return date === undefined ? [] : [date];
  });
  const [first, second] = readings;
  if (first === undefined) return { kind: 'no_such_date' };
  if (second !== undefined && second !== first) return { kind: 'ambiguous', candidates: [first, second] };
  return wanted === undefined ? settleWithoutYear(first, today, rest) : settle(first, today, rest);
}

function dayOfMonth(
  { day, year }: Readonly<Record<string, string | undefined>>,
  month: number,
  today: string,
  rest: string,
): DateReading {
  if (year === undefined) {
    const coming = comingDate(month, Number(day), today);
    return coming === undefined ? { kind: 'no_such_date' } : settleWithoutYear(coming, today, rest);
  }
  const date = dateFrom(Number(year), month, Number(day));
  return date === undefined ? { kind: 'no_such_date' } : settle(date, today, rest);
}

/**
 * A weekday said beside the date adds nothing when it is the right one, and makes the date doubtful when it
 * is not.
 */
function checkWeekday(
  reading: DateReading,
  today: string,
  { weekdays, next, coming }: DateWords,
): DateReading {
  if (reading.kind !== 'date') return reading;
  const pattern = `\\b(?:${anyOf([...next, ...coming])}\\s)?(?<weekday>${anyOf(Object.keys(weekdays))})\\b`;
  const beside = new RegExp(pattern).exec(reading.rest);
  const said = weekdays[beside?.groups?.['weekday'] ?? ''];
  if (beside === null || said === undefined) return reading;
  if (weekdayOf(reading.date) === said) {
    return { ...reading, rest: reading.rest.replace(beside[0], ' ').replace(/\s+/g, ' ').trim() };
  }
  return { kind: 'ambiguous', candidates: [reading.date, nearestWeekday(reading.date, said, today)] };
}

/**
 * "Tuesday" on a Tuesday can be today or in a week. "Next Tuesday" is the one of the following week, from
 * Monday on.
 */
function comingWeekday(weekday: Weekday, next: boolean, today: string, rest: string): DateReading {
  const ahead = (weekday - weekdayOf(today) + 7) % 7;
  if (next) return found(addDays(today, 7 - weekdayOf(today) + weekday), rest);
  if (ahead > 0) return found(addDays(today, ahead), rest);
  return { kind: 'ambiguous', candidates: [today, addDays(today, 7)] };
}

/** A date that was said with its year: models often say a wrong one. */
function settle(date: string, today: string, rest: string): DateReading {
  if (date >= today) return found(date, rest);
  const next = comingDate(Number(date.slice(5, 7)), Number(date.slice(8)), today);
  if (next === undefined || date >= addDays(today, -DAYS_JUST_PASSED))
    return { kind: 'passed', date, next: null };
  return next <= addDays(today, MOST_DAYS_ROLLED)
    ? { kind: 'date', date: next, rest, rolled: true }
    : { kind: 'passed', date, next };
}

function settleWithoutYear(coming: string, today: string, rest: string): DateReading {
  const yearBefore = `${Number(coming.slice(0, 4)) - 1}${coming.slice(4)}`;
  const justPassed = yearBefore < today && yearBefore >= addDays(today, -DAYS_JUST_PASSED);
  return justPassed ? { kind: 'passed', date: yearBefore, next: coming } : found(coming, rest);
}

function found(date: string, rest: string): DateReading {
  return { kind: 'date', date, rest, rolled: false };
}

/** The first such date from today on; a February 29 may be years ahead. */
function comingDate(month: number, day: number, today: string): string | undefined {
  const thisYear = Number(today.slice(0, 4));
  for (let year = thisYear; year <= thisYear + 8; year++) {
    const date = dateFrom(year, month, day);
    if (date !== undefined && date >= today) return date;
  }
  return undefined;
}

function dateFrom(year: number, month: number, day: number): string | undefined {
  const date = `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;
  return isLocalDate(date) ? date : undefined;
}

function nearestWeekday(date: string, weekday: Weekday, today: string): string {
  const ahead = (weekday - weekdayOf(date) + 7) % 7;
  const nearest = addDays(date, ahead > 3 ? ahead - 7 : ahead);
  return nearest < today ? addDays(nearest, 7) : nearest;
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
