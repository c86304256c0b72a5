import type { StandInCalendar } from '../../../src/local/google-stand-in/google-stand-in.js';
import { eventually } from '../../support/eventually.js';
import type { TestApp } from '../../support/test-app.js';

type Database = Pick<TestApp['database'], 'query'>;

/** What the mirror has of a tenant's calendars, in order of start: instants in ISO 8601. */
export async function blocksOf(
  database: Database,
  tenantId: string,
): Promise<{ eventId: string; start: string; end: string }[]> {
  const rows = await database.query<{ eventId: string; start: Date; end: Date }>(
    `SELECT event_id AS "eventId", starts_at AS start, ends_at AS "end" FROM busy_block
     WHERE tenant_id = $1 ORDER BY starts_at, ends_at, event_id`,
    [tenantId],
  );
  return rows.map(({ eventId, start, end }) => ({
    eventId,
    start: start.toISOString(),
    end: end.toISOString(),
  }));
}

/** Waits until each of a tenant's calendars has been synchronised after this was called. */
export async function synchronised(database: Database, tenantId: string, withinMs = 15_000): Promise<void> {
  const [moment] = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  await database.query(
    `UPDATE calendar_sync SET due_at = least(due_at, now()), requested_at = clock_timestamp() WHERE tenant_id = $1`,
    [tenantId],
  );
  await eventually(async () => {
    const behind = await database.query(
      `SELECT s.failure, k.known_as_of FROM calendar_sync s JOIN calendar k ON k.tenant_id = s.tenant_id AND k.id = s.calendar_id
       WHERE s.tenant_id = $1 AND (k.known_as_of IS NULL OR k.known_as_of < greatest($2, s.requested_at) OR s.lease_until IS NOT NULL)`,
      [tenantId, moment?.now],
    );
    expect(behind).toEqual([]);
  }, withinMs);
}

/** Adds an event that lasts from one instant to another, epoch milliseconds. */
export function addEvent(calendar: StandInCalendar, start: number, end: number, more: object = {}) {
  return calendar.addEvent({ ...timesOf(start, end), ...more });
}

export function timesOf(start: number, end: number) {
  return {
    start: { dateTime: new Date(start).toISOString() },
    end: { dateTime: new Date(end).toISOString() },
  };
}
