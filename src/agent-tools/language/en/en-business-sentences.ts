import type { Weekday } from '../../../booking/engine/zoned-time.js';
import {
  BusinessSentences,
  isAllDay,
  isAlwaysOpen,
  type SpokenHours,
  type SpokenService,
  type SpokenToday,
  type SpokenWeekdays,
} from '../business-sentences.js';
import { englishList } from './en-words.js';
import { spokenAddress, spokenName } from '../spoken-name.js';

const DAYS: Readonly<Record<Weekday, string>> = {
  1: 'Monday',
  2: 'Tuesday',
  3: 'Wednesday',
  4: 'Thursday',
  5: 'Friday',
  6: 'Saturday',
  7: 'Sunday',
};

/** What is said in English of an organisation. */
export class EnglishBusinessSentences extends BusinessSentences {
  services(services: readonly SpokenService[], more: boolean): string {
    const said = services.map(
      ({ name, minutes }) => `${spokenName(name) || 'an appointment'}, which takes ${durationOf(minutes)}`,
    );
    const [only, ...others] = said;
    if (only !== undefined && others.length === 0 && !more) return `We offer ${only}.`;
    const all = more ? `${said.join('; ')}; and more` : said.join('; ');
    return `We offer ${all}. Which would you like?`;
  }

  hours(name: string, week: readonly SpokenWeekdays[] | null, today: SpokenToday): string {
    const present = this.#today(today);
    if (week === null) return `${present} Which day would you like to know about?`;
    const open = week.filter(({ hours }) => hours.length > 0);
    if (open.length === 0) return `${spokenName(name)} has no regular opening hours. ${present}`;
    const [first] = open;
    if (first?.days.length === 7 && isAlwaysOpen(open)) {
      return `${spokenName(name)} is open 24 hours a day, every day. ${present}`;
    }
    const days = open.map(({ days, hours }) => `${daysOf(days)} ${this.#stretches(hours)}`);
    const zone = isAlwaysOpen(open) ? null : this.clock.zoneName(this.clock.now);
    const said = zone === null ? days.join(', and ') : `${days.join(', and ')} ${zone}`;
    return `${spokenName(name)} is open ${said}. ${present}`;
  }

  address(address: string): string {
    return `We are at ${spokenAddress(address)}.`;
  }

  phone(phone: string): string {
    return `Our phone number is ${phone}.`;
  }

  now(): string {
    const { today, now } = this.clock;
    return `Today is ${this.clock.day(today, { withYear: true })}, and it is ${this.clock.time(now)} here.`;
  }

  notKnown(): string {
    return "I don't have that here. May I take a message, so that somebody can call you back?";
  }

  #today({ hours, isSpecial, holiday, isOpen, openUntil, opensAt }: SpokenToday): string {
    const occasion = holiday === null ? '' : `, ${spokenName(holiday)},`;
    if (isSpecial && hours.length === 0) return `Today${occasion} we're closed.`;
    if (isSpecial) return `Today${occasion} we have special hours: ${this.#stretches(hours)}.`;
    if (openUntil !== null) return `We're open now, until ${this.clock.wallTime(openUntil)}.`;
    if (isOpen) return "We're open now.";
    if (opensAt !== null) return `We're closed now and open at ${this.clock.wallTime(opensAt)} today.`;
    return "We're closed now.";
  }

  #stretches(hours: readonly SpokenHours[]): string {
    const said = hours.map(({ start, end }) =>
      isAllDay({ start, end })
        ? 'all day'
        : `from ${this.clock.wallTime(start)} to ${this.clock.wallTime(end)}`,
    );
    return englishList(said);
  }
}

/** "Monday to Friday", "Monday, Wednesday and Friday" */
function daysOf(days: readonly Weekday[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (days.length === 7) return 'every day';
  const isRun = first !== undefined && last !== undefined && last - first === days.length - 1;
  if (isRun && days.length > 2) return `${DAYS[first]} to ${DAYS[last]}`;
  return englishList(days.map((day) => DAYS[day]));
}

/** "half an hour", "45 minutes", "an hour and a half", "2 hours" */
function durationOf(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (minutes === 30) return 'half an hour';
  if (hours === 0) return `${minutes} minutes`;
  const whole = hours === 1 ? 'an hour' : `${hours} hours`;
  if (rest === 0) return whole;
  return rest === 30 && hours === 1 ? 'an hour and a half' : `${whole} and ${rest} minutes`;
}
