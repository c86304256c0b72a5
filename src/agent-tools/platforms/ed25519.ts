import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** What stands before the 32 bytes in SubjectPublicKeyInfo (RFC 8410), in base64. */
const SPKI_PREFIX = 'MCowBQYDK2VwAyEA';

/** A public key in base64, as its 32 bytes or as SubjectPublicKeyInfo; undefined for what is none. */
export function ed25519PublicKey(base64: string): KeyObject | undefined {
  const bytes = base64.startsWith(SPKI_PREFIX) ? base64.slice(SPKI_PREFIX.length) : base64;
  if (!/^[A-Za-z0-9+/]{43}=$/.test(bytes)) return undefined;
  const x = Buffer.from(bytes, 'base64').toString('base64url');
  try {
    return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  } catch {
    return undefined;
  }
}

/** @param signature 64 bytes in base64 */
export function isEd25519Signature(signature: string, signed: Buffer, publicKey: KeyObject): boolean {
  return (
    /^[A-Za-z0-9+/]{86}==$/.test(signature) &&
    verify(null, signed, publicKey, Buffer.from(signature, 'base64'))
  );
}
