import { DAY, firstEndingAfter, MINUTE, mergeIntervals, type Interval } from './intervals.js';
import { workingStretches, type WorkingHours } from './working-hours.js';
import { addDays, instantsOfDate, localDateOf, startOfDay, timeOfDay, wallOf } from './zoned-time.js';

/*
 * The availability engine. Pure: intervals, rules and `now` in, slots out. `findSlots` (what is offered) and
 * `checkStart` (what is accepted) ask the same functions, so an offer can be kept until somebody takes it.
 * It is a courtesy all the same: whether a booking is made, the database's exclusion constraint decides.
 *
 * Instants are whole epoch milliseconds, intervals are half-open.
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

/** An appointment that can be made: the time the customer has, without buffers. */
export interface Slot extends Interval {
  resourceId: string;
}

export interface SlotSearch {
  now: number;
  /** Slots that start in `[from, to)`. */
  from: number;
  to: number;
  rules: ServiceRules;
  resources: readonly ResourceCalendar[];
}

/** Why a start cannot be booked: the first that applies, in this order. */
export type Refusal =
  'in_past' | 'too_soon' | 'too_far' | 'outside_hours' | 'off_grid' | 'day_full' | 'booked' | 'busy';

export type StartCheck = { ok: true; slot: Slot; blocked: Interval } | { ok: false; reason: Refusal };

/** By the local time of the start: morning until 12:00, afternoon until 17:00, evening from then on. */
export type TimePreference = 'any' | 'morning' | 'afternoon' | 'evening';

/**
 * Every slot that can be booked, ordered by start and then by resource id (compared by code unit). The order
 * of resources, intervals and hours in the input does not matter, nor whether they overlap or repeat.
 * @throws RangeError for a duration or step that is not a positive whole number, or an unknown zone
 */
export function findSlots({ now, from, to, rules, resources }: SlotSearch): Slot[] {
  const length = rules.durationMinutes * MINUTE;
  const slots: Slot[] = [];
  for (const resource of [...resources].sort(byResourceId)) {
    const { resourceId } = resource;
    for (const start of openStarts(resource, rules, now, from, to)) {
      slots.push({ resourceId, start, end: start + length });
    }
  }
  return slots.sort((a, b) => a.start - b.start); // stable, so equal starts stay in the order of resources
}

/**
 * Can an appointment start at this instant? Yes for the slots that `findSlots` offers, and for no others.
 * @throws RangeError as `findSlots`
 */
export function checkStart(
  start: number,
  { now, rules, resource }: Omit<SlotSearch, 'from' | 'to' | 'resources'> & { resource: ResourceCalendar },
): StartCheck {
  const reason = refusal(start, resource, rules, now);
  if (reason) return { ok: false, reason };
  const slot = { resourceId: resource.resourceId, start, end: start + rules.durationMinutes * MINUTE };
  return { ok: true, slot, blocked: blockedRange(start, rules) };
}

/** The time an appointment takes from the resource: the appointment and its buffers. */
export function blockedRange(start: number, rules: AppointmentLength): Interval {
  return {
    start: start - rules.bufferBeforeMinutes * MINUTE,
    end: start + (rules.durationMinutes + rules.bufferAfterMinutes) * MINUTE,
  };
}

/** Does an appointment that starts at this instant suit the preference, by the clock in `zone`? */
export function matchesPreference(start: number, zone: string, preference: TimePreference): boolean {
  if (preference === 'any') return true;
  const wall = wallOf(start, zone);
  const time = wall - Math.floor(wall / DAY) * DAY;
  if (time < timeOfDay('12:00')) return preference === 'morning';
  return preference === (time < timeOfDay('17:00') ? 'afternoon' : 'evening');
}

function openStarts(
  resource: ResourceCalendar,
  rules: ServiceRules,
  now: number,
  from: number,
  to: number,
): number[] {
  const horizon = bookingHorizon(resource, rules, now);
  const window = { start: Math.max(from, horizon.start), end: Math.min(to, horizon.end) };
  if (!(window.start < window.end)) return [];

  const { workingHours, timezone } = resource;
  const { step, length } = grid(rules);
  const closed = mergeIntervals([
    ...closedByBlocks(resource.booked, rules, window),
    ...closedByBlocks(resource.busy, rules, window),
    ...closedByTimeOff(resource, rules, window),
    ...closedByFullDays(resource, window),
  ]);
  const starts: number[] = [];
  for (const stretch of workingStretches(workingHours, timezone, window.start, window.end)) {
    const last = Math.min(stretch.end - length, window.end - 1);
    let start = nextOnGrid(stretch, step, window.start);
    let next = firstEndingAfter(closed, start);
    while (start <= last) {
      const closure = closed[next];
      if (!closure || start < closure.start) {
        starts.push(start);
        start += step;
      } else if (start < closure.end) {
        start = nextOnGrid(stretch, step, closure.end);
      } else {
        next++;
      }
    }
  }
  return inOrderOnce(starts);
}

