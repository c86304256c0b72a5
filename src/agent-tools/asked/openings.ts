import { Injectable } from '@nestjs/common';
import {
  type Availability,
  type AvailabilitySearch,
  AvailabilityService,
  type DayOfSlots,
  type OfferedSlot,
} from '../../booking/availability/availability.service.js';
import type { Slot, TimePreference } from '../../booking/engine/slot-finder.js';
import { addDays, zonedInstant } from '../../booking/engine/zoned-time.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { Deadline } from '../../platform/deadline.js';
import type { AskedTime } from './asked-time.js';
import type { AskedBookable } from './bookables.js';
import type { Conversation } from '../conversation.js';
import { hoursOf, type PartHours } from '../language/language.js';
import type { SpokenWish } from '../language/sentences.js';
import type { TimeLimits } from '../language/when.js';
import { halfMeant, isWithin } from './half-meant.js';
import { limitsOf } from './part-and-limits.js';
import { nearest, spread, wallTimeOf } from '../tool-slot.js';

/** How far ahead of days without openings others are looked for. */
const DAYS_AHEAD = 14;

/** As many days as are looked through at once: together with `DAYS_AHEAD` no more than `AvailabilityService` takes. */
const LONGEST_STRETCH = 45;

/** More than any answer has: with so many, no further days are looked at. */
const ENOUGH = 500;

/** Which openings will do. */
export interface Wish {
  /** In order, and at least one. */
  dates: readonly string[];
  preference: TimePreference;
  /** Exactly at one of these times; at any when there are none. */
  times: readonly string[];
  /** From this time on, … */
  notBefore?: string;
  /** … and earlier than this, … */
  before?: string;
  /** … or at this time at the latest. */
  until?: string;
  /** The same limits in the other half of the day: what is offered tells which is meant. */
  otherHalf?: TimeLimits;
  /** Which hours the part of the day is to the caller. */
  partHours: PartHours;
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
  /** What was wished for, in the half of the day that is meant. */
  wish: Wish;
  /** What is offered does not tell which half of the day is meant: the limits in either. */
  unclearHalf?: readonly [string, string];
}

/**
 * What a caller wishes for: undefined when a day has yet to be asked for. A time says more than the part of
 * the day beside it.
 */
export function wishOf(
  asked: AskedTime,
  conversation: Pick<Conversation, 'clock' | 'language'>,
): Wish | undefined {
  const { dates, times, earliest } = asked;
  const { clock, language } = conversation;
  if (dates.length === 0 && !earliest) return undefined;
  const isTimeSaid = times.length > 0;
  const preference = isTimeSaid ? 'any' : asked.preference;
  const { otherHalf, ...limits }: Pick<Wish, keyof TimeLimits | 'otherHalf'> = isTimeSaid ? {} : asked;
  const or = asked.or && wishOf(asked.or, conversation);
  return {
    dates: dates.length > 0 ? dates : soonFrom(clock.today),
    times,
    preference,
    partHours: hoursOf(preference, language),
    ...limitsOf(limits),
    ...(otherHalf && { otherHalf }),
    ...(or && { or }),
  };
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
  const { times, partHours: _, otherHalf: _other, or: _or, ...others } = wish;
  const [at] = times;
  return { ...others, ...(at && { at }) };
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
    const dates = datesOf(wish);
    const isAsked = new Set(dates);
    const [first, ...others] = stretchesOf(dates);
    const search = (stretch: Stretch) =>
      this.availability.search(tenant, { ...stretch, ...bookable }, deadline, (date) => isAsked.has(date));
    const found = await halfSought(await search(first), wish);
    const { calendar, service } = found;
    const slots = found.wish === undefined ? [] : await suitingSlots(found, found.wish);
    for (const stretch of others) {
      if (slots.length >= ENOUGH || found.wish === undefined) break;
      slots.push(...(await suitingSlots(await search(stretch), found.wish)));
    }
    if (slots.length > 0) return { slots, alternatives: [], calendar, service, wish: found.wish ?? wish };
    const query = { from: first.from, to: addDays(first.to, DAYS_AHEAD), ...bookable };
    // Where the day itself is full, the days after it tell which half of the day is meant.
    const around = await halfSought(await this.availability.search(tenant, query, deadline), wish);
    const unclearHalf = found.unclearHalf ?? around.unclearHalf;
    const meant = around.wish ?? wish;
    return {
      slots: [],
      alternatives: await nearestOpenings(around, meant),
      calendar: around.calendar,
      service,
      wish: meant,
      ...(unclearHalf && { unclearHalf }),
    };
  }

  /** Which of these times of the day are ever offered from this day to two weeks after it. */
  async offeredTimes(
    tenant: TenantId,
    date: string,
    times: readonly string[],
    bookable: AskedBookable,
    deadline: Deadline,
  ): Promise<ReadonlySet<string>> {
    const query = { from: date, to: addDays(date, DAYS_AHEAD), ...bookable };
    const { days, timezone } = await this.availability.search(tenant, query, deadline);
    const offered = new Set<string>();
    for await (const { slots } of days) {
      for (const { start } of slots) {
        const time = wallTimeOf(start, timezone);
        if (times.includes(time)) offered.add(time);
      }
      if (offered.size === new Set(times).size) break;
    }
    return offered;
  }
}

