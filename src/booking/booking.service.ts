import { Injectable } from '@nestjs/common';
import { EventWriter } from '../calendar/event-writer.js';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError, invalidInput, notFound } from '../platform/errors/domain-error.js';
import { startAsked } from './asked-start.js';
import type { Author } from './author.js';
import { type Booking, type BookingCustomer, type BookingView, bookingView } from './booking.js';
import { decodeCursor, encodeCursor } from './booking-cursor.js';
import { BookingEditor } from './booking-editor.js';
import { BookingMaker, type Made } from './booking-maker.js';
import { BookingMover, type MoveRequest, type MovingOptions } from './booking-mover.js';
import type {
  Booked,
  BookingListQuery,
  BookingOptions,
  BookingPage,
  BookingRequest,
  RescheduleRequest,
} from './booking-request.js';
import { BookingOutcome, type Outcome } from './booking-outcome.js';
import { BookingRepository } from './booking.repository.js';
import { HoldBooker } from './hold-booker.js';
import { HoldMover } from './hold-mover.js';
import { OwnHolds } from './own-holds.js';
import { MeantBookingLost } from './repeated-wish.js';
import { idempotentRequest, type IdempotentRequest, IdempotencyRepository } from './idempotency.js';

/** How long a repeated request waits for the first one's answer, on top of the calendar's budget. */
const REPEAT_GRACE_MS = 1_000;
const REPEAT_POLL_MS = 50;

@Injectable()
export class BookingService {
  constructor(
    private readonly maker: BookingMaker,
    private readonly holdBooker: HoldBooker,
    private readonly mover: BookingMover,
    private readonly holdMover: HoldMover,
    private readonly editor: BookingEditor,
    private readonly outcomes: BookingOutcome,
    private readonly bookings: BookingRepository,
    private readonly ownHolds: OwnHolds,
    private readonly idempotency: IdempotencyRepository,
    private readonly eventWriter: EventWriter,
    private readonly settings: Settings,
  ) {}

  /**
   * Books. The booking stands as soon as it is in the database; the event in the organisation's calendar is then tried at
   * once, for as long as the caller can wait, and otherwise follows.
   * @throws DomainError `slot_taken` and `outside_availability` with up to three `alternatives`, `idempotency_key_reused`,
   * `calendar_unreadable`, `not_found`, `invalid_input`; for a hold also `hold_expired`, and `conflict` where it is booked
   */
  async create(tenant: TenantId, request: BookingRequest, options: BookingOptions): Promise<BookingView> {
    return (await this.book(tenant, request, options)).booking;
  }

