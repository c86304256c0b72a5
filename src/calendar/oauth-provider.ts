import type { Secret } from '../platform/config/secret.js';
import type { Deadline } from '../platform/deadline.js';

/** The scopes that a connection needs, each with what it is for, in words for the person who left it out. */
export const NEEDED_SCOPES: Readonly<Record<string, string>> = {
  'https://www.googleapis.com/auth/calendar.events': 'view and edit events on all your calendars',
  'https://www.googleapis.com/auth/calendar.freebusy': 'view your availability in your calendars',
  'https://www.googleapis.com/auth/calendar.calendarlist.readonly': 'see the list of your calendars',
};

export interface IssuedTokens {
  accessToken: Secret;
  /** Null when the provider did not issue one: the one at hand stays good. */
  refreshToken: Secret | null;
  accessExpiresAt: Date;
}

export interface OAuthGrant extends IssuedTokens {
  scopes: string[];
  /** Proves whose account it is; not verified yet. */
  idToken: Secret | null;
}

export interface OAuthAccount {
  /** Stable for an account, unlike its address. */
  sub: string;
  email: string;
}

/** How an owner lets us into a calendar account. Methods throw nothing but `CalendarError`. */
export abstract class OAuthProvider {
  /** Where the owner is sent to agree. */
  abstract authUrl(request: { state: string; codeChallenge: string }): string;

  /**
   * A code can be exchanged once, so an exchange whose answer was lost is not repeated.
   * @throws CalendarError `grant_revoked` when the code is not (or no longer) good, or the account is not let in; its reason says which
   */
  abstract exchange(code: string, codeVerifier: Secret, deadline: Deadline): Promise<OAuthGrant>;

  /** @throws CalendarError `forbidden` when the id token does not verify or its address is not confirmed */
  abstract identify(idToken: Secret, deadline: Deadline): Promise<OAuthAccount>;

  /** @throws CalendarError `grant_revoked` when the refresh token is dead, or refused for good; its reason says why */
  abstract refresh(refreshToken: Secret, deadline: Deadline): Promise<IssuedTokens>;

  /** Ends the grant of which the token is a part. A token that is dead already counts as done. */
  abstract revoke(token: Secret, deadline: Deadline): Promise<void>;
}
