import { CalendarError, isCalendarError, type CalendarErrorKind } from '../calendar-error.js';

/** What is known of a failed request to Google; the shapes are those of gaxios and of Google's two kinds of answers. */
interface GoogleFailure {
  status?: number;
  /** Calendar API: `error.errors[0].reason`; OAuth: `error`. */
  reason?: string;
  retryAfterMs?: number;
  /** Our own timeout ended the request. */
  timedOut: boolean;
}

const RATE_LIMITS = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'rate_limit_exceeded']);
const QUOTAS = new Set(['quotaExceeded', 'dailyLimitExceeded', 'dailyLimitExceededUnreg']);
const MISSING_SCOPES = new Set(['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']);
const DEAD_GRANTS = new Set(['invalid_grant', 'invalid_token']);
const CLIENT_PROBLEMS = new Set([
  'invalid_client',
  'unauthorized_client',
  'deleted_client',
  'redirect_uri_mismatch',
  'accessNotConfigured',
]);
/** Where a 404 can only be about the calendar. */
const CALENDAR_OPERATIONS = new Set(['events.insert', 'events.list', 'calendarList.get']);

/**
 * The one place that decides what a failure of Google means.
 * @param operation as in the discovery document (`events.insert`), or the OAuth endpoint's name
 * @see https://developers.google.com/workspace/calendar/api/guides/errors
 */
function classifyGoogleFailure(
  { status, reason = '', timedOut }: GoogleFailure,
  operation: string,
): CalendarErrorKind {
  if (status === undefined) return timedOut ? 'timeout' : 'unavailable';
  if (QUOTAS.has(reason)) return 'quota_exhausted';
  if (status === 429 || RATE_LIMITS.has(reason)) return 'rate_limited';
  if (status >= 500 || status === 408) return 'unavailable';
  if (DEAD_GRANTS.has(reason)) return 'grant_revoked';
  if (CLIENT_PROBLEMS.has(reason)) return 'misconfigured';
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return MISSING_SCOPES.has(reason) ? 'forbidden_scope' : 'forbidden';
    case 404:
      return CALENDAR_OPERATIONS.has(operation) ? 'calendar_gone' : 'not_found';
    case 409:
      return 'already_exists';
    case 410:
      return 'gone';
    case 412:
      return 'precondition_failed';
    default:
      return 'invalid';
  }
}

/** The error to throw for whatever the client library threw; nothing of the request survives in it. */
export function asCalendarError(error: unknown, operation: string, now = Date.now()): CalendarError {
  if (isCalendarError(error)) return error;
  const failure = readGoogleFailure(error, now);
  return new CalendarError(classifyGoogleFailure(failure, operation), failure);
}

function readGoogleFailure(error: unknown, now: number): GoogleFailure {
  const { response, code, config } = shapeOf<{ response: unknown; code: unknown; config: unknown }>(error);
  const { status, data, headers } = shapeOf<{ status: unknown; data: unknown; headers: unknown }>(response);
  const { signal } = shapeOf<{ signal: unknown }>(config);
  const { reason: abortReason } = shapeOf<{ reason: unknown }>(signal);
  const retryAfter = headerIn(headers, 'retry-after');
  return {
    status: typeof status === 'number' ? status : undefined,
    reason: reasonIn(data),
    retryAfterMs: retryAfter === undefined ? undefined : retryAfterMs(retryAfter, now),
    timedOut: code === 'TimeoutError' || shapeOf<{ name: unknown }>(abortReason).name === 'TimeoutError',
  };
}

/** By its method: the client's fetch brings a class of its own. */
function headerIn(headers: unknown, name: string): string | undefined {
  const { get } = shapeOf<{ get: unknown }>(headers);
  const value: unknown = typeof get === 'function' ? get.call(headers, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function reasonIn(data: unknown): string | undefined {
  const { error } = shapeOf<{ error: unknown }>(data);
  if (typeof error === 'string') return word(error);
  const { errors } = shapeOf<{ errors: unknown }>(error);
  const { reason } = shapeOf<{ reason: unknown }>(Array.isArray(errors) ? errors[0] : undefined);
  return typeof reason === 'string' ? word(reason) : undefined;
}

/** Reasons are words; anything longer or stranger might repeat something of the request, and is not kept. */
function word(text: string): string | undefined {
  return /^[A-Za-z_]{1,64}$/.test(text) ? text : undefined;
}

/** `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMs(value: string, now: number): number | undefined {
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

function shapeOf<Shape extends object>(value: unknown): Partial<Shape> {
  return typeof value === 'object' && value !== null ? value : {};
}
