import { Injectable } from '@nestjs/common';
import { EventWriter } from '../../calendar/event-writer.js';
import { Settings } from '../../platform/config/settings.js';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import { isUuid, type TenantId } from '../../platform/database/tenant-id.js';
import { Deadline } from '../../platform/deadline.js';
import { DomainError, invalidInput, notFound } from '../../platform/errors/domain-error.js';
import { decodeCursor, encodeCursor } from '../../tenant/page-cursor.js';
import type { Author } from '../author.js';
import type { Booking } from '../booking.js';
import { BookingOutcome } from '../booking-outcome.js';
import { refuseUnmovable } from '../booking-mover.js';
import { BookingRepository } from '../booking.repository.js';
import { toIsoWithOffset } from '../engine/zoned-time.js';
import { eventContentOf } from '../event-content.js';
import { ServiceRepository } from '../schedule/service.repository.js';
import { RESOLUTION_OF, type Conflict, type ResolveAction } from './conflict.js';
import { ConflictRepository } from './conflict.repository.js';

/** A conflict as clients see it. Times are ISO 8601 with the offset of the booking's zone. */
export interface ConflictView {
  id: string;
  kind: Conflict['kind'];
  reason: Conflict['reason'];
  booking: { id: string; reference: string; resourceId: string; startsAt: string; endsAt: string };
  event: { id: string; calendarId: string; startsAt: string | null; endsAt: string | null };
  actions: ResolveAction[];
  detectedAt: string;
  resolvedAt: string | null;
  resolution: Conflict['resolution'];
}

export interface ConflictPage {
  items: ConflictView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

const ACTIONS: Readonly<Record<Conflict['kind'], readonly ResolveAction[]>> = {
  event_over_booking: ['dismiss', 'cancel_booking'],
  booking_event_moved: ['dismiss', 'cancel_booking', 'keep_booking', 'accept_event'],
};

/** What the owner did in the calendar that bookings could not follow, and what the dashboard decides about it. */
@Injectable()
export class ConflictsService {
  constructor(
    private readonly database: Database,
    private readonly conflicts: ConflictRepository,
    private readonly bookings: BookingRepository,
    private readonly outcomes: BookingOutcome,
    private readonly services: ServiceRepository,
    private readonly eventWriter: EventWriter,
    private readonly settings: Settings,
  ) {}

  /** The oldest first. @throws DomainError `invalid_input` for a cursor that this list did not give */
  async list(
    tenant: TenantId,
    { state, cursor, limit }: { state: 'open' | 'resolved'; cursor?: string; limit: number },
  ): Promise<ConflictPage> {
    const after = cursor === undefined ? null : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.conflicts.list(tenant, { state, after, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(conflictView),
      nextCursor:
        found.length > limit && last !== undefined
          ? encodeCursor({ createdAt: last.detectedAt, id: last.id })
          : null,
    };
  }

  /**
   * Ends a conflict. Deciding the same again changes nothing.
   * @throws DomainError `not_found`; `invalid_input` for an action that does not fit; `conflict` where it has ended otherwise;
   * `slot_taken` where the event is to be accepted and its time is not free; `booking_not_changeable`
   */
  async resolve(tenant: TenantId, id: string, action: ResolveAction, author: Author): Promise<ConflictView> {
    const conflict = isUuid(id) ? await this.conflicts.find(tenant, id) : undefined;
    if (conflict === undefined) throw notFound('conflict');
    if (!ACTIONS[conflict.kind].includes(action)) {
      const allowed = ACTIONS[conflict.kind].join(', ');
      throw invalidInput({ field: 'action', message: `must be one of ${allowed} for this conflict` });
    }
    if (conflict.resolution !== null) {
      if (conflict.resolution === RESOLUTION_OF[action]) return conflictView(conflict);
      throw hasEnded();
    }
    const hasDecided = await this.#act(tenant, conflict, action, author);
    if (action !== 'dismiss') {
      const deadline = Deadline.in(this.settings.calendarBudgetMs);
      await this.eventWriter.writeNow(tenant, conflict.bookingId, deadline);
    }
    const resolved = await this.conflicts.find(tenant, id);
    if (resolved === undefined) throw notFound('conflict');
    if (!hasDecided && resolved.resolution !== RESOLUTION_OF[action]) throw hasEnded();
    return conflictView(resolved);
  }

  /** @returns false where somebody else has decided meanwhile */
  async #act(tenant: TenantId, conflict: Conflict, action: ResolveAction, author: Author): Promise<boolean> {
    const { id, bookingId } = conflict;
    const resolution = RESOLUTION_OF[action];
    if (action === 'cancel_booking') {
      const cancelReason = 'It was in conflict with the calendar.';
      await this.outcomes.set(tenant, bookingId, { status: 'cancelled', cancelReason }, author);
    }
    return this.database.inTenant(tenant, async (sql) => {
      // The booking before everything else, as whoever changes one does.
      const booking = await this.bookings.lock(sql, tenant, bookingId);
      if (booking === undefined) throw notFound('booking');
      // Of two who decide at once, one does.
      if (!(await this.conflicts.resolve(sql, tenant, id, resolution))) return false;
      if (action === 'keep_booking') await this.#keepBooking(sql, tenant, booking);
      if (action === 'accept_event') await this.#acceptEvent(sql, tenant, booking, conflict, author);
      return true;
    });
  }

