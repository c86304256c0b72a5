import type { EventContent } from '../calendar/event-writer.js';
import type { Booking } from './booking.js';

/** What the booking's event in the organisation's calendar says. */
export function bookingEvent(booking: Omit<Booking, 'createdAt'>, serviceName: string): EventContent {
  return {
    summary: `${serviceName}: ${booking.customerName}`,
    description: [
      `Phone: ${booking.phone}`,
      booking.email === null ? undefined : `E-mail: ${booking.email}`,
      booking.purpose === null ? undefined : `Purpose: ${booking.purpose}`,
      `Booking reference: ${booking.reference}`,
    ]
      .filter((line) => line !== undefined)
      .join('\n'),
    startsAt: booking.startsAt.toISOString(),
    endsAt: booking.endsAt.toISOString(),
    timezone: booking.timezone,
  };
}
