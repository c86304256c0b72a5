import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import { DomainError, notFound } from '../platform/errors/domain-error.js';
import { type AskedTime, isTimeSaid, refuseAnotherTime, startAsked } from './asked-start.js';
import { AskerLimits } from './asker-limits.js';
import { AvailabilityService } from './availability/availability.service.js';
import { BookingMaker, type Made, type MakingOptions } from './booking-maker.js';
import type { Customer } from './booking.js';
import { BookingRepository } from './booking.repository.js';
import { eventContentOf } from './event-content.js';
import { type Hold, HoldLost } from './hold.js';
import { HoldRepository } from './hold.repository.js';
import { type IdempotentRequest, IdempotencyRepository } from './idempotency.js';
import { overlaps } from './engine/intervals.js';
import { RefusedTime } from './refused-time.js';
import { RepeatedWishes } from './repeated-wish.js';
import type { NameComparison } from './same-name.js';
import { TimeClaims } from './time-claims.js';

/** Who books which hold; the time may be said again. */
export type HoldWish = AskedTime & Customer & { holdId: string };

/** A hold that was booked is one appointment: another name corrects it. */
const ANY_NAME: readonly NameComparison[] = ['same', 'respelled', 'other'];
/** A hold that gave way to a booking of its time may have been for somebody else. */
const ONE_PERSON: readonly NameComparison[] = ['same', 'respelled'];

/**
 * Books a hold: its row becomes the booking. What was asked when it was made (hours, notice, limits) is not asked again; an
 * event that the owner has put there since is seen.
 */
@Injectable()
export class HoldBooker {
  constructor(
    private readonly database: Database,
    private readonly holds: HoldRepository,
    private readonly maker: BookingMaker,
    private readonly availability: AvailabilityService,
    private readonly claims: TimeClaims,
    private readonly limits: AskerLimits,
    private readonly refusedTime: RefusedTime,
    private readonly bookings: BookingRepository,
    private readonly repeatedWishes: RepeatedWishes,
    private readonly idempotency: IdempotencyRepository,
    private readonly eventWriter: EventWriter,
  ) {}

  /**
   * A hold that has run out is tried as an ordinary booking of its time.
   * @throws DomainError as `BookingService.create`
   */
  async book(
    tenant: TenantId,
    wish: HoldWish,
    options: MakingOptions,
    repeat: IdempotentRequest | undefined,
    deadline: Deadline,
  ): Promise<Made> {
    const asked = isTimeSaid(wish) ? startAsked(wish) : undefined;
    const found = await this.holds.find(tenant, wish.holdId);
    switch (found?.state) {
      case undefined:
        throw notFound('hold');
      case 'booked': {
        const repeated = await this.#repeated(tenant, found.booking.id, wish, options, ANY_NAME);
        if (repeated !== undefined) return repeated;
        if (repeat !== undefined && (await this.idempotency.find(tenant, repeat)) !== undefined) {
          return { outcome: 'claimed_by_another' };
        }
        throw new DomainError('conflict', 'This hold has been booked already.');
      }
      case 'used': {
        // Made by this caller without naming the hold, which gave way to it.
        const booking = await this.bookings.find(tenant, found.bookingId);
        if (booking?.startsAt.getTime() === found.hold.startsAt.getTime()) {
          const repeated = await this.#repeated(tenant, booking.id, wish, options, ONE_PERSON);
          if (repeated !== undefined) return repeated;
        }
        if (options.repeatReturnsExisting !== true) {
          throw new DomainError('conflict', 'A booking has taken the time of this hold.');
        }
        // It was somebody else's: whoever is meant now may have the time with another resource.
        const { serviceId, startsAt } = found.hold;
        const meant = asked ?? { start: startsAt.getTime() };
        return this.maker.make(tenant, { ...wish, ...meant, serviceId }, options, repeat, deadline);
      }
      case 'gone':
        if (asked === undefined) {
          throw new DomainError(
            'hold_expired',
            'This hold has run out or was released. Say which time is meant.',
          );
        }
        return this.maker.make(
          tenant,
          { ...wish, ...asked, serviceId: asked.serviceId ?? found.hold.serviceId },
          options,
          repeat,
          deadline,
        );
      case 'expired': {
        refuseAnotherTime(wish, found.hold);
        const { serviceId, resourceId, startsAt } = found.hold;
        const ofHold = { start: startsAt.getTime(), resourceId };
        return this.maker.make(
          tenant,
          { ...wish, ...(asked ?? ofHold), serviceId },
          options,
          repeat,
          deadline,
        );
      }
      case 'live':
        refuseAnotherTime(wish, found.hold);
        return this.#bookLive(tenant, wish, found.hold, options, repeat, deadline);
    }
  }

