import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { OpeningHours } from '../booking/business/opening-hours.service.js';
import { DAY } from '../booking/engine/intervals.js';
import { toIsoWithOffset, type Weekday } from '../booking/engine/zoned-time.js';
import type { Conversation } from './conversation.js';
import type { SpokenHours, SpokenToday, SpokenWeekdays } from './language/business-sentences.js';
import { MOST_SAID } from './tool-slot.js';

const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Days with the same hours together, in the order of the week; null where they are too many kinds to be said. */
export function groupedWeek(hours: OpeningHours): SpokenWeekdays[] | null {
  const groups = weekdays(hours);
  return groups.filter((group) => group.hours.length > 0).length > MOST_SAID ? null : groups;
}

export function spokenToday(
  { today, open, opensAt }: OpeningHours,
  { timezone, now }: Pick<Conversation, 'timezone' | 'now'>,
): SpokenToday {
  const clock = (instant: number) => toIsoWithOffset(instant, timezone).slice(11, 16);
  return {
    hours: today.hours.map(wallHours),
    isSpecial: today.isSpecial,
    holiday: today.name,
    isOpen: open !== null,
    openUntil: open === null || open.end >= now + DAY ? null : clock(open.end),
    opensAt: opensAt === null ? null : clock(opensAt),
  };
}

/** The same for the agent. */
export function hoursForTool(hours: OpeningHours): object {
  return {
    weekly: weekdays(hours).map(({ days, hours: ofDay }) => ({
      days: days.map((day) => NAMES[day - 1]),
      hours: ofDay.map(asText),
    })),
    special: hours.special.map(({ date, hours: ofDay, name }) => ({ date, hours: ofDay.map(asText), name })),
  };
}

/** In groups of digits, as it is read out: "+1 415 555 0100". */
export function spokenPhone(phone: string): string {
  return parsePhoneNumberFromString(phone)?.formatInternational() ?? phone;
}

function weekdays({ weekly }: OpeningHours): SpokenWeekdays[] {
  const days = WEEKDAYS.map((day) => ({
    day,
    hours: weekly
      .filter((interval) => interval.day === day)
      .map(wallHours)
      .sort((a, b) => (a.start < b.start ? -1 : 1)),
  }));
  const groups = Map.groupBy(days, ({ hours }) => hours.map(asText).join(' '));
  return [...groups.values()].map((group) => ({
    days: group.map(({ day }) => day),
    hours: group[0]?.hours ?? [],
  }));
}

function wallHours({ start, end }: SpokenHours): SpokenHours {
  return { start, end };
}

function asText({ start, end }: SpokenHours): string {
  return `${start}-${end}`;
}
