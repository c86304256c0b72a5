import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/*
 * `rcal_<prefix>_<secret>`: the prefix is public and finds the key's row; the secret is 32 random bytes. Because nobody can
 * guess 256 random bits, however fast they hash, the key is stored as its plain SHA-256: the slow, salted hashes that
 * passwords need would only make every request slow (OWASP Password Storage Cheat Sheet speaks of what people choose).
 */

const FORM = /^rcal_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const NO_HASH = new Uint8Array(32);

export interface NewApiKey {
  /** The whole key, to be shown once. */
  key: string;
  prefix: string;
  hash: Buffer<ArrayBuffer>;
}

export function generateApiKey(): NewApiKey {
  const prefix = randomBytes(6).toString('hex');
  const key = `rcal_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { key, prefix, hash: hashOf(key) };
}

/** The prefix of what has the form of an API key; null for anything else. */
export function prefixOf(credential: string): string | null {
  return FORM.exec(credential)?.[1] ?? null;
}

export function hashOf(credential: string): Buffer<ArrayBuffer> {
  return hashOfDigest(digestOf(credential));
}

/** The hash as text, for looking it up: a buffer of its own for each request would cost several times as much. */
export function digestOf(credential: string): string {
  return hash('sha256', credential, 'base64');
}

export function hashOfDigest(digest: string): Buffer<ArrayBuffer> {
  return Buffer.from(digest, 'base64');
}

/** Compares in constant time; with no hash to compare with, does the same work and says no. */
export function hashMatches(presented: Uint8Array, stored: Uint8Array | undefined): boolean {
  return timingSafeEqual(presented, stored ?? NO_HASH) && stored !== undefined;
}
