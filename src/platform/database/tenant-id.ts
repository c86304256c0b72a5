declare const brand: unique symbol;

/**
 * The id of a tenant that a credential, a job or an admin's request stands for. A branded type: a plain string does not
 * compile where a tenant is asked for, so it cannot be left out or mistaken for another id.
 */
export type TenantId = string & { readonly [brand]: 'TenantId' };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/**
 * @throws TypeError when `id` is not a lower-case UUID: callers check what comes from outside with `isUuid` first.
 */
export function asTenantId(id: string): TenantId {
  if (!isUuid(id)) throw new TypeError('A tenant id must be a UUID.');
  return id as TenantId;
}
