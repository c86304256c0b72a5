import { NEEDED_SCOPES } from './oauth-provider.js';

/** Why a calendar was not connected. Codes are stable: a dashboard gets them as `reason`. */
const FAILURES = {
  access_denied: {
    status: 400,
    text: 'Access to the calendar was not granted. Nothing was stored.',
  },
  declined: {
    status: 400,
    text: 'The calendar was not connected, as you chose. Nothing was stored.',
  },
  other_browser: {
    status: 400,
    text: 'Connecting was started in another browser, or this one keeps no cookies. Nothing was stored. Please start again, and stay in one browser.',
  },
  invalid_state: {
    status: 400,
    text: 'This link is not valid, or was used before. Please start connecting again from your dashboard.',
  },
  expired_state: {
    status: 400,
    text: 'Connecting took too long, so it was ended. Please start again from your dashboard.',
  },
  missing_scope: {
    status: 400,
    text: 'A permission that is needed was not granted, so nothing was stored. Please connect again and leave all boxes ticked.',
  },
  code_rejected: {
    status: 400,
    text: 'Google did not accept the sign-in: it was used before, or is too old. Please start again from your dashboard.',
  },
  identity_unverified: {
    status: 400,
    text: 'Google did not confirm the address of the account. Please choose an account with a confirmed address.',
  },
  no_refresh_token: {
    status: 400,
    text: 'Google did not grant lasting access. Remove this service under “Third-party access” in the Google account, then connect again.',
  },
  calendar_refused: {
    status: 400,
    text: 'Google does not let this account’s calendar be used. Please ask whoever administers the account.',
  },
  google_unavailable: {
    status: 503,
    text: 'Google cannot be reached at the moment. Nothing was stored. Please start again in a few minutes.',
  },
  service_unavailable: {
    status: 503,
    text: 'The calendar could not be connected at the moment. Nothing was stored. Please start again in a few minutes.',
  },
} as const satisfies Record<string, { status: 400 | 503; text: string }>;

export type ConnectFailureReason = keyof typeof FAILURES;

/** An expected end of connecting a calendar that is not its success. */
export class ConnectFailure extends Error {
  readonly status: 400 | 503;

  constructor(
    readonly reason: ConnectFailureReason,
    /** Scopes that were not granted. */
    readonly missingScopes: readonly string[] = [],
  ) {
    super(FAILURES[reason].text);
    this.name = 'ConnectFailure';
    this.status = FAILURES[reason].status;
  }

  /** For the person in front of the browser: what is missing, one line each. */
  get missing(): string[] {
    return this.missingScopes.map((scope) => NEEDED_SCOPES[scope] ?? scope);
  }
}