  /** Its event is brought back to where the booking is. */
  async #keepBooking(sql: SqlTransaction, tenant: TenantId, booking: Booking): Promise<void> {
    refuseUnmovable(booking);
    const serviceName = (await this.services.nameOf(sql, tenant, booking.serviceId)) ?? '';
    await this.eventWriter.want(sql, tenant, booking, eventContentOf(booking, serviceName));
  }

  /** The booking moves to where its event is, if that is free by now. */
  async #acceptEvent(
    sql: SqlTransaction,
    tenant: TenantId,
    booking: Booking,
    { eventStartsAt, eventEndsAt, reason }: Conflict,
    author: Author,
  ): Promise<void> {
    refuseUnmovable(booking);
    if (eventStartsAt === null || eventEndsAt === null || reason === 'not_a_time') {
      throw new DomainError('conflict', 'The event is at no time that a booking can have.');
    }
    const time = { start: eventStartsAt.getTime(), end: eventEndsAt.getTime() };
    const moved = await this.bookings.follow(sql, tenant, booking, time, author);
    if (moved === null) throw new DomainError('slot_taken', 'This time is already taken.');
    const serviceName = (await this.services.nameOf(sql, tenant, moved.serviceId)) ?? '';
    await this.eventWriter.want(sql, tenant, moved, eventContentOf(moved, serviceName));
  }
}

function hasEnded(): DomainError {
  return new DomainError('conflict', 'This conflict has ended already.');
}

function conflictView(conflict: Conflict): ConflictView {
  const { timezone, eventStartsAt, eventEndsAt } = conflict;
  const at = (instant: Date) => toIsoWithOffset(instant.getTime(), timezone);
  return {
    id: conflict.id,
    kind: conflict.kind,
    reason: conflict.reason,
    booking: {
      id: conflict.bookingId,
      reference: conflict.reference,
      resourceId: conflict.resourceId,
      startsAt: at(conflict.bookingStartsAt),
      endsAt: at(conflict.bookingEndsAt),
    },
    event: {
      id: conflict.eventId,
      calendarId: conflict.calendarId,
      startsAt: eventStartsAt && at(eventStartsAt),
      endsAt: eventEndsAt && at(eventEndsAt),
    },
    actions: conflict.resolution === null ? [...ACTIONS[conflict.kind]] : [],
    detectedAt: conflict.detectedAt.toISOString(),
    resolvedAt: conflict.resolvedAt?.toISOString() ?? null,
    resolution: conflict.resolution,
  };
}
