import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { notFound } from '../../platform/errors/domain-error.js';
import { AvailabilityRepository, type SnapshotQuery } from './availability.repository.js';
import { slotOffers, type OfferedSlot, type ServiceCalendar } from './availability.service.js';
import { days } from './dates-asked.js';
import { searchFreeStarts } from '../engine/free-starts.js';
import type { Slot } from '../engine/slot-finder.js';
import { resourceCalendars } from './resource-calendars.js';
import { inSlices } from './turns.js';
import { addDays, localDateOf, startOfDay } from '../engine/zoned-time.js';
import { clock } from '../../platform/time/clock.js';

const MOST = 3;
const DAYS_AHEAD = 7;

/** What to offer instead of a time that cannot be had. */
@Injectable()
export class Alternatives {
  constructor(private readonly repository: AvailabilityRepository) {}

  /**
   * Up to three slots, the same day's nearest first, then those of the following week. Rests on what was last known of
   * the connected calendar: the caller has waited for it once already.
   * @param wanted the resource that is asked for, if any; a booking that does not stand in its own way; and for whom
   * @throws DomainError `not_found` when the tenant has been deleted since
   */
  async near(
    tenant: TenantId,
    start: number,
    { timezone, service }: ServiceCalendar,
    wanted: Omit<SnapshotQuery, 'serviceId'> = {},
  ): Promise<OfferedSlot[]> {
    const now = clock.now();
    const date = localDateOf(Math.max(start, now), timezone);
    const from = startOfDay(date, timezone);
    const to = startOfDay(addDays(date, DAYS_AHEAD), timezone);
    const query = { ...wanted, serviceId: service.id };
    const snapshot = await this.repository.snapshot(tenant, { from, to }, query);
    if (snapshot === null) throw notFound('tenant');
    const resources = resourceCalendars(snapshot);
    const found = searchFreeStarts(
      { now, from, to, rules: service, resources },
      days({ from: date, to: addDays(date, DAYS_AHEAD - 1) }, timezone, { from, to }),
    );
    let nearest: Slot[] = [];
    const later: Slot[] = [];
    for await (const step of inSlices(tenant, found)) {
      if (step.kind === 'exhausted') break;
      if (step.piece.date === date) {
        nearest = step.slots
          .sort((a, b) => Math.abs(a.start - start) - Math.abs(b.start - start))
          .slice(0, MOST);
      } else later.push(...step.slots.slice(0, MOST - nearest.length - later.length));
      if (nearest.length + later.length >= MOST) break;
    }
    return [...nearest.sort((a, b) => a.start - b.start), ...later].map(
      slotOffers({ timezone, service, resources }, wanted.resourceId),
    );
  }
}
