import type { TimePreference } from '../../booking/engine/slot-finder.js';
import { addDays } from '../../booking/engine/zoned-time.js';
import type { Conversation } from '../conversation.js';
import type { Language } from '../language/language.js';
import { plainText } from '../language/plain-text.js';
import type { Sentences } from '../language/sentences.js';
import { timesInPart } from '../language/spoken-time.js';
import { dayNamed } from '../language/spoken-date.js';
import { END_OF_NIGHT, inNight } from '../language/small-hours.js';
import { type DayReading, saysTime, type TimeLimits, type WhenReading } from '../language/when.js';
import type { ToolArguments } from '../tool-arguments.js';
import { ToolRefusal } from '../tool-refusal.js';
import { limitsOf, partBeside } from './part-and-limits.js';

/** When a caller would like to come, as far as was said. Dates are `YYYY-MM-DD` in the tenant's zone, times `HH:MM`. */
export interface AskedTime {
  /** The day, or every day that will do, in order; empty when none was said. */
  dates: readonly string[];
  /** The date is not the one in the year that was said. */
  rolled: boolean;
  /** What the time can mean, the likelier first; empty when none was said. */
  times: readonly string[];
  preference: TimePreference;
  /** A stretch of the day: from this time on, … */
  notBefore?: string;
  /** … and earlier than this, … */
  before?: string;
  /** … or at this time at the latest. */
  until?: string;
  /** The same limits in the other half of the day, where that was left open. */
  otherHalf?: TimeLimits;
  /** The sooner the better; without a day, whatever day it is. */
  earliest: boolean;
  /** What will do as well. */
  or?: AskedTime;
}

/** Before this nobody calls it morning. */
const EARLIEST_MORNING = '06:00';
/** No service can be booked further ahead than two years. */
const MOST_DAYS_AHEAD = 731;

/** Can a booking be made for this date by any service's rules, or was one possible lately? */
export function isBookableDate(date: string, today: string): boolean {
  return date >= addDays(today, -MOST_DAYS_AHEAD) && date <= addDays(today, MOST_DAYS_AHEAD);
}

/**
 * Reads the arguments `date`, `time` and `time_preference` together, since models put "tomorrow at 2 PM" into
 * the first and "afternoon" into the second. What contradicts itself is asked about.
 * @throws ToolRefusal for what has to be asked
 */
export function readAskedTime(given: ToolArguments, conversation: Conversation): AskedTime {
  const { language, say } = conversation;
  const asked: AskedTime = { ...NOTHING_ASKED };
  let [isCallersClock, isNight] = [false, false];
  for (const name of ['date', 'time', 'time_preference'] as const) {
    const text = given[name];
    if (text === undefined) continue;
    const reading =
      (name === 'date' ? bareDay(text, conversation) : partAsked(name, text, asked, language)) ??
      language.readWhen(text, conversation);
    if (reading.rest !== '' || saysNothing(reading)) throw unclear(name, say);
    const beside = name === 'date' ? undefined : given['date'];
    if (reading.time.callersClock === true) isCallersClock = true;
    if (reading.time.night === true) isNight = true;
    add(reading, asked, conversation, beside === undefined ? undefined : { date: beside, text });
    // Whoever says "any day" is asked for no other.
    if (name === 'date' && reading.day === undefined && reading.time.preference === 'any')
      asked.earliest = true;
  }
  isNight ||= asked.preference === 'evening' && isAfterMidnight(asked.times);
  const settled = agreed(isNight ? afterMidnight(asked, conversation) : asked, conversation);
  return isCallersClock ? byOurClock(settled, conversation) : settled;
}

