/**
 * What a failed call to the calendar provider means to us. Every failure is exactly one of these:
 *
 * - `rate_limited`, `unavailable`, `timeout`: temporary; the same call may be made again, later
 * - `quota_exhausted`: temporary for hours; not to be hammered
 * - `unauthorized`: the access token is not taken; a refreshed one may be
 * - `grant_revoked`: there is no way to a new access token; only the owner can connect again
 * - `forbidden_scope`: the owner did not grant what the call needs; only connecting again helps
 * - `misconfigured`: the provider does not know this service's own client; only the operator can help
 * - `forbidden`, `invalid`: the provider refuses this call; made again at once it would be refused again
 * - `conference_refused`, `guest_refused`: it refuses a part of the event, which can be written without it
 * - `wrong_event`: it made another event than the one that was asked for
 * - `calendar_gone`: the calendar is no longer there
 * - `not_found`, `gone`, `already_exists`, `precondition_failed`: about one event
 */
export const CALENDAR_ERROR_KINDS = [
  'rate_limited',
  'unavailable',
  'timeout',
  'quota_exhausted',
  'unauthorized',
  'grant_revoked',
  'forbidden_scope',
  'misconfigured',
  'forbidden',
  'invalid',
  'conference_refused',
  'guest_refused',
  'wrong_event',
  'calendar_gone',
  'not_found',
  'gone',
  'already_exists',
  'precondition_failed',
] as const;

export type CalendarErrorKind = (typeof CALENDAR_ERROR_KINDS)[number];

export interface CalendarErrorDetails {
  /** HTTP status, where there was an answer. */
  status?: number;
  /** The provider's own word for it. */
  reason?: string;
  /** How long the provider asked us to wait. */
  retryAfterMs?: number;
  /** Of `wrong_event`: the event that was made instead, where it bears the mark of the booking. */
  strayEventId?: string;
}

/** What an owner's grant ends with in the usual course of things. */
const REVOKED = new Set(['invalid_grant', 'invalid_token', 'disconnected']);

/**
 * A failed call to the calendar provider. Keeps only what is harmless: the client library's errors carry requests with
 * their tokens, so they are never kept as a cause.
 */
export class CalendarError extends Error {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly strayEventId: string | undefined;

  constructor(
    readonly kind: CalendarErrorKind,
    { status, reason, retryAfterMs, strayEventId }: CalendarErrorDetails = {},
  ) {
    super([`Calendar provider: ${kind}`, status, reason].filter((part) => part !== undefined).join(', '));
    this.name = 'CalendarError';
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.strayEventId = strayEventId;
  }

  /** Why the owner has to connect again, as a stable word; null where that would not help. */
  get reconnectReason(): string | null {
    if (this.kind === 'forbidden_scope') return 'missing_scope';
    if (this.kind !== 'grant_revoked') return null;
    return this.reason === undefined || REVOKED.has(this.reason) ? 'grant_revoked' : this.reason;
  }

  /** Whether the same call may succeed a moment later. */
  get isTemporary(): boolean {
    return this.kind === 'rate_limited' || this.kind === 'unavailable' || this.kind === 'timeout';
  }
}

export function isCalendarError(error: unknown, ...kinds: CalendarErrorKind[]): error is CalendarError {
  return error instanceof CalendarError && (kinds.length === 0 || kinds.includes(error.kind));
}
