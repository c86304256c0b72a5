import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import { isCalendarError } from '../calendar/calendar-error.js';
import { type MarkedEvent, MarkedEventReader } from '../calendar/marked-events.js';
import { Database } from '../platform/database/database.js';
import { SqlState, sqlStateOf } from '../platform/database/sql-error.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import { clock } from '../platform/time/clock.js';
import type { Author } from './author.js';
import type { Booking } from './booking.js';
import { BookingRepository } from './booking.repository.js';
import { localDateOf } from './engine/zoned-time.js';
import { eventContentOf } from './event-content.js';
import { IdempotencyRepository } from './idempotency.js';
import { type KnownBooking, ReconciliationRepository } from './reconciliation.repository.js';

const DAY_MS = 86_400_000;
/** As far as a database may have been set back, and as far ahead as can be booked. */
const PAST_MS = 30 * DAY_MS;
const FUTURE_MS = 731 * DAY_MS;

export interface ReconciliationOptions {
  /** Makes the booking again that an event tells of, and the event again that a booking should have. */
  bringBack: boolean;
  /** Removes events that have no booking; after bringing back, those that could not be brought back. */
  takeAway: boolean;
}

/** Something in which a calendar and the database differ. */
export interface Difference {
  kind: 'event_without_booking' | 'booking_without_event' | 'other_time' | 'event_of_ended_booking';
  bookingId: string;
  reference: string | null;
  start: Date;
  end: Date;
  /** What was done about it, or why nothing was; null where nothing was asked for. */
  done: string | null;
  /** Whether it is settled now. */
  isSettled: boolean;
}

export interface Reconciled {
  tenant: { id: string; name: string };
  differences: Difference[];
  unread: { account: string; calendar: string; reason: string }[];
}

const AUTHOR: Author = {
  kind: 'system',
  id: 'reconcile',
  source: 'dashboard',
  requestId: null,
  callId: null,
};

/**
 * Compares the calendars with the database, as after a restore: callers were told of bookings that an earlier backup does not
 * have, while their events stand. An event holds what its booking was made of.
 */
@Injectable()
export class Reconciliation {
  constructor(
    private readonly database: Database,
    private readonly events: MarkedEventReader,
    private readonly known: ReconciliationRepository,
    private readonly bookings: BookingRepository,
    private readonly idempotency: IdempotencyRepository,
    private readonly eventWriter: EventWriter,
  ) {}

  async tenants(): Promise<{ id: string; name: string }[]> {
    return this.database.inSystem((sql) => this.known.tenants(sql));
  }

  async reconcile(tenant: { id: string; name: string }, options: ReconciliationOptions): Promise<Reconciled> {
    const id = asTenantId(tenant.id);
    const window = { from: clock.now() - PAST_MS, to: clock.now() + FUTURE_MS };
    const { events, read, unread } = await this.events.read(id, window);
    const { byId, upcoming } = await this.database.inTenant(id, async (sql) => ({
      byId: new Map(
        (await this.known.byId(sql, id, [...new Set(events.map(({ bookingId }) => bookingId))])).map(
          (booking) => [booking.id, booking],
        ),
      ),
      upcoming: await this.known.upcomingIn(
        sql,
        id,
        read.map((calendar) => calendar.id),
        new Date(window.to),
      ),
    }));
    const differences: Difference[] = [];
    for (const event of events) {
      const booking = byId.get(event.bookingId);
      // A hold keeps its id as it becomes a booking: the backup may be from in between.
      const isUnknown = booking === undefined || booking.status === 'held';
      const difference = isUnknown ? await this.#unknown(id, event, options) : differenceOf(event, booking);
      if (difference !== null) differences.push(difference);
    }
    const seen = new Set(events.map((event) => event.id));
    for (const booking of upcoming) {
      if (!booking.isWritten || booking.eventId === null || seen.has(booking.eventId)) continue;
      differences.push(await this.#missing(id, booking, options));
    }
    return {
      tenant,
      differences: differences.sort((a, b) => a.start.getTime() - b.start.getTime()),
      unread: unread.map(({ calendar, reason }) => ({
        account: calendar.accountEmail,
        calendar: calendar.summary,
        reason,
      })),
    };
  }

  async #unknown(
    tenant: TenantId,
    event: MarkedEvent,
    { bringBack, takeAway }: ReconciliationOptions,
  ): Promise<Difference> {
    const difference = {
      kind: 'event_without_booking',
      bookingId: event.bookingId,
      reference: event.booked?.reference ?? null,
      start: new Date(event.time.start),
      end: new Date(event.time.end),
    } as const;
    const problem = bringBack ? await this.#bringBack(tenant, event) : null;
    if (bringBack && problem === null)
      return { ...difference, done: 'booking brought back', isSettled: true };
    if (!takeAway) return { ...difference, done: problem, isSettled: false };
    const left = await this.#takeAway(tenant, event);
    const done = [problem, left ?? 'event taken away'].filter((part) => part !== null).join('; ');
    return { ...difference, done, isSettled: left === null };
  }

