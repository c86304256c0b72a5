import { discovery, routeOf, type Route } from './discovery.js';
import { bearerToken, type Incoming } from './incoming.js';

export interface Target {
  /** As the request log and faults name it. */
  operation: string;
  /** Set for everything Google's Calendar API has, imitated or not. */
  route?: Route;
}

const oauthOperations: Record<string, string> = {
  '/o/oauth2/v2/auth': 'auth',
  '/token': 'token',
  '/revoke': 'revoke',
  '/tokeninfo': 'tokeninfo',
  '/oauth2/v1/certs': 'certs',
};

export function targetOf({ method, url }: Incoming): Target {
  const oauth = oauthOperations[url.pathname];
  if (oauth) return { operation: oauth };
  if (!url.pathname.startsWith(discovery.servicePath)) return { operation: 'page' };
  const route = routeOf(method, url.pathname);
  return { operation: route?.operation ?? 'unknown', route };
}

/** A body as the log shows it: parsed when it can be. */
export function shownBody({ headers, text }: Incoming): unknown {
  if (!text) return undefined;
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The secret in a request that tells whose it is: an access token, a refresh token, or a code. */
export function presentedToken(incoming: Incoming): string {
  const bearer = bearerToken(incoming);
  if (bearer) return bearer;
  const form = new URLSearchParams(incoming.text);
  return (
    incoming.url.searchParams.get('token') ??
    ['refresh_token', 'code', 'token'].map((name) => form.get(name)).find(Boolean) ??
    ''
  );
}

/** Whom a person chose on the consent page. */
export function chosenEmail({ url, text }: Incoming): string | undefined {
  if (oauthOperations[url.pathname] !== 'auth') return undefined;
  const form = new URLSearchParams(text);
  return (form.get('newEmail') || form.get('email'))?.trim().toLowerCase();
}
