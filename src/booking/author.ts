import type { Caller } from '../tenant/caller.js';
import type { BookingSource } from './booking.js';

export const ACTOR_KINDS = ['api_key', 'agent_connection', 'dashboard_user', 'system'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Who changes a booking or hold, and in the course of what: the audit trail's answer to "who, and from which call". */
export interface Author {
  readonly kind: ActorKind;
  /** The id of the API key or agent connection, or the signed-in user's subject; null where there is none. */
  readonly id: string | null;
  readonly source: BookingSource;
  /** `X-Request-Id` of the request, also its `traceId` in errors and its id in the logs. */
  readonly requestId: string | null;
  /** The conversation's id as the voice platform reports it; null where it reports none. */
  readonly callId: string | null;
  /** What else was said of the conversation, such as by a model: a note in the trail that makes nobody anybody. */
  readonly saidCallId?: string | null;
}

/** @param requestId of the request that the caller made */
export function authorOf({ credential, scopes }: Caller, requestId: string): Author {
  const source = scopes.includes('dashboard') ? 'dashboard' : 'agent';
  const origin = { source, requestId, callId: null } as const;
  switch (credential.kind) {
    case 'api-key':
      return { kind: 'api_key', id: credential.id, ...origin };
    case 'agent-connection':
      return { kind: 'agent_connection', id: credential.id, ...origin };
    case 'dashboard-jwt':
      return { kind: 'dashboard_user', id: subjectOf(credential), ...origin };
  }
}

/** OpenID Connect (Core 1.0, section 2) allows no more characters. */
function subjectOf({ subject }: { subject: string | null }): string | null {
  return subject?.slice(0, 255) ?? null;
}
