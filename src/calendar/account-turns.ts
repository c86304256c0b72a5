import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { ConnectionRef } from './calendar-provider.js';

/** No account that does not answer rests for longer than this before it is tried again. */
const LONGEST_REST_MS = 5 * 60_000;

/**
 * Accounts that did not answer within an attempt's time. Each attempt at such an account keeps a worker for as long as an
 * attempt may take, so from then on one write at a time has its turn, over all instances, and after each that fails the
 * account rests for twice as long. The first answer ends that.
 */
@Injectable()
export class AccountTurns {
  constructor(private readonly database: Database) {}

  /**
   * Takes the turn of accounts that hang.
   * @param leaseMs when the next turn begins, if nothing is heard of this one
   * @returns 0 when it was taken; otherwise in how many milliseconds to ask again
   */
  async take(tenant: TenantId, connectionIds: readonly string[], leaseMs: number): Promise<number> {
    return this.database.inTenant(tenant, async (sql) => {
      const accounts = await sql.query<{ waitMs: number }>(
        `SELECT greatest(0, ceil(extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000))::int AS "waitMs"
         FROM calendar_connection WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND timeouts > 0
         ORDER BY id FOR NO KEY UPDATE`,
        [tenant, connectionIds],
      );
      const waitMs = Math.max(0, ...accounts.map((account) => account.waitMs));
      if (waitMs === 0) await this.#next(sql, tenant, connectionIds, leaseMs);
      return waitMs;
    });
  }

  /** Nothing was tried. */
  async giveBack(tenant: TenantId, connectionIds: readonly string[]): Promise<void> {
    await this.database.inTenant(tenant, (sql) => this.#next(sql, tenant, connectionIds, 0));
  }

  /** @param baseMs how long the account rests after the first time; doubles with each */
  async timedOut({ tenant, connectionId }: ConnectionRef, baseMs: number): Promise<void> {
    await this.database.inTenant(tenant, (sql) =>
      sql.query(
        `UPDATE calendar_connection SET timeouts = least(timeouts + 1, 30),
           next_attempt_at = clock_timestamp() + least($3, $4 * 2 ^ least(timeouts, 20)) * interval '1 ms'
         WHERE tenant_id = $1 AND id = $2`,
        [tenant, connectionId, LONGEST_REST_MS, baseMs],
      ),
    );
  }

  /** @returns whether it hung until now */
  async answered(sql: SqlTransaction, { tenant, connectionId }: ConnectionRef): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE calendar_connection SET timeouts = 0, next_attempt_at = NULL
       WHERE tenant_id = $1 AND id = $2 AND timeouts > 0 RETURNING 1`,
      [tenant, connectionId],
    );
    return rows.length > 0;
  }

  async #next(
    sql: SqlTransaction,
    tenant: TenantId,
    connectionIds: readonly string[],
    inMs: number,
  ): Promise<void> {
    await sql.query(
      `UPDATE calendar_connection SET next_attempt_at = clock_timestamp() + $3 * interval '1 ms'
       WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND timeouts > 0`,
      [tenant, connectionIds, inMs],
    );
  }
}
