import pg from 'pg';
import { Database } from '../../src/platform/database/database.js';
import { JobQueue } from '../../src/platform/jobs/job-queue.js';
import { eventually } from '../support/eventually.js';
import { aTenant, startTestApp, type TestApp } from '../support/test-app.js';

describe('readiness', () => {
  it('fails while the database does not answer, and says which part it is', async () => {
    const service = await startTestApp();
    await service.database.query(`ALTER DATABASE ${await databaseName(service)} CONNECTION LIMIT 0`);
    await service.database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await eventually(async () => {
      const { status, body, headers } = await service.request('GET', '/health/ready');
      expect(status).toBe(503);
      expect(body).toMatchObject({ code: 'unavailable', checks: { database: 'failing' } });
      expect(headers['retry-after']).toBe('1');
    });
    expect((await service.request('GET', '/health/live')).status).toBe(200);
    await service.close();
  });

  it('fails while the database is read-only, also for connections that it had before', async () => {
    const service = await startTestApp();
    const name = await databaseName(service);
    await service.database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await eventually(async () => {
      const { status, body } = await service.request('GET', '/health/ready');
      expect([status, body['checks']]).toMatchObject([503, { database: 'ok', writes: 'failing' }]);
    }, 20_000);
    await service.database.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await eventually(async () => {
      expect((await service.request('GET', '/health/ready')).status).toBe(200);
    }, 40_000);
    await service.close();
  }, 90_000);

  it('fails once a booking has found the disk full', async () => {
    const service = await startTestApp();
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
    const ready = await service.request('GET', '/health/ready');
    expect([ready.status, ready.body['checks']]).toMatchObject([503, { database: 'ok', writes: 'failing' }]);
    await service.close();
  });

  it('fails while no file of the database can grow, before a booking finds out', async () => {
    const service = await startTestApp();
    await service.database
      .query(`CREATE OR REPLACE FUNCTION prove_writable() RETURNS void LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`);
    await eventually(async () => {
      const { body } = await service.request('GET', '/health/ready');
      expect(body['checks']).toMatchObject({ database: 'ok', writes: 'failing' });
    }, 20_000);
    await service.close();
  }, 60_000);

  it('does not fail for a lock on a table that requests wait for', async () => {
    const service = await startTestApp();
    const tenant = await aTenant(service);
    const lock = new pg.Client({ connectionString: service.database.ownerUrl });
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE booking IN ACCESS EXCLUSIVE MODE');
    // More than there are connections.
    const waiting = Array.from({ length: 20 }, () =>
      service.request('GET', '/api/bookings', { key: tenant.key }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await service.request('GET', '/health/ready')).status).toBe(200);
    await lock.query('COMMIT');
    await lock.end();
    await Promise.all(waiting);
    await service.close();
  });

  it('fails once the job queue has not been fetched from for too long, and the queue is made anew', async () => {
    const service = await startTestApp();
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
    await eventually(() => expect(runs).toHaveLength(1));
    await eventually(async () => {
      const { body } = await service.request('GET', '/health/ready');
      expect(body['checks']).toMatchObject({ database: 'ok', jobs: 'failing' });
    }, 60_000);
    await enqueue('second');
    await eventually(() => expect(runs.length).toBeGreaterThan(1), 20_000);
    expect((await service.request('GET', '/health/ready')).status).toBe(200);
    await service.close();
  }, 120_000);

  it('fails while a migration is missing', async () => {
    const service = await startTestApp();
    await service.database.query('UPDATE _prisma_migrations SET finished_at = NULL');
    const { status, body } = await service.request('GET', '/health/ready');
    expect([status, body['checks']]).toEqual([
      503,
      { database: 'ok', writes: 'ok', migrations: 'failing', jobs: 'ok' },
    ]);
    await service.close();
  });
});

async function databaseName({ database }: TestApp): Promise<string> {
  const [row] = await database.query<{ name: string }>('SELECT current_database() AS name');
  return row?.name ?? '';
}
