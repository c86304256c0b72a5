import { Injectable } from '@nestjs/common';
import { CalendarReader, type CalendarKnowledge } from '../../calendar/calendar-reader.js';
import { Settings } from '../../platform/config/settings.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Deadline } from '../../platform/deadline.js';
import { notFound } from '../../platform/errors/domain-error.js';
import {
  AvailabilityRepository,
  type AvailabilitySnapshot,
  type Seeker,
  type ServiceSnapshot,
  type SnapshotQuery,
} from './availability.repository.js';
import { searchFreeStarts } from '../engine/free-starts.js';
import { decodeCursor, encodeCursor } from './availability-cursor.js';
import { calendarState, type CalendarState, readable } from './calendar-state.js';
import { datesAsked, type DatesQuery, type Day, days } from './dates-asked.js';
import { resourceCalendars } from './resource-calendars.js';
import { slotIdsOf } from './slot-id.js';
import { inSlices } from './turns.js';
import {
  matchesPreference,
  type ResourceCalendar,
  type Slot,
  type TimePreference,
} from '../engine/slot-finder.js';
import { addDays, localDateOf, startOfDay, toIsoWithOffset } from '../engine/zoned-time.js';
import { clock } from '../../platform/time/clock.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** As many slots as one answer has. */
export const MOST_SLOTS_OF_PAGE = 1000;

export interface AvailabilityQuery extends Seeker, DatesQuery {
  timePreference?: TimePreference;
  serviceId?: string;
  resourceId?: string;
}

/** Which part of an answer is wanted: what starts from `cursor` on, and no more than so much of it. */
export interface AvailabilityPage {
  /** `nextCursor` of the page before. */
  cursor?: string;
  limit?: number;
}

/** A time that can be booked. */
export interface OfferedSlot {
  /** Books this time: with the resource that was asked for or, where none was, with any that is free by then. */
  slotId: string;
  startsAt: string;
  endsAt: string;
  /** A resource that is free at this time: the one that was asked for, or one of several. */
  resourceId: string;
}

interface AvailabilityHead {
  timezone: string;
  locale: string;
  now: string;
  service: { id: string; name: string; durationMinutes: number; description: string | null };
  calendar: CalendarState;
}

export interface Availability extends AvailabilityHead {
  slots: OfferedSlot[];
  /** For asking on; null when there is nothing more in the range. */
  nextCursor: string | null;
}

/** What is free on one local date of the tenant. */
export interface DayOfSlots {
  date: string;
  slots: Slot[];
}

/** A search that goes on only as far as its days are read. */
export interface AvailabilitySearch extends AvailabilityHead {
  /** The dates asked about, in order; it ends early where looking at them all would take too much. */
  days: AsyncIterable<DayOfSlots>;
  /** A slot as it is offered to a client. */
  offer: (slot: Slot) => OfferedSlot;
}

/**
 * What an answer may rest on: the mirror of the connected calendars or, just before something is booked, what can be read of them now. Where
 * that is not to be had, the tenant's policy decides.
 */
export type CalendarUse = 'mirror' | 'live';

/** What is known about a service's resources in a range of time: the ground that offers and bookings both stand on. */
export interface ServiceCalendar {
  timezone: string;
  locale: string;
  service: ServiceSnapshot;
  resources: ResourceCalendar[];
  calendar: CalendarState;
}

@Injectable()
export class AvailabilityService {
  constructor(
    private readonly repository: AvailabilityRepository,
    private readonly calendarReader: CalendarReader,
    private readonly settings: Settings,
  ) {}

  /**
   * The times that can be booked now, each once: whoever of several resources is free then. A page at a time; a page may have
   * fewer slots than its limit, even none, and another page after it.
   * @param deadline until when the connected calendars may be waited for
   * @throws DomainError `invalid_input` for dates that do not exist, a range over 62 days or a cursor that is none; `not_found`
   * for a service or resource that is not the tenant's; `calendar_unreadable` when the tenant's policy is to refuse then
   */
  async find(
    tenant: TenantId,
    query: AvailabilityQuery,
    { cursor, limit = MOST_SLOTS_OF_PAGE }: AvailabilityPage = {},
    deadline = Deadline.in(this.settings.calendarBudgetMs),
  ): Promise<Availability> {
    const after = cursor === undefined ? -Infinity : decodeCursor(cursor);
    const { head, known, steps } = await this.#search(tenant, query, deadline, { after });
    const found: Slot[] = [];
    let next: number | null = null;
    for await (const step of steps) {
      if (step.kind === 'exhausted') next = step.piece.from;
      else for (const slot of step.slots) found.push(slot);
      if (found.length > limit) break;
    }
    const slots = found.slice(0, limit);
    next = found[limit]?.start ?? next;
    return {
      ...head,
      slots: slots.map(slotOffers(known, query.resourceId)),
      nextCursor: next === null ? null : encodeCursor(next),
    };
  }

  /**
   * As `find`, day by day, for those who stop when they have enough.
   * @param isAsked which dates of the range are looked at; default: all
   * @throws DomainError as `find`
   */
  async search(
    tenant: TenantId,
    query: AvailabilityQuery,
    deadline: Deadline,
    isAsked?: (date: string) => boolean,
  ): Promise<AvailabilitySearch> {
    const { head, known, steps } = await this.#search(tenant, query, deadline, { isAsked });
    return { ...head, days: daysIn(steps), offer: slotOffers(known, query.resourceId, query.namesResource) };
  }

