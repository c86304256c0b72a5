import type { Caller } from '../tenant/caller.js';

/**
 * What of an organisation an agent may offer and touch: a connection can be made for some services or resources. Empty
 * stands for all of them.
 */
export interface AgentScope {
  readonly serviceIds: readonly string[];
  readonly resourceIds: readonly string[];
}

export const EVERYTHING: AgentScope = { serviceIds: [], resourceIds: [] };

export function allowsService({ serviceIds }: AgentScope, id: string): boolean {
  return serviceIds.length === 0 || serviceIds.includes(id);
}

export function allowsResource({ resourceIds }: AgentScope, id: string): boolean {
  return resourceIds.length === 0 || resourceIds.includes(id);
}

/** What a credential is confined to, and the language of its callers where it has one. */
export function confinesOf({ credential }: Caller): { scope: AgentScope; locale?: string } {
  if (credential.kind !== 'agent-connection') return { scope: EVERYTHING };
  const { scope, locale } = credential;
  return { scope, ...(locale === null ? {} : { locale }) };
}