  /** @returns why it could not be brought back; null when it was */
  async #bringBack(
    tenant: TenantId,
    { bookingId, time, booked, calendar }: MarkedEvent,
  ): Promise<string | null> {
    if (booked === null) return 'cannot be brought back: the event was made by an earlier release';
    const {
      reference,
      serviceId,
      resourceId,
      name,
      phone,
      phoneExtension = null,
      email,
      purpose,
      request,
    } = booked;
    try {
      return await this.database.inTenant(tenant, async (sql) => {
        const frame = await this.known.frame(sql, tenant, serviceId, resourceId);
        if (frame === undefined) return 'cannot be brought back: its service or its resource is not known';
        const repeat =
          request === undefined
            ? undefined
            : { key: request.key, hash: Buffer.from(request.hash, 'base64url') };
        // The same request, repeated, then hears of this booking.
        if (repeat !== undefined) await this.idempotency.claim(sql, tenant, repeat, bookingId);
        await this.known.dropHold(sql, tenant, bookingId);
        const booking: Booking = await this.bookings.insert(
          sql,
          tenant,
          {
            id: bookingId,
            reference,
            serviceId,
            resourceId,
            status: 'confirmed',
            startsAt: new Date(time.start),
            endsAt: new Date(time.end),
            blocked: { start: time.start - frame.bufferBeforeMs, end: time.end + frame.bufferAfterMs },
            timezone: frame.timezone,
            localDate: localDateOf(time.start, frame.timezone),
            customerName: name,
            phone,
            phoneExtension,
            email,
            purpose,
            source: AUTHOR.source,
          },
          { author: AUTHOR },
        );
        const content = eventContentOf(booking, frame.serviceName, repeat);
        await this.eventWriter.want(sql, tenant, booking, content);
        await this.known.noteLeftover(sql, tenant, { bookingId, resourceId, calendarId: calendar.id });
        return null;
      });
    } catch (error) {
      switch (sqlStateOf(error)) {
        case SqlState.exclusionViolation:
          return 'cannot be brought back: its time is booked';
        case SqlState.uniqueViolation:
          return 'cannot be brought back: another booking has its reference';
        default:
          throw error;
      }
    }
  }

  /** @returns why it could not be taken away; null when it was */
  async #takeAway(tenant: TenantId, event: MarkedEvent): Promise<string | null> {
    try {
      await this.events.remove(tenant, event);
      return null;
    } catch (error) {
      if (isCalendarError(error, 'not_found', 'gone')) return null;
      if (isCalendarError(error)) return `could not be taken away: ${error.kind}`;
      throw error;
    }
  }

  async #missing(
    tenant: TenantId,
    { id, reference, startsAt, endsAt }: KnownBooking,
    { bringBack }: ReconciliationOptions,
  ): Promise<Difference> {
    const difference = {
      kind: 'booking_without_event',
      bookingId: id,
      reference,
      start: startsAt,
      end: endsAt,
    } as const;
    if (!bringBack) return { ...difference, done: null, isSettled: false };
    const isWanted = await this.database.inTenant(tenant, async (sql) => {
      const booking = await this.bookings.lock(sql, tenant, id);
      if (booking?.status !== 'confirmed') return false;
      const frame = await this.known.frame(sql, tenant, booking.serviceId, booking.resourceId);
      if (frame === undefined) return false;
      await this.eventWriter.want(sql, tenant, booking, eventContentOf(booking, frame.serviceName));
      return true;
    });
    return { ...difference, done: isWanted ? 'event is written again' : null, isSettled: isWanted };
  }
}

/** Null where event and booking agree. What is listed here the running service settles by itself. */
function differenceOf({ time, bookingId }: MarkedEvent, booking: KnownBooking): Difference | null {
  const found = {
    bookingId,
    reference: booking.reference,
    start: new Date(time.start),
    end: new Date(time.end),
    done: null,
    isSettled: false,
  };
  if (booking.status === 'cancelled') return { kind: 'event_of_ended_booking', ...found };
  const isSame = booking.startsAt.getTime() === time.start && booking.endsAt.getTime() === time.end;
  return isSame ? null : { kind: 'other_time', ...found };
}
