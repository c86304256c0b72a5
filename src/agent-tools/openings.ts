import { Injectable } from '@nestjs/common';
import {
  type Availability,
  AvailabilityService,
  type OfferedSlot,
} from '../booking/availability/availability.service.js';
import { matchesPreference, type TimePreference } from '../booking/engine/slot-finder.js';
import { addDays, localDateOf } from '../booking/engine/zoned-time.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import type { AskedBookable } from './bookables.js';
import { spread, startOf } from './tool-slot.js';

/** How far ahead of a day without openings others are looked for. */
const DAYS_AHEAD = 14;

/** The openings of a day or, when it has none that suit, the nearest to it. */
export interface Openings {
  slots: OfferedSlot[];
  /** At most three; empty unless `slots` is. */
  alternatives: OfferedSlot[];
  calendar: Availability['calendar'];
  service: Availability['service'];
}

@Injectable()
export class OpeningFinder {
  constructor(private readonly availability: AvailabilityService) {}

  /**
   * @param timePreference by the clock that callers are told times by: the tenant's, wherever a resource may be
   * @throws DomainError as `AvailabilityService.find`
   */
  async onDay(
    tenant: TenantId,
    date: string,
    timePreference: TimePreference,
    bookable: AskedBookable,
    deadline: Deadline,
  ): Promise<Openings> {
    const ofDay = await this.availability.find(tenant, { date, ...bookable }, deadline);
    const { calendar, service, timezone } = ofDay;
    const slots =
      timePreference === 'any'
        ? ofDay.slots
        : ofDay.slots.filter((slot) => matchesPreference(startOf(slot), timezone, timePreference));
    if (slots.length > 0) return { slots, alternatives: [], calendar, service };
    const later = await this.fromDay(tenant, date, bookable, deadline);
    return {
      slots: [],
      alternatives: nearestOpenings(later, date, timePreference),
      calendar: later.calendar,
      service,
    };
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

/**
 * The same day first, at whatever time; else the next day that has what was asked for; else the next that has
 * anything.
 */
function nearestOpenings(
  { slots, timezone }: Availability,
  date: string,
  preference: TimePreference,
): OfferedSlot[] {
  const days = Map.groupBy(slots, (slot) => localDateOf(startOf(slot), timezone));
  const sameDay = days.get(date);
  if (sameDay !== undefined) return spread(sameDay);
  for (const openings of days.values()) {
    const suiting = openings.filter((slot) => matchesPreference(startOf(slot), timezone, preference));
    if (suiting.length > 0) return spread(suiting);
  }
  const [first = []] = days.values();
  return spread(first);
}
