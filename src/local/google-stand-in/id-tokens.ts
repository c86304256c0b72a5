import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import type { Account } from './accounts.js';

export interface KeptSigningKey {
  kid: string;
  privateKey: string;
}

interface IdTokenRequest {
  account: Account;
  audience: string;
  accessToken: string;
  scopes: string[];
  nonce?: string;
  /** Epoch seconds. */
  issuedAt: number;
}

/** Signs id_tokens. The key is kept with the state, as clients keep the certificates they fetched. */
export class IdTokens {
  readonly kid: string;
  private readonly key: KeyObject;

  constructor(kept?: KeptSigningKey) {
    this.key = kept
      ? createPrivateKey(kept.privateKey)
      : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const der = createPublicKey(this.key).export({ type: 'spki', format: 'der' });
    this.kid = kept?.kid ?? createHash('sha1').update(der).digest('hex');
  }

  toJSON(): KeptSigningKey {
    return { kid: this.kid, privateKey: String(this.key.export({ type: 'pkcs8', format: 'pem' })) };
  }

  /** The PEM map Google serves to its own Node library, which takes plain public keys too. */
  certificates(): Record<string, string> {
    return { [this.kid]: String(createPublicKey(this.key).export({ type: 'spki', format: 'pem' })) };
  }

  issue({ account, audience, accessToken, scopes, nonce, issuedAt }: IdTokenRequest): string {
    const showsEmail = scopes.some((scope) => /email$/.test(scope));
    const claims = {
      iss: 'https://accounts.google.com',
      azp: audience,
      aud: audience,
      sub: account.sub,
      ...(showsEmail ? { email: account.email, email_verified: account.emailVerified } : {}),
      at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
      nonce,
      iat: issuedAt,
      exp: issuedAt + 3600,
    };
    const head = encode({ alg: 'RS256', kid: this.kid, typ: 'JWT' });
    const signed = `${head}.${encode(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), this.key).toString('base64url')}`;
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
