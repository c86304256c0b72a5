import { ApiError, badRequest } from './api-error.js';
import type { Account } from './accounts.js';
import type { Calendar } from './calendar.js';
import type { CalendarEvent } from './calendar-event.js';
import { isTimestamp } from './discovery-check.js';
import { isTimeZone, textInZone } from './event-times.js';
import type { Window } from './recurrence.js';

interface FreeBusyRequest {
  timeMin?: string | null;
  timeMax?: string | null;
  timeZone?: string | null;
  items?: { id?: string | null }[] | null;
  calendarExpansionMax?: number | null;
}

const mostCalendars = 50;
const longestMs = 62 * 86_400_000;

export function answerFreeBusy(account: Account, request: FreeBusyRequest): Record<string, unknown> {
  const window = { from: bound('timeMin', request.timeMin), to: bound('timeMax', request.timeMax) };
  const zone = request.timeZone ?? 'UTC';
  if (!isTimeZone(zone)) throw badRequest('Invalid time zone.', 'invalid');
  if (window.to <= window.from) throw badRequest('The specified time range is empty.', 'timeRangeEmpty');
  if (window.to - window.from > longestMs) {
    throw badRequest('The requested time range is too long.', 'timeRangeTooLong');
  }
  const items = request.items ?? [];
  const most = Math.min(request.calendarExpansionMax ?? mostCalendars, mostCalendars);
  if (items.length > most) {
    throw badRequest(
      'The number of calendars requested is too large for a single query.',
      'tooManyCalendarsRequested',
    );
  }
  const calendars = items.map(({ id }) => {
    if (!id) throw new ApiError(400, 'required', 'Missing calendar id.');
    const calendar = account.listed(id)?.calendar;
    const reason = calendar ? calendar.unreadable : 'notFound';
    if (!calendar || reason) return [id, { errors: [{ domain: 'global', reason }], busy: [] }];
    const busy = busyTimes(calendar, window);
    return [
      id,
      { busy: busy.map(({ from, to }) => ({ start: textInZone(from, zone), end: textInZone(to, zone) })) },
    ];
  });
  return {
    kind: 'calendar#freeBusy',
    timeMin: new Date(window.from).toISOString(),
    timeMax: new Date(window.to).toISOString(),
    calendars: Object.fromEntries(calendars) as unknown,
  };
}

function bound(name: string, value: string | null | undefined): number {
  if (!value) throw new ApiError(400, 'required', `Missing ${name} parameter.`);
  if (!isTimestamp(value)) throw badRequest(`Invalid ${name}: an RFC 3339 timestamp with offset is needed.`);
  return Date.parse(value);
}

/** What blocks, clipped to the window, with touching and overlapping times made one. */
function busyTimes(calendar: Calendar, window: Window): Window[] {
  const blocks: Window[] = [];
  for (const { event, startMs, endMs } of calendar.store.singlesWithin(window)) {
    if (!blocksTime(event, calendar.id)) continue;
    const block = { from: Math.max(startMs, window.from), to: Math.min(endMs, window.to) };
    if (block.from < block.to) blocks.push(block);
  }
  blocks.sort((a, b) => a.from - b.from);
  const merged: Window[] = [];
  for (const block of blocks) {
    const last = merged.at(-1);
    if (last && block.from <= last.to) last.to = Math.max(last.to, block.to);
    else merged.push(block);
  }
  return merged;
}

function blocksTime(event: CalendarEvent, calendarId: string): boolean {
  if (event.transparency === 'transparent' || event.eventType === 'workingLocation') return false;
  return !event.attendees?.some(
    (one) => (one.self || one.email === calendarId) && one.responseStatus === 'declined',
  );
}
