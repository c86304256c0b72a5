import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../platform/config/secret.js';
import type { PlatformRequest } from './voice-platform.js';

/** How far a signature's time may be from ours, to both sides. */
export const SIGNATURE_WINDOW_MS = 5 * 60_000;

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

/** Compares with every secret, in constant time. */
export function isOneOf(presented: string | undefined, secrets: readonly Secret[]): boolean {
  if (presented === undefined || presented === '') return false;
  return secrets.map((secret) => secret.matches(presented)).includes(true);
}

/** Whether `signature` is the HMAC of `signed` under one of the secrets. In constant time. */
export function isHmac(
  signature: Buffer,
  algorithm: 'sha1' | 'sha256' | 'sha512',
  signed: readonly (string | Buffer)[],
  secrets: readonly Secret[],
): boolean {
  return secrets
    .map((secret) => {
      const hmac = createHmac(algorithm, secret.reveal());
      for (const part of signed) hmac.update(part);
      const expected = hmac.digest();
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    })
    .includes(true);
}

/** @param timestampMs epoch milliseconds that the signature covers */
export function isRecent(timestampMs: number, { receivedAt }: Pick<PlatformRequest, 'receivedAt'>): boolean {
  return Math.abs(receivedAt - timestampMs) <= SIGNATURE_WINDOW_MS;
}
