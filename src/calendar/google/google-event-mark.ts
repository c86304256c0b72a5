import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { BookedDetails, BusyInterval, EventMark } from '../calendar-provider.js';

/** Keys of the mark by which we recognise our own events; found again with `privateExtendedProperty=…`. */
const TENANT_MARK = 'receptionistTenant';
const BOOKING_MARK = 'receptionistBooking';
/** Stays when its owner moves the event: `2027-01-20T19:00:00.000Z/2027-01-20T20:00:00.000Z`. */
const TIME_MARK = 'receptionistTime';

/** The booking itself, as JSON. */
const DETAILS_MARK = 'receptionistDetails';
/** Google takes 1,024 characters. */
const DETAILS_LENGTH = 1_000;

/** As the database takes it; an owner can write anything here. */
const EXTENSION = /^[0-9]{1,20}$/;

export function toGoogleMark({ tenant, bookingId, time, booked }: EventMark): calendar_v3.Schema$Event {
  const mark: Record<string, string> = { [TENANT_MARK]: tenant, [BOOKING_MARK]: bookingId };
  if (time !== undefined)
    mark[TIME_MARK] = [time.start, time.end].map((instant) => new Date(instant).toISOString()).join('/');
  if (booked !== undefined) mark[DETAILS_MARK] = detailsText(booked);
  return { extendedProperties: { private: mark } };
}

/** Null for an event that bears none. A copy of one of ours bears the mark of the original. */
export function fromGoogleMark({ extendedProperties }: calendar_v3.Schema$Event): EventMark | null {
  const tenant: unknown = extendedProperties?.private?.[TENANT_MARK];
  const bookingId: unknown = extendedProperties?.private?.[BOOKING_MARK];
  if (typeof tenant !== 'string' || typeof bookingId !== 'string') return null;
  const time = timeIn(extendedProperties?.private?.[TIME_MARK]);
  const booked = detailsIn(extendedProperties?.private?.[DETAILS_MARK]);
  return {
    tenant,
    bookingId,
    ...(time === null ? {} : { time }),
    ...(booked === null ? {} : { booked }),
  };
}

/** The purpose makes room for the rest, and the idempotency key too. */
function detailsText({ purpose, request, ...rest }: BookedDetails): string {
  const withRequest = request === undefined ? rest : { ...rest, request };
  const all = fits({ ...withRequest, purpose: null }) ? withRequest : rest;
  for (let length = purpose?.length ?? 0; length > 0; length = Math.floor(length / 2)) {
    const details = { ...all, purpose: purpose?.slice(0, length) ?? null };
    if (fits(details)) return JSON.stringify(details);
  }
  return JSON.stringify({ ...all, purpose: null });
}

function fits(details: object): boolean {
  return JSON.stringify(details).length <= DETAILS_LENGTH;
}

/** Null for what is not as we write it. */
function detailsIn(text: unknown): BookedDetails | null {
  if (typeof text !== 'string') return null;
  try {
    const { reference, serviceId, resourceId, name, phone, phoneExtension, email, purpose, request } =
      JSON.parse(text) as Partial<BookedDetails>;
    const required = [reference, serviceId, resourceId, name, phone];
    if (!required.every((value) => typeof value === 'string' && value !== '')) return null;
    return {
      ...({ reference, serviceId, resourceId, name, phone } as BookedDetails),
      ...(typeof phoneExtension === 'string' && EXTENSION.test(phoneExtension) ? { phoneExtension } : {}),
      email: typeof email === 'string' ? email : null,
      purpose: typeof purpose === 'string' ? purpose : null,
      ...(typeof request?.key === 'string' && typeof request.hash === 'string' ? { request } : {}),
    };
  } catch {
    // Somebody else has written it.
    return null;
  }
}

function timeIn(text: unknown): BusyInterval | null {
  if (typeof text !== 'string') return null;
  const [start = NaN, end = NaN] = text.split('/').map((instant) => Date.parse(instant));
  return Number.isNaN(start) || Number.isNaN(end) ? null : { start, end };
}