/** The parts of what was asked brought together. @throws ToolRefusal where they contradict each other */
function agreed(asked: AskedTime, conversation: Conversation): AskedTime {
  const { say, language } = conversation;
  const { notBefore = '00:00', before = '24:00', until = '24:00', or } = asked;
  if (notBefore >= before || notBefore > until) throw unclear('time', say);
  const inPart = timesInPart(asked.times, asked.preference);
  const { notBefore: _from, before: _before, until: _until, otherHalf: _other, ...others } = asked;
  const part = partBeside(asked, language);
  if (part === undefined) throw unclear('time', say);
  const settled: AskedTime = {
    ...others,
    ...part,
    // "3" is not at night because the morning is preferred.
    times: inPart.every((time) => time < EARLIEST_MORNING) ? asked.times : inPart,
  };
  // "Tuesday", "in the morning or after 5"
  if (or !== undefined) {
    settled.or = agreed(or.dates.length > 0 ? or : { ...or, dates: asked.dates }, conversation);
  }
  return settled;
}

/** A night that was said beside the day or the time. */
function afterMidnight(asked: AskedTime, conversation: Conversation): AskedTime {
  const { dates, rolled, preference, earliest } = asked;
  const times = inHalfOfNight(asked.times);
  const noon = times.find((time) => time.startsWith('12:'));
  // "12:30" beside "tonight": as a caller says it, or by the 24-hour clock?
  if (noon !== undefined) {
    throw new ToolRefusal('unclear_time', conversation.say.whichHalf([noon.replace('12', '00'), noon]));
  }
  if (dates.length === 0) return asked;
  const limits = limitsOf(asked);
  const part = preference === 'any' ? {} : { preference };
  const reading = inNight(
    {
      day: { kind: 'days', dates, rolled },
      time: { times, ...part, ...limits, night: true },
      earliest,
      rest: '',
    },
    conversation,
  );
  const read = { ...NOTHING_ASKED };
  add(reading, read, conversation);
  return {
    ...read,
    ...(asked.otherHalf && { otherHalf: asked.otherHalf }),
    ...(asked.or && { or: asked.or }),
  };
}

/** Midnight and the hours after it, beside an evening: "Friday", "12 AM", "evening". */
function isAfterMidnight(times: readonly string[]): boolean {
  const [first, ...others] = times;
  return first !== undefined && (first.startsWith('12:') || (others.length === 0 && first < END_OF_NIGHT));
}

/** "1" beside "Friday night" is no 1 PM. */
function inHalfOfNight(times: readonly string[]): readonly string[] {
  if (times.length !== 2) return times;
  const ofNight = times.filter((time) => time < END_OF_NIGHT || time >= '17:00');
  return ofNight.length === 1 ? ofNight : times;
}

/** "3 PM my time", said in another zone. @throws ToolRefusal where it is not known which zone that is */
function byOurClock(asked: AskedTime, { clock, say }: Conversation): AskedTime {
  const { dates, times } = asked;
  if (clock.isWithCaller) return asked;
  const [date, ...otherDates] = dates;
  const here = times.map((time) => (date === undefined ? undefined : clock.byCallersClock(date, time)));
  const known = here.filter((each) => each !== undefined);
  const [first] = known;
  const isKnown = first !== undefined && otherDates.length === 0 && known.length === times.length;
  if (!isKnown) throw new ToolRefusal('unclear_time', say.whichTimeHere());
  const ofDate = known.filter((each) => each.date === first.date);
  return { ...asked, dates: [first.date], times: ofDate.map(({ time }) => time), preference: 'any' };
}

function unclear(name: 'date' | 'time' | 'time_preference', say: Sentences): ToolRefusal {
  const what = ({ date: 'day', time: 'time', time_preference: 'preference' } as const)[name];
  return new ToolRefusal(name === 'date' ? 'unclear_date' : 'unclear_time', say.askAgain([what]));
}

const NOTHING_ASKED: AskedTime = { dates: [], rolled: false, times: [], preference: 'any', earliest: false };

/** Two arguments, as they were given. */
interface Beside {
  date: string;
  text: string;
}