function refusal(
  start: number,
  resource: ResourceCalendar,
  rules: ServiceRules,
  now: number,
): Refusal | undefined {
  if (start < now) return 'in_past';
  const horizon = bookingHorizon(resource, rules, now);
  if (start < horizon.start) return 'too_soon';
  if (start >= horizon.end) return 'too_far';

  const { step, length } = grid(rules);
  const moment = { start, end: start + 1 };
  const around = workingStretches(resource.workingHours, resource.timezone, moment.start, moment.end).filter(
    (stretch) => stretch.start <= start && start + length <= stretch.end,
  );
  if (around.length === 0) return 'outside_hours';
  if (!around.some((stretch) => nextOnGrid(stretch, step, start) === start)) return 'off_grid';
  if (closedByTimeOff(resource, rules, moment).length > 0) return 'outside_hours';
  if (closedByFullDays(resource, moment).length > 0) return 'day_full';
  if (closedByBlocks(resource.booked, rules, moment).length > 0) return 'booked';
  if (closedByBlocks(resource.busy, rules, moment).length > 0) return 'busy';
  return undefined;
}

/** The starts that notice and advance allow, until the end of the last bookable date. */
function bookingHorizon({ timezone }: ResourceCalendar, rules: ServiceRules, now: number): Interval {
  const lastDate = addDays(localDateOf(now, timezone), rules.maxAdvanceDays);
  return {
    start: now + Math.max(0, rules.minNoticeMinutes) * MINUTE,
    end: startOfDay(addDays(lastDate, 1), timezone),
  };
}

function grid({ durationMinutes, slotStepMinutes }: ServiceRules): { step: number; length: number } {
  for (const minutes of [durationMinutes, slotStepMinutes]) {
    if (!Number.isInteger(minutes) || minutes < 1) throw new RangeError(`Not whole minutes: ${minutes}`);
  }
  return { step: slotStepMinutes * MINUTE, length: durationMinutes * MINUTE };
}

/** The first start at or after `instant` on the stretch's grid, which counts elapsed time from its start. */
function nextOnGrid(stretch: Interval, step: number, instant: number): number {
  return stretch.start + Math.max(0, Math.ceil((instant - stretch.start) / step)) * step;
}

/**
 * The starts in `window` whose blocked range would overlap a block. With the blocked range `[s - before, s +
 * after)` they are all `s` with `block.start - after < s < block.end + before`, here as a half-open interval
 * of milliseconds.
 */
function closedByBlocks(blocks: readonly Interval[], rules: AppointmentLength, window: Interval): Interval[] {
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
function closedByTimeOff(
  { timeOff = [] }: ResourceCalendar,
  { durationMinutes }: ServiceRules,
  window: Interval,
): Interval[] {
  return closedByBlocks(timeOff, { durationMinutes, bufferBeforeMinutes: 0, bufferAfterMinutes: 0 }, window);
}

/** The starts in `window` on a local date that has as many bookings as it may. */
function closedByFullDays({ timezone, fullDays = [] }: ResourceCalendar, window: Interval): Interval[] {
  return fullDays
    .flatMap((date) => instantsOfDate(date, timezone))
    .filter((day) => day.start < window.end && day.end > window.start);
}

/** Stretches may overlap (an override and the evening before), and then share starts or mix them. */
function inOrderOnce(starts: number[]): number[] {
  const ascending = starts.every((start, i) => i === 0 || (starts[i - 1] ?? 0) < start);
  return ascending ? starts : [...new Set(starts)].sort((a, b) => a - b);
}

function byResourceId(a: ResourceCalendar, b: ResourceCalendar): number {
  return a.resourceId < b.resourceId ? -1 : a.resourceId > b.resourceId ? 1 : 0;
}
