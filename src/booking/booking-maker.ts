import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { EventWriter } from '../calendar/event-writer.js';
import { Database } from '../platform/database/database.js';
import { SqlState, sqlStateOf } from '../platform/database/sql-error.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import { DomainError, notFound } from '../platform/errors/domain-error.js';
import { AvailabilityService, type ServiceCalendar } from './availability.service.js';
import { Alternatives } from './alternatives.js';
import type { Booking, BookingSource } from './booking.js';
import { eventContentOf } from './event-content.js';
import { newBookingReference } from './booking-reference.js';
import { BookingRepository } from './booking.repository.js';
import { type IdempotentRequest, IdempotencyRepository } from './idempotency.js';
import type { Interval } from './intervals.js';
import { checkStart, type Refusal, type ResourceCalendar } from './slot-finder.js';

/** Who books what from when on. */
export interface Wish {
  /** Epoch milliseconds. */
  start: number;
  serviceId?: string;
  resourceId?: string;
  name: string;
  phone: string;
  email?: string;
  purpose?: string;
}

export interface MakingOptions {
  source: BookingSource;
  repeatReturnsExisting?: boolean;
}

export type Made =
  | { outcome: 'made' | 'exists'; booking: Booking }
  /** Another request with the same idempotency key was first. */
  | { outcome: 'claimed_by_another' };

/** The transactions that change bookings: each commits the booking together with the write that its calendar needs. */
@Injectable()
export class BookingMaker {
  constructor(
    private readonly database: Database,
    private readonly availability: AvailabilityService,
    private readonly alternatives: Alternatives,
    private readonly bookings: BookingRepository,
    private readonly idempotency: IdempotencyRepository,
    private readonly eventWriter: EventWriter,
  ) {}

  /** @throws DomainError as `BookingService.create` */
  async make(
    tenant: TenantId,
    wish: Wish,
    options: MakingOptions,
    repeat: IdempotentRequest | undefined,
    deadline: Deadline,
  ): Promise<Made> {
    const range = { from: wish.start, to: wish.start + 1 };
    // Half of what the caller can wait for at most, so that something is left for writing the event.
    const known = await this.availability.serviceCalendar(
      tenant,
      range,
      wish,
      deadline.atMost(deadline.remainingMs / 2),
    );
    const refusals: Refusal[] = [];
    for (const resource of known.resources) {
      const check = checkStart(wish.start, { now: Date.now(), rules: known.service, resource });
      if (!check.ok) {
        refusals.push(check.reason);
        continue;
      }
      const made = await this.#insert(tenant, wish, options, known, resource, check, repeat);
      if (made !== 'taken') return made;
      refusals.push('booked');
    }
    if (options.repeatReturnsExisting === true && refusals.includes('booked')) {
      const startsAt = new Date(wish.start);
      const booking = await this.database.inTenant(tenant, (sql) =>
        this.bookings.lockSame(sql, tenant, { ...wish, startsAt, serviceId: known.service.id }),
      );
      if (booking !== undefined) return { outcome: 'exists', booking };
    }
    // What takes the time may be the booking that the first request with this key has made meanwhile.
    if (repeat !== undefined && (await this.idempotency.find(tenant, repeat)) !== undefined) {
      return { outcome: 'claimed_by_another' };
    }
    throw await this.#refusal(tenant, wish, known, refusals);
  }

  /** @throws DomainError `not_found`, `booking_not_changeable` */
  async cancel(tenant: TenantId, id: string, reason: string | null): Promise<void> {
    await this.database.inTenant(tenant, async (sql) => {
      const booking = await this.bookings.lock(sql, tenant, id);
      if (booking === undefined) throw notFound('booking');
      if (booking.status === 'cancelled') return;
      if (booking.status === 'completed' || booking.status === 'no_show') {
        throw new DomainError('booking_not_changeable', 'This booking is over and cannot be cancelled.');
      }
      await this.bookings.markCancelled(sql, tenant, id, reason);
      await this.eventWriter.unwant(sql, tenant, id);
    });
  }

  async #insert(
    tenant: TenantId,
    wish: Wish,
    options: MakingOptions,
    known: ServiceCalendar,
    resource: ResourceCalendar,
    check: { slot: Interval; blocked: Interval },
    repeat: IdempotentRequest | undefined,
  ): Promise<Made | 'taken'> {
    const { service } = known;
    const { resourceId, timezone } = resource;
    const { slot, blocked } = check;
    const draft = {
      id: randomUUID(),
      reference: newBookingReference(),
      resourceId,
      serviceId: service.id,
      status: 'confirmed',
      startsAt: new Date(slot.start),
      endsAt: new Date(slot.end),
      timezone,
      customerName: wish.name,
      phone: wish.phone,
      email: wish.email ?? null,
      purpose: wish.purpose ?? null,
      source: options.source,
      cancelReason: null,
      cancelledAt: null,
    } as const;
    try {
      return await this.database.inTenant(tenant, async (sql): Promise<Made> => {
        if (options.repeatReturnsExisting === true) {
          const same = { ...wish, startsAt: draft.startsAt, serviceId: service.id };
          const existing = await this.bookings.lockSame(sql, tenant, same);
          if (existing !== undefined) return { outcome: 'exists', booking: existing };
        }
        if (repeat !== undefined && !(await this.idempotency.claim(sql, tenant, repeat, draft.id))) {
          return { outcome: 'claimed_by_another' };
        }
        await this.bookings.lockResource(sql, tenant, resourceId);
        await this.bookings.deleteExpiredHolds(sql, tenant, resourceId, blocked);
        const booking = await this.bookings.insert(sql, tenant, draft, blocked);
        await this.eventWriter.want(sql, tenant, booking.id, eventContentOf(draft, service.name));
        return { outcome: 'made', booking };
      });
    } catch (error) {
      const sqlState = sqlStateOf(error);
      if (sqlState === SqlState.exclusionViolation) return 'taken';
      // The organisation is being deleted, at this moment or since its key was looked at.
      if (sqlState === SqlState.foreignKeyViolation) throw notFound('tenant');
      // Another booking has drawn the same reference (one chance in millions, so the next draw will do), or somebody had to
      // give way.
      if (sqlState === SqlState.uniqueViolation || sqlState === SqlState.deadlockDetected) {
        return this.#insert(tenant, wish, options, known, resource, check, repeat);
      }
      throw error;
    }
  }

  async #refusal(
    tenant: TenantId,
    { start }: Wish,
    known: ServiceCalendar,
    refusals: readonly Refusal[],
  ): Promise<DomainError> {
    const alternatives = await this.alternatives.near(tenant, start, known);
    const reason =
      refusals.find((refusal) => refusal === 'booked' || refusal === 'busy') ??
      refusals[0] ??
      'outside_hours';
    if (reason === 'booked' || reason === 'busy') {
      return new DomainError('slot_taken', 'This time is already taken.', { extensions: { alternatives } });
    }
    return new DomainError('outside_availability', REASONS[reason], { extensions: { reason, alternatives } });
  }
}

const REASONS: Record<Exclude<Refusal, 'booked' | 'busy'>, string> = {
  in_past: 'This time has passed.',
  too_soon: 'This time is too soon: the service needs more notice.',
  too_far: 'This time is further ahead than the service can be booked.',
  outside_hours: 'This time is outside the working hours.',
  off_grid: 'Appointments do not start at this time.',
  day_full: 'This day has as many bookings as it may have.',
};
