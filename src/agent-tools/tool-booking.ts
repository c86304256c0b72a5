import type { BookingView } from '../booking/booking.js';
import type { CallerBooking } from '../booking/caller-bookings.js';
import type { Conversation } from './conversation.js';
import { spokenName } from './language/spoken-name.js';
import { byTheClockOf } from './tool-slot.js';

/** A booking as agents get it. Times by the organisation's clock. */
export interface ToolBooking {
  /** Names it in the other tools. */
  reference: string;
  status: string;
  starts_at: string;
  ends_at: string;
  /** For saying: "Wednesday, January 21 at 2 PM". */
  label: string;
  /** As it can be read out: a customer's name is what a stranger wrote, and a model reads all of an answer. */
  name: string;
  service: string;
  resource: string;
}

export function toolBooking(
  { booking, serviceName, resourceName }: CallerBooking,
  { say, timezone }: Conversation,
): ToolBooking {
  return {
    reference: booking.reference,
    status: booking.status,
    starts_at: byTheClockOf(timezone, booking.startsAt.toISOString()),
    ends_at: byTheClockOf(timezone, booking.endsAt.toISOString()),
    label: say.label(booking.startsAt.getTime()),
    name: spokenName(booking.customerName),
    service: serviceName,
    resource: resourceName,
  };
}

/** One that was just made, moved or cancelled. */
export function changedBooking(booking: BookingView, { timezone }: Conversation): object {
  return {
    id: booking.id,
    reference: booking.reference,
    status: booking.status,
    starts_at: byTheClockOf(timezone, booking.startsAt),
    ends_at: byTheClockOf(timezone, booking.endsAt),
    meet_link: booking.meetLink,
    calendar_status: booking.calendar.status,
  };
}
