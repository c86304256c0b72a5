import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A public key as 32 bytes in base64; undefined for what is none. */
export function ed25519PublicKey(base64: string): KeyObject | undefined {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(base64)) return undefined;
  const x = Buffer.from(base64, 'base64').toString('base64url');
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
