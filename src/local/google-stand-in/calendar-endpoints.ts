import type { Account, Accounts, ListedCalendar } from './accounts.js';
import { empty, json, type Answer } from './answer.js';
import { ApiError, badRequest, notFound } from './api-error.js';
import { calendarListEntry, calendarResource, listCalendars } from './calendar-list.js';
import type { Call } from './call.js';
import type { Route } from './discovery.js';
import { checkBody, checkQuery } from './discovery-check.js';
import { answerEvents } from './event-endpoints.js';
import { isTimeZone } from './event-times.js';
import { answerFreeBusy } from './free-busy.js';
import type { Grants } from './grants.js';
import { bearerToken, jsonOf, type Incoming } from './incoming.js';
import { fieldSelector } from './partial-response.js';
import type { PushChannels } from './push-channels.js';

const realm = 'Bearer realm="https://accounts.google.com/"';

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
    if (typeof query.timeZone === 'string' && !isTimeZone(query.timeZone)) {
      throw badRequest('Invalid time zone.', 'invalid');
    }
    const body = method.request ? checkBody(operation, method.request, jsonOf(incoming)) : {};
    const select = fieldSelector(query.fields);
    return select(this.perform({ operation, path, query, body, headers: incoming.headers, account }));
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
        return json(200, listCalendars(call));
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
