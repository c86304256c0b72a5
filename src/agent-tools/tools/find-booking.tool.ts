import { Injectable } from '@nestjs/common';
import type { CallerBooking } from '../../booking/caller-bookings.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { AskedBookingReader } from '../asked/asked-booking.js';
import { isOver } from '../booking-state.js';
import type { Conversation } from '../conversation.js';
import { toolBooking } from '../tool-booking.js';
import { ToolRefusal } from '../tool-refusal.js';
import { MOST_SAID } from '../tool-slot.js';
import { CALLER_TIMEZONE, REFERENCE } from './parameters.js';

export const FIND_BOOKING: ToolSpecification = {
  name: 'find_booking',
  description:
    "Looks up the caller's appointments: by the number that they call from, which the phone platform reports, or by their " +
    'booking reference. Call it when the caller asks about, or wants to change, an appointment. Never make appointments up. ' +
    'Tell the caller what "say" says; "bookings" has the reference of each, for reschedule_booking and cancel_booking.',
  parameters: { reference: { ...REFERENCE, example: 'K7RQ4M' }, caller_timezone: CALLER_TIMEZONE },
  readOnly: true,
  destructive: false,
  exampleAnswer: {
    ok: true,
    say: 'You have an appointment on Wednesday, January 20 at 2 PM, under the name Ana Flores.',
    bookings: [
      {
        reference: 'K7RQ4M',
        status: 'confirmed',
        starts_at: '2027-01-20T14:00:00-05:00',
        ends_at: '2027-01-20T15:00:00-05:00',
        label: 'Wednesday, January 20 at 2 PM',
        name: 'Ana Flores',
        service: 'Appointment',
        resource: 'Calendar',
      },
    ],
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/** The caller's appointments: three of them said, all of them for the agent. */
@Injectable()
export class FindBookingTool extends AgentTool {
  readonly specification = FIND_BOOKING;

  constructor(private readonly bookings: AskedBookingReader) {
    super();
  }

  async handle(call: ToolCall): Promise<ToolResult> {
    const { conversation } = call;
    const { named, upcoming } = await this.bookings.read(call);
    const found = named === undefined ? upcoming : [named];
    if (found.length === 0) {
      throw new ToolRefusal('unknown_booking', conversation.say.bookings.noneFound());
    }
    return {
      say: named === undefined ? sayOf(upcoming, conversation) : sayOfNamed(named, conversation),
      bookings: found.map((booking) => toolBooking(booking, conversation)),
    };
  }
}

function sayOf(upcoming: readonly CallerBooking[], { say }: Conversation): string {
  const said = upcoming.slice(0, MOST_SAID).map(({ booking }) => ({
    start: booking.startsAt.getTime(),
    name: booking.customerName,
  }));
  return say.bookings.found(said, upcoming.length > said.length);
}

function sayOfNamed(named: CallerBooking, conversation: Conversation): string {
  const { bookings: say } = conversation.say;
  const start = named.booking.startsAt.getTime();
  if (named.booking.status === 'cancelled') return say.alreadyCancelled(start);
  return isOver(named.booking, conversation) ? say.over(start) : sayOf([named], conversation);
}
