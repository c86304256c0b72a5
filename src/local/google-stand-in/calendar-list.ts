import type { Account, ListedCalendar } from './accounts.js';
import { ApiError, badRequest } from './api-error.js';
import type { Call } from './call.js';

const ranks = ['freeBusyReader', 'reader', 'writer', 'owner'];

/** calendarList.list: the calendars an account sees, in pages. Sync tokens are not imitated here. */
export function listCalendars({ account, query }: Call): Record<string, unknown> {
  if ('syncToken' in query) {
    throw new ApiError(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.');
  }
  const size = Math.min(typeof query.maxResults === 'number' ? query.maxResults : 100, 250);
  const begin = typeof query.pageToken === 'string' ? Number(query.pageToken) : 0;
  if (!Number.isInteger(begin)) throw badRequest('Invalid page token value.', 'invalid');
  const least = typeof query.minAccessRole === 'string' ? ranks.indexOf(query.minAccessRole) : 0;
  const wanted = account.calendars().filter(({ accessRole }) => ranks.indexOf(accessRole) >= least);
  const shown = wanted.slice(begin, begin + size);
  return {
    kind: 'calendar#calendarList',
    etag: `"p${wanted.length}"`,
    nextPageToken: begin + size < wanted.length ? String(begin + size) : undefined,
    items: shown.map((listed) => calendarListEntry(account, listed)),
  };
}

export function calendarListEntry(
  account: Account,
  { calendar, accessRole }: ListedCalendar,
): Record<string, unknown> {
  return {
    kind: 'calendar#calendarListEntry',
    etag: `"${calendar.syncEpoch}"`,
    id: calendar.id,
    summary: calendar.summary,
    timeZone: calendar.timeZone,
    colorId: '14',
    backgroundColor: '#9fe1e7',
    foregroundColor: '#000000',
    selected: true,
    accessRole,
    defaultReminders: [],
    primary: calendar.id === account.email ? true : undefined,
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  };
}

export function calendarResource({ calendar }: ListedCalendar): Record<string, unknown> {
  const { id, summary, timeZone, syncEpoch } = calendar;
  const conferenceProperties = { allowedConferenceSolutionTypes: ['hangoutsMeet'] };
  return { kind: 'calendar#calendar', etag: `"${syncEpoch}"`, id, summary, timeZone, conferenceProperties };
}
