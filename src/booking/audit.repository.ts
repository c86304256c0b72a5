import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { AuditAction, AuditChanges, AuditEntry, CallIdOrigin } from './audit.js';
import type { Author } from './author.js';

/** What is recorded of a change, beside when it was made. */
export interface ChangeRecord {
  action: AuditAction;
  author: Author;
  changes: AuditChanges;
}

/** The trail of who changed what. The database lets nobody change or delete an entry (it grants reading and inserting only). */
@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /**
   * Runs a statement that changes bookings and returns them (with their `id`), and records the change of each with it, in one
   * round trip. Where nothing is changed, nothing is recorded.
   * @param statement its first parameter is the tenant
   */
  async changing<Row extends object>(
    sql: SqlTransaction,
    { action, author, changes }: ChangeRecord,
    statement: string,
    values: readonly [tenant: TenantId, ...others: unknown[]],
  ): Promise<Row[]> {
    const n = values.length;
    return sql.query<Row>(
      `WITH changed AS (${statement}),
       recorded AS (
         INSERT INTO audit_entry (tenant_id, booking_id, action, actor_kind, actor_id, request_id, call_id, call_id_from, changes)
         SELECT $1, changed.id, $${n + 1}, $${n + 2}, $${n + 3}, $${n + 4}, $${n + 5}, $${n + 6}, $${n + 7}::jsonb FROM changed)
       SELECT * FROM changed`,
      [
        ...values,
        ...[action, author.kind, author.id, author.requestId],
        ...callOf(author),
        JSON.stringify(changes),
      ],
    );
  }

  /**
   * The oldest first, from the one after `afterId` on.
   * @returns null for what never was a booking or hold of the tenant
   */
  async list(
    tenant: TenantId,
    bookingId: string,
    { afterId, limit }: { afterId: string | undefined; limit: number },
  ): Promise<AuditEntry[] | null> {
    return this.database.inTenant(tenant, async (sql) => {
      const [known] = await sql.query<{ isKnown: boolean }>(
        `SELECT EXISTS (SELECT FROM booking WHERE tenant_id = $1 AND id = $2)
           OR EXISTS (SELECT FROM audit_entry WHERE tenant_id = $1 AND booking_id = $2) AS "isKnown"`,
        [tenant, bookingId],
      );
      if (known?.isKnown !== true) return null;
      return sql.query<AuditEntry>(
        `SELECT id::text, at, action, actor_kind AS "actorKind", actor_id AS "actorId", request_id AS "requestId",
           call_id AS "callId", call_id_from AS "callIdFrom", changes
         FROM audit_entry WHERE tenant_id = $1 AND booking_id = $2 AND id > $3
         ORDER BY id LIMIT $4`,
        [tenant, bookingId, afterId ?? '0', limit],
      );
    });
  }
}

function callOf({ callId, saidCallId = null }: Author): [id: string | null, from: CallIdOrigin | null] {
  if (callId !== null) return [callId, 'platform'];
  return [saidCallId, saidCallId === null ? null : 'argument'];
}
