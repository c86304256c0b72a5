import type { TimePreference } from '../booking/engine/slot-finder.js';
import { addDays } from '../booking/engine/zoned-time.js';
import type { Conversation } from './conversation.js';
import type { DateReading } from './language/spoken-date.js';
import type { ToolArguments } from './tool-arguments.js';
import { ToolRefusal } from './tool-refusal.js';

/** When a caller would like to come, as far as was said. */
export interface AskedTime {
  /** `YYYY-MM-DD` in the tenant's zone. */
  date?: string;
  /** The date is not the one in the year that was said. */
  rolled: boolean;
  /** What the time can mean, the likelier first; empty when none was said. */
  times: readonly string[];
  preference: TimePreference;
}

/** No service can be booked further ahead than two years. */
const MOST_DAYS_AHEAD = 731;

/** Can a booking be made for this date by any service's rules, or was one possible lately? */
export function isBookableDate(date: string, today: string): boolean {
  return date >= addDays(today, -MOST_DAYS_AHEAD) && date <= addDays(today, MOST_DAYS_AHEAD);
}

/**
 * Reads the arguments `date`, `time` and `time_preference` together, since models put "tomorrow at 2 PM" into
 * the first and "afternoon" into the second.
 * @throws ToolRefusal for what has to be asked
 */
export function readAskedTime(given: ToolArguments, conversation: Conversation): AskedTime {
  const { language, say } = conversation;
  const { date, time, time_preference: preference } = given;
  const asked: AskedTime = { rolled: false, times: [], preference: 'any' };

  const isDateTime = time !== undefined && /^\d{4}-\d{2}-\d{2}/.test(time);
  const fromTime = isDateTime ? language.readDate(time, conversation) : undefined;
  const reading = date === undefined ? fromTime : language.readDate(date, conversation);
  if (reading !== undefined) {
    const { date: day, rest, rolled } = settledDate(reading, conversation);
    Object.assign(asked, { date: day, rolled });
    if (rest !== '' && !understand(rest, asked, conversation)) {
      throw new ToolRefusal('unclear_date', say.askAgain(['day']));
    }
  }

  if (time !== undefined) {
    const text = fromTime?.kind === 'date' ? fromTime.rest : time;
    if (text !== '' && !understand(text, asked, conversation)) {
      throw new ToolRefusal('unclear_time', say.askAgain(['time']));
    }
  }
  if (preference !== undefined && !understand(preference, asked, conversation)) {
    throw new ToolRefusal('unclear_time', say.askAgain(['preference']));
  }
  return asked;
}

/** Takes `text` for a part of the day or a time; false when it is neither. */
function understand(text: string, asked: AskedTime, { language }: Conversation): boolean {
  const preference = language.readPartOfDay(text);
  if (preference !== undefined) {
    if (preference !== 'any') asked.preference = preference;
    return true;
  }
  const times = language.readTime(text);
  if (times.length > 0) asked.times = times;
  return times.length > 0;
}

function settledDate(
  reading: DateReading,
  { say, clock }: Conversation,
): Extract<DateReading, { kind: 'date' }> {
  switch (reading.kind) {
    case 'date':
      if (!isBookableDate(reading.date, clock.today)) {
        throw new ToolRefusal('outside_availability', say.dayTooFar());
      }
      return reading;
    case 'ambiguous':
      throw new ToolRefusal('unclear_date', say.whichDay(reading.candidates));
    case 'passed':
      throw new ToolRefusal('date_passed', say.dayPassed(reading.date, reading.next));
    case 'no_such_date':
      throw new ToolRefusal('unclear_date', say.noSuchDay());
    case 'unreadable':
      throw new ToolRefusal('unclear_date', say.askAgain(['day']));
  }
}
