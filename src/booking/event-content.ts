import type { EventContent } from '../calendar/event-writer.js';
import type { Booking } from './booking.js';
import type { IdempotentRequest } from './idempotency.js';

/** What the booking's event in the organisation's calendar says. */
export function eventContentOf(
  booking: Omit<Booking, 'createdAt'>,
  serviceName: string,
  repeat?: IdempotentRequest,
): EventContent {
  return {
    summary: onOneLine(`${serviceName}: ${booking.customerName}`),
    description: [
      `Phone: ${booking.phone}${booking.phoneExtension === null ? '' : ` ext. ${booking.phoneExtension}`}`,
      booking.email === null ? undefined : `E-mail: ${booking.email}`,
      booking.purpose === null ? undefined : `Purpose: ${booking.purpose}`,
      `Booking reference: ${booking.reference}`,
    ]
      .filter((line) => line !== undefined)
      .map((line) => withoutTags(onOneLine(line)))
      .join('\n'),
    startsAt: booking.startsAt.toISOString(),
    endsAt: booking.endsAt.toISOString(),
    timezone: booking.timezone,
    booked: {
      reference: booking.reference,
      serviceId: booking.serviceId,
      resourceId: booking.resourceId,
      name: booking.customerName,
      phone: booking.phone,
      ...(booking.phoneExtension === null ? {} : { phoneExtension: booking.phoneExtension }),
      email: booking.email,
      purpose: booking.purpose,
      ...(repeat === undefined
        ? {}
        : { request: { key: repeat.key, hash: repeat.hash.toString('base64url') } }),
    },
  };
}

/** Nobody's words can pass for a line of ours. */
function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Google shows descriptions as HTML, and other programs as text: what looks like a tag must be harmless in both. */
function withoutTags(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›');
}
