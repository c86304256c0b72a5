import type { ListedCalendar } from './accounts.js';
import { badRequest, notFound } from './api-error.js';
import { listWindow, type ListQuery } from './event-list.js';
import { seriesOf } from './event-store.js';
import { shownEvent } from './event-view.js';
import { decodePageToken, pageOf } from './page-tokens.js';

/** events.instances: one series, expanded, with the instances that were changed by themselves. */
export function listInstances(listed: ListedCalendar, id: string, query: ListQuery): Record<string, unknown> {
  const { calendar } = listed;
  const { store } = calendar;
  const stored = store.find(id);
  if (!stored) throw notFound();
  if (!seriesOf(stored.event)) throw badRequest('Not a recurring event.', 'invalid');
  const window = listWindow(query);
  const found = stored.event.status === 'cancelled' ? [] : [...store.singlesOf(stored, window)];
  for (const exception of store.all()) {
    if (exception.event.recurringEventId !== id) continue;
    if (exception.event.status === 'cancelled' && query.showDeleted !== true) continue;
    found.push(...store.singlesOf(exception, window));
  }
  const zone = typeof query.timeZone === 'string' ? query.timeZone : calendar.timeZone;
  const token =
    typeof query.pageToken === 'string'
      ? decodePageToken(query.pageToken)
      : { after: '', revision: store.revision };
  const size = Math.min(typeof query.maxResults === 'number' ? query.maxResults : 250, 2500);
  const page = pageOf(
    found.map(({ event }) => ({ key: event.id, item: event })),
    size,
    token,
  );
  return {
    kind: 'calendar#events',
    etag: `"p${store.revision}"`,
    summary: calendar.summary,
    timeZone: zone,
    accessRole: listed.accessRole,
    nextPageToken: page.nextPageToken,
    items: page.items.map((event) => shownEvent(event, listed, zone)),
  };
}
