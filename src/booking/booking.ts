import type { EventState } from '../calendar/event-writer.js';
import { toIsoWithOffset } from './engine/zoned-time.js';

export const BOOKING_STATUSES = ['pending', 'confirmed', 'cancelled', 'completed', 'no_show'] as const;
export type BookingStatus = (typeof BOOKING_STATUSES)[number];

/** From where a booking was made. */
export type BookingSource = 'dashboard' | 'agent';

/** A booking as stored. */
export interface Booking {
  id: string;
  /** What a caller can be told to name the booking by: six characters, unique within the tenant. */
  reference: string;
  resourceId: string;
  serviceId: string;
  status: BookingStatus;
  startsAt: Date;
  endsAt: Date;
  timezone: string;
  customerName: string;
  /** E.164. */
  phone: string;
  /** The digits to dial once that number has answered. */
  phoneExtension: string | null;
  email: string | null;
  purpose: string | null;
  source: BookingSource;
  cancelReason: string | null;
  cancelledAt: Date | null;
  createdAt: Date;
}

/** A booking as clients see it. Times are ISO 8601 with the offset of the booking's zone. */
export interface BookingView {
  id: string;
  reference: string;
  status: BookingStatus;
  startsAt: string;
  endsAt: string;
  timezone: string;
  serviceId: string;
  resourceId: string;
  name: string;
  phone: string;
  phoneExtension: string | null;
  email: string | null;
  purpose: string | null;
  source: BookingSource;
  meetLink: string | null;
  /** How far the connected calendar has the booking, and what keeps it if it has not. */
  calendar: { status: EventState['status']; reason: string | null; eventLink: string | null };
  cancelReason: string | null;
  cancelledAt: string | null;
  createdAt: string;
}

/** Who is to come. */
export interface Customer {
  name: string;
  /** E.164. */
  phone: string;
  phoneExtension?: string;
  email?: string;
  purpose?: string;
}

/** Who comes and what it is about. */
export type BookingCustomer = Pick<BookingView, 'name' | 'phone' | 'phoneExtension' | 'email' | 'purpose'>;

const NOT_IN_A_CALENDAR: EventState = {
  status: 'not_connected',
  reason: null,
  meetLink: null,
  htmlLink: null,
  eventId: null,
  attempts: 0,
};

export function customerOf({
  customerName: name,
  phone,
  phoneExtension,
  email,
  purpose,
}: Booking): BookingCustomer {
  return { name, phone, phoneExtension, email, purpose };
}

export function bookingView(booking: Booking, event: EventState = NOT_IN_A_CALENDAR): BookingView {
  const at = (instant: Date) => toIsoWithOffset(instant.getTime(), booking.timezone);
  return {
    id: booking.id,
    reference: booking.reference,
    status: booking.status,
    startsAt: at(booking.startsAt),
    endsAt: at(booking.endsAt),
    timezone: booking.timezone,
    serviceId: booking.serviceId,
    resourceId: booking.resourceId,
    name: booking.customerName,
    phone: booking.phone,
    phoneExtension: booking.phoneExtension,
    email: booking.email,
    purpose: booking.purpose,
    source: booking.source,
    meetLink: event.meetLink,
    calendar: { status: event.status, reason: event.reason, eventLink: event.htmlLink },
    cancelReason: booking.cancelReason,
    cancelledAt: booking.cancelledAt?.toISOString() ?? null,
    createdAt: booking.createdAt.toISOString(),
  };
}
