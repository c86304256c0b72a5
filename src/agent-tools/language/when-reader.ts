import { Chrono, type Parser, type ParsingResult, type Refiner } from 'chrono-node';
import { isLocalDate, localDateOf, wallOf } from '../../booking/engine/zoned-time.js';
import { phraseParsers, type PhraseWords } from './phrase-parsers.js';
import { alternativesParted, eitherOf } from './alternatives.js';
import { listReader, type ListWords } from './listed-times.js';
import { plainText } from './plain-text.js';
import { exceptDays, takeExceptions } from './said-exceptions.js';
import { type Meaning, phraseOf, REFERENCE_HOUR } from './said-phrase.js';
import { type ConnectorWords, connectorReader, SaidShape } from './said-shape.js';
import { readDays } from './said-days.js';
import { readTimes } from './said-times.js';
import { withoutZone } from './said-zone.js';
import { inNight } from './small-hours.js';
import { datedDay, type NumericOrder } from './spoken-date.js';
import { type DayReading, type Moment, type TimeReading, type WhenReader, type WhenReading } from './when.js';

/** How a language says when. */
export interface WhenWords extends PhraseWords {
  /** Chrono's own parsers of the language that are right for us. */
  parsers: readonly Parser[];
  /** Phrases that stand for others that the parsers know, in this order: "half past 2" for "2:30". */
  rewrites: readonly Rewrite[];
  connectors: ConnectorWords;
  lists: ListWords;
  /** Words without meaning here: "on", "the". */
  fillers: readonly string[];
  /** What `1/5` can be in a locale of the language. */
  numericOrder: (locale: string) => NumericOrder;
}

export type Rewrite = readonly [pattern: RegExp, by: string | ((...groups: string[]) => string)];

/** "Late tomorrow", "the end of today". */
const LATE_IN_THE_DAY = '16:00';
/** Longer texts than any argument's are not read, so that the work is bounded. */
const MOST_CHARACTERS = 200;
/** More days and times than anybody means at once. */
const MOST_PHRASES = 9;

/** The same in every language. */
const PUNCTUATION: readonly Rewrite[] = [
  // The T of ISO 8601.
  [/(?<=\b\d{4}-\d\d-\d\d)t(?=\d)|(?<![\p{L}\p{N}])t(?=\d\d:\d\d)/gu, ' '],
  // An interval of ISO 8601.
  [/(?<=\b\d{4}-\d\d-\d\d)\/(?=\d{4}-)/g, ' - '],
  [/(?<=\d|\b[ap]m) ?- ?(?=noon|midday|midnight)/g, ' - '],
  [/_|(?<=[a-z])-(?=[a-z])|(?<=\d)-(?=[a-z]{3,}-\d)|(?<=\d-[a-z]{3,})-(?=\d)/g, ' '],
  // "2-4 PM", but not "2027-01-20".
  [
    /(?<![-/.\d])(\d{1,2}(?::\d\d)?(?: ?[ap]m)?) ?[-–—] ?(?=\d{1,2}(?::\d\d)?(?: ?[ap]m)?\b(?![-–/.]))/g,
    '$1 - ',
  ],
];

const ISO_DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?\s?(z|[+-]\d{2}:?\d{2})?(?:\[[^\]]*\])?$/;

/**
 * Makes the reader of a language: Chrono finds the days and times in a text, with its parsers and ours; what
 * they mean, alone and together, are rules of ours.
 */
export function whenReader(words: WhenWords): WhenReader {
  const chrono = new Chrono({
    parsers: [...phraseParsers(words), ...words.parsers],
    refiners: [longestFirst],
  });
  const readWords = connectorReader(words.connectors, words.fillers);
  const readLists = listReader(words.lists);
  const eitherWord = alternativesParted(words.connectors);
  const readSaid = (said: string, today: string, moment: Moment) => {
    const ground = { today, order: words.numericOrder(moment.locale) };
    const phrases = chrono.parse(said, noonOf(today)).map((result) => phraseOf(result, ground));
    if (phrases.length > MOST_PHRASES) return notRead(said);
    return settled(new SaidShape(said, phrases, readWords), today, moment);
  };
  return (text, moment) => {
    const today = localDateOf(moment.now, moment.timezone);
    const written = isoReading(text.trim().toLowerCase(), today, moment.timezone);
    if (written !== undefined) return written;
    if (text.length > MOST_CHARACTERS) return notRead(text);
    const said = [...PUNCTUATION, ...words.rewrites].reduce(
      (before, [pattern, by]) => before.replace(pattern, by as string),
      withoutZone(plainText(readLists(text)), moment),
    );
    const [first = '', second, ...others] = said.split(eitherWord);
    const either =
      second !== undefined &&
      others.length === 0 &&
      eitherOf(readSaid(first, today, moment), () => readSaid(second, today, moment));
    return either || readSaid(said, today, moment);
  };
}

/** A reader that goes by another language where it does not understand everything and the other does. */
export function orElse(reader: WhenReader, other: WhenReader): WhenReader {
  return (text, moment) => {
    const reading = reader(text, moment);
    if (reading.rest === '') return reading;
    const otherwise = other(text, moment);
    return otherwise.rest === '' ? otherwise : reading;
  };
}

