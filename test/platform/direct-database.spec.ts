import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { compareDatabases } from '../../src/platform/database/same-database.js';
import { startService } from '../support/service-process.js';
import { createTestDatabase, emptyTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

const NOWHERE = 'http://127.0.0.1:1';

describe('DIRECT_DATABASE_URL', () => {
  let database: TestDatabase;
  let other: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    other = await createTestDatabase();
  });
  afterAll(() => Promise.all([database.drop(), other.drop()]));

  const named = (url: string) => new URL(url).pathname.slice(1);
  const run = (program: string, environment: Record<string, string>) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      execFile(process.execPath, [program], { env: environment }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  const verify = async (directUrl: string): Promise<string | undefined> => {
    const { output } = await run('dist/verify.js', {
      PUBLIC_URL: NOWHERE,
      DATABASE_URL: database.serviceUrl,
      DIRECT_DATABASE_URL: directUrl,
      ADMIN_API_KEY: ADMIN_KEY,
      TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      GOOGLE_CLIENT_ID: CLIENT_ID,
      GOOGLE_CLIENT_SECRET: CLIENT_SECRET,
      GOOGLE_ENDPOINT: NOWHERE,
    });
    return output.split('\n').find((line) => line.includes(' direct database:'));
  };

  it('that leads to another database keeps the service from starting, and both are named', async () => {
    const starting = startService(database, NOWHERE, { DIRECT_DATABASE_URL: other.serviceUrl });
    await expect(starting).rejects.toThrow(
      new RegExp(
        `ended with 1:\\s+Settings are missing or wrong:\\s+DIRECT_DATABASE_URL: must lead to the database of DATABASE_URL: .*` +
          `"${named(other.serviceUrl)}" and "${named(database.serviceUrl)}" of one cluster`,
      ),
    );
  }, 40_000);

  it('may name the same database in another way', async () => {
    const directUrl = database.serviceUrl.replace('127.0.0.1', 'localhost') + '?application_name=direct';
    const service = await startService(database, NOWHERE, { DIRECT_DATABASE_URL: directUrl });
    expect(await service.stop()).toBe(0);
  }, 40_000);

  it('is compared by verify, which looks at both logins', async () => {
    expect(await verify(other.serviceUrl)).toMatch(/^✗ direct database: is not the database of DATABASE_URL/);
    expect(await verify(database.ownerUrl)).toMatch(
      /^✗ direct database: logs in as ".+", and DATABASE_URL as ".+"/,
    );
    expect(await verify(`${database.serviceUrl}?application_name=direct`)).toMatch(
      /^✓ direct database: the same database as DATABASE_URL/,
    );
    expect(await verify('postgres://nobody:secret@127.0.0.1:1/x')).toMatch(
      /^✗ direct database: cannot be compared \(ECONNREFUSED\)/,
    );
  }, 60_000);

  it('that leads to another database is not migrated', async () => {
    const empty = await emptyTestDatabase();
    const { code, output } = await run('dist/platform/database/migrate.js', {
      DATABASE_URL: database.serviceUrl,
      DIRECT_DATABASE_URL: empty.ownerUrl,
    });
    expect(output).toMatch(
      /^Migrating failed: DIRECT_DATABASE_URL must lead to the database of DATABASE_URL/,
    );
    expect(code).toBe(1);
    expect(await empty.query(`SELECT to_regclass('tenant') AS tenant`)).toEqual([{ tenant: null }]);
    await empty.drop();
  }, 40_000);

  it('is not taken for the same because a copy has the same name and identifier', async () => {
    const { isSame, first, second } = await compareDatabases(database.serviceUrl, other.serviceUrl);
    expect(isSame).toBe(false);
    // Only their locks tell one server from a copy of its files.
    expect(first.system).toBe(second.system);
    expect((await compareDatabases(database.serviceUrl, database.ownerUrl)).isSame).toBe(true);
  });
});
