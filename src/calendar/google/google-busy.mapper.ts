import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { Temporal } from 'temporal-polyfill';
import type { BusyInterval, BusyReading, EventMark, EventPage, SeenEvent } from '../calendar-provider.js';
import { CalendarError } from '../calendar-error.js';
import { isEventIdOf } from '../event-id.js';
import { fromGoogleMark } from './google-event-mark.js';

const HOUR_MS = 3_600_000;
/** Events that say where somebody is, or whose birthday it is, and take up no time. Kinds that are not known do. */
const WITHOUT_TIME = new Set(['workingLocation', 'birthday']);
const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * One page of a calendar's events, or of what changed in it.
 * @throws CalendarError `unavailable` for an answer that is no list of events, or an event whose times cannot be read: what it holds is
 * then unknown, never free
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/events
 */
export function fromGoogleEventPage(page: calendar_v3.Schema$Events | null | undefined): EventPage {
  if (page?.kind !== 'calendar#events') throw unreadable('unexpected_answer');
  const items: unknown = page.items ?? [];
  if (!Array.isArray(items)) throw unreadable('unreadable');
  const timezone = page.timeZone ?? '';
  return {
    events: (items as (calendar_v3.Schema$Event | null)[]).map((item) => seenEvent(item, timezone)),
    timezone,
    nextSyncToken: page.nextPageToken ? null : (page.nextSyncToken ?? null),
  };
}

function seenEvent(event: calendar_v3.Schema$Event | null, timezone: string): SeenEvent {
  const id: unknown = event?.id;
  if (event === null || typeof event !== 'object' || typeof id !== 'string' || !isId(id))
    throw unreadable('unreadable');
  const { recurringEventId, etag } = event;
  const mark = markOf(event);
  const isBlocking = blocks(event);
  const cancelled = event.status === 'cancelled';
  const time = cancelled || (mark === null && !isBlocking) ? null : eventTime(event, timezone);
  if (isBlocking && time === null) throw unreadable('unreadable');
  return {
    id,
    seriesId: typeof recurringEventId === 'string' && isId(recurringEventId) ? recurringEventId : null,
    etag: typeof etag === 'string' ? etag : null,
    cancelled,
    time,
    // What takes no time, takes none.
    blocks: isBlocking && time !== null && time.start < time.end,
    mark,
  };
}

/** Google's own are shorter, and hold no more than the letters that it documents. */
function isId(text: string): boolean {
  return text.length > 0 && text.length <= 1100 && !text.includes('\0');
}

function unreadable(reason: string): CalendarError {
  return new CalendarError('unavailable', { reason });
}

/** Whether an event takes up the time of the account that sees it. */
export function blocks({ status, transparency, eventType, attendees }: calendar_v3.Schema$Event): boolean {
  if (status === 'cancelled' || transparency === 'transparent') return false;
  if (WITHOUT_TIME.has(eventType ?? 'default')) return false;
  const guests: (calendar_v3.Schema$EventAttendee | null)[] = Array.isArray(attendees) ? attendees : [];
  return !guests.some((guest) => guest?.self === true && guest.responseStatus === 'declined');
}

/** Only of the event that we made: whoever copies it, copies the mark, and the copy is theirs. */
function markOf(event: calendar_v3.Schema$Event): EventMark | null {
  const mark = fromGoogleMark(event);
  const id: unknown = event.id;
  return mark !== null && typeof id === 'string' && isEventIdOf(mark.bookingId, id) ? mark : null;
}

/**
 * When an event takes place: all-day ones from the first to the last moment of their dates in the calendar's zone.
 * @returns null for times that cannot be read
 */
export function eventTime(
  { start, end }: calendar_v3.Schema$Event,
  calendarZone: string,
): BusyInterval | null {
  if (start?.date) return allDay(start.date, end == null ? null : (end.date ?? ''), calendarZone);
  const from = instantOf(start, calendarZone);
  // Google gives every event an end. One that came without would last as long as its default event.
  const to = end == null ? from + HOUR_MS : instantOf(end, calendarZone);
  return from <= to ? { start: from, end: to } : null;
}

/** From the first to the last moment of these dates in the calendar's zone; the end is the first date after it. */
function allDay(first: string, after: string | null, zone: string): BusyInterval | null {
  try {
    const from = Temporal.PlainDate.from(first);
    const to = after === null ? from.add({ days: 1 }) : Temporal.PlainDate.from(after);
    if (Temporal.PlainDate.compare(from, to) > 0) return null;
    return { start: beginningOf(from, zone, -14), end: beginningOf(to, zone, 12) };
  } catch {
    return null; // a RangeError is how Temporal says that there is no such date
  }
}

/** @param hoursElsewhere where the zone is not known, the day is blocked from its first beginning on earth to its last end */
function beginningOf(date: Temporal.PlainDate, zone: string, hoursElsewhere: number): number {
  try {
    return date.toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return date.toZonedDateTime('UTC').epochMilliseconds + hoursElsewhere * HOUR_MS;
  }
}

/** @returns NaN for what is no time */
function instantOf(time: calendar_v3.Schema$EventDateTime | undefined, calendarZone: string): number {
  const text: unknown = time?.dateTime;
  if (typeof text !== 'string') return NaN;
  if (WITH_OFFSET.test(text)) return Date.parse(text);
  try {
    const zone = time?.timeZone ?? calendarZone;
    return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return NaN;
  }
}

/**
 * One calendar of a free/busy answer. Google answers 200 with `errors` and an empty `busy` where a calendar could not be
 * read; that, a calendar or a list that is missing from the answer, and times that cannot be parsed are all unknown, never
 * free.
 */
export function fromGoogleBusy(
  calendar: calendar_v3.Schema$FreeBusyCalendar | null | undefined,
): BusyReading {
  if (!calendar) return { known: false, reason: 'missing' };
  const problem = calendar.errors?.[0];
  if (problem !== undefined) return { known: false, reason: problem.reason ?? 'unknown' };
  if (!Array.isArray(calendar.busy)) return { known: false, reason: 'unreadable' };
  const periods: (calendar_v3.Schema$TimePeriod | null)[] = calendar.busy;
  const events = periods.map((period) => ({
    start: Date.parse(period?.start ?? ''),
    end: Date.parse(period?.end ?? ''),
    id: null,
    etag: null,
    seriesId: null,
    mark: null,
  }));
  if (events.some(({ start, end }) => Number.isNaN(start) || Number.isNaN(end))) {
    return { known: false, reason: 'unreadable' };
  }
  return { known: true, events: events.filter(({ start, end }) => start < end) };
}
