import type { TimePreference } from '../booking/engine/slot-finder.js';
import { addDays } from '../booking/engine/zoned-time.js';
import type { Conversation } from './conversation.js';
import { plainText } from './language/plain-text.js';
import { timesInPart } from './language/spoken-time.js';
import type { DayReading, WhenReading } from './language/when.js';
import type { ToolArguments } from './tool-arguments.js';
import { ToolRefusal } from './tool-refusal.js';

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
}

/** No service can be booked further ahead than two years. */
const MOST_DAYS_AHEAD = 731;

/** Can a booking be made for this date by any service's rules, or was one possible lately? */
export function isBookableDate(date: string, today: string): boolean {
  return date >= addDays(today, -MOST_DAYS_AHEAD) && date <= addDays(today, MOST_DAYS_AHEAD);
}

/**
 * Reads the arguments `date`, `time` and `time_preference` together, since models put "tomorrow at 2 PM" into
 * the first and "afternoon" into the second. What is said in the earlier counts.
 * @throws ToolRefusal for what has to be asked
 */
export function readAskedTime(given: ToolArguments, conversation: Conversation): AskedTime {
  const { language, say } = conversation;
  const asked: AskedTime = { dates: [], rolled: false, times: [], preference: 'any', earliest: false };
  const refusals = {
    date: new ToolRefusal('unclear_date', say.askAgain(['day'])),
    time: new ToolRefusal('unclear_time', say.askAgain(['time'])),
    time_preference: new ToolRefusal('unclear_time', say.askAgain(['preference'])),
  };
  for (const name of ['date', 'time', 'time_preference'] as const) {
    const text = given[name];
    if (text === undefined) continue;
    const part = name === 'time_preference' ? language.partsAsked[plainText(text)] : undefined;
    const reading = part === undefined ? language.readWhen(text, conversation) : partAlone(part);
    if (reading.rest !== '' || saysNothing(reading)) throw refusals[name];
    add(reading, asked, conversation);
    // Whoever says "any day" is asked for no other.
    if (name === 'date' && reading.day === undefined && reading.time.preference === 'any')
      asked.earliest = true;
  }
  return { ...asked, times: timesInPart(asked.times, asked.preference) };
}

function add(reading: WhenReading, asked: AskedTime, conversation: Conversation): void {
  const { day, time, earliest } = reading;
  if (day !== undefined && asked.dates.length === 0) Object.assign(asked, settledDays(day, conversation));
  if (asked.times.length === 0) asked.times = time.times;
  if (asked.preference === 'any') asked.preference = time.preference ?? 'any';
  asked.notBefore ??= time.notBefore;
  asked.before ??= time.before;
  asked.earliest ||= earliest;
}

function partAlone(preference: TimePreference): WhenReading {
  return { time: { times: [], preference }, earliest: false, rest: '' };
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
