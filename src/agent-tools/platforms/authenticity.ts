import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../platform/config/secret.js';
import type { PlatformRequest } from './voice-platform.js';

/** How far a signature's time may be from ours, to both sides. */
const SIGNATURE_WINDOW_MS = 5 * 60_000;

/** A header's value; undefined where it is missing or was sent several times. */
export function header({ headers }: Pick<PlatformRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Whether `Authorization: Bearer` carries one of the secrets. */
export function hasBearer(request: PlatformRequest, secrets: readonly Secret[]): boolean {
  const [, credential] = /^Bearer +(\S+)$/i.exec(header(request, 'authorization') ?? '') ?? [];
  return isOneOf(credential, secrets);
}

/** Whether a header that the platform was set up to send carries one of the secrets: `Authorization: Bearer` or `X-Api-Key`. */
export function carriesSecret(request: PlatformRequest, secrets: readonly Secret[]): boolean {
  return hasBearer(request, secrets) || isOneOf(header(request, 'x-api-key'), secrets);
}

/** Whether the query does (`?api_key=…`), for platforms that send no header. Addresses are in no log of ours. */
export function hasQueryKey({ query }: PlatformRequest, secrets: readonly Secret[]): boolean {
  const [key, ...more] = query.getAll('api_key');
  return more.length === 0 && isOneOf(key, secrets);
}

/** Compares with every secret, in constant time. */
export function isOneOf(presented: string | undefined, secrets: readonly Secret[]): boolean {
  if (presented === undefined || presented === '') return false;
  return secrets.map((secret) => secret.matches(presented)).includes(true);
}

type HmacAlgorithm = 'sha1' | 'sha256' | 'sha512';

/** By the length of their digests, in bytes. */
const ALGORITHMS: ReadonlyMap<number, HmacAlgorithm> = new Map([
  [20, 'sha1'],
  [32, 'sha256'],
  [64, 'sha512'],
]);

/**
 * Whether `signature`, in hex or base64, is the HMAC of `signed` under one of the secrets, by that of `algorithms` whose
 * digests have its length. In constant time.
 */
export function isHmac(
  signature: string,
  algorithms: readonly HmacAlgorithm[],
  signed: readonly (string | Buffer)[],
  secrets: readonly Secret[],
): boolean {
  const digest = digestIn(signature);
  const algorithm = ALGORITHMS.get(digest.length);
  if (algorithm === undefined || !algorithms.includes(algorithm)) return false;
  return secrets
    .map((secret) => {
      const hmac = createHmac(algorithm, secret.reveal());
      for (const part of signed) hmac.update(part);
      return timingSafeEqual(hmac.digest(), digest);
    })
    .includes(true);
}

/** Empty for what is neither hex nor base64: Node would read over what does not belong. */
function digestIn(text: string): Buffer {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[A-Za-z0-9+/]{27,86}={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
}

/** @param timestampMs epoch milliseconds that the signature covers */
export function isRecent(timestampMs: number, { receivedAt }: Pick<PlatformRequest, 'receivedAt'>): boolean {
  return Math.abs(receivedAt - timestampMs) <= SIGNATURE_WINDOW_MS;
}
