import { CalendarError, isCalendarError, type CalendarErrorKind } from '../calendar-error.js';
import { clock } from '../../platform/time/clock.js';

/** What is known of a failed request to Google, in the shapes of gaxios and of Google's own error bodies. */
interface GoogleFailure {
  status?: number;
  /** What Google says itself; null where the answer has no error body of Google's, and so is somebody else's. */
  refusal: GoogleRefusal | null;
  retryAfterMs?: number;
  /** Our own timeout ended the request. */
  timedOut: boolean;
}

interface GoogleRefusal {
  /** The reasons that are given, the most telling one first. */
  reasons: string[];
  /** What a refused event is refused for, where its message tells. */
  about?: 'conference' | 'guest';
}

const RATE_LIMITS = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'rate_limit_exceeded',
  'RATE_LIMIT_EXCEEDED',
  'slow_down',
]);
const QUOTAS = new Set(['quotaExceeded', 'dailyLimitExceeded', 'dailyLimitExceededUnreg', 'quota_exceeded']);
const MISSING_SCOPES = new Set(['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']);
const OUTAGES = new Set([
  'internal_failure',
  'internal_error',
  'server_error',
  'backend_error',
  'temporarily_unavailable',
  'service_unavailable',
]);
/** About this service's own client: no owner could help, and their grants are still good once the operator has. */
const CLIENT_PROBLEMS = new Set([
  'invalid_client',
  'deleted_client',
  'disabled_client',
  'redirect_uri_mismatch',
  'accessNotConfigured',
  'SERVICE_DISABLED',
]);
const DEAD_TOKENS = new Set(['invalid_grant', 'invalid_token']);
/** Google's OAuth endpoints refuse with these and no others. */
const OAUTH_STATUSES = new Set([400, 401, 403, 429]);
/** Names of HTTP statuses, as gateways put them into `error`. None of them is an OAuth error code. */
const STATUS_NAMES = new Set(['bad_request', 'unauthorized', 'forbidden', 'not_found', 'too_many_requests']);
/** Where a 404 can only be about the calendar. */
const CALENDAR_OPERATIONS = new Set(['events.insert', 'events.list', 'calendarList.get']);
const EVENT_WRITES = new Set(['events.insert', 'events.patch']);
/** Google asks for seconds; what is in between may ask for a day. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * The one place that decides what a failure of Google means. A refusal is believed only in Google's own words: an error page, or the JSON
 * of a gateway, says nothing about calendars, events and grants, whatever its status.
 * @param operation as in the discovery document (`events.insert`), or the OAuth endpoint's name
 * @see https://developers.google.com/workspace/calendar/api/guides/errors
 */
function classifyGoogleFailure(
  { status, refusal, timedOut }: GoogleFailure,
  operation: string,
): CalendarErrorKind {
  if (status === undefined) return timedOut ? 'timeout' : 'unavailable';
  if (refusal === null) return status === 429 ? 'rate_limited' : 'unavailable';
  const isSaid = (reasons: ReadonlySet<string>): boolean => refusal.reasons.some((each) => reasons.has(each));
  if (isSaid(QUOTAS)) return 'quota_exhausted';
  if (status === 429 || isSaid(RATE_LIMITS)) return 'rate_limited';
  if (status >= 500 || status === 408) return 'unavailable';
  if (isSaid(CLIENT_PROBLEMS)) return 'misconfigured';
  if (isOAuth(operation)) {
    if (isSaid(OUTAGES)) return 'unavailable';
    return operation === 'token' || isSaid(DEAD_TOKENS) ? 'grant_revoked' : 'invalid';
  }
  if (refusal.about !== undefined && EVENT_WRITES.has(operation) && (status === 400 || status === 403))
    return refusal.about === 'guest' ? 'guest_refused' : 'conference_refused';
  switch (status) {
    case 400:
      return 'invalid';
    case 401:
      return 'unauthorized';
    case 403:
      return isSaid(MISSING_SCOPES) ? 'forbidden_scope' : 'forbidden';
    case 404:
      return CALENDAR_OPERATIONS.has(operation) ? 'calendar_gone' : 'not_found';
    case 409:
      return 'already_exists';
    case 410:
      return 'gone';
    case 412:
      return 'precondition_failed';
    default:
      // Google documents no other, so this is about the way there, not about what was asked for.
      return 'unavailable';
  }
}

