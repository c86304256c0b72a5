import { inspect } from 'node:util';
import type { CalendarErrorKind } from '../../src/calendar/calendar-error.js';
import { asCalendarError } from '../../src/calendar/google/google-error.js';

const NOW = Date.parse('2026-01-21T14:00:00Z');

/** As gaxios throws it, with all that it carries. */
function failure(status: number, data: unknown, headers: Record<string, string> = {}): Error {
  const config = {
    headers: { authorization: 'Bearer ya29.secret' },
    data: 'refresh_token=1//secret',
    url: 'https://x',
  };
  const response = { status, data, headers: new Headers(headers), config };
  return Object.assign(new Error('Request failed'), { config, response, status, code: status });
}
const api = (status: number, reason: string, headers?: Record<string, string>) =>
  failure(
    status,
    { error: { code: status, message: 'Bearer ya29.secret', errors: [{ domain: 'global', reason }] } },
    headers,
  );
const oauth = (status: number, error: string) => failure(status, { error, error_description: 'Bad Request' });
/** With Google's most general reason: what is refused is said by the message alone. */
const said = (status: number, message: string) =>
  failure(status, {
    error: { code: status, message, errors: [{ domain: 'global', reason: 'invalid', message }] },
  });
const timeout = Object.assign(new Error('aborted'), {
  config: { signal: AbortSignal.timeout(0) },
  code: 'TimeoutError',
});
const network = Object.assign(new Error('fetch failed'), { config: {}, code: 'ECONNREFUSED' });

const TABLE: [string, Error, string, CalendarErrorKind][] = [
  ['403 rateLimitExceeded', api(403, 'rateLimitExceeded'), 'events.insert', 'rate_limited'],
  ['403 userRateLimitExceeded', api(403, 'userRateLimitExceeded'), 'events.get', 'rate_limited'],
  ['429', api(429, 'rateLimitExceeded'), 'freebusy.query', 'rate_limited'],
  ['429 without a body', failure(429, ''), 'freebusy.query', 'rate_limited'],
  ['403 quotaExceeded', api(403, 'quotaExceeded'), 'events.insert', 'quota_exhausted'],
  ['429 quotaExceeded', api(429, 'quotaExceeded'), 'events.insert', 'quota_exhausted'],
  ['403 dailyLimitExceeded', api(403, 'dailyLimitExceeded'), 'events.insert', 'quota_exhausted'],
  ['401', api(401, 'authError'), 'events.insert', 'unauthorized'],
  ['400 invalid_grant', oauth(400, 'invalid_grant'), 'token', 'grant_revoked'],
  ['400 invalid_token', oauth(400, 'invalid_token'), 'revoke', 'grant_revoked'],
  ['401 invalid_client', oauth(401, 'invalid_client'), 'token', 'misconfigured'],
  ['401 deleted_client', oauth(401, 'deleted_client'), 'token', 'misconfigured'],
  ['403 accessNotConfigured', api(403, 'accessNotConfigured'), 'events.insert', 'misconfigured'],
  ['403 insufficientPermissions', api(403, 'insufficientPermissions'), 'freebusy.query', 'forbidden_scope'],
  ['403 requiredAccessLevel', api(403, 'requiredAccessLevel'), 'events.insert', 'forbidden'],
  ['403 of an unknown reason', api(403, 'somethingNew'), 'events.insert', 'forbidden'],
  ['404 on insert', api(404, 'notFound'), 'events.insert', 'calendar_gone'],
  ['404 on get', api(404, 'notFound'), 'events.get', 'not_found'],
  ['404 on delete', api(404, 'notFound'), 'events.delete', 'not_found'],
  ['409 duplicate', api(409, 'duplicate'), 'events.insert', 'already_exists'],
  ['410 deleted', api(410, 'deleted'), 'events.delete', 'gone'],
  ['412', api(412, 'conditionNotMet'), 'events.patch', 'precondition_failed'],
  ['400', api(400, 'invalid'), 'events.insert', 'invalid'],
  ['400 timeRangeTooLong', api(400, 'timeRangeTooLong'), 'freebusy.query', 'invalid'],
  ['408', failure(408, ''), 'events.get', 'unavailable'],
  [
    '403 that tells of a missing scope in its details only',
    failure(403, {
      error: {
        code: 403,
        message: 'Request had insufficient authentication scopes.',
        status: 'PERMISSION_DENIED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' },
        ],
      },
    }),
    'freebusy.query',
    'forbidden_scope',
  ],
  ['400 of a conference', said(400, 'Invalid conference type value.'), 'events.insert', 'conference_refused'],
  ['400 of a conference, read', said(400, 'Invalid conference type value.'), 'events.get', 'invalid'],
  ['400 of a guest', said(400, 'Invalid attendee email.'), 'events.insert', 'guest_refused'],
  [
    '403 of guests',
    said(403, 'Service accounts cannot invite attendees without Domain-Wide Delegation of Authority.'),
    'events.insert',
    'guest_refused',
  ],
  ['451 in Google’s shape', api(451, 'legal'), 'events.list', 'unavailable'],
  ['403 admin_policy_enforced', oauth(403, 'admin_policy_enforced'), 'token', 'grant_revoked'],
  ['403 access_denied', oauth(403, 'access_denied'), 'token', 'grant_revoked'],
  ['403 org_internal', oauth(403, 'org_internal'), 'token', 'grant_revoked'],
  ['401 unauthorized_client', oauth(401, 'unauthorized_client'), 'token', 'grant_revoked'],
  ['400 invalid_rapt', oauth(400, 'invalid_rapt'), 'token', 'grant_revoked'],
  ['400 of a reason that is new', oauth(400, 'something_new'), 'token', 'grant_revoked'],
  ['401 disabled_client', oauth(401, 'disabled_client'), 'token', 'misconfigured'],
  ['403 rate_limit_exceeded', oauth(403, 'rate_limit_exceeded'), 'token', 'rate_limited'],
  ['400 temporarily_unavailable', oauth(400, 'temporarily_unavailable'), 'token', 'unavailable'],
  ['400 internal_failure', oauth(400, 'internal_failure'), 'token', 'unavailable'],
  ['400 invalid_request', oauth(400, 'invalid_request'), 'revoke', 'invalid'],
  ['500', api(500, 'backendError'), 'events.insert', 'unavailable'],
  ['503 with a page instead of JSON', failure(503, '<html>Error 503</html>'), 'events.insert', 'unavailable'],
  ['our timeout', timeout, 'events.insert', 'timeout'],
  ['a network error', network, 'events.insert', 'unavailable'],
  [
    'anything else that is thrown',
    new TypeError('undefined is not a function'),
    'events.insert',
    'unavailable',
  ],
];

