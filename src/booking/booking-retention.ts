import { Injectable } from '@nestjs/common';
import { Purge, type Retention } from '../tenant/purge.js';

const BOOKING_RETENTIONS: readonly Retention[] = [
  {
    // For a day, who comes with one hears that it has expired, and not that there is none.
    of: 'holds that ran out',
    sql: `DELETE FROM booking WHERE tenant_id = $1 AND id IN (
      SELECT id FROM booking
      WHERE tenant_id = $1 AND status = 'held' AND hold_expires_at < $2::timestamptz - interval '1 day' LIMIT $3)`,
  },
  {
    // The same key after that is a new request.
    of: 'idempotency keys',
    sql: `DELETE FROM idempotency_record WHERE tenant_id = $1 AND key IN (
      SELECT key FROM idempotency_record WHERE tenant_id = $1 AND created_at < $2::timestamptz - interval '7 days' LIMIT $3)`,
  },
  {
    of: 'wrong references that no limit counts any more',
    sql: `DELETE FROM reference_guess WHERE tenant_id = $1 AND id IN (
      SELECT id FROM reference_guess WHERE tenant_id = $1 AND at <= $2::timestamptz - interval '1 hour' LIMIT $3)`,
  },
  {
    of: 'conflicts that were decided',
    sql: `DELETE FROM calendar_conflict WHERE tenant_id = $1 AND id IN (
      SELECT id FROM calendar_conflict WHERE tenant_id = $1 AND resolved_at < $2::timestamptz - interval '90 days' LIMIT $3)`,
  },
];

/** What is kept of bookings, and for how long. */
@Injectable()
export class BookingRetention {
  constructor(purge: Purge) {
    purge.add(...BOOKING_RETENTIONS);
  }
}
