import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { Alternatives } from './availability/alternatives.js';
import type { ServiceCalendar } from './availability/availability.service.js';
import type { Refusal } from './engine/slot-finder.js';
import type { ClaimRefusal } from './time-claims.js';
import type { WantedStart } from './availability/time-finder.js';

/** Says why a time cannot be had, and what can be had instead. */
@Injectable()
export class RefusedTime {
  constructor(private readonly alternatives: Alternatives) {}

  /** @returns `slot_taken` or `outside_availability`, both with up to three alternatives */
  async error(
    tenant: TenantId,
    { start, resourceId, exceptBookingId, withinResourceIds, heldFor }: WantedStart,
    known: ServiceCalendar,
    reason: Refusal | ClaimRefusal,
  ): Promise<DomainError> {
    const wanted = { resourceId, exceptBookingId, withinResourceIds, heldFor };
    const alternatives = await this.alternatives.near(tenant, start, known, wanted);
    if (reason === 'booked' || reason === 'busy') {
      return new DomainError('slot_taken', 'This time is already taken.', { extensions: { alternatives } });
    }
    return new DomainError('outside_availability', REASONS[reason], { extensions: { reason, alternatives } });
  }
}

const REASONS: Record<Exclude<Refusal | ClaimRefusal, 'booked' | 'busy'>, string> = {
  in_past: 'This time has passed.',
  too_soon: 'This time is too soon: the service needs more notice.',
  too_far: 'This time is further ahead than the service can be booked.',
  outside_hours: 'This time is outside the working hours.',
  off_grid: 'Appointments do not start at this time.',
  day_full: 'This day has as many bookings as it may have.',
  not_offered: 'This service is not offered any more.',
};
