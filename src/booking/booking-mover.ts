import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import { DomainError, invalidInput, notFound } from '../platform/errors/domain-error.js';
import { type AskedTime, type AskedStart, startAsked } from './asked-start.js';
import type { Author } from './author.js';
import type { Booking } from './booking.js';
import { isMovable, UNCHANGEABLE } from './booking-status.js';
import { BookingRepository } from './booking.repository.js';
import { eventContentOf } from './event-content.js';
import type { Seeker } from './availability/availability.repository.js';
import { OwnHolds } from './own-holds.js';
import { RefusedTime } from './refused-time.js';
import { TimeClaims } from './time-claims.js';
import { type FoundTime, type FreeTime, TimeFinder, type WantedStart } from './availability/time-finder.js';

/** Where to: a slot of the booking's service that was offered, or a start; by default its resource is kept if it is free. */
export type MoveRequest = Pick<AskedTime, 'slotId' | 'startsAt' | 'resourceId'>;

export interface MovingOptions {
  author: Author;
  /** Until when the connected calendar may be waited for. */
  deadline: Deadline;
  seeker?: Seeker;
}

/** The booking as it is now, and whether it was moved: not where it is there already. */
export interface Moved {
  booking: Booking;
  moved: boolean;
}

/** Moves bookings: in one statement under the constraint, so that the old time is kept until the new one is had. */
@Injectable()
export class BookingMover {
  constructor(
    private readonly times: TimeFinder,
    private readonly claims: TimeClaims,
    private readonly refusedTime: RefusedTime,
    private readonly bookings: BookingRepository,
    private readonly ownHolds: OwnHolds,
    private readonly eventWriter: EventWriter,
  ) {}

  /**
   * By the rules that the service has now.
   * @param ofHold what a request means that says its time by a hold alone
   * @throws DomainError as `BookingService.reschedule`
   */
  async move(
    tenant: TenantId,
    id: string,
    request: MoveRequest,
    options: MovingOptions,
    ofHold?: AskedStart,
  ): Promise<Moved> {
    const before = await this.bookings.find(tenant, id);
    if (before === undefined) throw notFound('booking');
    refuseUnmovable(before);
    const asked = ofHold ?? startAsked(request);
    if (asked.serviceId !== undefined && asked.serviceId !== before.serviceId) {
      throw invalidInput({ field: 'slotId', message: 'is not a slot of the service that is booked' });
    }
    if (isThere(before, asked)) return { booking: before, moved: false };
    const wanted = { ...asked, serviceId: before.serviceId, exceptBookingId: id, ...options.seeker };
    const { known, time } = await this.find(tenant, wanted, resourceField(request), options.deadline);
    const moved =
      'refused' in time
        ? time
        : await this.claims.transaction(tenant, (sql) =>
            this.#update(sql, tenant, { id, asked, time, serviceName: known.service.name }, options),
          );
    if (!('refused' in moved)) return moved;
    throw await this.refusedTime.error(tenant, wanted, known, moved.refused);
  }

  /**
   * Who could give the booking's service at the time it is to be moved to.
   * @param field by which the request says which resource is meant
   * @throws DomainError `booking_not_changeable` where the service is not offered any more, `invalid_input` where the resource
   * does not give it, `calendar_unreadable`
   */
  async find(tenant: TenantId, wanted: WantedStart, field: string, deadline: Deadline): Promise<FoundTime> {
    try {
      // Half of what the caller can wait for at most, so that something is left for writing the event.
      return await this.times.find(tenant, wanted, deadline.atMost(deadline.remainingMs / 2));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'not_found') throw error;
      if (wanted.resourceId === undefined) {
        throw new DomainError(
          'booking_not_changeable',
          'The service of this booking is not offered any more, so it has no times to move it to.',
        );
      }
      // Tells a service that is gone from a resource that does not give it.
      await this.find(tenant, { ...wanted, resourceId: undefined }, field, deadline);
      throw invalidInput({ field, message: 'is not of a resource that gives the service' });
    }
  }

  async #update(
    sql: SqlTransaction,
    tenant: TenantId,
    { id, asked, time, serviceName }: { id: string; asked: AskedStart; time: FreeTime; serviceName: string },
    { author, seeker: { heldFor } = {} }: MovingOptions,
  ): Promise<Moved> {
    // Before any other lock, as `claim_time` says.
    const before = await this.bookings.lock(sql, tenant, id);
    if (before === undefined) throw notFound('booking');
    refuseUnmovable(before);
    if (isThere(before, asked)) return { booking: before, moved: false };
    const place = await this.claims.claim(sql, tenant, time, {
      preferredResourceId: before.resourceId,
      exceptBookingId: id,
      heldFor,
    });
    if (heldFor !== undefined) {
      const claimed = { ...time, ...place };
      await this.ownHolds.giveWay(sql, tenant, heldFor, claimed, { author, bookingId: id });
    }
    const [startsAt, endsAt] = [new Date(time.slot.start), new Date(time.slot.end)];
    const to = { ...place, startsAt, endsAt, blocked: time.blocked };
    const booking = await this.bookings.move(sql, tenant, before, to, author);
    await this.eventWriter.want(sql, tenant, booking, eventContentOf(booking, serviceName));
    return { booking, moved: true };
  }
}

function isThere({ startsAt, resourceId }: Booking, asked: AskedStart): boolean {
  return asked.start === startsAt.getTime() && (asked.resourceId ?? resourceId) === resourceId;
}

function resourceField({ resourceId, slotId }: MoveRequest): string {
  if (resourceId !== undefined) return 'resourceId';
  return slotId === undefined ? 'holdId' : 'slotId';
}

/** @throws DomainError `booking_not_changeable` */
export function refuseUnmovable({ status }: Booking): void {
  if (!isMovable(status)) throw new DomainError('booking_not_changeable', UNCHANGEABLE[status]);
}
