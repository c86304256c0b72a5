import type { ActorKind } from './author.js';

export const AUDIT_ACTIONS = [
  'held',
  'released',
  'created',
  'edited',
  'rescheduled',
  'cancelled',
  'completed',
  'no_show',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who named a conversation: the voice platform, or an argument, which a model fills in. */
export const CALL_ID_ORIGINS = ['platform', 'argument'] as const;
export type CallIdOrigin = (typeof CALL_ID_ORIGINS)[number];

/** What changed, by the names of the fields; instants in UTC. A booking begins and a hold ends with nulls. */
export type AuditChanges = Record<string, { from: string | null; to: string | null }>;

/** One change of a booking or hold. Entries are written with what they tell of, and never changed. */
export interface AuditEntry {
  /** Grows by age. */
  id: string;
  at: Date;
  action: AuditAction;
  actorKind: ActorKind;
  actorId: string | null;
  requestId: string | null;
  /** The platform's or, where it reported none, what was said. */
  callId: string | null;
  /** Null where there is no id, and for entries that are older than this field. */
  callIdFrom: CallIdOrigin | null;
  changes: AuditChanges;
}

type Fields = Readonly<Partial<Record<string, string | Date | null>>>;

/** The fields that differ, of those in `after`; what is not in `before` was null. */
export function changesBetween(before: Fields, after: Fields): AuditChanges {
  const changes: AuditChanges = {};
  for (const [field, value] of Object.entries(after)) {
    const [from, to] = [asText(before[field]), asText(value)];
    if (from !== to) changes[field] = { from, to };
  }
  return changes;
}

function asText(value: string | Date | null | undefined): string | null {
  return value instanceof Date ? value.toISOString() : (value ?? null);
}
