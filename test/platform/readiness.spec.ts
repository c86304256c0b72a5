import { jest } from '@jest/globals';
import pg from 'pg';
import { Database } from '../../src/platform/database/database.js';
import { JobQueue } from '../../src/platform/jobs/job-queue.js';
import { eventually } from '../support/eventually.js';
import { aTenant, startTestApp, type TestApp } from '../support/test-app.js';

/** How long a connection is asked before a new one takes its place. */
const KEPT_MS = 10_000;
/** How long a refused write counts. */
const REFUSED_MS = 15_000;
/** How long a queue may go without a fetch, and the longest run of the job below. */
const UNFETCHED_MS = 27_000;

describe('readiness', () => {
  let service: TestApp;
  let name: string;
  let skippedMs = 0;
  beforeAll(async () => {
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + skippedMs);
    service = await startTestApp();
    const [row] = await service.database.query<{ name: string }>('SELECT current_database() AS name');
    name = row?.name ?? '';
  });
  afterAll(async () => {
    await service.close();
    jest.restoreAllMocks();
  });

  /** As if so much time had passed. */
  const skip = (milliseconds: number) => (skippedMs += milliseconds);
  const ready = async () => {
    const { status, body, headers } = await service.request('GET', '/health/ready');
    return { status, body, headers, checks: body['checks'] };
  };
  const untilReady = () => eventually(async () => expect((await ready()).status).toBe(200), 20_000);
  const untilFailing = (checks: object) =>
    eventually(async () => expect(await ready()).toMatchObject({ status: 503, checks }), 20_000);

  it('fails while a migration is missing', async () => {
    const missing = 'SELECT max(migration_name) FROM _prisma_migrations';
    const finish = (at: string) =>
      service.database.query(
        `UPDATE _prisma_migrations SET finished_at = ${at} WHERE migration_name = (${missing})`,
      );
    await finish('NULL');
    const { status, checks } = await ready();
    expect([status, checks]).toEqual([
      503,
      { database: 'ok', writes: 'ok', migrations: 'failing', jobs: 'ok' },
    ]);
    await finish('now()');
    await untilReady();
  });

  it('does not fail for a lock on a table that requests wait for', async () => {
    const tenant = await aTenant(service);
    const lock = new pg.Client({ connectionString: service.database.ownerUrl });
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE booking IN ACCESS EXCLUSIVE MODE');
    // More than there are connections.
    const waiting = Array.from({ length: 20 }, () =>
      service.request('GET', '/api/bookings', { key: tenant.key }),
    );
    await eventually(async () => {
      const [{ count } = { count: 0 }] = await service.database.query<{ count: number }>(
        `SELECT count(*)::int FROM pg_locks WHERE NOT granted AND relation = 'booking'::regclass`,
      );
      expect(count).toBeGreaterThan(5);
    });
    expect((await ready()).status).toBe(200);
    await lock.query('COMMIT');
    await lock.end();
    await Promise.all(waiting);
  });

  it('fails while the database is read-only, also for connections that it had before', async () => {
    await service.database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    skip(KEPT_MS);
    await untilFailing({ database: 'ok', writes: 'failing' });
    // The pool of this test has such connections, too.
    await service.database.query(
      `BEGIN READ WRITE; ALTER DATABASE ${name} RESET default_transaction_read_only; COMMIT`,
    );
    await eventually(async () => {
      skip(REFUSED_MS);
      expect((await ready()).status).toBe(200);
    }, 20_000);
  }, 60_000);

  it('fails once a booking has found the disk full', async () => {
    const tenant = await aTenant(service);
    // What PostgreSQL says where a file cannot be extended.
    await service.database.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON booking FOR EACH ROW EXECUTE FUNCTION full_disk()`);
    const { body } = await service.request<{ slots: { slotId: string }[] }>('GET', '/api/availability', {
      key: tenant.key,
    });
    const booked = await service.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { slotId: body.slots[0]?.slotId, name: 'Ann', phone: '+15005550006' },
    });
    expect(booked).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await ready()).toMatchObject({ status: 503, checks: { database: 'ok', writes: 'failing' } });
    await service.database.query('DROP TRIGGER full_disk ON booking');
    skip(REFUSED_MS);
    await untilReady();
  });

  it('fails while no file of the database can grow, before a booking finds out', async () => {
    const [{ definition } = { definition: '' }] = await service.database.query<{ definition: string }>(
      `SELECT pg_get_functiondef('prove_writable'::regproc) AS definition`,
    );
    await service.database
      .query(`CREATE OR REPLACE FUNCTION prove_writable() RETURNS void LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`);
    skip(KEPT_MS);
    await untilFailing({ database: 'ok', writes: 'failing' });
    await service.database.query(definition);
    await eventually(async () => {
      skip(REFUSED_MS);
      expect((await ready()).status).toBe(200);
    }, 20_000);
  }, 60_000);

  it('fails once the job queue has not been fetched from for too long, and the queue is made anew', async () => {
    const jobs = service.app.get(JobQueue);
    // A worker that hangs for a reason of its own: no handler comes back, and its time is over.
    const hanging = { name: 'hanging', runSeconds: 1, concurrency: 1 };
    const runs: number[] = [];
    await jobs.work(hanging, () => {
      runs.push(Date.now());
      return runs.length === 1 ? new Promise(() => undefined) : Promise.resolve();
    });
    const enqueue = (key: string) =>
      service.app.get(Database).inSystem((sql) => jobs.enqueue(sql, hanging.name, {}, { key }));
    await enqueue('first');
    await eventually(() => expect(runs).toHaveLength(1), 20_000);
    // Until its run has expired, after which the queue shows no more signs of life.
    await eventually(() => {
      const age = jobs.fetchAges().find(({ queue }) => queue === hanging.name);
      expect(age?.seconds).toBeGreaterThan(4);
    });
    expect((await ready()).checks).toMatchObject({ jobs: 'ok' });
    skip(UNFETCHED_MS);
    await untilFailing({ database: 'ok', jobs: 'failing' });
    await enqueue('second');
    await eventually(() => expect(runs.length).toBeGreaterThan(1), 30_000);
    await untilReady();
  }, 90_000);

  it('fails while the database does not answer, and says which part it is', async () => {
    await service.database.query(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
    await service.database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await untilFailing({ database: 'failing' });
    const { body, headers } = await ready();
    expect([body['code'], headers['retry-after']]).toEqual(['unavailable', '1']);
    expect((await service.request('GET', '/health/live')).status).toBe(200);
    await service.database.query(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    await untilReady();
  }, 60_000);
});
