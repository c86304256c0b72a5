import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { JOB_SCHEMA } from '../../src/platform/jobs/install-job-queues.js';
import type { World } from './random-world.js';

const LOOK_EVERY_MS = 150;
/** As often time is let pass for what waits for its time: retries, looks that are due later. */
const PASS_TIME_EVERY_MS = 1_000;

/** Of tables with a calendar or a booking: only where the account is connected is there anything to be waited for. */
const CONNECTED_CALENDARS = `SELECT k.tenant_id, k.id, k.known_as_of FROM calendar k
  JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id WHERE c.state = 'connected'`;

/** What is still to be done, a line each. `$1` is when the calendars last changed. */
const UNREST = `
  WITH connected AS (${CONNECTED_CALENDARS}),
  mirrored AS (SELECT t.id AS tenant_id, m.calendar_id FROM tenant t, mirrored_calendars(t.id) m)
  SELECT 'calendar ' || c.id || ' is not mirrored' AS unrest FROM connected c
  JOIN mirrored m ON m.tenant_id = c.tenant_id AND m.calendar_id = c.id
  WHERE NOT EXISTS (SELECT FROM calendar_sync s WHERE s.tenant_id = c.tenant_id AND s.calendar_id = c.id)
  UNION ALL
  SELECT concat_ws(' ', 'calendar', s.calendar_id, 'failure', s.failure, 'as of', c.known_as_of, 'asked', s.requested_at, 'lease', s.lease_until,
    'due', s.due_at)
  FROM calendar_sync s JOIN connected c ON c.tenant_id = s.tenant_id AND c.id = s.calendar_id
  WHERE s.failure IS NOT NULL OR s.lease_until IS NOT NULL OR c.known_as_of IS NULL OR c.known_as_of <= $1
    OR s.requested_at > c.known_as_of OR NOT EXISTS (
      SELECT FROM mirrored m WHERE m.tenant_id = s.tenant_id AND m.calendar_id = s.calendar_id)
  UNION ALL
  SELECT concat_ws(' ', 'event of', w.booking_id, w.wanted, w.state, w.failure, 'version', w.version, 'written', w.written_version, 'lease',
    w.lease_until, 'look', w.look_requested_at, w.look_etag, 'attempts', w.attempts)
  FROM event_write w LEFT JOIN LATERAL event_place(w.tenant_id, CASE w.wanted WHEN 'present' THEN w.resource_id END,
    CASE WHEN w.wanted = 'absent' OR w.event_id IS NOT NULL THEN w.calendar_id END) p ON true
  WHERE w.lease_until > clock_timestamp()
    OR p.connection_state = 'connected' AND (w.state = 'pending'
      OR w.wanted = 'present' AND w.state = 'not_connected' AND (w.content ->> 'endsAt')::timestamptz > now()
      OR w.wanted = 'present' AND w.event_id IS NOT NULL AND w.look_requested_at IS NOT NULL)
  UNION ALL
  SELECT concat_ws(' ', 'leftover of', o.booking_id, 'in', o.calendar_id) FROM event_leftover o
  JOIN connected c ON c.tenant_id = o.tenant_id AND c.id = o.calendar_id
  WHERE o.since < clock_timestamp() - interval '1 minute'
  UNION ALL
  SELECT concat_ws(' ', 'stray', o.event_id, 'in', o.calendar_id) FROM event_stray o
  JOIN connected c ON c.tenant_id = o.tenant_id AND c.id = o.calendar_id
  UNION ALL
  SELECT concat_ws(' ', 'job', name, state, data) FROM ${JOB_SCHEMA}.job
  WHERE name LIKE 'calendar-%' AND (state = 'active' OR state IN ('created', 'retry') AND start_after <= now())`;

/**
 * Ends all trouble and waits until nothing is left to be done: every calendar has been synchronised since it last changed, every event is as
 * its booking wants it, and a second look finds everything as the first one did.
 * @returns what is not at rest after all that time; nothing as a rule
 */
export async function comeToRest(world: World, withinMs: number): Promise<string[]> {
  const { google } = world;
  google.clearFaults();
  google.pushes.delayMs = 0;
  google.pushes.syncBeforeAnswer = false;
  if (!world.isRunning(0)) await world.start(0);
  await google.pushes.settled();
  google.pushes.copies = 1;
  const end = Date.now() + withinMs;
  let passedAt = 0;
  let changedAt = Date.now();
  let revisions = '';
  let looked: string | undefined;
  for (;;) {
    const now = revisionsOf(world);
    if (now !== revisions) {
      revisions = now;
      changedAt = Date.now();
    }
    const unrest = await unrestOf(world, changedAt);
    if (unrest.length === 0) {
      const look = await everything(world, now);
      if (look === looked) return [];
      // What waits for its time finds nothing to do any more.
      if (looked === undefined) await passTime(world);
      looked = look;
    } else if (Date.now() > end) return unrest;
    else if (Date.now() - passedAt > PASS_TIME_EVERY_MS) {
      passedAt = Date.now();
      await passTime(world);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

async function unrestOf(world: World, changedAt: number): Promise<string[]> {
  const rows = await world.database.query<{ unrest: string }>(UNREST, [new Date(changedAt)]);
  return rows.map(({ unrest }) => unrest);
}

/** What failed is tried again after a while, which nobody waits for here. What waits for its owner goes on waiting. */
async function passTime(world: World): Promise<void> {
  await world.database.query(
    `WITH later AS (
       SELECT tenant_id, calendar_id FROM calendar_sync
       WHERE failure IS NOT NULL AND due_at < 'infinity' AND due_at > now() FOR UPDATE SKIP LOCKED)
     UPDATE calendar_sync s SET due_at = now() FROM later
     WHERE s.tenant_id = later.tenant_id AND s.calendar_id = later.calendar_id`,
  );
  await world.database.query(
    `WITH later AS (
       SELECT name, id FROM ${JOB_SCHEMA}.job
       WHERE name LIKE 'calendar-%' AND state IN ('created', 'retry') AND start_after > now() FOR UPDATE SKIP LOCKED)
     UPDATE ${JOB_SCHEMA}.job j SET start_after = now() FROM later WHERE j.name = later.name AND j.id = later.id`,
  );
  // A job whose end was lost with its instance or connection is run again after five minutes.
  await world.database.query(
    `UPDATE ${JOB_SCHEMA}.job SET started_on = started_on - interval '1 hour'
     WHERE name LIKE 'calendar-%' AND state = 'active' AND started_on < now() - interval '20 seconds'`,
  );
}

function revisionsOf(world: World): string {
  return world.organisations
    .flatMap((each) => world.ownedCalendars(each))
    .map(({ calendar }) => `${calendar.store.revision} ${calendar.syncEpoch} ${calendar.timeZone}`)
    .join();
}

async function everything(world: World, revisions: string): Promise<string> {
  const hash = createHash('sha256').update(revisions);
  for (const query of [
    'SELECT tenant_id, id, status, starts_at, ends_at, resource_id FROM booking ORDER BY 1, 2',
    'SELECT tenant_id, calendar_id, event_id, starts_at, ends_at, booking_id FROM busy_block ORDER BY 1, 2, 3',
    'SELECT tenant_id, booking_id, wanted, state, event_id, event_etag, version FROM event_write ORDER BY 1, 2',
    'SELECT tenant_id, booking_id, calendar_id, event_id, kind, starts_at, ends_at, resolution FROM calendar_conflict ORDER BY 1, 2, 3, 4',
  ])
    hash.update(JSON.stringify(await world.database.query(query)));
  return hash.digest('hex');
}
