import type { TimePreference } from '../../booking/engine/slot-finder.js';
import { addDays } from '../../booking/engine/zoned-time.js';
import type { Conversation } from '../conversation.js';
import type { Language } from '../language/language.js';
import { plainText } from '../language/plain-text.js';
import type { Sentences } from '../language/sentences.js';
import { timesInPart } from '../language/spoken-time.js';
import { dayNamed } from '../language/spoken-date.js';
import type { DayReading, WhenReading } from '../language/when.js';
import type { ToolArguments } from '../tool-arguments.js';
import { ToolRefusal } from '../tool-refusal.js';

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
  /** … and earlier than this. */
  before?: string;
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
  for (const name of ['date', 'time', 'time_preference'] as const) {
    const text = given[name];
    if (text === undefined) continue;
    const reading =
      (name === 'date' ? bareDay(text, conversation) : partAsked(name, text, asked, language)) ??
      language.readWhen(text, conversation);
    if (reading.rest !== '' || saysNothing(reading)) throw unclear(name, say);
    const beside = name === 'date' ? undefined : given['date'];
    add(reading, asked, conversation, beside === undefined ? undefined : { date: beside, text });
    // Whoever says "any day" is asked for no other.
    if (name === 'date' && reading.day === undefined && reading.time.preference === 'any')
      asked.earliest = true;
  }
  const { notBefore = '00:00', before = '24:00' } = asked;
  if (notBefore >= before) throw unclear('time', say);
  const inPart = timesInPart(asked.times, asked.preference);
  // "3" is not at night because the morning is preferred.
  return { ...asked, times: inPart.every((time) => time < EARLIEST_MORNING) ? asked.times : inPart };
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
  if (asked.preference === 'any') asked.preference = time.preference ?? 'any';
  asked.notBefore ??= time.notBefore;
  asked.before ??= time.before;
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
  return preference && { time: { times: [], preference }, earliest: false, rest: '' };
}

function saysNothing({ day, time, earliest }: WhenReading): boolean {
  return day === undefined && !earliest && Object.values(time).flat().length === 0;
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
