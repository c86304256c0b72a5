import { Purge } from '../../src/tenant/purge.js';
import { eventually } from '../support/eventually.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { fillEveryTable, tablesHoldingRowsOf } from '../tenant/tenant-rows.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('what nobody needs any more', () => {
  let service: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    tenant = await aTenant(service);
    await fillEveryTable(service.database, tenant.id);
    await hold('10 minutes');
    await hold('30 days');
    await service.database.query(
      `UPDATE calendar_conflict SET resolved_at = now(), resolution = 'dismissed' WHERE tenant_id = $1`,
      [tenant.id],
    );
    await service.database.query(
      `UPDATE event_write SET content = '{"endsAt": "2031-01-21T15:00:00Z"}', state = 'synced' WHERE tenant_id = $1`,
      [tenant.id],
    );
    await service.database.query(
      `UPDATE oauth_state SET expires_at = now() + interval '10 minutes' WHERE tenant_id = $1`,
      [tenant.id],
    );
  });

  let holds = 0;
  /** Of the tenant's resource, each at a time of its own. */
  const hold = async (expiresIn: string, count = 1): Promise<void> => {
    await service.database.query(
      `INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone, local_date,
         source, hold_expires_at)
       SELECT $1, gen_random_uuid(), r.id, s.id, 'held', at, at + interval '1 minute', tstzrange(at, at + interval '1 minute'), 'UTC',
         at::date, 'agent', now() + $2::interval
       FROM (SELECT id FROM resource WHERE tenant_id = $1 LIMIT 1) r, (SELECT id FROM service WHERE tenant_id = $1 LIMIT 1) s,
         (SELECT '2032-01-01T00:00Z'::timestamptz + ($3::int + n) * interval '1 minute' FROM generate_series(1, $4::int) n) t (at)`,
      [tenant.id, expiresIn, holds, count],
    );
    holds += count;
  };
  const left = async (table: string, where = 'true'): Promise<number> => {
    const [row] = await service.database.query<{ count: number }>(
      `SELECT count(*)::int FROM ${table} WHERE tenant_id = $1 AND ${where}`,
      [tenant.id],
    );
    return row?.count ?? 0;
  };
  const purgeIn = (milliseconds: number) => service.app.get(Purge).purge(new Date(Date.now() + milliseconds));
  const tables = [
    'reference_guess',
    'tool_answer',
    'oauth_state',
    'idempotency_record',
    'calendar_conflict',
    'event_write',
  ];

  it('goes when its time has come, and nothing goes before', async () => {
    const every = await tablesHoldingRowsOf(service.database, tenant.id);
    expect(every).toEqual(expect.arrayContaining(tables));
    const gone = async (): Promise<string[]> => {
      const now = await tablesHoldingRowsOf(service.database, tenant.id);
      return every.filter((table) => !now.includes(table));
    };
    await purgeIn(0);
    expect([await gone(), await left('booking')]).toEqual([[], 3]);
    await purgeIn(2 * HOUR_MS);
    expect([await gone(), await left('booking')]).toEqual([['reference_guess', 'tool_answer'], 3]);
    await purgeIn(2 * DAY_MS);
    // The hold that ran out, and none that still runs.
    expect([await gone(), await left('booking', `status = 'held'`)]).toEqual([
      ['oauth_state', 'reference_guess', 'tool_answer'],
      1,
    ]);
    await purgeIn(8 * DAY_MS);
    expect(await gone()).toEqual(['idempotency_record', 'oauth_state', 'reference_guess', 'tool_answer']);
    await purgeIn(91 * DAY_MS);
    expect(await gone()).toContain('calendar_conflict');
    expect(await left('event_write')).toBe(1);
    await service.app.get(Purge).purge(new Date('2032-01-22T00:00:00Z'));
    expect((await gone()).sort()).toEqual(expect.arrayContaining(tables));
    // A booking stays, with what was done to it.
    expect([await left('booking', `status = 'confirmed'`), await left('audit_entry')]).toEqual([1, 1]);
  });

  it('stays while somebody may still need it: an open conflict, an event that is still to be written', async () => {
    await service.database.query(
      `UPDATE calendar_conflict SET resolved_at = NULL, resolution = NULL WHERE tenant_id = $1`,
      [tenant.id],
    );
    await service.database.query(`UPDATE event_write SET state = 'pending' WHERE tenant_id = $1`, [
      tenant.id,
    ]);
    await service.app.get(Purge).purge(new Date('2034-01-01T00:00:00Z'));
    expect([await left('calendar_conflict'), await left('event_write')]).toEqual([1, 1]);
  });

  it('goes in batches, of every organisation, by a job that comes again', async () => {
    const first = tenant;
    await hold('-2 days', 1_100);
    tenant = await aTenant(service);
    await fillEveryTable(service.database, tenant.id);
    await hold('-2 days');
    await service.database.query(
      `UPDATE pgboss.job SET start_after = now() WHERE name = 'purge' AND state < 'active'`,
    );
    await eventually(async () => {
      expect(await left('booking', `hold_expires_at < now()`)).toBe(0);
      tenant = first;
      expect(await left('booking', `hold_expires_at < now()`)).toBe(0);
    }, 30_000);
    await eventually(async () => {
      const waiting = await service.database.query<{ inMinutes: number }>(
        `SELECT extract(epoch FROM start_after - now())::int / 60 AS "inMinutes" FROM pgboss.job
         WHERE name = 'purge' AND state < 'active'`,
      );
      expect(waiting).toHaveLength(1);
      expect(waiting[0]?.inMinutes).toBeGreaterThan(30);
    });
  });

  it('is not put off by instances that start', async () => {
    const next = async () =>
      (
        await service.database.query<{ soon: boolean }>(
          `SELECT start_after < now() + interval '5 minutes' AS soon FROM pgboss.job WHERE name = 'purge' AND state < 'active'`,
        )
      ).map(({ soon }) => soon);
    await service.app.get(Purge).onApplicationBootstrap();
    expect(await next()).toEqual([true]);
  });

  it('includes finished jobs, after an hour', async () => {
    await service.database.query(
      `INSERT INTO pgboss.job (name, state, created_on, started_on, completed_on, deletion_seconds, policy)
       SELECT 'purge', 'completed', now() - interval '3 hours', now() - interval '2 hours', now() - interval '2 hours', 3600, 'short'
       FROM generate_series(1, 20)`,
    );
    // As it is eleven minutes after the jobs were last looked through.
    await service.database.query(`UPDATE pgboss.queue SET maintain_on = now() - interval '11 minutes'`);
    await eventually(async () => {
      const old = await service.database.query(
        `SELECT 1 FROM pgboss.job WHERE state = 'completed' AND completed_on < now() - interval '90 minutes'`,
      );
      expect(old).toEqual([]);
    }, 40_000);
  }, 60_000);
});