  /** The booking that this hold, or its time, went to before. */
  async #repeated(
    tenant: TenantId,
    bookingId: string,
    wish: HoldWish,
    options: MakingOptions,
    names: readonly NameComparison[],
  ): Promise<Made | undefined> {
    if (options.repeatReturnsExisting !== true) return undefined;
    const repeated = await this.database.inTenant(tenant, (sql) =>
      this.repeatedWishes.ofHold(sql, tenant, bookingId, wish, { ...options, names }),
    );
    return repeated && { outcome: 'exists', ...repeated };
  }

  async #bookLive(
    tenant: TenantId,
    wish: HoldWish,
    hold: Hold,
    options: MakingOptions,
    repeat: IdempotentRequest | undefined,
    deadline: Deadline,
  ): Promise<Made> {
    const { serviceId, resourceId, blocked } = hold;
    const start = hold.startsAt.getTime();
    const wanted = { serviceId, resourceId, exceptBookingId: hold.id };
    const known = await this.availability.serviceCalendar(
      tenant,
      { from: start, to: start + 1 },
      wanted,
      deadline.atMost(deadline.remainingMs / 2),
      'live',
    );
    const { service } = known;
    if (known.resources.some(({ busy }) => busy.some((interval) => overlaps(interval, blocked)))) {
      throw await this.refusedTime.error(tenant, { ...wanted, start, ...options.seeker }, known, 'busy');
    }
    try {
      const made = await this.claims.transaction(tenant, (sql) =>
        this.#change(sql, tenant, { ...wish, hold, service }, options, repeat),
      );
      if (!('refused' in made)) return made;
      throw await this.refusedTime.error(
        tenant,
        { ...wanted, start, ...options.seeker },
        known,
        made.refused,
      );
    } catch (error) {
      // The next look tells what became of it; it cannot become live again.
      if (error instanceof HoldLost) return this.book(tenant, wish, options, repeat, deadline);
      throw error;
    }
  }

  async #change(
    sql: SqlTransaction,
    tenant: TenantId,
    { hold, service, ...wish }: HoldWish & { hold: Hold; service: { name: string } },
    options: MakingOptions,
    repeat: IdempotentRequest | undefined,
  ): Promise<Made> {
    const { author, asker } = options;
    if (options.repeatReturnsExisting === true) {
      const { name, phone, phoneExtension, email, purpose } = wish;
      const again = {
        name,
        phone,
        phoneExtension,
        email,
        purpose,
        start: hold.startsAt.getTime(),
        serviceId: hold.serviceId,
      };
      const repeated = await this.repeatedWishes.find(sql, tenant, again, options);
      if (repeated !== undefined) return { outcome: 'exists', ...repeated };
    }
    if (repeat !== undefined && !(await this.idempotency.claim(sql, tenant, repeat, hold.id))) {
      return { outcome: 'claimed_by_another' };
    }
    // A hold counts until it runs out. Nobody may find that it has while this transaction makes it count for good.
    await this.claims.lockAssignment(sql, tenant);
    await this.limits.refuseMoreBookings(sql, tenant, asker);
    const booking = await this.holds.book(sql, tenant, hold.id, wish, { author, asker });
    if (booking === undefined) throw new HoldLost();
    await this.eventWriter.want(sql, tenant, booking, eventContentOf(booking, service.name, repeat));
    return { outcome: 'made', booking };
  }
}
