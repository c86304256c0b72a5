import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { invalidInput, notFound } from '../platform/errors/domain-error.js';
import { AgentConnectionRepository } from '../tenant/agent-connection.repository.js';
import { ApiKeyService } from '../tenant/api-key.service.js';
import type { AuditEntry } from './audit.js';
import { AuditRepository } from './audit.repository.js';

/** An entry of the audit trail as clients see it. */
export interface AuditEntryView extends Pick<
  AuditEntry,
  'action' | 'requestId' | 'callId' | 'callIdFrom' | 'changes'
> {
  at: string;
  /** `name`: of the API key or agent connection; null for other actors and for those that were deleted. */
  actor: { kind: AuditEntry['actorKind']; id: string | null; name: string | null };
}

export interface AuditPage {
  items: AuditEntryView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

@Injectable()
export class AuditService {
  constructor(
    private readonly audit: AuditRepository,
    private readonly keys: ApiKeyService,
    private readonly connections: AgentConnectionRepository,
  ) {}

  /**
   * What was done to a booking or hold, by whom, the oldest first; also of what was cancelled or released since.
   * @throws DomainError `not_found`; `invalid_input` for a cursor that this list did not give
   */
  async list(
    tenant: TenantId,
    bookingId: string,
    { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<AuditPage> {
    const afterId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const entries = await this.audit.list(tenant, bookingId, { afterId, limit: limit + 1 });
    if (entries === null) throw notFound('booking');
    const shown = entries.slice(0, limit);
    const names = await this.#names(tenant, shown);
    const last = shown.at(-1);
    return {
      items: shown.map(({ at, action, actorKind, actorId, requestId, callId, callIdFrom, changes }) => ({
        at: at.toISOString(),
        action,
        actor: { kind: actorKind, id: actorId, name: names.get(actorId ?? '') ?? null },
        requestId,
        callId,
        callIdFrom,
        changes,
      })),
      nextCursor:
        entries.length > limit && last !== undefined ? Buffer.from(last.id).toString('base64url') : null,
    };
  }

  async #names(tenant: TenantId, entries: readonly AuditEntry[]): Promise<Map<string, string>> {
    const kinds = new Set(entries.map(({ actorKind }) => actorKind));
    const named = [
      ...(kinds.has('api_key') ? await this.keys.list(tenant) : []),
      ...(kinds.has('agent_connection') ? await this.connections.list(tenant) : []),
    ];
    return new Map(named.map(({ id, name }) => [id, name]));
  }
}

function decodeCursor(cursor: string): string {
  const [id] = /^[1-9]\d{0,17}$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === undefined)
    throw invalidInput({ field: 'cursor', message: 'is not a cursor that this list gave' });
  return id;
}
