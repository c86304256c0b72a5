import { Injectable } from '@nestjs/common';
import { Purge, type Retention } from '../tenant/purge.js';

const CALENDAR_RETENTIONS: readonly Retention[] = [
  {
    of: 'consents that nobody finished',
    sql: `DELETE FROM oauth_state WHERE tenant_id = $1 AND state_hash IN (
      SELECT state_hash FROM oauth_state WHERE tenant_id = $1 AND expires_at < $2::timestamptz - interval '1 day' LIMIT $3)`,
  },
  {
    // One that is still to be written stays until it is done or given up.
    of: 'what is known of the events of bookings that are long over',
    sql: `DELETE FROM event_write WHERE tenant_id = $1 AND booking_id IN (
      SELECT w.booking_id FROM event_write w
      WHERE w.tenant_id = $1 AND w.state <> 'pending' AND w.updated_at < $2::timestamptz - interval '1 year'
        AND (w.content ->> 'endsAt')::timestamptz < $2::timestamptz - interval '1 year' LIMIT $3)`,
  },
];

/** What is kept of calendars, and for how long. */
@Injectable()
export class CalendarRetention {
  constructor(purge: Purge) {
    purge.add(...CALENDAR_RETENTIONS);
  }
}
