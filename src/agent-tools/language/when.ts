import type { TimePreference } from '../../booking/engine/slot-finder.js';

/** When and where something is said: what "tomorrow" and "1/5" mean depends on it. */
export interface Moment {
  /** Epoch milliseconds. */
  now: number;
  /** IANA name of the tenant's zone. */
  timezone: string;
  /** BCP 47; decides the order of day and month in `1/5`. */
  locale: string;
}

/** What a text says about the day, by the calendar of the tenant's zone. Dates are `YYYY-MM-DD`. */
export type DayReading =
  /** One date, or all that will do, in order. `rolled`: said with a year, but not the year meant. */
  | { kind: 'days'; dates: readonly string[]; rolled: boolean }
  /** It can be either of two days. */
  | { kind: 'ambiguous'; candidates: readonly [string, string] }
  /** The day is over. `next`: the same date when it comes round again, if that may be what was meant. */
  | { kind: 'passed'; date: string; next: string | null }
  /** Dates like February 30. */
  | { kind: 'no_such_date' };

/** What a text says about the time of day. Wall times are `HH:MM`. */
export interface TimeReading {
  /**
   * Times that were named, the likelier first: one, several ("2 or 3"), or two where only the half of the day
   * is open ("7"). Empty when none was.
   */
  times: readonly string[];
  /** The part of the day that was named; undefined when none was. */
  preference?: TimePreference;
  /** Starts at this time or later, … */
  notBefore?: string;
  /** … and earlier than this, … */
  before?: string;
  /** … or at this time at the latest. */
  until?: string;
  /** The same limits in the other half of the day, where it was left open: "after 7". */
  otherHalf?: TimeLimits;
  /** Said of a night, in which small hours belong to the next date. Only until there are a day and a time to apply it to. */
  night?: true;
  /** By the caller's own clock: "3 PM my time". */
  callersClock?: true;
}

/** Limits of a stretch of the day, `HH:MM`. */
export type TimeLimits = Pick<TimeReading, 'notBefore' | 'before' | 'until'>;

/** Whether a time of day was named at all. */
export function saysTime({ times, preference, notBefore, before, until }: TimeReading): boolean {
  return times.length > 0 || [preference, notBefore, before, until].some((said) => said !== undefined);
}

/** All that a text says about when. */
export interface WhenReading {
  /** Undefined when no day was said. */
  day?: DayReading;
  time: TimeReading;
  /** The sooner the better: "as soon as possible", "first thing". */
  earliest: boolean;
  /** What else was said and is not understood; empty when everything is. */
  rest: string;
  /** What will do as well: "Tuesday morning or Wednesday afternoon". */
  or?: WhenReading;
}

/**
 * Understands a text. Pure: the same text at the same moment reads the same, in whatever zone the process
 * runs.
 */
export type WhenReader = (text: string, moment: Moment) => WhenReading;
