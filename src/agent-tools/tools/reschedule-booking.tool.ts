import { Injectable } from '@nestjs/common';
import { decodeSlotId } from '../../booking/availability/slot-id.js';
import type { Booking } from '../../booking/booking.js';
import { isMovable } from '../../booking/booking-status.js';
import type { RescheduleRequest } from '../../booking/booking-request.js';
import { BookingService } from '../../booking/booking.service.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { AskedBookingReader, whichOf } from '../asked/asked-booking.js';
import type { WantedTime } from '../asked/time-refusal.js';
import { WantedTimes } from '../asked/wanted-times.js';
import { changedBooking } from '../tool-booking.js';
import { ToolRefusal } from '../tool-refusal.js';
import {
  CALLER_TIMEZONE,
  HOLD_ID,
  OTHERWISE_DATE,
  OTHERWISE_TIME,
  REFERENCE,
  RESOURCE,
  SLOT_ID,
  TIME_PREFERENCE,
} from './parameters.js';

export const RESCHEDULE_BOOKING: ToolSpecification = {
  name: 'reschedule_booking',
  description:
    "Moves one of the caller's appointments to another time. Call check_availability first and let the caller choose; then " +
    'call it with the slot_id, the hold_id, or date and time. Without a reference it moves the only appointment of the number ' +
    'that they call from; where there are several, "say" asks which: then call it again with the reference of that one. Tell ' +
    'the caller what "say" says; only when "ok" is true is it moved, otherwise it stays where it was. Repeating it is safe.',
  parameters: {
    reference: { ...REFERENCE, example: 'K7RQ4M' },
    slot_id: SLOT_ID,
    hold_id: HOLD_ID,
    date: OTHERWISE_DATE,
    time: OTHERWISE_TIME,
    time_preference: TIME_PREFERENCE,
    resource: RESOURCE,
    caller_timezone: CALLER_TIMEZONE,
  },
  readOnly: false,
  destructive: true,
  exampleAnswer: {
    ok: true,
    say: 'Your appointment is now on Thursday, January 21 at 3 PM. It is under the name Ana Flores.',
    booking: {
      id: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50',
      reference: 'K7RQ4M',
      status: 'confirmed',
      starts_at: '2027-01-21T15:00:00-05:00',
      ends_at: '2027-01-21T16:00:00-05:00',
      meet_link: 'https://meet.google.com/abc-defg-hij',
      calendar_status: 'synced',
    },
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/** Moves an appointment for a caller. Said again, it is answered with where it is. */
@Injectable()
export class RescheduleBookingTool extends AgentTool {
  readonly specification = RESCHEDULE_BOOKING;

  constructor(
    private readonly bookings: AskedBookingReader,
    private readonly times: WantedTimes,
    private readonly service: BookingService,
  ) {
    super();
  }

  async handle(call: ToolCall): Promise<ToolResult> {
    const { tenant, author, deadline, seeker, conversation } = call;
    const booking = await this.#meant(call);
    const times = await this.#timesFor(call, booking);
    const moved = await this.times.takeFirst(call, times, (time) =>
      this.service
        .reschedule(tenant, booking.id, moveTo(time, booking), { author, deadline, seeker })
        .catch((error: unknown) => {
          throw this.#refusalOf(error, booking, call);
        }),
    );
    return {
      say: conversation.say.bookings.moved({ start: Date.parse(moved.startsAt), name: moved.name }),
      booking: changedBooking(moved, conversation),
    };
  }

  async #meant(call: ToolCall): Promise<Booking> {
    const { bookings: say } = call.conversation.say;
    const { named, upcoming } = await this.bookings.read(call);
    const [only, ...others] = named === undefined ? upcoming : [named];
    if (only === undefined) throw new ToolRefusal('unknown_booking', say.noneFound());
    if (others.length > 0) throw whichOf(upcoming, call);
    const { booking } = only;
    refuseUnmovable(booking, call);
    return booking;
  }

  /** By the rules of the booking's own service, whatever service is the default. */
  async #timesFor(call: ToolCall, { serviceId, startsAt }: Booking): Promise<WantedTime[]> {
    try {
      return await this.times.read({ ...call, arguments: { ...call.arguments, service: serviceId } });
    } catch (error) {
      if (!(error instanceof ToolRefusal && error.code === 'unknown_service')) throw error;
      throw notOfferedAnyMore(startsAt, call);
    }
  }

  #refusalOf(error: unknown, booking: Booking, call: ToolCall): unknown {
    if (!(error instanceof DomainError) || error.code !== 'booking_not_changeable') return error;
    // Cancelled or concluded in the midst of it, or its service is gone.
    return notOfferedAnyMore(booking.startsAt, call);
  }
}

/** A slot that was offered for another service says a time all the same. */
function moveTo({ slotId, startsAt, resourceId, holdId }: WantedTime, booking: Booking): RescheduleRequest {
  const slot = decodeSlotId(slotId ?? '');
  if (slot === undefined || slot.serviceId === booking.serviceId) {
    return { slotId, startsAt, resourceId, holdId };
  }
  return { startsAt: new Date(slot.start).toISOString(), holdId };
}

/** @throws ToolRefusal `booking_cancelled`, `booking_over` */
function refuseUnmovable({ status, startsAt }: Booking, { conversation }: ToolCall): void {
  if (isMovable(status)) return;
  const { bookings: say } = conversation.say;
  const start = startsAt.getTime();
  throw status === 'cancelled'
    ? new ToolRefusal('booking_cancelled', say.alreadyCancelled(start))
    : new ToolRefusal('booking_over', say.over(start));
}

function notOfferedAnyMore(startsAt: Date, { conversation }: ToolCall): ToolRefusal {
  const sentence = conversation.say.notOffered(startsAt.getTime(), 'not_offered', []);
  return new ToolRefusal('outside_availability', sentence);
}