function add(reading: WhenReading, asked: AskedTime, conversation: Conversation, beside?: Beside): void {
  const { day, time, earliest, or } = reading;
  if (day !== undefined) Object.assign(asked, agreedDays(day, asked, conversation, beside));
  Object.assign(asked, agreedTimes(time.times, asked, conversation, beside));
  const { preference = 'any', notBefore, before, until } = time;
  if (asked.preference === 'any') asked.preference = preference;
  else if (preference !== 'any' && preference !== asked.preference && asked.times.length === 0) {
    throw unclear('time_preference', conversation.say);
  }
  if (notBefore !== undefined) asked.notBefore ??= notBefore;
  if (before !== undefined) asked.before ??= before;
  if (until !== undefined) asked.until ??= until;
  if (time.otherHalf !== undefined) asked.otherHalf ??= time.otherHalf;
  asked.earliest ||= earliest;
  if (or === undefined) return;
  asked.or = { ...NOTHING_ASKED };
  add(or, asked.or, conversation);
}

/** Days that an earlier argument said as well, …  @throws ToolRefusal where the two say different days */
function agreedDays(
  day: DayReading,
  { dates }: AskedTime,
  conversation: Conversation,
  beside?: Beside,
): Pick<AskedTime, 'dates'> {
  if (dates.length === 0) return settledDays(day, conversation);
  const said = day.kind === 'ambiguous' ? day.candidates : settledDays(day, conversation).dates;
  const common = dates.filter((date) => said.includes(date));
  if (common.length > 0) return { dates: common };
  // "Next week" and "Thursday at 3" are Thursday of next week.
  const { language, say } = conversation;
  const together = beside && language.readWhen(`${beside.date} ${beside.text}`, conversation);
  if (together?.rest === '' && together.day?.kind === 'days') {
    return settledDays(together.day, conversation);
  }
  throw new ToolRefusal('unclear_date', say.whichDay([dates[0] ?? '', said[0] ?? '']));
}

/** … and times. Models call their own clock UTC: "15:00Z" beside "3 PM" is 3 PM. */
function agreedTimes(
  said: readonly string[],
  { times }: AskedTime,
  { say }: Conversation,
  beside?: Beside,
): Partial<Pick<AskedTime, 'dates' | 'times'>> {
  if (times.length === 0 || said.length === 0) return times.length === 0 ? { times: said } : {};
  const common = times.filter((time) => said.includes(time));
  if (common.length > 0) return { times: common };
  const [, date = '', time = ''] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/i.exec(beside?.date ?? '') ?? [];
  if (said.includes(time)) return { dates: [date], times: [time] };
  throw new ToolRefusal('unclear_time', say.whichHalf([times[0] ?? '', said[0] ?? '']));
}

/** "5", where a day is asked for, is the 5th. */
function bareDay(text: string, { clock }: Conversation): WhenReading | undefined {
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const day = dayNamed({ kind: 'day of month', day: Number(text) }, clock.today);
  return { day, time: { times: [] }, earliest: false, rest: '' };
}

/** "Mañana", where a part of the day is asked for; also where a day was said already. */
function partAsked(
  name: 'time' | 'time_preference',
  text: string,
  { dates }: AskedTime,
  { partsAsked }: Language,
): WhenReading | undefined {
  const preference = name === 'time' && dates.length === 0 ? undefined : partsAsked[plainText(text)];
  if (preference === undefined) return undefined;
  // An evening by such a word is a night.
  const night = preference === 'evening' ? { night: true as const } : {};
  return { time: { times: [], preference, ...night }, earliest: false, rest: '' };
}

function saysNothing({ day, time, earliest }: WhenReading): boolean {
  return day === undefined && !earliest && !saysTime(time);
}

function settledDays(reading: DayReading, { say, clock }: Conversation): Pick<AskedTime, 'dates' | 'rolled'> {
  switch (reading.kind) {
    case 'days': {
      const dates = reading.dates.filter((date) => isBookableDate(date, clock.today));
      if (dates.length === 0) throw new ToolRefusal('outside_availability', say.dayTooFar());
      return { dates, rolled: reading.rolled };
    }
    case 'ambiguous':
      throw new ToolRefusal('unclear_date', say.whichDay(reading.candidates));
    case 'passed':
      throw new ToolRefusal('date_passed', say.dayPassed(reading.date, reading.next));
    case 'no_such_date':
      throw new ToolRefusal('unclear_date', say.noSuchDay());
  }
}
