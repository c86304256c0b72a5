import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError, invalidInput, notFound } from '../platform/errors/domain-error.js';
import { isTimeSaid, refuseAnotherTime, startAsked } from './asked-start.js';
import type { Author } from './author.js';
import type { Booking } from './booking.js';
import {
  BookingMover,
  type Moved,
  type MoveRequest,
  type MovingOptions,
  refuseUnmovable,
} from './booking-mover.js';
import { BookingRepository } from './booking.repository.js';
import { overlaps } from './engine/intervals.js';
import { eventContentOf } from './event-content.js';
import { type HeldTime, type Hold, HoldLost } from './hold.js';
import { HoldRepository } from './hold.repository.js';
import { RefusedTime } from './refused-time.js';
import { TimeClaims } from './time-claims.js';

/** To the time of which hold; the time may be said again. */
export type HoldMoveRequest = MoveRequest & { holdId: string };

/**
 * Moves bookings to times that were held for them. What was asked when the hold was made (hours, notice, limits) is not asked
 * again: it counts already, and the booking takes its place. An event that the owner has put there since is seen.
 */
@Injectable()
export class HoldMover {
  constructor(
    private readonly holds: HoldRepository,
    private readonly mover: BookingMover,
    private readonly claims: TimeClaims,
    private readonly refusedTime: RefusedTime,
    private readonly bookings: BookingRepository,
    private readonly eventWriter: EventWriter,
  ) {}

  /**
   * A hold that has run out is tried as an ordinary move to its time. Saying the same again changes nothing.
   * @throws DomainError as `BookingService.reschedule`
   */
  async move(
    tenant: TenantId,
    id: string,
    { holdId, ...request }: HoldMoveRequest,
    options: MovingOptions,
  ): Promise<Moved> {
    const asked = isTimeSaid(request) ? startAsked(request) : undefined;
    // The hold first: where this booking has used it, the booking is read as it is since.
    const found = await this.holds.find(tenant, holdId);
    const booking = await this.bookings.find(tenant, id);
    if (booking === undefined) throw notFound('booking');
    refuseUnmovable(booking);
    switch (found?.state) {
      case undefined:
        throw notFound('hold');
      case 'booked':
        throw new DomainError('conflict', 'This hold has been booked already.');
      case 'used':
        if (found.bookingId !== id || !isAt(booking, found.hold)) {
          throw new DomainError('conflict', 'A booking has been moved to the time of this hold already.');
        }
        refuseAnotherTime(request, found.hold);
        return { booking, moved: false };
      case 'gone':
        refuseAnotherService(booking, found.hold);
        if (asked === undefined) {
          throw new DomainError(
            'hold_expired',
            'This hold has run out or was released. Say which time is meant.',
          );
        }
        return this.mover.move(tenant, id, request, options);
      case 'expired': {
        refuseAnotherService(booking, found.hold);
        refuseAnotherTime(request, found.hold);
        const { startsAt, resourceId } = found.hold;
        const meant = asked ?? { start: startsAt.getTime(), resourceId };
        return this.mover.move(tenant, id, request, options, meant);
      }
      case 'live':
        refuseAnotherService(booking, found.hold);
        refuseAnotherTime(request, found.hold);
        return this.#moveLive(tenant, id, { ...request, holdId }, found.hold, options);
    }
  }

  async #moveLive(
    tenant: TenantId,
    id: string,
    request: HoldMoveRequest,
    hold: Hold,
    options: MovingOptions,
  ): Promise<Moved> {
    const { serviceId, resourceId, blocked } = hold;
    const wanted = { start: hold.startsAt.getTime(), serviceId, resourceId, exceptBookingId: id };
    const { known } = await this.mover.find(tenant, wanted, 'holdId', options.deadline);
    if (known.resources.some(({ busy }) => busy.some((interval) => overlaps(interval, blocked)))) {
      throw await this.refusedTime.error(tenant, { ...wanted, ...options.seeker }, known, 'busy');
    }
    try {
      const moved = await this.claims.transaction(tenant, (sql) =>
        this.#update(sql, tenant, { id, hold, serviceName: known.service.name }, options.author),
      );
      if (!('refused' in moved)) return moved;
      throw await this.refusedTime.error(tenant, { ...wanted, ...options.seeker }, known, moved.refused);
    } catch (error) {
      // The next look tells what became of it; it cannot become live again.
      if (error instanceof HoldLost) return this.move(tenant, id, request, options);
      throw error;
    }
  }

  async #update(
    sql: SqlTransaction,
    tenant: TenantId,
    { id, hold, serviceName }: { id: string; hold: Hold; serviceName: string },
    author: Author,
  ): Promise<Moved> {
    // In the order that `claim_time` says.
    const before = await this.bookings.lock(sql, tenant, id);
    if (before === undefined) throw notFound('booking');
    refuseUnmovable(before);
    // A hold counts until it runs out. Nobody may find that it has while this transaction puts a booking in its place.
    await this.claims.lockAssignment(sql, tenant);
    const place = await this.holds.useFor(sql, tenant, hold.id, id, author);
    if (place === undefined) throw new HoldLost();
    const booking = await this.bookings.move(sql, tenant, before, place, author);
    await this.eventWriter.want(sql, tenant, booking, eventContentOf(booking, serviceName));
    return { booking, moved: true };
  }
}

function isAt({ startsAt, resourceId }: Booking, held: HeldTime): boolean {
  return startsAt.getTime() === held.startsAt.getTime() && resourceId === held.resourceId;
}

/** @throws DomainError `invalid_input` */
function refuseAnotherService(booking: Booking, { serviceId }: Pick<HeldTime, 'serviceId'>): void {
  if (serviceId === booking.serviceId) return;
  throw invalidInput({ field: 'holdId', message: 'is not a hold of the service that is booked' });
}
