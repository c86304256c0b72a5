import type { Account, Accounts, ListedCalendar } from './accounts.js';
import { empty, json, type Answer } from './answer.js';
import { ApiError, badRequest, notFound } from './api-error.js';
import type { Route } from './discovery.js';
import { checkBody, checkQuery } from './discovery-check.js';
import { answerEvents } from './event-endpoints.js';
import { isTimeZone } from './event-times.js';
import { answerFreeBusy } from './free-busy.js';
import type { Grants } from './grants.js';
import { bearerToken, jsonOf, type Incoming } from './incoming.js';
import { selectFields } from './partial-response.js';
import type { PushChannels } from './push-channels.js';
import type { QueryValue } from './discovery-check.js';

const realm = 'Bearer realm="https://accounts.google.com/"';

/** A call that has the right token, the right scope, and nothing the discovery document does not know. */
export interface Call {
  operation: string;
  path: Readonly<Record<string, string>>;
  query: Readonly<Record<string, QueryValue>>;
  body: Record<string, unknown>;
  headers: Incoming['headers'];
  account: Account;
}

/** Everything under `/calendar/v3/`. */
export class CalendarEndpoints {
  constructor(
    private readonly accounts: Accounts,
    private readonly grants: Grants,
    private readonly channels: PushChannels,
  ) {}

  answer(route: Route, incoming: Incoming): Answer {
    const account = this.authorise(route, incoming);
    const { operation, method, path } = route;
    const query = checkQuery(method, incoming.url.searchParams);
    if (typeof query.timeZone === 'string' && !isTimeZone(query.timeZone))
      throw badRequest('Invalid time zone.', 'invalid');
    const body = method.request ? checkBody(operation, method.request, jsonOf(incoming)) : {};
    const answer = this.perform({ operation, path, query, body, headers: incoming.headers, account });
    return typeof query.fields === 'string' ? selectFields(answer, query.fields) : answer;
  }

  private authorise({ method }: Route, incoming: Incoming): Account {
    const text = bearerToken(incoming);
    const token = text ? this.grants.accessToken(text) : undefined;
    const account = token && this.accounts.findBySub(token.sub);
    if (!token || !account) throw unauthenticated(text !== undefined);
    if (!method.scopes.some((scope) => token.scopes.includes(scope))) throw insufficientScope(method.scopes);
    return account;
  }

  private perform(call: Call): Answer {
    const { operation, account, body } = call;
    switch (operation) {
      case 'calendarList.list':
        return json(200, this.calendarList(call));
      case 'calendarList.get':
        return json(200, calendarListEntry(account, this.listed(call)));
      case 'calendars.get':
        return json(200, calendarResource(this.listed(call)));
      case 'freebusy.query':
        return json(200, answerFreeBusy(account, body));
      case 'channels.stop':
        this.channels.stop(account.sub, body);
        return empty(204);
      default:
        if (operation.startsWith('events.')) return answerEvents(call, this.listed(call), this.channels);
        throw new ApiError(501, 'notImplemented', `The Google stand-in does not imitate ${operation}.`);
    }
  }

  private listed({ account, path }: Call): ListedCalendar {
    const listed = account.listed(path.calendarId ?? '');
    if (!listed) throw notFound();
    return listed;
  }

  private calendarList({ account, query }: Call): Record<string, unknown> {
    if ('syncToken' in query) {
      throw new ApiError(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.');
    }
    const size = Math.min(typeof query.maxResults === 'number' ? query.maxResults : 100, 250);
    const begin = typeof query.pageToken === 'string' ? Number(query.pageToken) : 0;
    if (!Number.isInteger(begin)) throw badRequest('Invalid page token value.', 'invalid');
    const ranks = ['freeBusyReader', 'reader', 'writer', 'owner'];
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
}

function calendarListEntry(
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

function calendarResource({ calendar }: ListedCalendar): Record<string, unknown> {
  const { id, summary, timeZone, syncEpoch } = calendar;
  const conferenceProperties = { allowedConferenceSolutionTypes: ['hangoutsMeet'] };
  return { kind: 'calendar#calendar', etag: `"${syncEpoch}"`, id, summary, timeZone, conferenceProperties };
}

function unauthenticated(hasToken: boolean): ApiError {
  const expected = 'Expected OAuth 2 access token, login cookie or other valid authentication credential.';
  const problem = hasToken
    ? 'Request had invalid authentication credentials.'
    : 'Request is missing required authentication credential.';
  return new ApiError(401, hasToken ? 'authError' : 'required', `${problem} ${expected}`, {
    innerMessage: hasToken ? 'Invalid Credentials' : 'Login Required.',
    location: 'Authorization',
    locationType: 'header',
    grpcStatus: 'UNAUTHENTICATED',
    headers: { 'www-authenticate': `${realm}, error="invalid_token"` },
  });
}

function insufficientScope(scopes: string[]): ApiError {
  return new ApiError(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
    innerMessage: 'Insufficient Permission',
    grpcStatus: 'PERMISSION_DENIED',
    headers: {
      'www-authenticate': `${realm}, error="insufficient_scope", scope="${scopes.join(' ')}"`,
    },
  });
}
