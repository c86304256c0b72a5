import { Injectable } from '@nestjs/common';
import {
  type Availability,
  AvailabilityService,
  type OfferedSlot,
} from '../../booking/availability/availability.service.js';
import { matchesPreference, type TimePreference } from '../../booking/engine/slot-finder.js';
import { addDays, localDateOf, zonedInstant } from '../../booking/engine/zoned-time.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { Deadline } from '../../platform/deadline.js';
import type { AskedTime } from './asked-time.js';
import type { AskedBookable } from './bookables.js';
import type { SpokenWish } from '../language/sentences.js';
import { nearest, spread, startOf, wallTimeOf } from '../tool-slot.js';

/** How far ahead of days without openings others are looked for. */
const DAYS_AHEAD = 14;

/** As many days as are looked through at once: together with `DAYS_AHEAD` no more than `AvailabilityService` takes. */
const LONGEST_STRETCH = 45;

/** Which openings will do. */
export interface Wish {
  /** In order, and at least one. */
  dates: readonly string[];
  preference: TimePreference;
  /** Exactly at one of these times; at any when there are none. */
  times: readonly string[];
  notBefore?: string;
  before?: string;
  /** What will do as well. */
  or?: Wish;
}

/** The openings that will do or, when there are none, the nearest. */
export interface Openings {
  slots: OfferedSlot[];
  /** At most three; empty unless `slots` is. */
  alternatives: OfferedSlot[];
  calendar: Availability['calendar'];
  service: Availability['service'];
}

/**
 * What a caller wishes for: undefined when a day has yet to be asked for. A time says more than the part of
 * the day beside it.
 */
export function wishOf(asked: AskedTime, today: string): Wish | undefined {
  const { dates, times, preference, notBefore, before, earliest } = asked;
  if (dates.length === 0 && !earliest) return undefined;
  const inTime = times.length > 0 ? { preference: 'any' as const } : { preference, notBefore, before };
  const or = asked.or && wishOf(asked.or, today);
  return { dates: dates.length > 0 ? dates : soonFrom(today), times, ...inTime, ...(or && { or }) };
}

function soonFrom(today: string): string[] {
  return Array.from({ length: DAYS_AHEAD + 1 }, (_, n) => addDays(today, n));
}

/** All dates that will do, in order. */
function datesOf({ dates, or }: Wish): readonly string[] {
  return or === undefined ? dates : [...new Set([...dates, ...or.dates])].sort();
}

/** The wish as it is said back to the caller. */
export function spokenWish(wish: Wish): SpokenWish {
  if (wish.or !== undefined) return { dates: datesOf(wish), preference: 'any' };
  const { times, ...others } = wish;
  return { ...others, at: times[0] };
}

@Injectable()
export class OpeningFinder {
  constructor(private readonly availability: AvailabilityService) {}

  /**
   * Times and parts of the day are by the clock that callers are told times by: the tenant's, wherever a
   * resource may be.
   * @throws DomainError as `AvailabilityService.find`
   */
  async suiting(
    tenant: TenantId,
    wish: Wish,
    bookable: AskedBookable,
    deadline: Deadline,
  ): Promise<Openings> {
    const [first, ...others] = stretchesOf(datesOf(wish));
    const found = await this.availability.find(tenant, { ...first, ...bookable }, deadline);
    const { calendar, service, timezone } = found;
    for (const stretch of others) {
      const { slots } = await this.availability.find(tenant, { ...stretch, ...bookable }, deadline);
      found.slots.push(...slots);
    }
    const slots = found.slots.filter(suits(wish, timezone));
    if (slots.length > 0) return { slots, alternatives: [], calendar, service };
    const query = { from: first.from, to: addDays(first.to, DAYS_AHEAD), ...bookable };
    const around = await this.availability.find(tenant, query, deadline);
    return { slots: [], alternatives: nearestOpenings(around, wish), calendar: around.calendar, service };
  }

  /** The openings of this day and of the two weeks after it. */
  async fromDay(
    tenant: TenantId,
    date: string,
    bookable: AskedBookable,
    deadline: Deadline,
  ): Promise<Availability> {
    const query = { from: date, to: addDays(date, DAYS_AHEAD), ...bookable };
    return this.availability.find(tenant, query, deadline);
  }
}

/** In order, none longer than can be asked for at once: "Monday or March 20" are two. */
function stretchesOf([first = '', ...others]: readonly string[]): [Stretch, ...Stretch[]] {
  const stretches: [Stretch, ...Stretch[]] = [{ from: first, to: first }];
  for (const date of others) {
    const last = stretches.at(-1);
    if (last !== undefined && date < addDays(last.from, LONGEST_STRETCH)) last.to = date;
    else stretches.push({ from: date, to: date });
  }
  return stretches;
}

interface Stretch {
  from: string;
  to: string;
}

function suits(wish: Wish, timezone: string): (slot: OfferedSlot) => boolean {
  // Of one date there are no others to leave out.
  if (wish.or === undefined && wish.dates.length === 1) return suitsTime(wish, timezone);
  const either = [wish, ...(wish.or ? [wish.or] : [])].map((one) => {
    const dates = new Set(one.dates);
    const isTime = suitsTime(one, timezone);
    return (slot: OfferedSlot, date: string) => dates.has(date) && isTime(slot);
  });
  return (slot) => {
    const date = localDateOf(startOf(slot), timezone);
    return either.some((suitsOne) => suitsOne(slot, date));
  };
}

function suitsTime(
  { preference, times, notBefore, before }: Wish,
  timezone: string,
): (slot: OfferedSlot) => boolean {
  const isAnyTime = times.length === 0 && notBefore === undefined && before === undefined;
  if (isAnyTime && preference === 'any') return () => true;
  return (slot) => {
    const start = startOf(slot);
    if (!matchesPreference(start, timezone, preference)) return false;
    if (isAnyTime) return true;
    const time = wallTimeOf(start, timezone);
    if (times.length > 0) return times.includes(time);
    return (notBefore === undefined || time >= notBefore) && (before === undefined || time < before);
  };
}

/**
 * The same day first, at whatever time; else the next day that has what was asked for; else the next that has
 * anything.
 */
function nearestOpenings({ slots, timezone }: Availability, wish: Wish): OfferedSlot[] {
  const days = Map.groupBy(slots, (slot) => localDateOf(startOf(slot), timezone));
  const dates = datesOf(wish);
  const asked = dates.flatMap((date) => days.get(date) ?? []);
  const [date = ''] = dates;
  const time = wish.times[0] ?? wish.notBefore ?? wish.before;
  if (asked.length > 0) {
    const [instant] =
      time === undefined || dates.length > 1 ? [] : zonedInstant(date, time, timezone).instants;
    return instant === undefined ? spread(asked) : nearest(asked, instant);
  }
  for (const openings of days.values()) {
    const suiting = openings.filter(suitsTime(wish, timezone));
    if (suiting.length > 0) return spread(suiting);
  }
  const [first = []] = days.values();
  return spread(first);
}
