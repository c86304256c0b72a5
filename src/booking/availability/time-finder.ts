import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { Deadline } from '../../platform/deadline.js';
import { AvailabilityService, type ServiceCalendar } from './availability.service.js';
import type { Interval } from '../engine/intervals.js';
import { checkStart, type Refusal } from '../engine/slot-finder.js';
import type { Seeker } from './availability.repository.js';
import { clock } from '../../platform/time/clock.js';

/** A start that somebody wants. */
export interface WantedStart extends Seeker {
  /** Epoch milliseconds. */
  start: number;
  serviceId?: string;
  resourceId?: string;
  /** A booking that is being moved. */
  exceptBookingId?: string;
}

/** A resource that is free by all that is known. */
export interface Candidate {
  resourceId: string;
  timezone: string;
}

/** A time that can be had by all that is known. Who gives it, and whether it is still free, is decided when it is claimed. */
export interface FreeTime {
  serviceId: string;
  /** Of the tenant: weeks are counted in it. */
  timezone: string;
  slot: Interval;
  /** The slot with its buffers. */
  blocked: Interval;
  candidates: [Candidate, ...Candidate[]];
  /** Whether the service may have so many bookings a day only. */
  isLimitedPerDay: boolean;
}

export interface FoundTime {
  known: ServiceCalendar;
  /** The time, or why it cannot be had. */
  time: FreeTime | { refused: Refusal };
}

/** Asks the engine, which also makes the offers, who could give a time; with one more look at the connected calendars. */
@Injectable()
export class TimeFinder {
  constructor(private readonly availability: AvailabilityService) {}

  /** @throws DomainError as `AvailabilityService.serviceCalendar` */
  async find(tenant: TenantId, { start, ...wanted }: WantedStart, deadline: Deadline): Promise<FoundTime> {
    const range = { from: start, to: start + 1 };
    const known = await this.availability.serviceCalendar(tenant, range, wanted, deadline, 'live');
    return { known, time: freeTime(start, known) };
  }
}

function freeTime(start: number, { timezone, service, resources }: ServiceCalendar): FoundTime['time'] {
  const now = clock.now();
  const candidates: Candidate[] = [];
  const refusals: Refusal[] = [];
  let free: { slot: Interval; blocked: Interval } | undefined;
  for (const resource of resources) {
    const check = checkStart(start, { now, rules: service, resource });
    if (!check.ok) {
      refusals.push(check.reason);
      continue;
    }
    free = check;
    candidates.push({ resourceId: resource.resourceId, timezone: resource.timezone });
  }
  const [first, ...others] = candidates;
  if (free === undefined || first === undefined) return { refused: mostTelling(refusals) };
  return {
    serviceId: service.id,
    timezone,
    slot: free.slot,
    blocked: free.blocked,
    candidates: [first, ...others],
    isLimitedPerDay: service.maxPerDay !== null,
  };
}

/** From what says least of the time to what says most: in the order in which `checkStart` asks. */
const BY_WEIGHT: readonly Refusal[] = [
  'in_past',
  'too_soon',
  'too_far',
  'outside_hours',
  'off_grid',
  'day_full',
  'busy',
  'booked',
];

/**
 * That of the resource that came nearest to having the time: that somebody else was first, or that the day is full, says more
 * than that another one does not work then.
 */
function mostTelling(refusals: readonly Refusal[]): Refusal {
  return BY_WEIGHT.findLast((refusal) => refusals.includes(refusal)) ?? 'outside_hours';
}
