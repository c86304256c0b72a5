import { Injectable } from '@nestjs/common';
import { auth } from 'googleapis/build/src/apis/calendar/index.js';
import { Secret } from '../../platform/config/secret.js';
import { Settings } from '../../platform/config/settings.js';
import type { Deadline } from '../../platform/deadline.js';
import { CalendarError, isCalendarError } from '../calendar-error.js';
import {
  NEEDED_SCOPES,
  OAuthProvider,
  type IssuedTokens,
  type OAuthAccount,
  type OAuthGrant,
} from '../oauth-provider.js';
import { googleEndpoints } from './google-endpoints.js';
import { asCalendarError } from './google-error.js';
import { GoogleRequests } from './google-requests.js';
import { clock } from '../../platform/time/clock.js';

type OAuth2 = InstanceType<typeof auth.OAuth2>;
type Credentials = OAuth2['credentials'];

const REQUEST_TIMEOUT_MS = 5_000;
/** What Google's access tokens live when the answer does not say. */
const USUAL_LIFETIME_MS = 3_600_000;

/** @see https://developers.google.com/identity/protocols/oauth2/web-server */
@Injectable()
export class GoogleOAuthProvider extends OAuthProvider {
  readonly #settings: Settings;
  /** Kept, because it keeps Google's certificates for as long as they are good. */
  readonly #verifier: OAuth2;

  constructor(
    settings: Settings,
    private readonly requests: GoogleRequests,
  ) {
    super();
    this.#settings = settings;
    this.#verifier = this.#client(REQUEST_TIMEOUT_MS);
  }

  authUrl({ state, codeChallenge }: { state: string; codeChallenge: string }): string {
    // The library's name for S256 is an enum that it does not export here; the address is the same.
    const url = new URL(
      this.#client(REQUEST_TIMEOUT_MS).generateAuthUrl({
        access_type: 'offline',
        // Only with the consent screen does Google issue a refresh token again.
        prompt: 'consent',
        include_granted_scopes: true,
        scope: ['openid', 'email', ...Object.keys(NEEDED_SCOPES)],
        state,
        code_challenge: codeChallenge,
      }),
    );
    url.searchParams.set('code_challenge_method', 'S256');
    return url.href;
  }

  async exchange(code: string, codeVerifier: Secret, deadline: Deadline): Promise<OAuthGrant> {
    const { tokens } = await this.#request('token', deadline, false, (client) =>
      client.getToken({ code, codeVerifier: codeVerifier.reveal() }),
    );
    return {
      ...issuedTokens(tokens),
      scopes: (tokens.scope ?? '').split(' ').filter(Boolean),
      idToken: secretOf(tokens.id_token),
    };
  }

  async identify(idToken: Secret, deadline: Deadline): Promise<OAuthAccount> {
    try {
      const audience = this.#settings.google.clientId;
      const verifying = this.#verifier.verifyIdToken({ idToken: idToken.reveal(), audience });
      const payload = (await deadline.race(verifying))?.getPayload();
      if (payload === undefined) throw new CalendarError('timeout');
      const { sub, email, email_verified } = payload;
      if (email === undefined || email_verified !== true) throw new CalendarError('forbidden');
      return { sub, email };
    } catch (error) {
      if (isCalendarError(error)) throw error;
      // The library throws a plain error, with the token in its message, where the token is not right, and its request's
      // error where the certificates could not be had.
      const isAboutRequest = error instanceof Error && 'config' in error;
      throw isAboutRequest ? asCalendarError(error, 'certs') : new CalendarError('forbidden');
    }
  }

  async refresh(refreshToken: Secret, deadline: Deadline): Promise<IssuedTokens> {
    // Not through the library's own refresh, which drops a refresh token that Google has replaced.
    let issued: Credentials = {};
    await this.#request('token', deadline, true, async (client) => {
      client.once('tokens', (tokens: Credentials) => {
        issued = { ...tokens };
      });
      client.setCredentials({ refresh_token: refreshToken.reveal() });
      await client.refreshAccessToken();
    });
    return issuedTokens(issued);
  }

  async revoke(token: Secret, deadline: Deadline): Promise<void> {
    try {
      await this.#request('revoke', deadline, true, async (client) => {
        const { data } = await client.revokeToken(token.reveal());
        // Google answers with an object, or nothing. A page of something in between has revoked nothing.
        if (typeof data === 'string' && data !== '')
          throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
      });
    } catch (error) {
      if (!isCalendarError(error, 'grant_revoked')) throw error;
    }
  }

  async #request<Result>(
    operation: string,
    deadline: Deadline,
    repeatable: boolean,
    request: (client: OAuth2) => Promise<Result>,
  ): Promise<Result> {
    return this.requests.make(
      { operation, deadline, requestTimeoutMs: REQUEST_TIMEOUT_MS, repeatable },
      (timeout) => request(this.#client(timeout)),
    );
  }

  #client(timeout: number): OAuth2 {
    const { google } = this.#settings;
    return new auth.OAuth2({
      clientId: google.clientId,
      clientSecret: google.clientSecret.reveal(),
      redirectUri: google.redirectUri,
      endpoints: googleEndpoints(google).oauth,
      // Left to itself the library repeats token requests: a code whose answer was lost would be shown twice.
      transporterOptions: { timeout, retryConfig: { retry: 0, noResponseRetries: 0 } },
    });
  }
}

function issuedTokens({ access_token, refresh_token, expiry_date }: Credentials): IssuedTokens {
  const accessToken = secretOf(access_token);
  if (accessToken === null) throw new CalendarError('unavailable');
  return {
    accessToken,
    refreshToken: secretOf(refresh_token),
    accessExpiresAt: new Date(accessExpiresAt(expiry_date)),
  };
}

/** The library reckons it by this machine's clock. */
function accessExpiresAt(expiryDate: number | null | undefined): number {
  return expiryDate == null ? clock.now() + USUAL_LIFETIME_MS : clock.fromMachine(expiryDate);
}

function secretOf(token: string | null | undefined): Secret | null {
  return token === null || token === undefined || token === '' ? null : new Secret(token);
}
