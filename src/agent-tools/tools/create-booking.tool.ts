import { Injectable } from '@nestjs/common';
import type { Author } from '../../booking/author.js';
import type { OfferedSlot } from '../../booking/availability/availability.service.js';
import { type BookingRequest, BookingService } from '../../booking/booking.service.js';
import type { BookingView } from '../../booking/booking.js';
import { decodeSlotId } from '../../booking/availability/slot-id.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { Deadline } from '../../platform/deadline.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { AskedSlotReader } from '../asked-slot.js';
import { readCustomer } from '../customer.js';
import type { Conversation } from '../conversation.js';
import type { NotOffered } from '../language/sentences.js';
import { ToolRefusal } from '../tool-refusal.js';
import { byTheClockOf, startOf, toolSlots } from '../tool-slot.js';
import { DATE, RESOURCE, SERVICE, TIME, TIME_PREFERENCE } from './parameters.js';

export const CREATE_BOOKING: ToolSpecification = {
  name: 'create_booking',
  description:
    'Books an appointment. Call it once the caller has chosen a time and given name and phone number: with the slot_id ' +
    'that check_availability gave, or with date and time. Tell the caller what "say" says; only when "ok" is true is the ' +
    'appointment booked. Repeating the same booking is safe.',
  parameters: {
    slot_id: {
      description: 'The slot_id of the chosen time, exactly as check_availability gave it.',
      maxLength: 100,
      whenTooLong: 'ask',
      asks: 'time',
    },
    date: { ...DATE, description: `${DATE.description} Needed when there is no slot_id.` },
    time: { ...TIME, description: `${TIME.description} Needed when there is no slot_id.`, example: '14:00' },
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
      description: "The caller's phone number, with country code if known.",
      required: true,
      example: '+1 415 555 0123',
      maxLength: 60,
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
  },
  readOnly: false,
  destructive: false,
  exampleAnswer: {
    ok: true,
    say: "You're booked for Wednesday, January 20 at 2 PM. The appointment is under the name Ana Flores.",
    booking: {
      id: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50',
      reference: 'K7RQ4M',
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
 * Books for a caller. The same booking said again, under whatever call id, is answered with the one that was
 * made.
 */
@Injectable()
export class CreateBookingTool extends AgentTool {
  readonly specification = CREATE_BOOKING;

  constructor(
    private readonly slots: AskedSlotReader,
    private readonly bookings: BookingService,
  ) {
    super();
  }

  async handle({ tenant, author, arguments: given, conversation, deadline }: ToolCall): Promise<ToolResult> {
    const missing = (['name', 'phone'] as const).filter((name) => given[name] === undefined);
    const slots = await this.slots.read(tenant, given, missing, conversation, deadline);
    const customer = readCustomer(given, conversation);
    const booking = await this.#bookFirst(
      tenant,
      slots.map((slot) => ({ ...slot, ...customer })),
      conversation,
      { author, deadline },
    );
    const start = Date.parse(booking.startsAt);
    return {
      say: conversation.say.booked({ start, name: booking.name, hasVideoLink: booking.meetLink !== null }),
      booking: {
        id: booking.id,
        reference: booking.reference,
        starts_at: byTheClockOf(conversation.timezone, booking.startsAt),
        ends_at: byTheClockOf(conversation.timezone, booking.endsAt),
        meet_link: booking.meetLink,
        calendar_status: booking.calendar.status,
      },
    };
  }

  /**
   * Books the first of the readings of what was asked that is offered at all. One that is offered but taken
   * ends the search: it is what was meant.
   */
  async #bookFirst(
    tenant: TenantId,
    [request, ...others]: readonly BookingRequest[],
    conversation: Conversation,
    options: { author: Author; deadline: Deadline },
  ): Promise<BookingView> {
    if (request === undefined) throw new Error('There is nothing to book.');
    try {
      return await this.bookings.create(tenant, request, { ...options, repeatReturnsExisting: true });
    } catch (error) {
      if (others.length > 0 && error instanceof DomainError && error.code === 'outside_availability') {
        // Should none be offered, the likeliest is the one to speak of.
        return this.#bookFirst(tenant, others, conversation, options).catch(() => {
          throw refusalOf(error, request, conversation);
        });
      }
      throw refusalOf(error, request, conversation);
    }
  }
}

function refusalOf(error: unknown, request: BookingRequest, conversation: Conversation): unknown {
  if (!(error instanceof DomainError)) return error;
  const { say } = conversation;
  const { reason, alternatives = [] } = (error.details.extensions ?? {}) as {
    reason?: NotOffered;
    alternatives?: OfferedSlot[];
  };
  const start = decodeSlotId(request.slotId ?? '')?.start ?? Date.parse(request.startsAt ?? '');
  const starts = alternatives.map(startOf);
  const details = { alternatives: toolSlots(alternatives, conversation) };
  switch (error.code) {
    case 'slot_taken':
      return new ToolRefusal('slot_taken', say.taken(start, starts), details);
    case 'outside_availability':
      return new ToolRefusal(
        'outside_availability',
        say.notOffered(start, reason ?? 'outside_hours', starts),
        details,
      );
    case 'not_found':
    case 'invalid_input':
      // What was looked up by name is there, so it is the slot's id that names nothing of this tenant.
      return request.slotId === undefined ? error : new ToolRefusal('unknown_slot', say.unknownSlot());
    default:
      return error;
  }
}
