import { createHash, randomBytes } from 'node:crypto';
import { asTenantId, isUuid, type TenantId } from '../platform/database/tenant-id.js';

const FORM = /^([\w-]{22})\.[\w-]{43}$/;

/**
 * A new `state` for a consent: the tenant, so that the callback finds it before it may read anything, and 256 random bits that
 * make it a secret. Only its hash is stored.
 */
export function newOAuthState(tenant: TenantId): string {
  const id = Buffer.from(tenant.replaceAll('-', ''), 'hex');
  return `${id.toString('base64url')}.${randomBytes(32).toString('base64url')}`;
}

/** The tenant that a state names, whether or not it is one of ours; null when it cannot be one. */
export function tenantOfState(state: string): TenantId | null {
  const [, id] = FORM.exec(state) ?? [];
  if (id === undefined) return null;
  const hex = Buffer.from(id, 'base64url').toString('hex');
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isUuid(uuid) ? asTenantId(uuid) : null;
}

export function hashOfState(state: string): Buffer {
  return createHash('sha256').update(state).digest();
}
