import type { TimePreference } from '../../booking/engine/slot-finder.js';
import type { BookingSentences } from './booking-sentences.js';
import type { BusinessSentences } from './business-sentences.js';
import type { SpokenClock } from './spoken-clock.js';

/** What a question can ask the caller for. */
export type Wanted =
  | 'day'
  | 'time'
  | 'name'
  | 'phone'
  | 'email'
  | 'purpose'
  | 'service'
  | 'resource'
  | 'preference'
  | 'reference';

/** Why a time cannot be booked. */
export type NotOffered =
  'in_past' | 'too_soon' | 'too_far' | 'outside_hours' | 'off_grid' | 'day_full' | 'not_offered';

/** What is said of a booking that was made. */
export interface SpokenBooking {
  start: number;
  name: string;
  hasVideoLink: boolean;
  /** What was said as an address could not be read, so the booking has none. */
  isEmailUnread?: boolean;
  /** What was said as a phone number could not be read, so the booking has the one that was known. */
  isPhoneUnread?: boolean;
}

/** What a booking was made without, as it could not be read. */
export type Unread = Pick<SpokenBooking, 'isEmailUnread' | 'isPhoneUnread'>;

/** Free starts for saying: at most three, and whether there are others. */
export interface SpokenOffer {
  starts: readonly number[];
  more: boolean;
}

/** Whether there is nothing to choose from. */
export function isOne({ starts, more }: SpokenOffer): boolean {
  return starts.length === 1 && !more;
}

/** When a caller would like to come, for saying it back. */
export interface SpokenWish {
  /** One date, or several in order. */
  dates: readonly string[];
  preference: TimePreference;
  /** The exact time of day, … */
  at?: string;
  /** … or a stretch of it: from this time on, … */
  notBefore?: string;
  /** … and earlier than this, … */
  before?: string;
  /** … or at this time at the latest. */
  until?: string;
}

/**
 * Everything that is said to callers, in one language. At most two sentences and three options each, without
 * markdown or addresses. Instants are epoch milliseconds, dates `YYYY-MM-DD`, wall times `HH:MM`.
 */
export abstract class Sentences {
  /** Of holds, and of appointments that were made before. */
  abstract readonly bookings: BookingSentences;
  /** Of the organisation. */
  abstract readonly business: BusinessSentences;

  constructor(protected readonly clock: SpokenClock) {}

  /** "Wednesday, January 21 at 2 PM" */
  abstract label(start: number): string;

  /** Free times, of one day or of several. */
  abstract offer(offer: SpokenOffer, saying: { withYear: boolean }): string;
  /** The earliest there is, and what comes next. */
  abstract earliest(starts: readonly number[]): string;
  /** The time that was asked for is free. */
  abstract timeIsFree(start: number): string;
  /** The time that was asked for is not, others of that day may be. */
  abstract timeIsNotFree(date: string, time: string, others: readonly number[]): string;
  /** Nothing on those days, or not at such a time. */
  abstract nothingFree(wish: SpokenWish, alternatives: readonly number[]): string;

  /** The connected calendar could not be looked at lately: as of when what was said is known; null where it never was. */
  abstract knownAsOf(asOf: number | null): string;

  abstract booked(booking: SpokenBooking): string;
  abstract taken(start: number, alternatives: readonly number[]): string;
  abstract notOffered(start: number, reason: NotOffered, alternatives: readonly number[]): string;
  /** A local time that the clock skips that night. */
  abstract noSuchTime(date: string, time: string): string;

  /** Asks for exactly these, in this order. */
  abstract askFor(wanted: readonly Wanted[]): string;
  /** Asks for the time, naming some, and for whatever else is missing. */
  abstract whichTime(offer: SpokenOffer, wanted: readonly Wanted[]): string;
  /** What was said of these could not be understood. */
  abstract askAgain(wanted: readonly Wanted[]): string;
  abstract whichDay(candidates: readonly [string, string]): string;
  abstract whichHalf(times: readonly [string, string]): string;
  /** The caller said a time by their own clock. */
  abstract whichTimeHere(): string;
  abstract dayPassed(date: string, next: string | null): string;
  abstract noSuchDay(): string;
  abstract dayTooFar(): string;
  abstract unknownSlot(): string;
  abstract unknownService(names: readonly string[]): string;
  /** Of those that were not ruled out. */
  abstract whichService(names: readonly string[]): string;
  abstract unknownResource(names: readonly string[]): string;

  /** Nothing is offered at all. */
  abstract nothingToBook(): string;
  abstract calendarUnreadable(): string;
  abstract unknownTool(): string;
  abstract failed(): string;
}
