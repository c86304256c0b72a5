import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { ACCESS, Public } from '../platform/http/public.decorator.js';
import type { Scope } from './caller.js';

export { ACCESS, Public };

/** Who may use a route. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'admin' }
  /** Voice platforms: a guard of their own asks by which connection. */
  | { readonly kind: 'connection' }
  | { readonly kind: 'tenant'; readonly scopes: readonly Scope[]; readonly connections: boolean };

/** The names of the security schemes in the OpenAPI document. */
export const SECURITY_SCHEMES = {
  tenantKey: 'tenant-key',
  agentConnection: 'agent-connection',
  dashboardJwt: 'dashboard-jwt',
  adminKey: 'admin-key',
} as const;

/**
 * Opens a route, or all routes of a controller, to tenants' credentials that have at least one of `scopes`; sets the guard's
 * metadata and the OpenAPI security together. A dashboard's JWT has the scope `dashboard`.
 * @param connections whether agent connections may use it, too: the tools are all that these are for
 */
export function Authenticated({
  scopes,
  connections = false,
}: {
  scopes: readonly [Scope, ...Scope[]];
  connections?: boolean;
}): MethodDecorator & ClassDecorator {
  const access: Access = { kind: 'tenant', scopes, connections };
  return applyDecorators(
    SetMetadata(ACCESS, access),
    ApiBearerAuth(SECURITY_SCHEMES.tenantKey),
    ...(connections ? [ApiBearerAuth(SECURITY_SCHEMES.agentConnection)] : []),
    ...(scopes.includes('dashboard') ? [ApiBearerAuth(SECURITY_SCHEMES.dashboardJwt)] : []),
  );
}

/** Opens a route, or all routes of a controller, to the holder of `ADMIN_API_KEY`. */
export function AdminOnly(): MethodDecorator & ClassDecorator {
  const access: Access = { kind: 'admin' };
  return applyDecorators(SetMetadata(ACCESS, access), ApiBearerAuth(SECURITY_SCHEMES.adminKey));
}
