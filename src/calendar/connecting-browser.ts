import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** As long as an owner can take, refused attempts included. */
const MAX_AGE_SECONDS = 3_600;

/** The browser in which an owner connects a calendar, told from others by a cookie. */
export interface ConnectingBrowser {
  /** Null where it has no cookie of ours. */
  readonly id: string | null;
}

/** A new browser's id: nobody guesses it. */
export function newBrowserId(): string {
  return randomBytes(32).toString('base64url');
}

export function hashOfBrowser(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

export function isBrowser({ id }: ConnectingBrowser, hash: Buffer | null): boolean {
  return id !== null && hash !== null && timingSafeEqual(hashOfBrowser(id), hash);
}

/** @param secure whether the address is https */
export function browserOf({ headers }: Pick<FastifyRequest, 'headers'>, secure: boolean): ConnectingBrowser {
  const name = cookieName(secure);
  const values = (headers.cookie ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));
  const [id, ...others] = values.filter((value) => /^[\w-]{43}$/.test(value));
  return { id: others.length === 0 ? (id ?? null) : null };
}

export function rememberBrowser(reply: FastifyReply, id: string, secure: boolean): void {
  // Lax: Google's redirect back is a navigation from another site, and a form there must not come with it.
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${MAX_AGE_SECONDS}`];
  if (secure) attributes.push('Secure');
  void reply.header('set-cookie', [`${cookieName(secure)}=${id}`, ...attributes].join('; '));
}

/** With the prefix, no other host can set it, and it goes to none. It needs https, so a trial on http does without. */
function cookieName(secure: boolean): string {
  return secure ? '__Host-connecting' : 'connecting';
}
