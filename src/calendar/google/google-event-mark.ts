import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { BusyInterval, EventMark } from '../calendar-provider.js';

/** Keys of the mark by which we recognise our own events; found again with `privateExtendedProperty=…`. */
const TENANT_MARK = 'receptionistTenant';
const BOOKING_MARK = 'receptionistBooking';
/** Stays when its owner moves the event: `2027-01-20T19:00:00.000Z/2027-01-20T20:00:00.000Z`. */
const TIME_MARK = 'receptionistTime';

export function toGoogleMark({ tenant, bookingId, time }: EventMark): calendar_v3.Schema$Event {
  const mark: Record<string, string> = { [TENANT_MARK]: tenant, [BOOKING_MARK]: bookingId };
  if (time !== undefined)
    mark[TIME_MARK] = [time.start, time.end].map((instant) => new Date(instant).toISOString()).join('/');
  return { extendedProperties: { private: mark } };
}

/** Null for an event that bears none. A copy of one of ours bears the mark of the original. */
export function fromGoogleMark({ extendedProperties }: calendar_v3.Schema$Event): EventMark | null {
  const tenant: unknown = extendedProperties?.private?.[TENANT_MARK];
  const bookingId: unknown = extendedProperties?.private?.[BOOKING_MARK];
  if (typeof tenant !== 'string' || typeof bookingId !== 'string') return null;
  const time = timeIn(extendedProperties?.private?.[TIME_MARK]);
  return time === null ? { tenant, bookingId } : { tenant, bookingId, time };
}

function timeIn(text: unknown): BusyInterval | null {
  if (typeof text !== 'string') return null;
  const [start = NaN, end = NaN] = text.split('/').map((instant) => Date.parse(instant));
  return Number.isNaN(start) || Number.isNaN(end) ? null : { start, end };
}
