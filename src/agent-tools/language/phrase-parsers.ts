import {
  type Component,
  type Parser,
  type ParsingComponents,
  type ParsingContext,
  ParsingResult,
} from 'chrono-node';
import type { TimePreference } from '../../booking/engine/slot-finder.js';
import { addDays, type Weekday } from '../../booking/engine/zoned-time.js';
import { ofWholeWords } from './chrono-parsers.js';
import { anyOf } from './plain-text.js';
import { TAGS } from './said-phrase.js';
import { dateFrom, monthAhead, nextWorkday, weekAhead, weekOf } from './calendar-days.js';
import { timesMeant } from './spoken-time.js';

/** A language's words for what Chrono's own parsers of it leave out. All as they are after `plainText`. */
export interface PhraseWords {
  weekdays: Readonly<Record<string, Weekday>>;
  /** Beside a weekday: the one of the following week, Monday to Sunday. */
  next: Around;
  /** Beside a weekday: the next one to come, which is not today. */
  coming: Around;
  /** Beside the number of a day: "st", "el". */
  ordinal: Around;
  /** Days, weeks, weekends and months by how far ahead they are: 0 is this one. */
  days: Readonly<Record<string, number>>;
  weeks: Readonly<Record<string, number>>;
  /** The first from Monday to Friday after today. */
  nextWorkday: readonly string[];
  weekends: Readonly<Record<string, number>>;
  months: Readonly<Record<string, number>>;
  /** Units and what follows them, by days: "week from", in "2 weeks from Friday". */
  shifts: Readonly<Record<string, number>>;
  /** The same of times, by minutes: "hours before", in "2 hours before noon". */
  offsets: Readonly<Record<string, number>>;
  parts: Readonly<Record<TimePreference, readonly string[]>>;
  /** What of an evening goes on after midnight: "night". */
  nights: readonly string[];
  earliest: readonly string[];
}

interface Around {
  before: readonly string[];
  after: readonly string[];
}

type Groups = Readonly<Partial<Record<string, string>>>;
type Found = ParsingComponents | ParsingResult | null;
type Components = Partial<Record<Component, number>>;

/**
 * Our parsers for Chrono: of what its own do not know, or find without what our rules need. Whether it was
 * "Tuesday" or "next Tuesday", "2:00" or "02:00", and that `1/5` has two readings, cannot be seen from its
 * components.
 */
export function phraseParsers(words: PhraseWords): Parser[] {
  const weekday = `(?<weekday>${anyOf(Object.keys(words.weekdays))})`;
  const weekdayTagged = (pattern: string, tag?: string) =>
    parser(pattern, ({ weekday: name = '' }, context) =>
      // Chrono counts from Sunday, which is 0.
      tagged(context, { weekday: (words.weekdays[name] ?? 7) % 7 }, tag),
    );
  const besideWeekday = ({ before, after }: Around, tag: string) => [
    weekdayTagged(`${anyOf(before)} ${weekday}`, tag),
    weekdayTagged(`${weekday} ${anyOf(after)}`, tag),
  ];
  return [
    parser(anyOf(words.earliest), (_, context) => tagged(context, {}, TAGS.earliest)),
    ...(['any', 'morning', 'afternoon', 'evening'] as const).map((part) =>
      parser(anyOf(words.parts[part]), (_, context) => tagged(context, {}, TAGS.part(part))),
    ),
    parser(anyOf(words.nights), (_, context) =>
      context.createParsingComponents({}).addTag(TAGS.part('evening')).addTag(TAGS.night),
    ),
    weekdayTagged(weekday),
    ...besideWeekday(words.next, TAGS.next),
    ...besideWeekday(words.coming, TAGS.coming),
    parser(`(?<day>\\d{1,2})${anyOf(words.ordinal.after)}`, dayOfMonth),
    parser(`${anyOf(words.ordinal.before)} (?<day>\\d{1,2})`, dayOfMonth),
    ahead(words.days, (today, n) => [addDays(today, n)]),
    ahead(Object.fromEntries(words.nextWorkday.map((phrase) => [phrase, 1])), (today) => [
      nextWorkday(today),
    ]),
    ahead(words.weeks, weekAhead),
    ahead(words.weekends, (today, n) => weekOf(addDays(today, 7 * n)).slice(5)),
    ahead(words.months, monthAhead),
    parser(
      `(?:(?<count>\\d{1,2}) )?(?<unit>${anyOf(Object.keys(words.shifts))})`,
      ({ count, unit }, context) =>
        tagged(context, {}, TAGS.shift(Number(count ?? 1) * (words.shifts[unit ?? ''] ?? 0))),
    ),
    parser(`(?<count>\\d{1,3}) (?<unit>${anyOf(Object.keys(words.offsets))})`, ({ count, unit }, context) =>
      tagged(context, {}, TAGS.offset(Number(count) * (words.offsets[unit ?? ''] ?? 0))),
    ),
    ...NUMERIC_PARSERS,
  ];
}

