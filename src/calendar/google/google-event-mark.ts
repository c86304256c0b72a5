import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { EventMark } from '../calendar-provider.js';

/** Keys of the mark by which we recognise our own events; found again with `privateExtendedProperty=…`. */
const TENANT_MARK = 'receptionistTenant';
const BOOKING_MARK = 'receptionistBooking';

export function toGoogleMark({ tenant, bookingId }: EventMark): calendar_v3.Schema$Event {
  return { extendedProperties: { private: { [TENANT_MARK]: tenant, [BOOKING_MARK]: bookingId } } };
}

/** Null for an event that bears none. A copy of one of ours bears the mark of the original. */
export function fromGoogleMark({ extendedProperties }: calendar_v3.Schema$Event): EventMark | null {
  const tenant: unknown = extendedProperties?.private?.[TENANT_MARK];
  const bookingId: unknown = extendedProperties?.private?.[BOOKING_MARK];
  return typeof tenant === 'string' && typeof bookingId === 'string' ? { tenant, bookingId } : null;
}