function settled(shape: SaidShape, today: string, moment: Moment): WhenReading {
  const earliest = shape.take(/\bE\d+\b/) !== undefined;
  const elapsed = shape.take(/\bN\d+\b/)?.meanings[0];
  if (elapsed !== undefined) return { ...afterMinutes(elapsed, moment), earliest, rest: shape.rest };
  const exceptions = takeExceptions(shape);
  const isCallersClock = shape.takeAll(/\bMY_CLOCK\b/);
  const said = readTimes(shape);
  if (said === undefined) return notRead(shape.rest || '?');
  const time: TimeReading = { ...exceptions.time, ...said, ...(isCallersClock && { callersClock: true }) };
  // How long it takes is the service's to say; by itself it says no time, and is asked about.
  if (time.times.length > 0 || time.preference !== undefined) shape.takeAll(/\bLASTING\b/);
  const day = exceptDays(readDays(shape, today), exceptions.days, today);
  // Of a day, or of nothing in particular.
  if (shape.take(/\bEARLY\b/)) time.preference ??= 'morning';
  // "Later today" may be any time of it.
  shape.take(/\bREST\b/);
  if (shape.take(/\bLATE\b/) && time.times.length === 0) time.notBefore ??= LATE_IN_THE_DAY;
  const reading: WhenReading = { time, earliest, rest: shape.rest };
  if (day === undefined) return reading;
  return inNight({ ...reading, day: notOver(day, reading, today, moment) }, moment);
}

/** "Tuesday morning", said on a Tuesday afternoon, is next week's. */
function notOver(
  day: DayReading,
  { time }: WhenReading,
  today: string,
  { now, timezone }: Moment,
): DayReading {
  if (day.kind !== 'ambiguous' || day.candidates[0] !== today) return day;
  const clock = wallTimeAt(now, timezone);
  const end = time.preference === 'morning' ? '12:00' : time.preference === 'afternoon' ? '17:00' : '24:00';
  // The small hours of a night are tomorrow's.
  if (time.night === true) return day;
  const last = time.times.toSorted().at(-1) ?? time.until ?? time.before ?? end;
  return last <= clock ? { kind: 'days', dates: [day.candidates[1]], rolled: false } : day;
}

function afterMinutes(elapsed: Meaning, { now, timezone }: Moment): Pick<WhenReading, 'day' | 'time'> {
  const then = now + (elapsed.kind === 'elapsed' ? elapsed.minutes : 0) * 60_000;
  const day: DayReading = { kind: 'days', dates: [localDateOf(then, timezone)], rolled: false };
  return { day, time: { times: [], notBefore: wallTimeAt(then, timezone) } };
}

/** What models nearly always send: nothing in it has to be looked for. */
function isoReading(text: string, today: string, timezone: string): WhenReading | undefined {
  const [date, time] = isLocalDate(text) ? [text] : (isoDateTime(text, timezone) ?? []);
  if (date === undefined) return undefined;
  return {
    day: datedDay(date, today),
    time: { times: time === undefined ? [] : [time] },
    earliest: false,
    rest: '',
  };
}

/**
 * A date-time means the local date and time at that instant, or without an offset the wall time as written.
 * Midnight UTC is how software writes a mere date, so it means that date, not the evening before.
 */
function isoDateTime(text: string, timezone: string): [date: string, time?: string] | undefined {
  const [, date = '', time = '', offset] = ISO_DATE_TIME.exec(text) ?? [];
  if (!isLocalDate(date)) return undefined;
  if (time === '00:00' && (offset === undefined || /^z$|^[+-]00:?00$/.test(offset))) return [date];
  if (offset === undefined) return /^(?:[01]\d|2[0-3])/.test(time) ? [date, time] : undefined;
  const instant = Date.parse(`${date}T${time}:00${offset.toUpperCase().replace(/^(...)(\d\d)$/, '$1:$2')}`);
  if (isAnOffsetOf(timezone, instant, date, time, offset)) return time === '00:00' ? [date] : [date, time];
  if (Number.isNaN(instant)) return undefined;
  const wallTime = wallTimeAt(instant, timezone);
  const localDate = localDateOf(instant, timezone);
  return wallTime === '00:00' ? [localDate] : [localDate, wallTime];
}

/** Models take the offset of summer for that of winter, and mean the time as written. UTC is not a mistake of theirs. */
function isAnOffsetOf(
  timezone: string,
  instant: number,
  date: string,
  time: string,
  offset: string,
): boolean {
  if (!/^[+-]/.test(offset) || /^.00:?00$/.test(offset) || Number.isNaN(instant)) return false;
  const written = Date.parse(`${date}T${time}Z`) - instant;
  const year = Number(date.slice(0, 4));
  return [0, 6].some((month) => {
    const midMonth = Date.UTC(year, month, 15);
    return wallOf(midMonth, timezone) - midMonth === written;
  });
}

/** Of phrases that overlap the longer, of equals that of the earlier parser. */
const longestFirst: Refiner = {
  refine: (_, results) =>
    results
      .toSorted((a, b) => b.text.length - a.text.length)
      .reduce<ParsingResult[]>(
        (kept, result) => (kept.some((other) => overlap(other, result)) ? kept : [...kept, result]),
        [],
      )
      .toSorted((a, b) => a.index - b.index),
};

function overlap(a: ParsingResult, b: ParsingResult): boolean {
  return a.index < b.index + b.text.length && b.index < a.index + a.text.length;
}

/**
 * Chrono reckons days in the zone of the process. It is asked as of noon on the tenant's date, which is far
 * from every change of clocks, so that the zone of the process takes no part.
 */
function noonOf(date: string): Date {
  return new Date(
    Number(date.slice(0, 4)),
    Number(date.slice(5, 7)) - 1,
    Number(date.slice(8)),
    REFERENCE_HOUR,
  );
}

function wallTimeAt(instant: number, timezone: string): string {
  return new Date(wallOf(instant, timezone)).toISOString().slice(11, 16);
}

function notRead(rest: string): WhenReading {
  return { time: { times: [] }, earliest: false, rest };
}
