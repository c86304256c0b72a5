import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import { Settings } from '../platform/config/settings.js';
import { isUuid, type TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError, invalidInput, notFound } from '../platform/errors/domain-error.js';
import {
  type Booking,
  type BookingSource,
  type BookingStatus,
  type BookingView,
  bookingView,
} from './booking.js';
import { BookingMaker } from './booking-maker.js';
import { type BookingPosition, BookingRepository } from './booking.repository.js';
import { idempotentRequest, type IdempotentRequest, IdempotencyRepository } from './idempotency.js';
import { decodeSlotId } from './slot-id.js';

/** Either a slot that was offered or a start; the service and resource are the tenant's defaults if not given. */
export interface BookingRequest {
  slotId?: string;
  /** ISO 8601 with offset. */
  startsAt?: string;
  serviceId?: string;
  resourceId?: string;
  name: string;
  /** E.164. */
  phone: string;
  email?: string;
  purpose?: string;
}

export interface BookingOptions {
  source: BookingSource;
  idempotencyKey?: string;
  /**
   * When the time is taken by a booking of the same phone number for the same service, answer with that booking: a voice
   * agent says things twice, under a new tool-call id each time.
   */
  repeatReturnsExisting?: boolean;
  /** Until when the connected calendar may be waited for; default: the whole budget from now on. */
  deadline?: Deadline;
}

export interface BookingListQuery {
  from?: string;
  to?: string;
  status?: BookingStatus;
  phone?: string;
  cursor?: string;
  limit: number;
}

export interface BookingPage {
  items: BookingView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** How long a repeated request waits for the first one's answer, on top of the calendar's budget. */
const REPEAT_GRACE_MS = 1_000;
const REPEAT_POLL_MS = 50;

@Injectable()
export class BookingService {
  constructor(
    private readonly maker: BookingMaker,
    private readonly bookings: BookingRepository,
    private readonly idempotency: IdempotencyRepository,
    private readonly eventWriter: EventWriter,
    private readonly settings: Settings,
  ) {}

  /**
   * Books. The booking stands as soon as it is in the database; the event in the organisation's calendar is then tried at
   * once, for as long as the caller can wait, and otherwise follows.
   * @throws DomainError `slot_taken` and `outside_availability` with up to three `alternatives`, `idempotency_key_reused`,
   * `calendar_unreadable`, `not_found`, `invalid_input`
   */
  async create(tenant: TenantId, request: BookingRequest, options: BookingOptions): Promise<BookingView> {
    const { deadline = Deadline.in(this.settings.calendarBudgetMs) } = options;
    const repeat =
      options.idempotencyKey === undefined
        ? undefined
        : idempotentRequest(options.idempotencyKey, { ...request, source: options.source });
    if (repeat !== undefined && (await this.idempotency.find(tenant, repeat)) !== undefined) {
      return this.#firstAnswer(tenant, repeat);
    }
    const made = await this.maker.make(
      tenant,
      { ...request, ...startAsked(request) },
      options,
      repeat,
      deadline,
    );
    if (made.outcome === 'claimed_by_another' && repeat !== undefined)
      return this.#firstAnswer(tenant, repeat);
    if (made.outcome !== 'made' && made.outcome !== 'exists') throw new Error('Nothing was booked.');
    const { booking } = made;
    const event =
      made.outcome === 'made'
        ? await this.eventWriter.writeNow(tenant, booking.id, deadline)
        : (await this.eventWriter.states(tenant, [booking.id])).get(booking.id);
    const view = bookingView(booking, event);
    return repeat === undefined || made.outcome === 'exists'
      ? view
      : this.idempotency.keep(tenant, repeat.key, view);
  }

  /** @throws DomainError `not_found` */
  async get(tenant: TenantId, id: string): Promise<BookingView> {
    const booking = await this.bookings.find(tenant, id);
    if (booking === undefined) throw notFound('booking');
    return this.#view(tenant, booking);
  }