/**
 * Dates and times in digits. Chrono's own take `1/5` for the one usual in a country, exchange month and day
 * of `2027-13-01` silently, read no "7" and no "1430", and take every open half of the day for the morning.
 */
const NUMERIC_PARSERS: readonly Parser[] = [
  parser('(?<year>\\d{4})[-/.](?<month>\\d{1,2})[-/.](?<day>\\d{1,2})', ({ year, month, day }, context) =>
    tagged(context, { year: Number(year), month: Number(month), day: Number(day) }),
  ),
  parser('(?<a>\\d{1,2})/(?<b>\\d{1,2})(?:/(?<year>\\d{4}|\\d{2}))?', numericDate),
  parser('(?<a>\\d{1,2})[.-](?<b>\\d{1,2})[.-](?<year>\\d{4}|\\d{2})', numericDate),
  parser(
    '(?<hour>\\d{1,2})(?:[:.h](?<minute>[0-5]\\d)|h|(?<military>[0-5]\\d))?(?::[0-5]\\d(?:\\.\\d+)?)?(?: ?(?<half>am|pm))?(?!\\d)',
    clockTime,
  ),
];

function numericDate({ a, b, year }: Groups, context: ParsingContext): Found {
  const inYear = year === undefined ? {} : { year: Number(year.length === 2 ? `20${year}` : year) };
  return tagged(context, { ...inYear, month: Number(a), day: Number(b) }, TAGS.numeric);
}

function clockTime(
  { 0: text = '', hour = '', minute, military, half }: Groups,
  context: ParsingContext,
): Found {
  // A year, when nothing says that it is a time.
  if (military !== undefined && half === undefined && /^20[23]/.test(text)) return null;
  const minutes = minute ?? military;
  const time = { hour: Number(hour), minute: Number(minutes ?? 0) };
  const exact = hour.length === 2 && minutes !== undefined;
  const halfSaid = half === 'am' || half === 'pm' ? half : undefined;
  if (timesMeant({ ...time, half: halfSaid, exact }).length === 0) return null;
  const meridiem = halfSaid === undefined ? {} : { meridiem: halfSaid === 'am' ? 0 : 1 };
  return tagged(context, { ...time, ...meridiem }, exact ? TAGS.exact : undefined);
}

function dayOfMonth({ day }: Groups, context: ParsingContext): Found {
  return tagged(context, { day: Number(day) });
}

/** Days by how far ahead they are. */
function ahead(
  phrases: Readonly<Record<string, number>>,
  datesOf: (today: string, n: number) => readonly string[],
): Parser {
  return parser(anyOf(Object.keys(phrases)), ({ 0: phrase = '' }, context) => {
    const [first = '', ...others] = datesOf(referenceDate(context), phrases[phrase] ?? 0);
    const last = others.at(-1);
    const end = last === undefined ? undefined : componentsOf(last);
    return context.createParsingResult(0, phrase, componentsOf(first), end).addTag(TAGS.relative);
  });
}

function parser(pattern: string, extract: (groups: Groups, context: ParsingContext) => Found): Parser {
  const expression = new RegExp(pattern);
  return ofWholeWords({
    pattern: () => expression,
    extract: (context, match) => {
      const found = extract({ ...match.groups, 0: match[0] }, context);
      if (found instanceof ParsingResult) found.index = match.index ?? 0;
      return found;
    },
  });
}

function tagged(context: ParsingContext, components: Components, tag?: string): ParsingComponents {
  const found = context.createParsingComponents(components);
  return tag === undefined ? found : found.addTag(tag);
}

function componentsOf(date: string): Components & Record<'year' | 'month' | 'day', number> {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8)) };
}

/** The date of "today": Chrono is asked as of a moment in the zone of the process. */
function referenceDate({ refDate }: ParsingContext): string {
  return dateFrom(refDate.getFullYear(), refDate.getMonth() + 1, refDate.getDate()) ?? '';
}