  async #search(
    tenant: TenantId,
    query: AvailabilityQuery,
    deadline: Deadline,
    { after = -Infinity, isAsked }: { after?: number; isAsked?: (date: string) => boolean },
  ) {
    const now = clock.now();
    // The zone that the dates are meant in is only known with the snapshot, which reaches further than any zone's offset.
    const dates = datesAsked(query, new Date(now).toISOString().slice(0, 10), 1);
    const end = Date.parse(dates.to) + DAY;
    const range = { from: Math.max(Date.parse(dates.from), Math.min(after - DAY, end - DAY)), to: end };
    const known = await this.serviceCalendar(tenant, range, query, deadline, 'mirror');
    const { service, timezone, locale, calendar } = known;
    const asked = datesAsked(query, localDateOf(now, timezone));
    const { timePreference = 'any' } = query;
    const [from, to] = [
      Math.max(startOfDay(asked.from, timezone), after),
      startOfDay(addDays(asked.to, 1), timezone),
    ];
    const found = searchFreeStarts(
      { now, from, to, rules: service, resources: known.resources },
      days(asked, timezone, { from, to }, isAsked),
      timePreference === 'any'
        ? {}
        : // By the clock where it takes place.
          { suits: (start, resource) => matchesPreference(start, resource.timezone, timePreference) },
    );
    const { id, name, durationMinutes, description } = service;
    const head: AvailabilityHead = {
      timezone,
      locale,
      now: toIsoWithOffset(now, timezone),
      service: { id, name, durationMinutes, description },
      calendar,
    };
    return { head, known, steps: inSlices(tenant, found) };
  }

  /**
   * What is known about a service's resources around a range of instants, the connected calendars included. Resources whose
   * calendars are not known well enough are left out where the tenant's policy is to refuse then.
   * @throws DomainError `not_found`, `calendar_unreadable` as `find`
   */
  async serviceCalendar(
    tenant: TenantId,
    range: { from: number; to: number },
    query: SnapshotQuery,
    deadline: Deadline,
    use: CalendarUse,
  ): Promise<ServiceCalendar> {
    const snapshot = await this.repository.snapshot(tenant, range, query);
    if (snapshot === null) throw notFound('tenant');
    if (snapshot.service === null) throw notFound('service');
    if (query.resourceId !== undefined && snapshot.resources.length === 0) throw notFound('resource');
    const knowledge = await this.#readCalendars(tenant, snapshot, range, deadline, use);
    const busyIn = new Map([...knowledge].map(([id, { busy }]) => [id, busy]));
    const { timezone, locale, service } = snapshot;
    return {
      timezone,
      locale,
      service,
      resources: readable(snapshot, knowledge, resourceCalendars(snapshot, busyIn)),
      calendar: calendarState(knowledge),
    };
  }

  async #readCalendars(
    tenant: TenantId,
    { calendars, service, calendarStaleAfterMinutes }: AvailabilitySnapshot,
    range: { from: number; to: number },
    deadline: Deadline,
    use: CalendarUse,
  ): Promise<ReadonlyMap<string, CalendarKnowledge>> {
    if (calendars.length === 0) return new Map();
    // Nothing is offered beyond the furthest advance, so nothing needs to be known there.
    const furthest = clock.now() + ((service?.maxAdvanceDays ?? 0) + 3) * DAY;
    return this.calendarReader.readBusy(
      tenant,
      calendars.map(({ knownFrom, knownTo, knownAsOf, isBehind, busy, ...calendar }) => ({
        ...calendar,
        lastBusy: busy ?? [],
        lastKnown:
          knownFrom === null || knownTo === null || knownAsOf === null
            ? null
            : { from: knownFrom, to: knownTo, asOf: knownAsOf, isBehind },
      })),
      // On both sides for buffers and zones; and an appointment that starts late on the last date may go on for a day.
      { from: range.from - DAY, to: Math.min(range.to + 3 * DAY, furthest) },
      deadline,
      { staleAfterMs: calendarStaleAfterMinutes * MINUTE, live: use === 'live' },
    );
  }
}

async function* daysIn(
  steps: AsyncIterable<{ kind: 'piece'; piece: Day; slots: Slot[] } | { kind: 'exhausted' }>,
): AsyncGenerator<DayOfSlots> {
  for await (const step of steps)
    if (step.kind === 'piece') yield { date: step.piece.date, slots: step.slots };
}

/**
 * How slots are offered to a client.
 * @param askedResourceId the only resource that will do; undefined for whoever is free when the slot is booked
 */
export function slotOffers(
  { timezone, service, resources }: Pick<ServiceCalendar, 'timezone' | 'service' | 'resources'>,
  askedResourceId: string | undefined,
  namesResource = false,
): (slot: Slot) => OfferedSlot {
  const slotIdAt = slotIdsOf(service.id, askedResourceId ?? null);
  const zones = new Map(resources.map((resource) => [resource.resourceId, resource.timezone]));
  return ({ start, end, resourceId }) => {
    const zone = zones.get(resourceId) ?? timezone;
    return {
      slotId: namesResource ? slotIdsOf(service.id, resourceId)(start) : slotIdAt(start),
      startsAt: toIsoWithOffset(start, zone),
      endsAt: toIsoWithOffset(end, zone),
      resourceId,
    };
  };
}
