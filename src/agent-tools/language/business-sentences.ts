import type { Weekday } from '../../booking/engine/zoned-time.js';
import type { SpokenClock } from './spoken-clock.js';

/** Wall times `HH:MM`. */
export interface SpokenHours {
  start: string;
  end: string;
}

export function isAllDay({ start, end }: SpokenHours): boolean {
  return start === '00:00' && (end === '24:00' || end === '00:00');
}

/** Whether there is no time in these hours that a zone could be named for. */
export function isAlwaysOpen(week: readonly SpokenWeekdays[]): boolean {
  return week.every(({ hours }) => hours.every(isAllDay));
}

/** Days of the week that have the same hours: none where it is closed. */
export interface SpokenWeekdays {
  days: readonly Weekday[];
  hours: readonly SpokenHours[];
}

/** The present day. */
export interface SpokenToday {
  hours: readonly SpokenHours[];
  /** Whether they are other than the week's. */
  isSpecial: boolean;
  /** What is celebrated, if anything. */
  holiday: string | null;
  isOpen: boolean;
  /** Until when it is open now; null when it is closed, or goes on for a day. */
  openUntil: string | null;
  /** When it opens later on this day; null when it does not. */
  opensAt: string | null;
}

export interface SpokenService {
  name: string;
  minutes: number;
}

/** What is said of an organisation. As `Sentences`, of which it is a part. */
export abstract class BusinessSentences {
  constructor(protected readonly clock: SpokenClock) {}

  /** At most three. @param more whether there are others */
  abstract services(services: readonly SpokenService[], more: boolean): string;
  /** @param week at most three kinds of days; null where they are too many to be said */
  abstract hours(name: string, week: readonly SpokenWeekdays[] | null, today: SpokenToday): string;
  abstract address(address: string): string;
  /** @param phone as it is read out: groups of digits */
  abstract phone(phone: string): string;
  /** The present day and time. */
  abstract now(): string;
  /** What was asked for was not written down by the organisation. */
  abstract notKnown(): string;
}
