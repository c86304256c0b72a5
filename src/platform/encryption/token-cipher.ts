import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Secret } from '../config/secret.js';
import { Settings } from '../config/settings.js';

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Where a ciphertext belongs. It opens there and nowhere else. */
export interface CipherPlace {
  tenant: string;
  /** The connection it is part of, or what else it is unique in. */
  connection: string;
  field: string;
}

export type CipherProblem = 'malformed' | 'unknown_key' | 'tampered';

/** A ciphertext that does not open: not ours, of a key that is no longer in the settings, or changed or moved. */
export class TokenCipherError extends Error {
  constructor(readonly problem: CipherProblem) {
    super(`A stored token cannot be opened: ${problem.replace('_', ' ')}.`);
    this.name = 'TokenCipherError';
  }
}

/**
 * Authenticated encryption (AES-256-GCM) of tokens at rest, as `v1.<key id>.<iv>.<ciphertext and tag>`, base64url. The
 * first key of the settings encrypts, all of them open. Tenant, connection and field are authenticated with the text, so
 * that a row copied to another place does not open there.
 */
@Injectable()
export class TokenCipher {
  readonly #keys: ReadonlyMap<string, Buffer>;
  /** Of the key that encrypts from now on. */
  readonly keyId: string;

  constructor(settings: Settings) {
    this.#keys = new Map(
      settings.tokenEncryptionKeys.map(({ id, key }) => [id, Buffer.from(key.reveal(), 'base64')]),
    );
    const first = settings.tokenEncryptionKeys[0];
    if (first === undefined) throw new TypeError('There is no key to encrypt tokens with.');
    this.keyId = first.id;
  }

  encrypt(token: Secret, place: CipherPlace): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.keyId), iv);
    cipher.setAAD(authenticated(this.keyId, place));
    const text = Buffer.concat([cipher.update(token.reveal(), 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, this.keyId, iv.toString('base64url'), text.toString('base64url')].join('.');
  }

  /** @throws TokenCipherError */
  decrypt(ciphertext: string, place: CipherPlace): Secret {
    const [version, keyId, iv, text, ...rest] = ciphertext.split('.');
    if (
      version !== VERSION ||
      keyId === undefined ||
      iv === undefined ||
      text === undefined ||
      rest.length > 0
    ) {
      throw new TokenCipherError('malformed');
    }
    const key = this.#key(keyId);
    const ivBytes = Buffer.from(iv, 'base64url');
    const textBytes = Buffer.from(text, 'base64url');
    if (ivBytes.length !== IV_BYTES || textBytes.length < TAG_BYTES) throw new TokenCipherError('malformed');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, ivBytes, { authTagLength: TAG_BYTES });
      decipher.setAAD(authenticated(keyId, place));
      decipher.setAuthTag(textBytes.subarray(-TAG_BYTES));
      const opened = [decipher.update(textBytes.subarray(0, -TAG_BYTES)), decipher.final()];
      return new Secret(Buffer.concat(opened).toString('utf8'));
    } catch {
      throw new TokenCipherError('tampered');
    }
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key === undefined) throw new TokenCipherError('unknown_key');
    return key;
  }
}

/** JSON, so that no two places run together into the same bytes. */
function authenticated(keyId: string, { tenant, connection, field }: CipherPlace): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, tenant, connection, field]));
}
