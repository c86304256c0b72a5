import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError } from '../platform/errors/domain-error.js';
import type { BookingView } from './booking.js';

/** A request that carried an `Idempotency-Key`: the same key must always come with the same request. */
export interface IdempotentRequest {
  key: string;
  /** SHA-256 over the request's content. */
  hash: Buffer;
}

export interface FirstAnswer<Response> {
  /** The booking or hold that was made. */
  bookingId: string;
  /** Null while the first request has not been answered yet, or when its process died before it was. */
  response: Response | null;
}

export function idempotentRequest(key: string, content: object): IdempotentRequest {
  const canonical = JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { key, hash: createHash('sha256').update(canonical).digest() };
}

/**
 * Remembers the first answer to each key. The record is written in the booking's own transaction, so a request that failed
 * leaves none behind and may be repeated.
 */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  /**
   * Claims the key for a booking that this transaction is about to make. Waits for another transaction that is claiming
   * it at this moment.
   * @returns whether the key is ours; if not, `find` gives the first answer
   */
  async claim(
    sql: SqlTransaction,
    tenant: TenantId,
    { key, hash }: IdempotentRequest,
    bookingId: string,
  ): Promise<boolean> {
    const rows = await sql.query(
      `INSERT INTO idempotency_record (tenant_id, key, request_hash, booking_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING key`,
      [tenant, key, hash, bookingId],
    );
    return rows.length > 0;
  }

  /** @throws DomainError `idempotency_key_reused` when the key came with another request */
  async find<Response = BookingView>(
    tenant: TenantId,
    { key, hash }: IdempotentRequest,
  ): Promise<FirstAnswer<Response> | undefined> {
    const [record] = await this.database.inTenant(tenant, (sql) =>
      sql.query<FirstAnswer<Response> & { hash: Buffer }>(
        `SELECT booking_id AS "bookingId", response, request_hash AS hash
         FROM idempotency_record WHERE tenant_id = $1 AND key = $2`,
        [tenant, key],
      ),
    );
    if (record !== undefined && !record.hash.equals(hash)) {
      throw new DomainError(
        'idempotency_key_reused',
        'This Idempotency-Key was used for a request with another content. Use a new key for a new request.',
      );
    }
    return record;
  }

  /** Keeps the answer unless one is kept already. @returns the one that is kept */
  async keep<Response extends object>(tenant: TenantId, key: string, response: Response): Promise<Response> {
    return this.database.inTenant(tenant, (sql) => this.answer(sql, tenant, key, response));
  }

  /** As `keep`, as part of the transaction that claimed the key. */
  async answer<Response extends object>(
    sql: SqlTransaction,
    tenant: TenantId,
    key: string,
    response: Response,
  ): Promise<Response> {
    const [record] = await sql.query<{ response: Response }>(
      `UPDATE idempotency_record SET response = coalesce(response, $3::jsonb)
       WHERE tenant_id = $1 AND key = $2 RETURNING response`,
      [tenant, key, JSON.stringify(response)],
    );
    return record?.response ?? response;
  }
}
