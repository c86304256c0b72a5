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

describe('a failure of Google', () => {
  it.each(TABLE)('%s', (_, error, operation, kind) => {
    expect(asCalendarError(error, operation, NOW).kind).toBe(kind);
  });

  it.each<[string, number | undefined]>([
    ['7', 7000],
    ['0', 0],
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