/** What was found, and the wish in the half of the day that is meant: undefined where that has to be asked. */
interface HalfSought extends Omit<AvailabilitySearch, 'days'> {
  days: AvailabilitySearch['days'] | readonly DayOfSlots[];
  wish?: Wish;
  unclearHalf?: readonly [string, string];
}

/** Looks at all days before any is offered, since only all of them tell which half of the day is meant. */
async function halfSought(found: AvailabilitySearch, wish: Wish): Promise<HalfSought> {
  if (wish.otherHalf === undefined) return { ...found, wish };
  const days: DayOfSlots[] = [];
  const times = new Set<string>();
  for await (const day of found.days) {
    days.push(day);
    for (const { start } of day.slots) times.add(wallTimeOf(start, found.timezone));
  }
  return { ...found, days, ...halfMeant(wish, [...times].sort()) };
}

/** Those that will do, day by day until there are enough for any answer. */
async function suitingSlots(
  { days, timezone, offer }: Pick<HalfSought, 'days' | 'timezone' | 'offer'>,
  wish: Wish,
): Promise<OfferedSlot[]> {
  const isSuiting = suits(wish, timezone);
  const found: OfferedSlot[] = [];
  for await (const { date, slots } of days) {
    for (const slot of slots) if (isSuiting(slot.start, date)) found.push(offer(slot));
    if (found.length >= ENOUGH) break;
  }
  return found;
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

/** Whether a start on a date will do. */
type SuitsStart = (start: number, date: string) => boolean;

function suits(wish: Wish, timezone: string): SuitsStart {
  // Of one date there are no others to leave out.
  if (wish.or === undefined && wish.dates.length === 1) return suitsTime(wish, timezone);
  const either = [wish, ...(wish.or ? [wish.or] : [])].map((one): SuitsStart => {
    const dates = new Set(one.dates);
    const isTime = suitsTime(one, timezone);
    return (start, date) => dates.has(date) && isTime(start);
  });
  return (start, date) => either.some((suitsOne) => suitsOne(start, date));
}

function suitsTime(
  { preference, partHours, times, ...limits }: Wish,
  timezone: string,
): (start: number) => boolean {
  const { notBefore, before, until } = limits;
  const isAnyTime = [times[0], notBefore, before, until].every((limit) => limit === undefined);
  if (isAnyTime && preference === 'any') return () => true;
  return (start) => {
    const time = wallTimeOf(start, timezone);
    if (preference !== 'any' && !isWithin(time, partHours)) return false;
    return times.length > 0 ? times.includes(time) : isWithin(time, limits);
  };
}

/**
 * The same day first, at whatever time; else the next day that has what was asked for; else the next that has
 * anything.
 */
async function nearestOpenings(
  { days, timezone, offer }: Pick<HalfSought, 'days' | 'timezone' | 'offer'>,
  wish: Wish,
): Promise<OfferedSlot[]> {
  const dates = datesOf(wish);
  const [date = ''] = dates;
  const last = dates.at(-1) ?? date;
  const isSuiting = suitsTime(wish, timezone);
  const asked: Slot[] = [];
  let suiting: Slot[] | undefined;
  let first: Slot[] | undefined;
  for await (const day of days) {
    if (dates.includes(day.date)) asked.push(...day.slots);
    if (day.slots.length > 0) first ??= day.slots;
    if (suiting === undefined && day.slots.some(({ start }) => isSuiting(start))) {
      suiting = day.slots.filter(({ start }) => isSuiting(start));
    }
    if (day.date >= last && (asked.length > 0 || suiting !== undefined)) break;
  }
  if (asked.length === 0) return spread(suiting ?? first ?? []).map(offer);
  const time = wish.times[0] ?? wish.notBefore ?? wish.before ?? wish.until;
  const [instant] = time === undefined || dates.length > 1 ? [] : zonedInstant(date, time, timezone).instants;
  return instant === undefined ? spread(asked).map(offer) : nearest(asked.map(offer), instant);
}
