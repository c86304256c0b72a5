import { createHash } from 'node:crypto';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Author } from './author.js';

/**
 * Who asks, for counting against limits: by the credential and, as far as a voice platform reports them, the conversation and
 * the number that calls. Hashes, so that what is counted names nobody, and different in every tenant.
 */
export interface Asker {
  readonly credential: string;
  readonly conversation?: string;
  readonly number?: string;
}

/** What a voice platform reports of a conversation. */
interface ReportedConversation {
  /** The platform's id of it. */
  id: string | null;
  /** The number that calls, E.164. */
  caller: string | null;
}

export function askerOf(
  tenant: TenantId,
  { kind, id: author }: Pick<Author, 'kind' | 'id'>,
  { id, caller }: ReportedConversation = { id: null, caller: null },
): Asker {
  return {
    credential: key(tenant, 'credential', kind, author),
    // Another credential's conversation is another one, whatever it says.
    ...(id === null ? {} : { conversation: key(tenant, 'conversation', kind, author, id) }),
    ...(caller === null ? {} : { number: key(tenant, 'number', caller) }),
  };
}

/**
 * Where no number is reported, bookings count for the one that was given. It is another subject than the same number when it
 * calls: nobody uses up what somebody else may book by giving their number. @param phone E.164
 */
export function withGivenNumber(asker: Asker, tenant: TenantId, phone: string): Asker {
  return { ...asker, number: asker.number ?? key(tenant, 'given number', phone) };
}

function key(tenant: TenantId, ...parts: readonly (string | null)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, ...parts]))
    .digest('base64url');
}
