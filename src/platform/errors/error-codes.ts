/**
 * Every error code that a REST client can meet, with its HTTP status and title. Codes are stable: clients decide by them.
 * `docs/errors.md` explains each, and a test keeps the two in step.
 */
export const ERROR_CODES = {
  malformed_request: { status: 400, title: 'The request could not be read' },
  invalid_input: { status: 400, title: 'Some fields are not valid' },
  oauth_failed: { status: 400, title: 'The calendar was not connected' },
  unauthenticated: { status: 401, title: 'A valid credential is needed' },
  insufficient_scope: { status: 403, title: 'The credential does not allow this' },
  origin_not_allowed: { status: 403, title: 'Pages of this origin may not ask' },
  not_found: { status: 404, title: 'Not found' },
  slot_taken: { status: 409, title: 'The time is already taken' },
  hold_expired: { status: 409, title: 'The hold has run out' },
  idempotency_key_reused: { status: 409, title: 'The idempotency key was used for another request' },
  conflict: { status: 409, title: 'The request conflicts with the present state' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of a kind that is not understood' },
  outside_availability: { status: 422, title: 'The time is not offered' },
  booking_not_changeable: { status: 422, title: 'The booking can no longer be changed' },
  limit_reached: { status: 422, title: 'There are as many as there can be' },
  rate_limited: { status: 429, title: 'Too many requests' },
  calendar_unreadable: { status: 503, title: 'The calendar cannot be read at the moment' },
  google_unavailable: { status: 503, title: 'Google cannot be reached at the moment' },
  unavailable: { status: 503, title: 'The service is unavailable at the moment' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
