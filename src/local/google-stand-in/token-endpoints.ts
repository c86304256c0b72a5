import type { Account, Accounts } from './accounts.js';
import { json, type Answer } from './answer.js';
import type { OAuthClient } from './authorization-endpoint.js';
import type { Grants } from './grants.js';
import type { IdTokens } from './id-tokens.js';
import { bearerToken, formOf, type Incoming } from './incoming.js';

/** `/token`, `/revoke`, `/tokeninfo`, `/oauth2/v1/certs`, and who the token belongs to. */
export class TokenEndpoints {
  constructor(
    private readonly client: OAuthClient,
    private readonly accounts: Accounts,
    private readonly grants: Grants,
    private readonly idTokens: IdTokens,
    private readonly now: () => number,
  ) {}

  token(incoming: Incoming): Answer {
    const form = formOf(incoming);
    const { clientId, clientSecret } = credentials(incoming, form);
    if (clientId !== this.client.clientId) {
      return oauthError(401, 'invalid_client', 'The OAuth client was not found.');
    }
    if (clientSecret !== this.client.clientSecret) return oauthError(401, 'invalid_client', 'Unauthorized');
    switch (form.get('grant_type')) {
      case 'authorization_code':
        return this.exchangeCode(form);
      case 'refresh_token':
        return this.refresh(form.get('refresh_token') ?? '');
      default:
        return oauthError(
          400,
          'unsupported_grant_type',
          `Invalid grant_type: ${form.get('grant_type') ?? ''}`,
        );
    }
  }

  private exchangeCode(form: URLSearchParams): Answer {
    const code = form.get('code') ?? '';
    const redirectUri = form.get('redirect_uri') ?? '';
    if (this.client.redirectUris && !this.client.redirectUris.includes(redirectUri)) {
      return oauthError(400, 'redirect_uri_mismatch', 'Bad Request');
    }
    const consent = this.grants.redeemCode(code, redirectUri, form.get('code_verifier') ?? undefined);
    const account = consent && this.accounts.findBySub(consent.sub);
    if (!consent || !account) return oauthError(400, 'invalid_grant', 'Malformed auth code.');
    const { sub, scopes, nonce } = consent;
    const issued = this.grants.issueAccessToken(sub, scopes);
    this.grants.rememberCodeBrought(code, issued.token);
    return this.tokens(account, issued.token, scopes, {
      refresh_token: consent.offline ? this.grants.issueRefreshToken(sub, scopes) : undefined,
      nonce,
    });
  }

  private refresh(token: string): Answer {
    const issued = this.grants.refresh(token);
    const account = issued && this.accounts.findBySub(issued.sub);
    if (!issued || !account) return oauthError(400, 'invalid_grant', 'Token has been expired or revoked.');
    return this.tokens(account, issued.token, issued.scopes, { refresh_token: issued.refreshToken });
  }

  private tokens(
    account: Account,
    accessToken: string,
    scopes: string[],
    { refresh_token, nonce }: { refresh_token?: string; nonce?: string },
  ): Answer {
    const issuedAt = Math.floor(this.now() / 1000);
    const idToken = { account, audience: this.client.clientId, accessToken, scopes, nonce, issuedAt };
    const body = {
      access_token: accessToken,
      expires_in: this.grants.accessTokenLifetimeSeconds,
      refresh_token,
      scope: scopes.join(' '),
      token_type: 'Bearer',
      id_token: scopes.includes('openid') ? this.idTokens.issue(idToken) : undefined,
    };
    return json(200, body, { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate' });
  }

  revoke(incoming: Incoming): Answer {
    const token = incoming.url.searchParams.get('token') ?? formOf(incoming).get('token');
    if (!token) return oauthError(400, 'invalid_request', 'Missing required parameter: token');
    if (!this.grants.revokeByToken(token)) {
      return oauthError(400, 'invalid_token', 'Token expired or revoked');
    }
    return json(200, {});
  }

  tokenInfo(incoming: Incoming): Answer {
    const token = this.grants.accessToken(bearerToken(incoming) ?? '');
    const account = token && this.accounts.findBySub(token.sub);
    if (!token || !account) return oauthError(400, 'invalid_token', 'Invalid Value');
    return json(200, {
      azp: this.client.clientId,
      aud: this.client.clientId,
      sub: account.sub,
      scope: token.scopes.join(' '),
      exp: String(Math.floor(token.expiresAt / 1000)),
      expires_in: String(Math.floor((token.expiresAt - this.now()) / 1000)),
      email: account.email,
      email_verified: String(account.emailVerified),
      access_type: 'offline',
    });
  }

  certificates(): Answer {
    return json(200, this.idTokens.certificates(), {
      'cache-control': 'public, max-age=3600, must-revalidate',
    });
  }
}

/** In the form, or in a Basic header: Google takes both. */
function credentials(
  incoming: Incoming,
  form: URLSearchParams,
): { clientId?: string; clientSecret?: string } {
  const [scheme, encoded] = (incoming.headers.authorization ?? '').split(' ');
  if (scheme === 'Basic' && encoded) {
    const [clientId, clientSecret] = Buffer.from(encoded, 'base64').toString().split(':');
    return { clientId, clientSecret };
  }
  return {
    clientId: form.get('client_id') ?? undefined,
    clientSecret: form.get('client_secret') ?? undefined,
  };
}

function oauthError(status: number, error: string, description: string): Answer {
  return json(status, { error, error_description: description });
}
