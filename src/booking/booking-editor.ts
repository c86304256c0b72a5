import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { invalidInput, notFound } from '../platform/errors/domain-error.js';
import { changesBetween } from './audit.js';
import type { Author } from './author.js';
import { type Booking, type BookingCustomer, customerOf } from './booking.js';
import { refuseUnmovable } from './booking-mover.js';
import { BookingRepository } from './booking.repository.js';
import { eventContentOf } from './event-content.js';
import { ServiceRepository } from './schedule/service.repository.js';
import { withChanges } from './schedule/with-changes.js';

/** The booking as it is now, and whether it was edited: not where it says the same already. */
export interface Edited {
  booking: Booking;
  edited: boolean;
}

const FIELDS = [
  'name',
  'phone',
  'phoneExtension',
  'email',
  'purpose',
] as const satisfies readonly (keyof BookingCustomer)[];

/** Corrects who comes and what it is about, together with the write that the calendar needs. */
@Injectable()
export class BookingEditor {
  constructor(
    private readonly database: Database,
    private readonly bookings: BookingRepository,
    private readonly services: ServiceRepository,
    private readonly eventWriter: EventWriter,
  ) {}

  /** What is not given stays as it is; the extension, only where the number does. @throws DomainError as `BookingService.edit` */
  async edit(
    tenant: TenantId,
    id: string,
    corrections: Partial<BookingCustomer>,
    author: Author,
  ): Promise<Edited> {
    refuseNothing(corrections);
    return this.database.inTenant(tenant, (sql) => this.editIn(sql, tenant, id, corrections, author));
  }

  /** As `edit`, as part of the transaction `sql`. */
  async editIn(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    corrections: Partial<BookingCustomer>,
    author: Author,
  ): Promise<Edited> {
    const booking = await this.bookings.lock(sql, tenant, id);
    if (booking === undefined) throw notFound('booking');
    refuseUnmovable(booking);
    const before = customerOf(booking);
    const after = withChanges(withoutOldExtension(before, corrections), corrections);
    const changes = changesBetween(before, after);
    if (Object.keys(changes).length === 0) return { booking, edited: false };
    const edited = await this.bookings.edit(sql, tenant, id, after, { author, changes });
    const serviceName = await this.services.nameOf(sql, tenant, edited.serviceId);
    if (serviceName === undefined) throw new Error('The service of the booking was not found.');
    await this.eventWriter.want(sql, tenant, edited, eventContentOf(edited, serviceName));
    return { booking: edited, edited: true };
  }
}

/** An extension belongs to its number, and goes with it. */
function withoutOldExtension(
  before: BookingCustomer,
  { phone = before.phone }: Partial<BookingCustomer>,
): BookingCustomer {
  return phone === before.phone ? before : { ...before, phoneExtension: null };
}

/** @throws DomainError `invalid_input` naming all that could have been given */
function refuseNothing(corrections: Partial<BookingCustomer>): void {
  if (FIELDS.some((field) => corrections[field] !== undefined)) return;
  throw invalidInput(...FIELDS.map((field) => ({ field, message: 'give at least one of these' })));
}
