import pg from 'pg';
import { ConnectionWatch } from '../../src/platform/database/connection-watch.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const LONGEST_MS = 400;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a connection that is watched', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let watch: ConnectionWatch;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.serviceUrl, max: 1 });
    pool.on('error', () => undefined);
    watch = new ConnectionWatch([pool], LONGEST_MS);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const pid = async () => (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;

  it('is ended when a statement takes too long, and the next statement gets another', async () => {
    const before = await pid();
    const startedAt = performance.now();
    await expect(pool.query('SELECT pg_sleep(5)')).rejects.toThrow('Connection terminated');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    const after = await pid();
    expect(after).toEqual(expect.any(Number));
    expect(after).not.toBe(before);
  });

  it('lives on while each of its statements is in time', async () => {
    const client = await pool.connect();
    for (let statement = 0; statement < 4; statement += 1) {
      watch.windUp(client);
      await client.query('SELECT pg_sleep(0.2)');
    }
    client.release();
  });

  it('lives on while nobody uses it', async () => {
    const before = await pid();
    await pause(LONGEST_MS * 2);
    expect(await pid()).toBe(before);
  });
});
