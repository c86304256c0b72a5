import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  OwnerChanges,
  type ChangedTimes,
  type Followed,
  type MovedEvent,
  type OwnerChangeHandler,
} from '../../calendar/owner-changes.js';
import type { SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { Author } from '../author.js';
import { isMovable } from '../booking-status.js';
import { BookingRepository } from '../booking.repository.js';
import { eventContentOf } from '../event-content.js';
import { ServiceRepository } from '../schedule/service.repository.js';
import { ConflictRepository } from './conflict.repository.js';
import { clock } from '../../platform/time/clock.js';

/** Longer than any service, also on the day that has 25 hours: a booking that follows its event stays one that everything else can cope with. */
const LONGEST_MS = 25 * 3_600_000;

const DELETED = 'Its event was deleted in Google Calendar.';

/** The owner in Google Calendar, in the audit trail. */
const OWNER: Author = {
  kind: 'system',
  id: 'google_calendar',
  source: 'dashboard',
  requestId: null,
  callId: null,
};

/**
 * What the owner does in the calendar counts: the booking of an event that was moved moves with it, whatever the working hours say, unless
 * something else of ours is there; the booking of one that was deleted is cancelled. Titles, descriptions and guests are the owner's own
 * affair.
 */
@Injectable()
export class BookingOwnerChangeHandler implements OwnerChangeHandler, OnModuleInit {
  constructor(
    private readonly ownerChanges: OwnerChanges,
    private readonly bookings: BookingRepository,
    private readonly services: ServiceRepository,
    private readonly conflicts: ConflictRepository,
  ) {}

  onModuleInit(): void {
    this.ownerChanges.handledBy(this);
  }

  async lock(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void> {
    await this.bookings.lock(sql, tenant, bookingId);
  }

  async moved(sql: SqlTransaction, tenant: TenantId, event: MovedEvent): Promise<Followed> {
    const booking = await this.bookings.lock(sql, tenant, event.bookingId);
    if (booking === undefined || !isMovable(booking.status)) return { outcome: 'left' };
    const { time, isAllDay } = event;
    if (isAllDay || time === null || time.start >= time.end || time.end - time.start > LONGEST_MS) {
      await this.conflicts.noteMoved(sql, tenant, event, 'not_a_time');
      return { outcome: 'conflict' };
    }
    const moved = await this.bookings.follow(sql, tenant, booking, time, OWNER);
    if (moved === null) {
      await this.conflicts.noteMoved(sql, tenant, event, 'booked');
      return { outcome: 'conflict' };
    }
    // The synchronisation that told of its event compared the time before.
    await this.conflicts.noteOverlapsOf(sql, tenant, moved.id);
    const serviceName = (await this.services.nameOf(sql, tenant, moved.serviceId)) ?? '';
    return { outcome: 'followed', content: eventContentOf(moved, serviceName) };
  }

  async deleted(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<boolean> {
    const booking = await this.bookings.lock(sql, tenant, bookingId);
    if (booking === undefined || booking.status === 'cancelled') return true;
    // What took place is not undone by clearing it away.
    if (!isMovable(booking.status) || booking.endsAt.getTime() <= clock.now()) return false;
    await this.bookings.setStatus(
      sql,
      tenant,
      booking,
      { status: 'cancelled', cancelReason: DELETED },
      { action: 'cancelled', author: OWNER },
    );
    return true;
  }

  agreed(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void> {
    return this.conflicts.clearMoved(sql, tenant, bookingId);
  }

  noteOverlaps(
    sql: SqlTransaction,
    tenant: TenantId,
    calendarId: string,
    changed: ChangedTimes | null,
  ): Promise<void> {
    return this.conflicts.noteOverlaps(sql, tenant, calendarId, changed);
  }
}
