import type { TenantId } from '../platform/database/tenant-id.js';

/** What a tenant's credential may be used for: the dashboard's REST routes, the agent's tools. */
export const SCOPES = ['dashboard', 'agent'] as const;
export type Scope = (typeof SCOPES)[number];

/** Whoever makes this request, in the name of one tenant. Made from the credential only, never from the request's content. */
export interface Caller {
  readonly tenant: TenantId;
  readonly scopes: readonly Scope[];
  readonly credential:
    | { readonly kind: 'api-key'; readonly id: string }
    | AgentConnectionCredential
    | { readonly kind: 'dashboard-jwt'; readonly subject: string | null };
}

/** Of a voice platform: what it may offer and touch (empty is everything), and the language of its callers if it has one. */
export interface AgentConnectionCredential {
  readonly kind: 'agent-connection';
  readonly id: string;
  readonly scope: { readonly serviceIds: readonly string[]; readonly resourceIds: readonly string[] };
  readonly locale: string | null;
}

/** A caller with an API key. */
export type ApiKeyCaller = Caller & { readonly credential: { readonly kind: 'api-key' } };

/** The operator of the service, who manages tenants but stands for none. */
export const ADMINISTRATOR = Symbol('administrator');

export type Principal = Caller | typeof ADMINISTRATOR;

/** A request that the guard has let in; without a principal on public routes. */
export interface AuthenticatedRequest {
  readonly method: string;
  readonly url: string;
  readonly user?: Principal;
}
