import { Injectable } from '@nestjs/common';
import { decodeSlotId } from '../../booking/availability/slot-id.js';
import { withGivenNumber } from '../../booking/asker.js';
import type { Booked } from '../../booking/booking-request.js';
import { CallerBookings } from '../../booking/caller-bookings.js';
import { BookingService } from '../../booking/booking.service.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { WantedTimes } from '../asked/wanted-times.js';
import type { WantedTime } from '../asked/time-refusal.js';
import { type CustomerRead, readCustomer } from '../asked/customer.js';
import type { Conversation } from '../conversation.js';
import { allowsResource, allowsService } from '../agent-scope.js';
import { changedBooking } from '../tool-booking.js';
import { ToolRefusal } from '../tool-refusal.js';
import {
  CALLER_TIMEZONE,
  HOLD_ID,
  OTHERWISE_DATE,
  OTHERWISE_TIME,
  RESOURCE,
  SERVICE,
  SLOT_ID,
  TIME_PREFERENCE,
} from './parameters.js';

export const CREATE_BOOKING: ToolSpecification = {
  name: 'create_booking',
  description:
    'Books an appointment. Call it once the caller has chosen a time that check_availability offered and has given a name: ' +
    'with its slot_id, with the hold_id of hold_slot, or with date and time. Tell the caller what "say" says; only when "ok" ' +
    'is true is the appointment booked. Repeating the same booking is safe, and corrects the name, phone, email or purpose. ' +
    'Book once for each person; a hold is for one of them.',
  parameters: {
    slot_id: SLOT_ID,
    hold_id: HOLD_ID,
    date: OTHERWISE_DATE,
    time: OTHERWISE_TIME,
    time_preference: TIME_PREFERENCE,
    name: {
      description: "The caller's full name.",
      required: true,
      example: 'Ana Flores',
      maxLength: 200,
      whenTooLong: 'cut',
      asks: 'name',
    },
    phone: {
      description:
        "The caller's phone number, with country code if known. Leave it out when the caller wants to be reached at the number " +
        'that they call from.',
      example: '+1 415 555 0123',
      maxLength: 300,
      whenTooLong: 'ask',
      asks: 'phone',
    },
    email: {
      description: "The caller's email address, if given.",
      maxLength: 300,
      whenTooLong: 'ask',
      asks: 'email',
    },
    purpose: {
      description: 'What the appointment is about, in a few words, if the caller said so.',
      example: 'Check-up',
      maxLength: 1000,
      whenTooLong: 'cut',
      asks: 'purpose',
    },
    service: SERVICE,
    resource: RESOURCE,
    caller_timezone: CALLER_TIMEZONE,
  },
  readOnly: false,
  destructive: false,
  exampleAnswer: {
    ok: true,
    say: "You're booked for Wednesday, January 20 at 2 PM. The appointment is under the name Ana Flores.",
    booking: {
      id: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50',
      reference: 'K7RQ4M',
      status: 'confirmed',
      starts_at: '2027-01-20T14:00:00-05:00',
      ends_at: '2027-01-20T15:00:00-05:00',
      meet_link: 'https://meet.google.com/abc-defg-hij',
      calendar_status: 'synced',
    },
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/**
 * Books for a caller. The same booking said again, under whatever call id, is answered with the one that was made, corrected by
 * what is said otherwise.
 */
@Injectable()
export class CreateBookingTool extends AgentTool {
  readonly specification = CREATE_BOOKING;

  constructor(
    private readonly times: WantedTimes,
    private readonly bookings: BookingService,
    private readonly callers: CallerBookings,
  ) {
    super();
  }

  async handle(call: ToolCall): Promise<ToolResult> {
    const { tenant, author, conversation, voiceCall, deadline, seeker, asker } = call;
    const { caller } = voiceCall;
    const given = call.arguments;
    // "Yes", "the caller" and "[name]" name nobody.
    const isNamed = conversation.language.readName(given['name'] ?? '') !== '';
    const missing = (['name', 'phone'] as const).filter((name) =>
      name === 'name' ? !isNamed : given[name] === undefined && caller === null,
    );
    const times = await this.times.read(call, missing);
    const { customer, isPhoneAssumed, ...unread } = readCustomer(given, conversation, caller);
    const options = {
      author,
      deadline,
      seeker,
      asker: withGivenNumber(asker, tenant, customer.phone),
      repeatReturnsExisting: true,
      phoneIsKnown: customer.phone === caller,
      phoneIsAssumed: isPhoneAssumed,
    };
    const booked = await this.times
      .takeFirst(call, times, (time) => this.bookings.book(tenant, { ...time, ...customer }, options))
      .catch(async (error: unknown) => {
        throw options.phoneIsKnown ? await this.#takenByThemselves(call, times, error) : error;
      });
    return {
      say: sentenceOf(booked, unread, conversation),
      booking: changedBooking(booked.booking, conversation),
    };
  }

  /** Where what takes the time is an appointment of the number that calls, under another name, they are told of that. */
  async #takenByThemselves(call: ToolCall, times: readonly WantedTime[], error: unknown): Promise<unknown> {
    const { tenant, voiceCall, conversation, scope } = call;
    if (!(error instanceof ToolRefusal) || error.code !== 'slot_taken' || voiceCall.caller === null)
      return error;
    const starts = times.map(startOf);
    const theirs = (await this.callers.ofPhone(tenant, voiceCall.caller)).find(
      ({ booking: { status, startsAt, serviceId, resourceId } }) =>
        status !== 'cancelled' &&
        starts.includes(startsAt.getTime()) &&
        allowsService(scope, serviceId) &&
        allowsResource(scope, resourceId),
    );
    if (theirs === undefined) return error;
    const { startsAt, customerName: name } = theirs.booking;
    const say = conversation.say.bookings.alreadyYours({ start: startsAt.getTime(), name });
    return new ToolRefusal('slot_taken', say, error.details);
  }
}

/** Epoch milliseconds. */
function startOf({ slotId, startsAt }: WantedTime): number {
  return decodeSlotId(slotId ?? '')?.start ?? Date.parse(startsAt ?? '');
}

function sentenceOf(
  { booking, repeated }: Booked,
  unread: Pick<CustomerRead, 'isPhoneUnread' | 'isEmailUnread'>,
  { say }: Conversation,
): string {
  const appointment = { start: Date.parse(booking.startsAt), name: booking.name };
  if (repeated?.nameBefore !== undefined) return say.bookings.renamed(appointment, repeated.nameBefore);
  if (repeated?.correction === 'refused') return say.bookings.unchanged(appointment);
  if (repeated?.correction === 'applied' && !unread.isEmailUnread && !unread.isPhoneUnread)
    return say.bookings.corrected(appointment);
  return say.booked({ ...appointment, hasVideoLink: booking.meetLink !== null, ...unread });
}
