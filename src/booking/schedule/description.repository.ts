import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import { SqlState, sqlStateOf } from '../../platform/database/sql-error.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';

/** A tenant has at most this many services, and this many resources. Deleted ones do not count. */
export const MOST_DESCRIBED = 200;

/** Where a tenant describes its week: what it offers, who gives it, and when. */
@Injectable()
export class DescriptionRepository {
  constructor(private readonly database: Database) {}

  /**
   * Does `work` in one transaction, one at a time for each tenant: what it counts and looks up cannot change before it ends.
   * Bookings take other locks.
   * @throws DomainError `not_found` when the organisation is deleted at this moment, or has been since its key was looked at
   */
  async change<Result>(tenant: TenantId, work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> {
    try {
      return await this.database.inTenant(tenant, async (sql) => {
        await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`description ${tenant}`]);
        return work(sql);
      });
    } catch (error) {
      if (sqlStateOf(error) === SqlState.foreignKeyViolation) throw notFound('tenant');
      throw error;
    }
  }
}

/** @throws DomainError `limit_reached` when there are as many as there may be */
export function refuseBeyond(most: number, present: number, plural: string): void {
  if (present >= most) throw new DomainError('limit_reached', `There can be at most ${most} ${plural}.`);
}