const OPERATIONS = [
  ...['events.get', 'events.insert', 'events.patch', 'events.delete', 'events.list', 'events.watch'],
  ...['channels.stop', 'freebusy.query', 'calendarList.list', 'calendarList.get', 'token', 'revoke', 'certs'],
];
const STATUSES = [
  300, 302, 304, 307, 400, 401, 402, 403, 404, 405, 407, 409, 410, 411, 412, 413, 418, 451, 499,
];
const NOT_GOOGLES: [string, (status: number) => unknown][] = [
  ['nothing', () => ''],
  ['an error page', () => '<html><title>Error</title></html>'],
  ['a gateway’s message', () => ({ message: 'no Route matched with those values' })],
  [
    'the error of a gateway’s framework',
    (status) => ({ timestamp: '2026-01-21T14:00:00Z', status, error: 'Not Found' }),
  ],
  ['an error that is the name of a status', () => ({ error: 'forbidden' })],
  [
    'an error with a code that is text',
    (status) => ({ error: { code: String(status), message: 'Not Found' } }),
  ],
  ['an error of another status', () => ({ error: { code: 599, errors: [{ reason: 'notFound' }] } })],
  ['an error that is nothing', () => ({ error: null })],
  ['a list', () => [{ error: { code: 404 } }]],
  ['JSON in pieces', () => '{"error":{"code":40'],
];

describe('a failure of Google', () => {
  it.each(NOT_GOOGLES)('says nothing but that Google cannot be reached where it is %s', (_, body) => {
    const kinds = OPERATIONS.flatMap((operation) =>
      STATUSES.map((status) => asCalendarError(failure(status, body(status)), operation).kind),
    );
    expect(new Set(kinds)).toEqual(new Set(['unavailable']));
  });

  it('of the token endpoint is not believed in the shape or the status of another', () => {
    for (const error of [api(400, 'invalid_grant'), oauth(404, 'invalid_grant'), oauth(407, 'invalid_grant')])
      expect(asCalendarError(error, 'token').kind).toBe('unavailable');
    expect(asCalendarError(oauth(404, 'not_found'), 'events.get').kind).toBe('unavailable');
  });

  it.each(TABLE)('%s', (_, error, operation, kind) => {
    expect(asCalendarError(error, operation, NOW).kind).toBe(kind);
  });

  it.each<[string, number | undefined]>([
    ['7', 7000],
    ['0', 0],
    ['86400', 3_600_000],
    ['Fri, 21 Jan 2028 14:00:00 GMT', 3_600_000],
    ['Wed, 21 Jan 2026 14:00:30 GMT', 30_000],
    ['Wed, 21 Jan 2026 13:00:00 GMT', 0],
    ['soon', undefined],
  ])('asks to wait with Retry-After: %s', (value, milliseconds) => {
    const error = api(429, 'rateLimitExceeded', { 'retry-after': value });
    expect(asCalendarError(error, 'events.insert', NOW).retryAfterMs).toBe(milliseconds);
  });

  it('is asked for Retry-After by whatever class of headers the client has', () => {
    const headers = { get: (name: string) => (name === 'retry-after' ? '3' : null) };
    const error = Object.assign(new Error(), { response: { status: 429, data: '', headers } });
    expect(asCalendarError(error, 'events.insert').retryAfterMs).toBe(3000);
  });

  it.each(TABLE)('%s keeps nothing of the request', (_, error, operation) => {
    const shown = inspect(asCalendarError(error, operation, NOW), { depth: 10, showHidden: true });
    expect(shown).not.toMatch(/secret|ya29|1\/\//);
  });

  it('keeps no reason that is more than a word', () => {
    const error = asCalendarError(api(400, 'token ya29.secret is bad'), 'events.insert');
    expect(error.reason).toBeUndefined();
  });
});
