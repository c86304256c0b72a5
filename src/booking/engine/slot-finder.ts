import { DAY, MINUTE, type Interval } from './intervals.js';
import { OpenStarts } from './open-starts.js';
import {
  blockedRange,
  bookingHorizon,
  closedByBlocks,
  closedByFullDays,
  closedByTimeOff,
  grid,
  nextOnGrid,
  type ResourceCalendar,
  type ServiceRules,
  type StartSearch,
} from './start-rules.js';
import { endOfWork, workingStretches } from './working-hours.js';
import { timeOfDay, wallOf } from './zoned-time.js';

export { blockedRange, type ResourceCalendar, type ServiceRules };

/*
 * The availability engine. Pure: intervals, rules and `now` in, slots out. `findSlots` (what is offered) and
 * `checkStart` (what is accepted) ask the same functions, so an offer can be kept until somebody takes it.
 * It is a courtesy all the same: whether a booking is made, the database's exclusion constraint decides.
 *
 * Instants are whole epoch milliseconds, intervals are half-open.
 */

/** An appointment that can be made: the time the customer has, without buffers. */
export interface Slot extends Interval {
  resourceId: string;
}

export interface SlotSearch extends StartSearch {
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
  const open = new OpenStarts({ now, from, to, rules });
  for (const resource of [...resources].sort(byResourceId)) {
    const { resourceId } = resource;
    for (const start of open.of(resource, from, to)) {
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

const NOON = timeOfDay('12:00');
const EVENING = timeOfDay('17:00');

/** Does an appointment that starts at this instant suit the preference, by the clock in `zone`? */
export function matchesPreference(start: number, zone: string, preference: TimePreference): boolean {
  if (preference === 'any') return true;
  const wall = wallOf(start, zone);
  const time = wall - Math.floor(wall / DAY) * DAY;
  if (time < NOON) return preference === 'morning';
  return preference === (time < EVENING ? 'afternoon' : 'evening');
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
  const { workingHours, timezone } = resource;
  const stretches = workingStretches(workingHours, timezone, start, start + length + 1);
  const around = stretches.filter(
    (stretch) =>
      stretch.start <= start &&
      start < stretch.end &&
      start + length <= endOfWork(stretch, stretches, timezone),
  );
  if (around.length === 0) return 'outside_hours';
  if (!around.some((stretch) => nextOnGrid(stretch, step, start) === start)) return 'off_grid';
  if (closedByTimeOff(resource, rules, moment).length > 0) return 'outside_hours';
  if (closedByFullDays(resource, moment).length > 0) return 'day_full';
  if (closedByBlocks(resource.booked, rules, moment).length > 0) return 'booked';
  if (closedByBlocks(resource.busy, rules, moment).length > 0) return 'busy';
  return undefined;
}

export function byResourceId(a: ResourceCalendar, b: ResourceCalendar): number {
  return a.resourceId < b.resourceId ? -1 : a.resourceId > b.resourceId ? 1 : 0;
}
