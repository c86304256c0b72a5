import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { createHash } from 'node:crypto';
import type { BusyReading, EventMark, EventPage, SeenEvent } from '../calendar-provider.js';
import { CalendarError } from '../calendar-error.js';
import { isEventIdOf } from '../event-id.js';
import { fromGoogleMark } from './google-event-mark.js';
import { eventTime, toldTime } from './google-event-times.js';

/** Events that say where somebody is, or whose birthday it is, and take up no time. Kinds that are not known do. */
const WITHOUT_TIME = new Set(['workingLocation', 'birthday']);
/** Instances of a recurring event: `<series>_20270120T150000Z`, or its date alone. */
const INSTANCE_ID = /^(.+)_\d{8}(?:T\d{6}Z)?$/;
/** A page of which so many events tell nothing is no list of single odd ones: something is wrong with all of it. */
const MOST_UNTOLD = 10;

/**
 * One page of a calendar's events, or of what changed in it. An event that cannot be read blocks whatever its times tell, and is said to be
 * unreadable; the others are not held up by it.
 * @param calendarZone the zone that is known of the calendar, for a page that does not name it
 * @throws CalendarError `unavailable` for an answer that is no list of events: what it holds is then unknown, never free
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/events
 */
export function fromGoogleEventPage(
  page: calendar_v3.Schema$Events | null | undefined,
  calendarZone = '',
): EventPage {
  if (page?.kind !== 'calendar#events') throw unreadable('unexpected_answer');
  const items: unknown = page.items ?? [];
  if (!Array.isArray(items)) throw unreadable('unreadable');
  const timezone = page.timeZone ?? '';
  const events = (items as (calendar_v3.Schema$Event | null)[]).map((item) =>
    seenEvent(item, timezone === '' ? calendarZone : timezone),
  );
  const untold = events.filter(({ isReadable, time }) => !isReadable && time === null).length;
  if (untold > MOST_UNTOLD && untold > events.length / 2) throw unreadable('unreadable');
  return {
    events,
    timezone,
    nextSyncToken: page.nextPageToken ? null : (page.nextSyncToken ?? null),
  };
}

function seenEvent(event: calendar_v3.Schema$Event | null, timezone: string): SeenEvent {
  if (event === null || typeof event !== 'object') throw unreadable('unreadable');
  const id: unknown = event.id;
  const hasId = typeof id === 'string' && isId(id);
  const { recurringEventId, etag } = event;
  const mark = markOf(event);
  const isBlocking = blocks(event);
  // Of what has no id, nobody can say what it is that is gone.
  const cancelled = event.status === 'cancelled' && hasId;
  const isAtStake = isBlocking || mark !== null;
  const time = isAtStake ? eventTime(event, timezone) : null;
  const occupied = isAtStake ? (time ?? toldTime(event, timezone)) : null;
  return {
    id: hasId ? id : idFor(event),
    seriesId:
      typeof recurringEventId === 'string' && isId(recurringEventId) ? recurringEventId : seriesIn(id),
    etag: typeof etag === 'string' ? etag : null,
    cancelled,
    time: cancelled ? null : occupied,
    // What takes no time, takes none.
    blocks: isBlocking && occupied !== null && occupied.start < occupied.end,
    isReadable: hasId && (!isBlocking || time !== null),
    mark,
  };
}

/** The same for the same event, as long as nothing about it changes. */
function idFor(event: calendar_v3.Schema$Event): string {
  return `unnamed ${createHash('sha256').update(JSON.stringify(event)).digest('hex')}`;
}

/** Of a cancelled instance nothing but its id is sure. */
function seriesIn(id: unknown): string | null {
  return typeof id === 'string' ? (INSTANCE_ID.exec(id)?.[1] ?? null) : null;
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