function isOAuth(operation: string): boolean {
  return !operation.includes('.');
}

/** The error to throw for whatever the client library threw; nothing of the request survives in it. */
export function asCalendarError(error: unknown, operation: string, now = clock.now()): CalendarError {
  if (isCalendarError(error)) return error;
  const failure = readGoogleFailure(error, operation, now);
  const { status, refusal, retryAfterMs } = failure;
  return new CalendarError(classifyGoogleFailure(failure, operation), {
    status,
    reason: refusal?.reasons[0],
    retryAfterMs,
  });
}

function readGoogleFailure(error: unknown, operation: string, now: number): GoogleFailure {
  const { response, code, config } = shapeOf<{ response: unknown; code: unknown; config: unknown }>(error);
  const { status, data, headers } = shapeOf<{ status: unknown; data: unknown; headers: unknown }>(response);
  const { signal } = shapeOf<{ signal: unknown }>(config);
  const { reason: abortReason } = shapeOf<{ reason: unknown }>(signal);
  const retryAfter = headerIn(headers, 'retry-after');
  const answered = typeof status === 'number' ? status : undefined;
  return {
    status: answered,
    refusal: answered === undefined ? null : refusalIn(data, answered, operation),
    retryAfterMs: retryAfter === undefined ? undefined : retryAfterMs(retryAfter, now),
    timedOut: code === 'TimeoutError' || shapeOf<{ name: unknown }>(abortReason).name === 'TimeoutError',
  };
}

/** By its method: the client's fetch brings a class of its own. */
export function headerIn(headers: unknown, name: string): string | undefined {
  const { get } = shapeOf<{ get: unknown }>(headers);
  const value: unknown = typeof get === 'function' ? get.call(headers, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Google's own refusal: `{"error": {"code": 404, …}}` of the Calendar API, `{"error": "invalid_grant", …}` of the OAuth endpoints. */
function refusalIn(data: unknown, status: number, operation: string): GoogleRefusal | null {
  const { error } = shapeOf<{ error: unknown }>(data);
  if (isOAuth(operation)) {
    const isGoogles =
      OAUTH_STATUSES.has(status) &&
      typeof error === 'string' &&
      /^[a-z][a-z_]{1,63}$/.test(error) &&
      !STATUS_NAMES.has(error);
    return isGoogles ? { reasons: [error] } : null;
  }
  const { code, errors, details, message } = shapeOf<{
    code: unknown;
    errors: unknown;
    details: unknown;
    message: unknown;
  }>(error);
  if (code !== status) return null;
  const given = [errors, details].flatMap((list: unknown): unknown[] => (Array.isArray(list) ? list : []));
  const parts = given.map((part) => shapeOf<{ reason: unknown; message: unknown; location: unknown }>(part));
  const reasons = parts.flatMap(({ reason }) => (typeof reason === 'string' ? (word(reason) ?? []) : []));
  const texts = [message, ...parts.flatMap((part) => [part.reason, part.message, part.location])];
  return { reasons, about: subjectOf(texts.filter((text) => typeof text === 'string').join(' ')) };
}

/** Google gives `invalid` for whatever it does not like of an event; only the message says which part of it. */
function subjectOf(text: string): GoogleRefusal['about'] {
  if (/conference|hangout/i.test(text)) return 'conference';
  return /attendee|guest|invitee/i.test(text) ? 'guest' : undefined;
}

/** Reasons are words; anything longer or stranger might repeat something of the request, and is not kept. */
function word(text: string): string | undefined {
  return /^[A-Za-z_]{1,64}$/.test(text) ? text : undefined;
}

/** `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3); an hour at most. */
function retryAfterMs(value: string, now: number): number | undefined {
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds)
    ? Math.min(Math.max(0, milliseconds), LONGEST_RETRY_AFTER_MS)
    : undefined;
}

function shapeOf<Shape extends object>(value: unknown): Partial<Shape> {
  return typeof value === 'object' && value !== null ? value : {};
}
