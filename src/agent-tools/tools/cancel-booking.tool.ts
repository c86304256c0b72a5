import { Injectable } from '@nestjs/common';
import { BookingService } from '../../booking/booking.service.js';
import type { CallerBooking } from '../../booking/caller-bookings.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { AskedBookingReader, whichOf } from '../asked/asked-booking.js';
import { isOver } from '../booking-state.js';
import { changedBooking } from '../tool-booking.js';
import { ToolRefusal } from '../tool-refusal.js';
import { CALLER_TIMEZONE, REFERENCE } from './parameters.js';

export const CANCEL_BOOKING: ToolSpecification = {
  name: 'cancel_booking',
  description:
    "Cancels one of the caller's appointments. Call it only once the caller has clearly said so. Without a reference it " +
    'cancels the only appointment of the number that they call from; where there are several, "say" asks which: then call it ' +
    'again with the reference of that one. Tell the caller what "say" says; only when "ok" is true is it cancelled. ' +
    'Repeating it is safe.',
  parameters: {
    reference: { ...REFERENCE, example: 'K7RQ4M' },
    reason: {
      description: 'Why, in a few words, if the caller said so.',
      maxLength: 500,
      whenTooLong: 'cut',
      asks: 'purpose',
    },
    caller_timezone: CALLER_TIMEZONE,
  },
  readOnly: false,
  destructive: true,
  exampleAnswer: {
    ok: true,
    say: 'The appointment on Wednesday, January 20 at 2 PM, under the name Ana Flores, is cancelled.',
    booking: {
      id: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50',
      reference: 'K7RQ4M',
      status: 'cancelled',
      starts_at: '2027-01-20T14:00:00-05:00',
      ends_at: '2027-01-20T15:00:00-05:00',
      meet_link: null,
      calendar_status: 'synced',
    },
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/** Cancels for a caller. Said again, it is answered with what was cancelled. */
@Injectable()
export class CancelBookingTool extends AgentTool {
  readonly specification = CANCEL_BOOKING;

  constructor(
    private readonly bookings: AskedBookingReader,
    private readonly service: BookingService,
  ) {
    super();
  }

  async handle(call: ToolCall): Promise<ToolResult> {
    const { tenant, author, deadline, conversation, arguments: given } = call;
    const { booking } = await this.#meant(call);
    const start = booking.startsAt.getTime();
    const { bookings: say } = conversation.say;
    const isOverNow = booking.status !== 'cancelled' && isOver(booking, conversation);
    if (isOverNow) throw new ToolRefusal('booking_over', say.over(start));
    const options = { author, deadline, reason: given['reason'] ?? null };
    const cancelled = await this.service.cancel(tenant, booking.id, options).catch((error: unknown) => {
      const isNoMore = error instanceof DomainError && error.code === 'booking_not_changeable';
      throw isNoMore ? new ToolRefusal('booking_over', say.over(start)) : error;
    });
    return {
      say: say.cancelled({ start: Date.parse(cancelled.startsAt), name: cancelled.name }),
      booking: changedBooking(cancelled, conversation),
    };
  }

  /**
   * Who has just cancelled one and says it again without its reference may mean that one, but never silently the next: that is
   * asked.
   */
  async #meant(call: ToolCall): Promise<CallerBooking> {
    const { named, upcoming, justCancelled } = await this.bookings.read(call);
    if (named !== undefined) return named;
    const [only, ...others] = upcoming;
    const last = justCancelled.at(-1);
    if (only === undefined && last !== undefined) return latest(justCancelled) ?? last;
    if (only === undefined || others.length > 0 || last !== undefined) throw whichOf(upcoming, call);
    return only;
  }
}

function latest(cancelled: readonly CallerBooking[]): CallerBooking | undefined {
  const at = ({ booking }: CallerBooking) => booking.cancelledAt?.getTime() ?? 0;
  return [...cancelled].sort((a, b) => at(b) - at(a))[0];
}
