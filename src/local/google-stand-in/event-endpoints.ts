import type { ListedCalendar } from './accounts.js';
import { empty, json, type Answer } from './answer.js';
import { ApiError, notFound } from './api-error.js';
import type { Call } from './call.js';
import type { CalendarEvent } from './calendar-event.js';
import { listEvents } from './event-list.js';
import { listInstances } from './event-instances.js';
import { shownEvent } from './event-view.js';
import {
  deleteEvent,
  insertEvent,
  patchEvent,
  readEvent,
  updateEvent,
  type WriteOptions,
} from './event-writing.js';
import type { PushChannels } from './push-channels.js';

const writing = new Set(['events.insert', 'events.update', 'events.patch', 'events.delete']);

export function answerEvents(call: Call, listed: ListedCalendar, channels: PushChannels): Answer {
  const { operation, query, body, account } = call;
  const { calendar } = listed;
  const id = call.path.eventId ?? '';
  if (writing.has(operation)) assertWritable(listed);
  const options = writeOptions(call);
  const shown = (event: CalendarEvent): Answer =>
    withEtag(
      call,
      shownEvent(event, listed, typeof query.timeZone === 'string' ? query.timeZone : undefined),
    );
  switch (operation) {
    case 'events.insert':
      return shown(insertEvent(calendar, body, options));
    case 'events.get':
      return shown(readEvent(calendar, id));
    case 'events.update':
      return shown(updateEvent(calendar, id, body, options));
    case 'events.patch':
      return shown(patchEvent(calendar, id, body, options));
    case 'events.delete':
      deleteEvent(calendar, id, options.ifMatch);
      return empty(204);
    case 'events.list':
      if (calendar.unreadable === 'notFound') throw notFound();
      if (calendar.unreadable) throw new ApiError(500, calendar.unreadable, 'Backend Error');
      return withEtag(call, listEvents(listed, query));
    case 'events.instances':
      return withEtag(call, listInstances(listed, id, query));
    case 'events.watch': {
      const channel = channels.open(calendar, account.sub, body);
      const { resourceId, resourceUri, token } = channel;
      const expiration = String(channel.expiration);
      return json(200, { kind: 'api#channel', id: channel.id, resourceId, resourceUri, token, expiration });
    }
    default:
      throw new ApiError(501, 'notImplemented', `The Google stand-in does not imitate ${operation}.`);
  }
}

function writeOptions({ query, headers, account }: Call): WriteOptions {
  const version = typeof query.conferenceDataVersion === 'number' ? query.conferenceDataVersion : 0;
  return { conferenceDataVersion: version, by: account.email, ifMatch: headers['if-match'] };
}

function assertWritable({ accessRole }: ListedCalendar): void {
  if (accessRole === 'owner' || accessRole === 'writer') return;
  const message = 'You need to have writer access to this calendar.';
  throw new ApiError(403, 'requiredAccessLevel', message, { domain: 'calendar' });
}

/** With If-None-Match a reader who knows the current state gets 304 and no body. */
function withEtag({ operation, headers }: Call, resource: CalendarEvent | Record<string, unknown>): Answer {
  const etag = String(resource.etag);
  const isRead = !writing.has(operation);
  if (isRead && headers['if-none-match'] === etag) return empty(304, { etag });
  return json(200, resource, { etag });
}
