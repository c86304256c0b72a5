import { ApiError, badRequest } from './api-error.js';
import type { Calendar } from './calendar.js';
import type { Window } from './recurrence.js';

/** What a sync token remembers: up to where its owner knows the calendar, and what was asked for. */
export interface SyncPosition {
  revision: number;
  singleEvents: boolean;
  eventTypes: string[];
  window: Window;
}

interface SyncToken extends SyncPosition {
  calendar: string;
  epoch: number;
}

/** Not allowed beside a sync token, as the reference of events.list says. */
const excluded = [
  ...['iCalUID', 'orderBy', 'privateExtendedProperty', 'q', 'sharedExtendedProperty'],
  ...['timeMin', 'timeMax', 'updatedMin'],
];
/** A list asked with these gets no sync token: what it leaves out could never be followed. */
const untraceable = excluded.filter((name) => name !== 'timeMin' && name !== 'timeMax');

export function issueSyncToken(calendar: Calendar, position: SyncPosition): string {
  const token: SyncToken = { ...position, calendar: calendar.id, epoch: calendar.syncEpoch };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

export function readSyncToken(calendar: Calendar, text: string): SyncPosition {
  const token = parse(text);
  const isKnown = token?.calendar === calendar.id && token.revision <= calendar.store.revision;
  if (!isKnown || token.epoch !== calendar.syncEpoch) {
    const message = 'Sync token is no longer valid, a full sync is required.';
    throw new ApiError(410, 'fullSyncRequired', message, {
      location: 'syncToken',
      locationType: 'parameter',
    });
  }
  return token;
}

export function assertAllowedWithSyncToken(
  query: Readonly<Record<string, unknown>>,
  position: SyncPosition,
): void {
  const wrong = excluded.find((name) => name in query);
  if (wrong) throw badRequest(`Sync token cannot be combined with ${wrong}.`, 'invalid');
  if (query.showDeleted === false) {
    throw badRequest('Sync token cannot be combined with showDeleted=false.', 'invalid');
  }
  // Google calls this "undefined behaviour"; here it is refused, so that nobody relies on it.
  if ((query.singleEvents ?? false) !== position.singleEvents) {
    throw badRequest('The sync token was made for another value of singleEvents.', 'invalid');
  }
}

export function earnsSyncToken(query: Readonly<Record<string, unknown>>): boolean {
  return !untraceable.some((name) => name in query);
}

function parse(text: string): SyncToken | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as SyncToken;
  } catch {
    return undefined;
  }
}