  /** @throws DomainError `invalid_input` for a cursor that this list did not give */
  async list(tenant: TenantId, query: BookingListQuery): Promise<BookingPage> {
    const rows = await this.bookings.list(tenant, {
      ...(query.from === undefined ? {} : { from: new Date(query.from) }),
      ...(query.to === undefined ? {} : { to: new Date(query.to) }),
      ...(query.cursor === undefined ? {} : { after: decodeCursor(query.cursor) }),
      status: query.status,
      phone: query.phone,
      // One more than asked for tells whether there is a next page.
      limit: query.limit + 1,
    });
    const items = rows.slice(0, query.limit);
    const states = await this.eventWriter.states(
      tenant,
      items.map(({ id }) => id),
    );
    const last = items.at(-1);
    return {
      items: items.map((booking) => bookingView(booking, states.get(booking.id))),
      nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last) : null,
    };
  }

  /**
   * Cancels, and takes the event out of the calendar in the same way as it got there. Cancelling twice is the same as once.
   * @throws DomainError `not_found`; `booking_not_changeable` for one that is over
   */
  async cancel(tenant: TenantId, id: string, reason?: string): Promise<BookingView> {
    const deadline = Deadline.in(this.settings.calendarBudgetMs);
    await this.maker.cancel(tenant, id, reason ?? null);
    await this.eventWriter.writeNow(tenant, id, deadline);
    return this.get(tenant, id);
  }

  /** The answer that the first request with this key got or, while it has none yet, is about to get. */
  async #firstAnswer(tenant: TenantId, repeat: IdempotentRequest): Promise<BookingView> {
    const deadline = Deadline.in(this.settings.calendarBudgetMs + REPEAT_GRACE_MS);
    for (;;) {
      const first = await this.idempotency.find(tenant, repeat);
      if (first === undefined) {
        throw new DomainError(
          'conflict',
          'The first request with this Idempotency-Key failed. Repeat the request.',
        );
      }
      if (first.response !== null) return first.response;
      // Its process may have died before it answered: then this becomes the first answer.
      if (deadline.remainingMs === 0) {
        return this.idempotency.keep(tenant, repeat.key, await this.get(tenant, first.bookingId));
      }
      await new Promise((resolve) => setTimeout(resolve, REPEAT_POLL_MS));
    }
  }

  async #view(tenant: TenantId, booking: Booking): Promise<BookingView> {
    const states = await this.eventWriter.states(tenant, [booking.id]);
    return bookingView(booking, states.get(booking.id));
  }
}

function startAsked({ slotId, startsAt, serviceId, resourceId }: BookingRequest): {
  start: number;
  serviceId?: string;
  resourceId?: string;
} {
  if ((slotId === undefined) === (startsAt === undefined)) {
    throw invalidInput({ field: 'startsAt', message: 'give either startsAt or slotId' });
  }
  if (startsAt !== undefined) return { start: Date.parse(startsAt), serviceId, resourceId };
  const slot = decodeSlotId(slotId ?? '');
  if (slot === undefined)
    throw invalidInput({ field: 'slotId', message: 'is not the id of a slot that was offered' });
  for (const [field, given, inSlot] of [
    ['serviceId', serviceId, slot.serviceId],
    ['resourceId', resourceId, slot.resourceId],
  ] as const) {
    if (given !== undefined && given !== inSlot)
      throw invalidInput({ field, message: 'is not that of the slot' });
  }
  return slot;
}

function encodeCursor({ startsAt, id }: BookingPosition): string {
  return Buffer.from(`${startsAt.getTime()} ${id}`).toString('base64url');
}

function decodeCursor(cursor: string): BookingPosition {
  const [, time, id] = /^(-?\d{1,14}) (.{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (time === undefined || !isUuid(id)) {
    throw invalidInput({ field: 'cursor', message: 'is not a cursor that this list gave' });
  }
  return { startsAt: new Date(Number(time)), id };
}
