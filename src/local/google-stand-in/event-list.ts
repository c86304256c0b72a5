import type { ListedCalendar } from './accounts.js';
import { badRequest } from './api-error.js';
import type { Calendar } from './calendar.js';
import type { CalendarEvent } from './calendar-event.js';
import type { QueryValue } from './discovery-check.js';
import { matches } from './event-filter.js';
import { seriesOf, type SingleEvent } from './event-store.js';
import { shownEvent, shownTombstone } from './event-view.js';
import { decodePageToken, encodePageToken, pageOf, type Sorted } from './page-tokens.js';
import type { Window } from './recurrence.js';
import { assertAllowedWithSyncToken, earnsSyncToken, issueSyncToken, readSyncToken } from './sync-tokens.js';
import type { SyncPosition } from './sync-tokens.js';

export type ListQuery = Readonly<Record<string, QueryValue>>;

/** The last moment a date can name. */
const endOfTime = 8.64e15;

export function listEvents(listed: ListedCalendar, query: ListQuery): Record<string, unknown> {
  const { calendar } = listed;
  const { store, surroundings } = calendar;
  const since = typeof query.syncToken === 'string' ? readSyncToken(calendar, query.syncToken) : undefined;
  if (since) assertAllowedWithSyncToken(query, since);
  if (query.orderBy === 'startTime' && query.singleEvents !== true) {
    throw badRequest('The requested ordering is not available for the particular query.');
  }

  const isFirst = typeof query.pageToken !== 'string';
  const token = isFirst ? { after: '', revision: store.revision } : decodePageToken(String(query.pageToken));
  const window = since?.window ?? listWindow(query);
  const position: SyncPosition = {
    revision: token.revision,
    singleEvents: query.singleEvents === true,
    eventTypes: since?.eventTypes ?? (query.eventTypes as string[] | undefined) ?? [],
    window,
  };
  const zone = typeof query.timeZone === 'string' ? query.timeZone : calendar.timeZone;
  const found = since ? changedSince(calendar, since) : current(calendar, query, window);
  const sorted = found
    .filter((one) => calendar.hidesFromLists?.has(one.event.id) !== true)
    .filter((one) => matches(one.event, query, position.eventTypes))
    .map((one) => ({ key: sortKey(one, query), item: one.event }));

  const asked = typeof query.maxResults === 'number' ? query.maxResults : 250;
  const size = Math.min(asked, calendar.mostPerPage ?? 2500);
  const page =
    isFirst && calendar.emptyFirstPage
      ? { items: [], nextPageToken: encodePageToken(token) }
      : pageOf<CalendarEvent>(sorted, size, token);
  const isLast = !page.nextPageToken;
  return {
    kind: 'calendar#events',
    etag: `"p${store.revision}"`,
    summary: calendar.summary,
    updated: new Date(surroundings.now()).toISOString(),
    timeZone: calendar.hidesTimeZone ? undefined : zone,
    accessRole: listed.accessRole,
    defaultReminders: [],
    nextPageToken: page.nextPageToken,
    nextSyncToken:
      isLast && !calendar.withoutSyncTokens && earnsSyncToken(query)
        ? issueSyncToken(calendar, position)
        : undefined,
    items: page.items.map((event) =>
      event.status === 'cancelled' ? shownTombstone(event, zone) : shownEvent(event, listed, zone),
    ),
  };
}

export function listWindow(query: ListQuery): Window {
  const from = typeof query.timeMin === 'string' ? Date.parse(query.timeMin) : 0;
  const to = typeof query.timeMax === 'string' ? Date.parse(query.timeMax) : endOfTime;
  if (to <= from) throw badRequest('The specified time range is empty.', 'timeRangeEmpty');
  return { from, to };
}

function* liveEvents(calendar: Calendar, query: ListQuery, window: Window): Generator<SingleEvent> {
  const { store } = calendar;
  if (query.singleEvents === true) {
    yield* store.singlesWithin(window);
    return;
  }
  for (const stored of store.all()) {
    if (stored.event.status === 'cancelled') continue;
    const [first] = store.singlesOf(stored, window);
    // A series is listed once, by itself, when any of its instances touches the window.
    if (first) yield seriesOf(stored.event) ? { ...first, event: stored.event } : first;
  }
}

function current(calendar: Calendar, query: ListQuery, window: Window): SingleEvent[] {
  const updatedMin = typeof query.updatedMin === 'string' ? Date.parse(query.updatedMin) : undefined;
  const live = [...liveEvents(calendar, query, window)];
  const tombstones = [...calendar.store.all()].filter(({ event }) => {
    if (event.status !== 'cancelled') return false;
    if (query.singleEvents === true && seriesOf(event)) return false;
    // A cancelled instance qualifies the series listed beside it, so it is shown without being asked for.
    const isException = event.recurringEventId !== undefined && query.singleEvents !== true;
    return query.showDeleted === true || updatedMin !== undefined || isException;
  });
  const all = [...live, ...tombstones.map((stored) => ({ ...stored, startMs: 0, endMs: 0 }))];
  if (updatedMin === undefined) return all;
  return all.filter(({ event }) => Date.parse(String(event.updated)) >= updatedMin);
}

/** What changed after the token, wherever it lies now: an event moved out of the window is told of too. */
function changedSince(calendar: Calendar, since: SyncPosition): SingleEvent[] {
  const changed: SingleEvent[] = [];
  for (const stored of calendar.store.all()) {
    if (stored.revision <= since.revision) continue;
    const { store } = calendar;
    if (since.singleEvents)
      changed.push(...store.instancesGoneSince(since.revision, stored, toldWindow(calendar, since.window)));
    const isSeries = seriesOf(stored.event) !== undefined;
    if (since.singleEvents && isSeries) {
      if (stored.event.status !== 'cancelled') changed.push(...store.singlesOf(stored, since.window));
    } else changed.push({ ...stored, startMs: 0, endMs: 0 });
  }
  return changed;
}

/** How far instances that are gone are told of. */
function toldWindow({ goneInstancesForDays, surroundings }: Calendar, { from, to }: Window): Window {
  const days = goneInstancesForDays ?? Infinity;
  return { from, to: Math.min(to, surroundings.now() + days * 86_400_000) };
}

function sortKey({ event, startMs }: SingleEvent, query: ListQuery): Sorted<SingleEvent>['key'] {
  if (query.orderBy === 'startTime') return `${String(startMs + 1e14).padStart(16, '0')} ${event.id}`;
  if (query.orderBy === 'updated') return `${event.updated ?? ''} ${event.id}`;
  return event.id;
}
