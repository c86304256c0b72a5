import {
  TokenCipher,
  TokenCipherError,
  type CipherPlace,
} from '../../src/platform/encryption/token-cipher.js';
import { Secret } from '../../src/platform/config/secret.js';
import { testSettings } from '../support/test-settings.js';

const key = (id: string, fill: number) => ({
  id,
  key: new Secret(Buffer.alloc(32, fill).toString('base64')),
});
const cipherWith = (...keys: ReturnType<typeof key>[]) =>
  new TokenCipher(
    testSettings({ serviceUrl: 'postgres://' }, 'http://google.test', { tokenEncryptionKeys: keys }),
  );

const place: CipherPlace = { tenant: 'tenant-a', connection: 'connection-1', field: 'refresh_token' };
const token = new Secret('1//refresh-token-of-ana');

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TokenCipherError) return error.problem;
    throw error;
  }
  return 'opened';
}

describe('the token cipher', () => {
  const cipher = cipherWith(key('k1', 1));

  it('opens what it encrypted, and shows nothing of it before', () => {
    const ciphertext = cipher.encrypt(token, place);
    expect(ciphertext).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]+$/);
    expect(ciphertext).not.toContain('refresh-token');
    expect(cipher.decrypt(ciphertext, place).reveal()).toBe(token.reveal());
  });

  it('never encrypts to the same text twice', () => {
    const texts = Array.from({ length: 1000 }, () => cipher.encrypt(token, place));
    expect(new Set(texts).size).toBe(1000);
  });

  it.each<[string, Partial<CipherPlace>]>([
    ['another tenant', { tenant: 'tenant-b' }],
    ['another connection', { connection: 'connection-2' }],
    ['another field', { field: 'access_token' }],
    [
      'a place whose parts only look the same together',
      { tenant: 'tenant-a","connection-1', connection: '' },
    ],
  ])('does not open at %s', (_, elsewhere) => {
    const ciphertext = cipher.encrypt(token, place);
    expect(problemOf(() => cipher.decrypt(ciphertext, { ...place, ...elsewhere }))).toBe('tampered');
  });

  it('does not open when any character of it was changed', () => {
    const ciphertext = cipher.encrypt(token, place);
    for (let index = 0; index < ciphertext.length; index += 1) {
      // Not every bit of a last base64url character counts, so change it to one far away.
      const other = ciphertext[index] === 'A' ? 'z' : 'A';
      const changed = ciphertext.slice(0, index) + other + ciphertext.slice(index + 1);
      expect(problemOf(() => cipher.decrypt(changed, place))).not.toBe('opened');
    }
  });

  it('does not open a shortened authentication tag', () => {
    const [version, id, iv, text = ''] = cipher.encrypt(token, place).split('.');
    for (const length of [0, 4, 15, 16, 20]) {
      const short = Buffer.from(text, 'base64url').subarray(0, length).toString('base64url');
      expect(problemOf(() => cipher.decrypt([version, id, iv, short].join('.'), place))).not.toBe('opened');
    }
  });

  it('opens with every key of the settings and encrypts with the first', () => {
    const old = cipher.encrypt(token, place);
    const rotating = cipherWith(key('k2', 2), key('k1', 1));
    expect(rotating.decrypt(old, place).reveal()).toBe(token.reveal());
    expect(rotating.encrypt(token, place)).toMatch(/^v1\.k2\./);
    expect(problemOf(() => cipherWith(key('k2', 2)).decrypt(old, place))).toBe('unknown_key');
  });

  it('does not open with another key of the same id', () => {
    expect(problemOf(() => cipherWith(key('k1', 9)).decrypt(cipher.encrypt(token, place), place))).toBe(
      'tampered',
    );
  });

  it.each(['', 'v1', 'v2.k1.AAAA.BBBB', 'v1.k1.AAAA.BBBB', 'v1.k1.AAAAAAAAAAAAAAAA.', 'a.b.c.d.e'])(
    'calls "%s" malformed',
    (text) => {
      expect(problemOf(() => cipher.decrypt(text, place))).toBe('malformed');
    },
  );
});
