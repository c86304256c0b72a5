import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { EventWriter } from '../calendar/event-writer.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import type { AskedStart } from './asked-start.js';
import type { Asker } from './asker.js';
import { AskerLimits } from './asker-limits.js';
import type { Author } from './author.js';
import type { Booking, Customer } from './booking.js';
import { newBookingReference } from './booking-reference.js';
import { BookingRepository } from './booking.repository.js';
import { eventContentOf } from './event-content.js';
import { type IdempotentRequest, IdempotencyRepository } from './idempotency.js';
import { RefusedTime } from './refused-time.js';
import { type RepeatedWish, RepeatedWishes } from './repeated-wish.js';
import { TimeClaims } from './time-claims.js';
import type { Seeker } from './availability/availability.repository.js';
import { OwnHolds } from './own-holds.js';
import { type FreeTime, TimeFinder } from './availability/time-finder.js';

/** Who books what from when on. */
export type Wish = AskedStart & Customer;

export interface MakingOptions {
  author: Author;
  repeatReturnsExisting?: boolean;
  phoneIsKnown?: boolean;
  phoneIsAssumed?: boolean;
  seeker?: Seeker;
  /** Whom it counts for; without one it counts for nobody. */
  asker?: Asker;
}

export type Made =
  | { outcome: 'made'; booking: Booking }
  /** It was made before. */
  | ({ outcome: 'exists' } & RepeatedWish)
  /** Another request with the same idempotency key was first. */
  | { outcome: 'claimed_by_another' };

/** Makes a booking, together with the write that its calendar needs. */
@Injectable()
export class BookingMaker {
  constructor(
    private readonly database: Database,
    private readonly times: TimeFinder,
    private readonly claims: TimeClaims,
    private readonly refusedTime: RefusedTime,
    private readonly bookings: BookingRepository,
    private readonly repeatedWishes: RepeatedWishes,
    private readonly ownHolds: OwnHolds,
    private readonly limits: AskerLimits,
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
    // Half of what the caller can wait for at most, so that something is left for writing the event.
    const wanted = { ...wish, ...options.seeker };
    const { known, time } = await this.times.find(tenant, wanted, deadline.atMost(deadline.remainingMs / 2));
    const { service } = known;
    const made =
      'refused' in time
        ? time
        : await this.claims.transaction(tenant, (sql) =>
            this.#insert(sql, tenant, { ...wish, service, time }, options, repeat),
          );
    if (!('refused' in made)) return made;
    if (options.repeatReturnsExisting === true) {
      const again = { ...wish, serviceId: service.id };
      const repeated = await this.database.inTenant(tenant, (sql) =>
        this.repeatedWishes.find(sql, tenant, again, options),
      );
      if (repeated !== undefined) return { outcome: 'exists', ...repeated };
    }
    // What takes the time may be the booking that the first request with this key has made meanwhile.
    if (repeat !== undefined && (await this.idempotency.find(tenant, repeat)) !== undefined) {
      return { outcome: 'claimed_by_another' };
    }
    throw await this.refusedTime.error(tenant, wanted, known, made.refused);
  }

  async #insert(
    sql: SqlTransaction,
    tenant: TenantId,
    { service, time, ...wish }: Wish & { service: { id: string; name: string }; time: FreeTime },
    options: MakingOptions,
    repeat: IdempotentRequest | undefined,
  ): Promise<Made> {
    const { author, asker, seeker: { heldFor } = {} } = options;
    const id = randomUUID();
    const startsAt = new Date(time.slot.start);
    if (options.repeatReturnsExisting === true) {
      const again = { ...wish, serviceId: service.id };
      const repeated = await this.repeatedWishes.find(sql, tenant, again, options);
      if (repeated !== undefined) return { outcome: 'exists', ...repeated };
    }
    if (repeat !== undefined && !(await this.idempotency.claim(sql, tenant, repeat, id))) {
      return { outcome: 'claimed_by_another' };
    }
    await this.limits.refuseMoreBookings(sql, tenant, asker);
    const place = await this.claims.claim(sql, tenant, time, { heldFor });
    if (heldFor !== undefined) {
      const claimed = { ...time, ...place };
      await this.ownHolds.giveWay(sql, tenant, heldFor, claimed, { author, bookingId: id });
    }
    const booking = await this.bookings.insert(
      sql,
      tenant,
      {
        ...place,
        id,
        reference: newBookingReference(),
        serviceId: service.id,
        status: 'confirmed',
        startsAt,
        endsAt: new Date(time.slot.end),
        blocked: time.blocked,
        customerName: wish.name,
        phone: wish.phone,
        phoneExtension: wish.phoneExtension ?? null,
        email: wish.email ?? null,
        purpose: wish.purpose ?? null,
        source: author.source,
      },
      { author, asker },
    );
    await this.eventWriter.want(sql, tenant, booking, eventContentOf(booking, service.name, repeat));
    return { outcome: 'made', booking };
  }
}
