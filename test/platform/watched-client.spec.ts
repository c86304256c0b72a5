import { DatabasePool } from '../../src/platform/database/database-pool.js';
import { isDatabaseUnavailable } from '../../src/platform/errors/database-failure.js';
import { startBlackHole, type BlackHole } from '../support/black-hole.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('a database connection that becomes a black hole', () => {
  let database: TestDatabase;
  let network: BlackHole;
  let pool: DatabasePool;

  beforeAll(async () => {
    database = await createTestDatabase();
    network = await startBlackHole(database.serviceUrl);
    pool = new DatabasePool(network.url, { name: 'test', max: 1 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await network.close();
    await database.drop();
  });

  const pid = async () => (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;

  it('fails the statement that waits on it, and gives the next statement another', async () => {
    const before = await pid();
    network.forget();
    const failure: unknown = await pool.query('SELECT 1').then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isDatabaseUnavailable(failure)).toBe(true);
    const after = await pid();
    expect(after).toEqual(expect.any(Number));
    expect(after).not.toBe(before);
  }, 40_000);

  it('lives on while its statements are answered, however many there are', async () => {
    const client = await pool.connect();
    const { rows: before } = await client.query('SELECT pg_backend_pid()');
    for (let statement = 0; statement < 4; statement += 1) await client.query('SELECT pg_sleep(0.7)');
    expect((await client.query('SELECT pg_backend_pid()')).rows).toEqual(before);
    client.release();
  });

  it('tells those who wait for a connection when the database goes away', async () => {
    const taken = await pool.connect();
    const waiting = pool.query('SELECT 1');
    pool.close();
    await expect(waiting).rejects.toThrow('The database does not answer.');
    await expect(taken.query('SELECT 1')).rejects.toThrow();
    taken.release();
    await expect(pool.query('SELECT 1')).rejects.toThrow('The database does not answer.');
    pool.open();
    expect(await pid()).toEqual(expect.any(Number));
  });
});
