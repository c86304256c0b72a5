import type { Accounts } from './accounts.js';
import { page, redirect, type Answer } from './answer.js';
import { consentErrorPage, consentPage } from './consent-page.js';
import { discovery } from './discovery.js';
import type { Grants } from './grants.js';
import { formOf, type Incoming } from './incoming.js';

export interface OAuthClient {
  clientId: string;
  clientSecret: string;
  redirectUris?: string[];
}

/** Short names as clients ask for them, and as Google writes them in the token answer. */
const identityScopes: Record<string, string> = {
  openid: 'openid',
  email: 'https://www.googleapis.com/auth/userinfo.email',
  profile: 'https://www.googleapis.com/auth/userinfo.profile',
};
const identityNames = new Set(Object.values(identityScopes));
const calendarScopes = new Set(Object.values(discovery.methods).flatMap((method) => method.scopes));

/** `/o/oauth2/v2/auth`: the page where a person chooses an account and agrees. */
export class AuthorizationEndpoint {
  constructor(
    private readonly client: OAuthClient,
    private readonly accounts: Accounts,
    private readonly grants: Grants,
  ) {}

  answer(incoming: Incoming): Answer {
    const asked = incoming.url.searchParams;
    const refusal = this.refusal(asked);
    if (refusal) return refusal;
    if (asked.get('prompt') === 'none') return backTo(asked, { error: 'interaction_required' });
    return incoming.method === 'POST' ? this.decide(asked, formOf(incoming)) : this.ask(asked);
  }

  /** Errors Google shows on a page of its own: it must not send a person to an address it does not trust. */
  private refusal(asked: URLSearchParams): Answer | undefined {
    const blocked = (status: number, error: string, explanation: string): Answer =>
      page(status, consentErrorPage(status, error, explanation));
    if (asked.get('client_id') !== this.client.clientId) {
      return blocked(401, 'invalid_client', 'The OAuth client was not found.');
    }
    const uri = asked.get('redirect_uri') ?? '';
    if (!URL.canParse(uri)) {
      return blocked(400, 'invalid_request', 'Missing or invalid parameter: redirect_uri');
    }
    if (this.client.redirectUris && !this.client.redirectUris.includes(uri)) {
      const explanation = `The redirect URI in the request, ${uri}, is not one of the OAuth client's.`;
      return blocked(400, 'redirect_uri_mismatch', explanation);
    }
    if (asked.get('response_type') !== 'code') {
      return blocked(400, 'invalid_request', 'Parameter response_type must be "code".');
    }
    const method = asked.get('code_challenge_method') ?? 'plain';
    if (asked.has('code_challenge') && method !== 'S256' && method !== 'plain') {
      return blocked(400, 'invalid_request', `Unknown code_challenge_method: ${method}`);
    }
    const scopes = askedScopes(asked);
    if (!scopes.length) return blocked(400, 'invalid_request', 'Missing required parameter: scope');
    const unknown = scopes.filter((scope) => !identityNames.has(scope) && !calendarScopes.has(scope));
    if (unknown.length) {
      return blocked(400, 'invalid_scope', `Some requested scopes were invalid: ${unknown.join(' ')}`);
    }
    return undefined;
  }

  private ask(asked: URLSearchParams): Answer {
    return page(
      200,
      consentPage({
        accounts: this.accounts.all(),
        loginHint: asked.get('login_hint') ?? undefined,
        scopes: askedScopes(asked).filter((scope) => !identityNames.has(scope)),
        clientId: this.client.clientId,
      }),
    );
  }

  private decide(asked: URLSearchParams, form: URLSearchParams): Answer {
    if (form.get('decision') !== 'grant') return backTo(asked, { error: 'access_denied' });
    const email = (form.get('newEmail') ?? '').trim() || (form.get('email') ?? '');
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
      return page(
        400,
        consentErrorPage(400, 'invalid_request', 'Choose an account or type an e-mail address.'),
      );
    }
    const { sub } = this.accounts.add({ email });
    const ticked = new Set(form.getAll('scope'));
    const before = this.grants.scopesGrantedBy(sub);
    const now = askedScopes(asked).filter((scope) => identityNames.has(scope) || ticked.has(scope));
    const merged = asked.get('include_granted_scopes') === 'true' ? [...new Set([...now, ...before])] : now;
    // Google shows its page again, and so gives a refresh token, only for something new or when told to.
    const isShown =
      now.some((scope) => !before.includes(scope)) || /\bconsent\b/.test(asked.get('prompt') ?? '');
    const code = this.grants.issueCode({
      sub,
      scopes: merged,
      redirectUri: asked.get('redirect_uri') ?? '',
      offline: asked.get('access_type') === 'offline' && isShown,
      nonce: asked.get('nonce') ?? undefined,
      codeChallenge: asked.get('code_challenge') ?? undefined,
      codeChallengeMethod: asked.get('code_challenge_method') ?? undefined,
    });
    const scope = merged.join(' ');
    return backTo(asked, {
      iss: 'https://accounts.google.com',
      code,
      scope,
      authuser: '0',
      prompt: 'consent',
    });
  }
}

function askedScopes(asked: URLSearchParams): string[] {
  const names = (asked.get('scope') ?? '').split(' ').filter(Boolean);
  return [...new Set(names.map((name) => identityScopes[name] ?? name))];
}

function backTo(asked: URLSearchParams, answer: Record<string, string>): Answer {
  const location = new URL(asked.get('redirect_uri') ?? '');
  const state = asked.get('state');
  if (state !== null) location.searchParams.set('state', state);
  for (const [name, value] of Object.entries(answer)) location.searchParams.set(name, value);
  return redirect(location.href);
}
