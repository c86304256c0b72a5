import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, type MigrationOptions } from '../../src/platform/database/migrations.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startKeepingPooler } from './keeping-pooler.js';

const NAME = '29990101000000_next';
const CONCURRENTLY = '-- migrate: without a transaction\n';

describe('migrating while the service runs', () => {
  let database: TestDatabase;
  let directory: string;
  let said: string[];
  const open: pg.Client[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    directory = await mkdtemp(join(tmpdir(), 'receptionist-migrations-'));
    await cp('prisma/migrations', directory, { recursive: true });
    said = [];
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.end()));
    await database.drop();
    await rm(directory, { recursive: true });
  });

  const session = async (url = database.ownerUrl): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url, application_name: 'the backup' });
    client.on('error', () => undefined);
    await client.connect();
    open.push(client);
    return client;
  };
  const next = async (sql: string, name = NAME): Promise<void> => {
    await mkdir(join(directory, name), { recursive: true });
    await writeFile(join(directory, name, 'migration.sql'), sql);
  };
  const run = (options: MigrationOptions = {}, url = database.ownerUrl): Promise<string[]> =>
    migrate(url, new URL(database.serviceUrl).username, {
      directory,
      say: (line) => said.push(line),
      pauseMs: 500,
      ...options,
    });
  const columnsNamed = async (name: string): Promise<number> => {
    const rows = await database.query('SELECT 1 FROM information_schema.columns WHERE column_name = $1', [
      name,
    ]);
    return rows.length;
  };
  const backup = async (): Promise<pg.Client> => {
    const client = await session();
    // As pg_dump holds every table until it ends.
    await client.query('BEGIN; LOCK TABLE booking IN ACCESS SHARE MODE');
    return client;
  };

  it('lets the service go on while a backup keeps a table, and applies what is pending when that has ended', async () => {
    const dump = await backup();
    await next('ALTER TABLE booking ADD COLUMN probe text');
    const migrating = run();
    await eventually(() => expect(said).not.toEqual([]));
    const reader = await session();
    await reader.query(`SET statement_timeout = '15s'`);
    for (let reads = 0; reads < 3; reads += 1) await reader.query('SELECT 1 FROM booking LIMIT 1');
    expect(said[0]).toMatch(
      new RegExp(`^Migration ${NAME}: a lock on booking is held by server process \\d+ \\(the backup\\)`),
    );
    await dump.query('COMMIT');
    expect(await migrating).toEqual([NAME]);
    expect(await columnsNamed('probe')).toBe(1);
  }, 60_000);

  it('gives up in the end, names what is in the way, and has changed nothing', async () => {
    await backup();
    await next('CREATE TABLE made_before (id int); ALTER TABLE booking ADD COLUMN probe text');
    await expect(run({ mostTries: 2, lockTimeoutMs: 500 })).rejects.toThrow(
      /lock on booking is held by server process \d+ \(the backup\), 2 times in a row. Nothing of it was applied/,
    );
    expect(await columnsNamed('probe')).toBe(0);
    expect(await database.query(`SELECT to_regclass('made_before') AS made`)).toEqual([{ made: null }]);
  });

  it('waits for another runner, says for whom, and gives up after a while', async () => {
    const other = await session();
    // As earlier releases took it, and left it behind in a pooler.
    await other.query('SELECT pg_advisory_lock(7240931105)');
    await expect(run({ waitMs: 1_000 })).rejects.toThrow(
      /still has the turn after 1 seconds: server process \d+/,
    );
    expect(said).toEqual([
      expect.stringMatching(/^Another run has the turn: server process \d+ \(the backup\)/),
    ]);
    await next('CREATE TABLE made (id int)');
    const migrating = run();
    await other.query('SELECT pg_advisory_unlock(7240931105)');
    expect(await migrating).toEqual([NAME]);
  }, 30_000);

  it('applies each migration once, however many runners start at once', async () => {
    await next('CREATE TABLE made (id int)');
    const applied = await Promise.all([run(), run(), run()]);
    expect(applied.flat()).toEqual([NAME]);
  });

  it('leaves nothing behind in a pooler that keeps connections', async () => {
    const pooler = await startKeepingPooler(database.ownerUrl);
    try {
      await next('CREATE TABLE made (id int)');
      expect(await run({ waitMs: 3_000 }, pooler.through(database.ownerUrl))).toEqual([NAME]);
      expect(await database.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([]);
      expect(await run({ waitMs: 3_000 }, pooler.through(database.ownerUrl))).toEqual([]);
      expect(said).toEqual([]);
    } finally {
      await pooler.stop();
    }
  }, 30_000);

  describe('an index that is built beside running traffic', () => {
    const INDEX = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS booking_probe ON booking (tenant_id, purpose);';
    const isValid = async (index: string): Promise<boolean | undefined> => {
      const [row] = await database.query<{ valid: boolean }>(
        'SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)',
        [index],
      );
      return row?.valid;
    };

    it('is valid in the end, and holds up no write while it waits for an open transaction', async () => {
      const writer = await session(database.serviceUrl);
      await writer.query(
        'BEGIN; SELECT enter_tenant(gen_random_uuid()); LOCK TABLE booking IN ROW EXCLUSIVE MODE',
      );
      await next(`${CONCURRENTLY}${INDEX}`);
      const migrating = run({ lockTimeoutMs: 300 });
      await eventually(() => expect(said).not.toEqual([]));
      const another = await session(database.serviceUrl);
      await another.query(
        `BEGIN; SET LOCAL lock_timeout = '5s'; SELECT enter_tenant(gen_random_uuid()); LOCK TABLE booking IN ROW EXCLUSIVE MODE; COMMIT`,
      );
      await writer.query('COMMIT');
      expect(await migrating).toEqual([NAME]);
      expect(await isValid('booking_probe')).toBe(true);
    }, 30_000);

    it('is built anew when an earlier build was cut off', async () => {
      await database.query('CREATE INDEX booking_probe ON booking (tenant_id, purpose)');
      await database.query(
        `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'booking_probe'::regclass`,
      );
      await next(`${CONCURRENTLY}${INDEX}`);
      expect(await run()).toEqual([NAME]);
      expect(await isValid('booking_probe')).toBe(true);
      expect(await run()).toEqual([]);
    });

    it('is built by the next run when this one found rows in its way', async () => {
      await database.query(`INSERT INTO tenant (name, timezone) VALUES ('Acme', 'UTC'), ('Acme', 'UTC')`);
      await next(
        `${CONCURRENTLY}CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS tenant_probe ON tenant (name);`,
      );
      await expect(run()).rejects.toThrow(NAME);
      expect(await isValid('tenant_probe')).toBe(false);
      await database.query('DELETE FROM tenant');
      expect(await run()).toEqual([NAME]);
      expect(await isValid('tenant_probe')).toBe(true);
    });

    it('shares its file with nothing that could not be repeated', async () => {
      await next(`${CONCURRENTLY}${INDEX}\nALTER TABLE booking ADD COLUMN probe text;`);
      await expect(run()).rejects.toThrow('may hold nothing but CREATE INDEX CONCURRENTLY IF NOT EXISTS');
      expect(await isValid('booking_probe')).toBeUndefined();
    });
  });
});
