import { randomBytes } from 'node:crypto';
import { Secret } from '../platform/config/secret.js';

/*
 * `rcac_<connection>_<random>`: the id of the connection, without its dashes, finds the row where the secret comes alone (as
 * the bearer token of MCP and of the generic endpoint); the rest is 32 random bytes.
 */
const FORM = /^rcac_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

export function generateConnectionSecret(connectionId: string): Secret {
  return new Secret(`rcac_${connectionId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`);
}

/** Of which connection this says it is the secret; null for what has another form. */
export function connectionNamedBy(credential: string): string | null {
  const [, ...parts] = FORM.exec(credential) ?? [];
  return parts.length === 0 ? null : parts.join('-');
}
