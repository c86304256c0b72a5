import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { AvailabilityRepository } from './availability.repository.js';
import { offeredSlot, type OfferedSlot, type ServiceCalendar } from './availability.service.js';
import { resourceCalendars } from './resource-calendars.js';
import { findSlots, type Slot } from './slot-finder.js';
import { addDays, localDateOf, startOfDay } from './zoned-time.js';

const MOST = 3;
const DAYS_AHEAD = 7;

/** What to offer instead of a time that cannot be had. */
@Injectable()
export class Alternatives {
  constructor(private readonly repository: AvailabilityRepository) {}

  /**
   * Up to three slots, the same day's nearest first, then those of the following week. Rests on what was last known of
   * the connected calendar: the caller has waited for it once already.
   */
  async near(
    tenant: TenantId,
    start: number,
    { timezone, service }: ServiceCalendar,
  ): Promise<OfferedSlot[]> {
    const now = Date.now();
    const date = localDateOf(Math.max(start, now), timezone);
    const from = startOfDay(date, timezone);
    const to = startOfDay(addDays(date, DAYS_AHEAD), timezone);
    const snapshot = await this.repository.snapshot(tenant, { from, to }, service.id, undefined);
    if (snapshot === null) return [];
    const resources = resourceCalendars(snapshot, snapshot.busy);
    const zones = new Map(resources.map((resource) => [resource.resourceId, resource.timezone]));
    const free = onePerStart(findSlots({ now, from, to, rules: service, resources }));
    const sameDay = free.filter((slot) => localDateOf(slot.start, timezone) === date);
    const nearest = sameDay
      .sort((a, b) => Math.abs(a.start - start) - Math.abs(b.start - start))
      .slice(0, MOST);
    const later = free.filter((slot) => !sameDay.includes(slot)).slice(0, MOST - nearest.length);
    return [...nearest.sort((a, b) => a.start - b.start), ...later].map((slot) =>
      offeredSlot(slot, service.id, zones.get(slot.resourceId) ?? timezone),
    );
  }
}

function onePerStart(slots: readonly Slot[]): Slot[] {
  return slots.filter((slot, index) => slots[index - 1]?.start !== slot.start);
}
