import { Injectable } from '@nestjs/common';
import { CalendarReader } from '../calendar/calendar-reader.js';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError, invalidInput, notFound } from '../platform/errors/domain-error.js';
import { AvailabilityRepository, type AvailabilitySnapshot } from './availability.repository.js';
import type { Interval } from './intervals.js';
import { resourceCalendars } from './resource-calendars.js';
import { encodeSlotId } from './slot-id.js';
import {
  findSlots,
  matchesPreference,
  type ResourceCalendar,
  type ServiceRules,
  type Slot,
  type TimePreference,
} from './slot-finder.js';
import { addDays, isLocalDate, localDateOf, startOfDay, toIsoWithOffset } from './zoned-time.js';

const DAY = 24 * 3_600_000;
/** The widest range of dates that may be asked about at once. */
const MAX_RANGE_DAYS = 62;
/** Asked without a date, availability is that of this many days. */
const DEFAULT_RANGE_DAYS = 7;

/** Dates are local to the tenant, `YYYY-MM-DD`; `to` is the last date, included. */
export interface AvailabilityQuery {
  date?: string;
  from?: string;
  to?: string;
  timePreference?: TimePreference;
  serviceId?: string;
  resourceId?: string;
}

export interface OfferedSlot {
  slotId: string;
  startsAt: string;
  endsAt: string;
  resourceId: string;
}

/** What is known of the connected calendar: read just now, or not, and then as of when. */
export interface CalendarState {
  state: 'not_connected' | 'checked' | 'unreachable';
  asOf: string | null;
}

export interface Availability {
  timezone: string;
  locale: string;
  now: string;
  service: { id: string; name: string; durationMinutes: number };
  slots: OfferedSlot[];
  calendar: CalendarState;
}

/** What is known about a service's resources in a range of time: the ground that offers and bookings both stand on. */
export interface ServiceCalendar {
  timezone: string;
  locale: string;
  service: ServiceRules & { id: string; name: string };
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
   * The slots that can be booked now.
   * @param deadline until when the connected calendar may be waited for
   * @throws DomainError `invalid_input` for dates that do not exist or a range over 62 days; `not_found` for a service or
   * resource that is not the tenant's; `calendar_unreadable` when the tenant's policy is to refuse then
   */
  async find(
    tenant: TenantId,
    query: AvailabilityQuery,
    deadline = Deadline.in(this.settings.calendarBudgetMs),
  ): Promise<Availability> {
    const now = Date.now();
    // The zone that the dates are meant in is only known with the snapshot, which reaches further than any zone's offset.
    const dates = datesAsked(query, new Date(now).toISOString().slice(0, 10));
    const range = { from: Date.parse(dates.from), to: Date.parse(dates.to) + DAY };
    const known = await this.serviceCalendar(tenant, range, query, deadline);
    const asked = datesAsked(query, localDateOf(now, known.timezone));
    const slots = findSlots({
      now,
      from: startOfDay(asked.from, known.timezone),
      to: startOfDay(addDays(asked.to, 1), known.timezone),
      rules: known.service,
      resources: known.resources,
    });
    const { timePreference = 'any' } = query;
    const zones = new Map(known.resources.map((resource) => [resource.resourceId, resource.timezone]));
    return {
      timezone: known.timezone,
      locale: known.locale,
      now: toIsoWithOffset(now, known.timezone),
      service: {
        id: known.service.id,
        name: known.service.name,
        durationMinutes: known.service.durationMinutes,
      },
      slots: slots
        .filter(({ start, resourceId }) =>
          matchesPreference(start, zones.get(resourceId) ?? known.timezone, timePreference),
        )
        .map((slot) => offeredSlot(slot, known.service.id, zones.get(slot.resourceId) ?? known.timezone)),
      calendar: known.calendar,
    };
  }

  /**
   * What is known about a service's resources around a range of instants, the connected calendar included.
   * @throws DomainError `not_found`, `calendar_unreadable` as `find`
   */
  async serviceCalendar(
    tenant: TenantId,
    range: { from: number; to: number },
    { serviceId, resourceId }: { serviceId?: string; resourceId?: string },
    deadline: Deadline,
  ): Promise<ServiceCalendar> {
    const snapshot = await this.repository.snapshot(tenant, range, serviceId, resourceId);
    if (snapshot === null) throw notFound('tenant');
    if (snapshot.service === null) throw notFound('service');
    if (resourceId !== undefined && snapshot.resources.length === 0) throw notFound('resource');
    const { busy, calendar } = await this.#busyTimes(tenant, snapshot, range, deadline);
    if (calendar.state === 'unreachable' && snapshot.unreadableCalendarPolicy === 'refuse') {
      throw new DomainError(
        'calendar_unreadable',
        'The connected calendar cannot be read at the moment, and this organisation offers no times without it.',
        { retryAfterSeconds: 30 },
      );
    }
    return {
      timezone: snapshot.timezone,
      locale: snapshot.locale,
      service: snapshot.service,
      resources: resourceCalendars(snapshot, busy),
      calendar,
    };
  }

  async #busyTimes(
    tenant: TenantId,
    { connection }: AvailabilitySnapshot,
    range: { from: number; to: number },
    deadline: Deadline,
  ): Promise<{ busy: readonly Interval[]; calendar: CalendarState }> {
    if (connection === null) return { busy: [], calendar: { state: 'not_connected', asOf: null } };
    // A day on each side, for buffers and for zones.
    const { state, asOf, busy } = await this.calendarReader.readBusy(
      tenant,
      { from: range.from - DAY, to: range.to + DAY },
      deadline,
    );
    return { busy, calendar: { state, asOf: asOf === null ? null : new Date(asOf).toISOString() } };
  }
}

export function offeredSlot(
  { start, end, resourceId }: Slot,
  serviceId: string,
  timezone: string,
): OfferedSlot {
  return {
    slotId: encodeSlotId({ serviceId, resourceId, start }),
    startsAt: toIsoWithOffset(start, timezone),
    endsAt: toIsoWithOffset(end, timezone),
    resourceId,
  };
}

function datesAsked({ date, from, to }: AvailabilityQuery, today: string): { from: string; to: string } {
  for (const [field, value] of Object.entries({ date, from, to })) {
    if (value !== undefined && (!isLocalDate(value) || value < '2000-01-01' || value > '2199-12-31')) {
      throw invalidInput({ field, message: 'must be a date that exists, as YYYY-MM-DD, from 2000 to 2199' });
    }
  }
  if (date !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw invalidInput({ field: 'date', message: 'cannot be given together with from and to' });
    }
    return { from: date, to: date };
  }
  const first = from ?? today;
  const last = to ?? addDays(first, DEFAULT_RANGE_DAYS - 1);
  if (last < first) throw invalidInput({ field: 'to', message: 'must not be before from' });
  if (last > addDays(first, MAX_RANGE_DAYS - 1)) {
    throw invalidInput({ field: 'to', message: `must be at most ${MAX_RANGE_DAYS - 1} days after from` });
  }
  return { from: first, to: last };
}
