import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError, notFound } from '../platform/errors/domain-error.js';
import type { Author } from './author.js';
import type { Booking } from './booking.js';
import { mayFollow, UNCHANGEABLE } from './booking-status.js';
import { BookingRepository } from './booking.repository.js';

/** What becomes of a booking in the end. Each of them frees the time that is left of it. */
export type Outcome = 'cancelled' | 'completed' | 'no_show';

/** Ends bookings. Only a cancelled one leaves the connected calendar; the others stay there as a record. */
@Injectable()
export class BookingOutcome {
  constructor(
    private readonly database: Database,
    private readonly bookings: BookingRepository,
    private readonly eventWriter: EventWriter,
  ) {}

  /**
   * Saying it twice is the same as once.
   * @throws DomainError `not_found`; `booking_not_changeable` where this outcome cannot follow the one there is
   */
  async set(
    tenant: TenantId,
    id: string,
    { status, cancelReason }: { status: Outcome; cancelReason?: string | null },
    author: Author,
  ): Promise<Booking> {
    return this.database.inTenant(tenant, async (sql) => {
      const booking = await this.bookings.lock(sql, tenant, id);
      if (booking === undefined) throw notFound('booking');
      if (booking.status === status) return booking;
      if (!mayFollow(booking.status, status)) {
        throw new DomainError('booking_not_changeable', UNCHANGEABLE[booking.status]);
      }
      if (status === 'cancelled') await this.eventWriter.unwant(sql, tenant, id);
      const record = { action: status, author };
      return this.bookings.setStatus(sql, tenant, booking, { status, cancelReason }, record);
    });
  }
}
