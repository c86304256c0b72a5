import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { clock } from '../platform/time/clock.js';
import type { Asker } from './asker.js';

/** An organisation's agents hold a handful at a time. Nobody can block its calendar by holding it all. */
const MOST_HOLDS = 100;

interface ReachedLimit<Limit extends string> {
  reached: Limit | null;
  most: number;
}

const HOLDERS = {
  holds_per_number: 'This number has',
  holds_per_key: 'This credential has',
  holds: 'This organisation has',
} as const;

const BOOKERS = {
  bookings_per_conversation: 'This conversation has',
  bookings_per_number: 'This number has',
} as const;

/** Refuses more than one conversation, number, credential or organisation may take: decided in the transaction that takes it. */
@Injectable()
export class AskerLimits {
  /**
   * For one more hold, once this transaction has the tenant's assignment and has given up what gives way.
   * @throws DomainError `rate_limited`, with `limit` and `most`
   */
  async refuseMoreHolds(sql: SqlTransaction, tenant: TenantId, { number, credential }: Asker): Promise<void> {
    const [limit] = await sql.query<ReachedLimit<keyof typeof HOLDERS> & { firstExpiresAt: Date }>(
      `SELECT reached, most, first_expires_at AS "firstExpiresAt" FROM reached_hold_limit($1, $2, $3, $4)`,
      [tenant, number ?? null, credential, MOST_HOLDS],
    );
    if (limit === undefined || limit.reached === null) return;
    const { reached, most, firstExpiresAt } = limit;
    const waitMs = firstExpiresAt.getTime() - clock.now();
    throw new DomainError(
      'rate_limited',
      `${HOLDERS[reached]} as many holds as it may have at once (${most}). Book or release some of them, or wait.`,
      {
        retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
        extensions: { limit: reached, most },
      },
    );
  }

  /**
   * For one more booking. Takes the tenant's assignment, so it comes before whatever `claim_time` locks.
   * @throws DomainError `limit_reached`, with `limit` and `most`
   */
  async refuseMoreBookings(
    sql: SqlTransaction,
    tenant: TenantId,
    { conversation, number }: Partial<Asker> = {},
  ): Promise<void> {
    if (conversation === undefined && number === undefined) return;
    const [limit] = await sql.query<ReachedLimit<keyof typeof BOOKERS>>(
      `SELECT reached, most FROM reached_booking_limit($1, $2, $3)`,
      [tenant, conversation ?? null, number ?? null],
    );
    if (limit === undefined || limit.reached === null) return;
    const { reached, most } = limit;
    throw new DomainError(
      'limit_reached',
      `${BOOKERS[reached]} as many bookings to come as it may have (${most}). Cancel some of them first.`,
      { extensions: { limit: reached, most } },
    );
  }
}
