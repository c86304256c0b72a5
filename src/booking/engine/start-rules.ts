import { MINUTE, type Interval } from './intervals.js';
import type { WorkingHours } from './working-hours.js';
import { addDays, instantsOfDate, localDateOf, startOfDay } from './zoned-time.js';

/*
 * Which starts a resource and a service allow, said once: what is offered (`OpenStarts`) and what is accepted (`checkStart`)
 * both go by it.
 */

/** How a service may be booked. */
export interface ServiceRules {
  /** Length of the appointment, as the customer knows it. */
  durationMinutes: number;
  /** Time kept free of other appointments before it, … */
  bufferBeforeMinutes: number;
  /** … and after it. Buffers may lie outside working hours; the appointment may not. */
  bufferAfterMinutes: number;
  /** Starts are this far apart, in elapsed minutes from the beginning of each working interval. */
  slotStepMinutes: number;
  /** Least time from now to the start. */
  minNoticeMinutes: number;
  /** Last bookable date, in days after today in the resource's zone: 0 is today only. */
  maxAdvanceDays: number;
}

/** How long an appointment is, and how much time is kept free around it. */
export type AppointmentLength = Pick<
  ServiceRules,
  'durationMinutes' | 'bufferBeforeMinutes' | 'bufferAfterMinutes'
>;

export interface ResourceCalendar {
  resourceId: string;
  /** IANA name of the zone in which the working hours are meant. */
  timezone: string;
  workingHours: WorkingHours;
  /**
   * Blocked ranges of bookings and live holds, their buffers included: what the exclusion constraint holds.
   * The blocked range of a new booking may touch but not overlap one, so buffers of neighbours are not
   * shared: between two appointments lies at least the first one's buffer after plus the second one's buffer
   * before.
   */
  booked: readonly Interval[];
  /**
   * What the connected calendars say is busy. It has no buffers; the new booking's own are kept clear of it.
   */
  busy: readonly Interval[];
  /** When the resource is away. The appointment is kept clear of it; buffers may lie in it, as outside of hours. */
  timeOff?: readonly Interval[];
  /** Local dates on which the service has as many bookings as it may have. */
  fullDays?: readonly string[];
}

/** The time an appointment takes from the resource: the appointment and its buffers. */
export function blockedRange(start: number, rules: AppointmentLength): Interval {
  return {
    start: start - rules.bufferBeforeMinutes * MINUTE,
    end: start + (rules.durationMinutes + rules.bufferAfterMinutes) * MINUTE,
  };
}

/** Which starts are looked for. */
export interface StartSearch {
  now: number;
  /** Those in `[from, to)`. */
  from: number;
  to: number;
  rules: ServiceRules;
}

/** The starts that notice and advance allow, until the end of the last bookable date. */
export function bookingHorizon({ timezone }: ResourceCalendar, rules: ServiceRules, now: number): Interval {
  const lastDate = addDays(localDateOf(now, timezone), rules.maxAdvanceDays);
  return {
    start: now + Math.max(0, rules.minNoticeMinutes) * MINUTE,
    end: startOfDay(addDays(lastDate, 1), timezone),
  };
}

export function grid({ durationMinutes, slotStepMinutes }: ServiceRules): { step: number; length: number } {
  for (const minutes of [durationMinutes, slotStepMinutes]) {
    if (!Number.isInteger(minutes) || minutes < 1) throw new RangeError(`Not whole minutes: ${minutes}`);
  }
  return { step: slotStepMinutes * MINUTE, length: durationMinutes * MINUTE };
}

/** The first start at or after `instant` on the stretch's grid, which counts elapsed time from its start. */
export function nextOnGrid(stretch: Interval, step: number, instant: number): number {
  return stretch.start + Math.max(0, Math.ceil((instant - stretch.start) / step)) * step;
}

/**
 * The starts in `window` whose blocked range would overlap a block. With the blocked range `[s - before, s +
 * after)` they are all `s` with `block.start - after < s < block.end + before`, here as a half-open interval
 * of milliseconds.
 */
export function closedByBlocks(
  blocks: readonly Interval[],
  rules: AppointmentLength,
  window: Interval,
): Interval[] {
  const around = blockedRange(0, rules);
  const closed: Interval[] = [];
  for (const block of blocks) {
    const start = block.start - around.end + 1;
    const end = block.end - around.start;
    if (block.start < block.end && start < window.end && end > window.start) closed.push({ start, end });
  }
  return closed;
}

/** The starts in `window` whose appointment, without its buffers, would fall into time off. */
export function closedByTimeOff(
  { timeOff = [] }: ResourceCalendar,
  { durationMinutes }: ServiceRules,
  window: Interval,
): Interval[] {
  return closedByBlocks(timeOff, { durationMinutes, bufferBeforeMinutes: 0, bufferAfterMinutes: 0 }, window);
}

/** The starts in `window` on a local date that has as many bookings as it may. */
export function closedByFullDays(
  { timezone, fullDays = [] }: ResourceCalendar,
  window: Interval,
): Interval[] {
  return fullDays
    .flatMap((date) => instantsOfDate(date, timezone))
    .filter((day) => day.start < window.end && day.end > window.start);
}