  /** As `create`, and tells whether it was made before. */
  async book(tenant: TenantId, request: BookingRequest, options: BookingOptions): Promise<Booked> {
    const { deadline = Deadline.in(this.settings.calendarBudgetMs), author } = options;
    const repeat =
      options.idempotencyKey === undefined
        ? undefined
        : idempotentRequest(options.idempotencyKey, { ...request, source: author.source });
    if (repeat !== undefined && (await this.idempotency.find(tenant, repeat)) !== undefined) {
      return { booking: await this.#firstAnswer(tenant, repeat) };
    }
    const make = async () => this.#make(tenant, request, options, repeat, deadline);
    const made = await make().catch((error: unknown) => {
      if (error instanceof MeantBookingLost) return make();
      throw error;
    });
    if (made.outcome === 'claimed_by_another' && repeat !== undefined)
      return { booking: await this.#firstAnswer(tenant, repeat) };
    if (made.outcome === 'claimed_by_another') throw new Error('Nothing was booked.');
    const { booking } = made;
    if (made.outcome === 'exists') {
      const { correction, nameBefore } = made;
      const view =
        correction === 'applied'
          ? bookingView(booking, await this.eventWriter.writeNow(tenant, booking.id, deadline))
          : await this.#view(tenant, booking);
      return { booking: view, repeated: { correction, nameBefore } };
    }
    const view = bookingView(booking, await this.eventWriter.writeNow(tenant, booking.id, deadline));
    return { booking: repeat === undefined ? view : await this.idempotency.keep(tenant, repeat.key, view) };
  }

  /** @throws DomainError `not_found` */
  async get(tenant: TenantId, id: string): Promise<BookingView> {
    const booking = await this.bookings.find(tenant, id);
    if (booking === undefined) throw notFound('booking');
    return this.#view(tenant, booking);
  }

  /** @throws DomainError `invalid_input` for a cursor that this list did not give, or an end before the beginning */
  async list(tenant: TenantId, query: BookingListQuery): Promise<BookingPage> {
    const { from, to, cursor, limit, ...filter } = query;
    if (from !== undefined && to !== undefined && Date.parse(to) < Date.parse(from)) {
      throw invalidInput({ field: 'to', message: 'must not be before from' });
    }
    const rows = await this.bookings.list(tenant, {
      ...filter,
      ...(from === undefined ? {} : { from: new Date(from) }),
      ...(to === undefined ? {} : { to: new Date(to) }),
      ...(cursor === undefined ? {} : { after: decodeCursor(cursor) }),
      // One more than asked for tells whether there is a next page.
      limit: limit + 1,
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
   * Moves a booking, and its event with it; the Meet link stays. Its own time does not stand in its way, and is kept where
   * the new one cannot be had. Moving it to where it is changes nothing. A hold is used up in the same transaction, or kept.
   * @param deadline until when the connected calendar may be waited for; default: the whole budget from now on
   * @throws DomainError `slot_taken` and `outside_availability` with up to three `alternatives`; `booking_not_changeable`
   * for one that is over or cancelled, and where its service is not offered any more; `calendar_unreadable`, `not_found`,
   * `invalid_input`; for a hold also `hold_expired`, and `conflict` where it is booked or used already
   */
  async reschedule(
    tenant: TenantId,
    id: string,
    request: RescheduleRequest,
    {
      author,
      deadline = Deadline.in(this.settings.calendarBudgetMs),
      seeker,
    }: Partial<MovingOptions> & Pick<MovingOptions, 'author'>,
  ): Promise<BookingView> {
    const options = { author, deadline, seeker };
    const { holdId, ...to } = request;
    const move = (hold: string, time: MoveRequest) =>
      this.holdMover.move(tenant, id, { ...time, holdId: hold }, options);
    const { booking, moved } = await (holdId === undefined
      ? this.mover
          .move(tenant, id, to, options)
          .catch(async (error: unknown) =>
            move(await this.ownHolds.insteadOf(error, tenant, startAsked(to), seeker), {}),
          )
      : move(holdId, to));
    if (!moved) return this.#view(tenant, booking);
    return bookingView(booking, await this.eventWriter.writeNow(tenant, id, deadline));
  }

  /**
   * Corrects who comes and what it is about, in the event as well; its time and its Meet link stay. What is left out stays as
   * it is, and saying the same again changes nothing.
   * @param deadline until when the connected calendar may be waited for; default: the whole budget from now on
   * @throws DomainError `invalid_input` where nothing is given; `not_found`; `booking_not_changeable` for one that is over or
   * cancelled
   */
  async edit(
    tenant: TenantId,
    id: string,
    corrections: Partial<BookingCustomer>,
    {
      author,
      deadline = Deadline.in(this.settings.calendarBudgetMs),
    }: { author: Author; deadline?: Deadline },
  ): Promise<BookingView> {
    const { booking, edited } = await this.editor.edit(tenant, id, corrections, author);
    if (!edited) return this.#view(tenant, booking);
    return bookingView(booking, await this.eventWriter.writeNow(tenant, id, deadline));
  }

  /**
   * Cancels, and takes the event out of the calendar in the same way as it got there. Cancelling twice is the same as once.
   * @throws DomainError `not_found`; `booking_not_changeable` for one that is over
   */
  async cancel(
    tenant: TenantId,
    id: string,
    {
      reason = null,
      author,
      deadline = Deadline.in(this.settings.calendarBudgetMs),
    }: { reason?: string | null; author: Author; deadline?: Deadline },
  ): Promise<BookingView> {
    await this.outcomes.set(tenant, id, { status: 'cancelled', cancelReason: reason }, author);
    await this.eventWriter.writeNow(tenant, id, deadline);
    return this.get(tenant, id);
  }

  /**
   * Notes what came of a confirmed booking; either can be corrected to the other. Its event stays.
   * @throws DomainError `not_found`; `booking_not_changeable` for one that is not confirmed
   */
  async conclude(
    tenant: TenantId,
    id: string,
    status: Exclude<Outcome, 'cancelled'>,
    author: Author,
  ): Promise<BookingView> {
    return this.#view(tenant, await this.outcomes.set(tenant, id, { status }, author));
  }

  async #make(
    tenant: TenantId,
    { holdId, ...request }: BookingRequest,
    options: BookingOptions,
    repeat: IdempotentRequest | undefined,
    deadline: Deadline,
  ): Promise<Made> {
    if (holdId !== undefined) {
      return this.holdBooker.book(tenant, { ...request, holdId }, options, repeat, deadline);
    }
    const { name, phone, phoneExtension, email, purpose } = request;
    const customer = { name, phone, phoneExtension, email, purpose };
    const asked = startAsked(request);
    try {
      return await this.maker.make(tenant, { ...asked, ...customer }, options, repeat, deadline);
    } catch (error) {
      const own = await this.ownHolds.insteadOf(error, tenant, asked, options.seeker);
      const wish = { ...customer, holdId: own };
      return this.holdBooker.book(tenant, wish, options, repeat, deadline);
    }
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
