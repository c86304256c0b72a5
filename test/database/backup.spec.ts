import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { createTestDatabase, emptyTestDatabase, type TestDatabase } from '../support/test-database.js';
import { tenantTables } from '../tenant/tenant-rows.js';

const run = promisify(execFile);

/** As docs/deploy.md has it. pg_dump reads with row security off, by COPY, so that it never leaves a row out unsaid. */
describe('the recipe for backups', () => {
  let database: TestDatabase;
  const backup = `receptionist_backup_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  let backupUrl: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.query(`INSERT INTO tenant (name, timezone) VALUES ('Acme', 'UTC')`);
    const [name] = [new URL(database.ownerUrl).pathname.slice(1)];
    for (const statement of await recipe('CREATE ROLE receptionist_backup')) {
      await database.query(
        statement
          .replaceAll('receptionist_backup', backup)
          .replace('DATABASE receptionist ', `DATABASE ${name} `)
          .replace('…', password),
      );
    }
    backupUrl = Object.assign(new URL(database.ownerUrl), { username: backup, password }).href;
  });
  afterAll(async () => {
    await database.query(`DROP OWNED BY ${backup}`);
    await database.query(`DROP ROLE ${backup}`);
    await database.drop();
  });

  const rowsOf = async (url: string): Promise<number> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('SET row_security = off');
      let rows = 0;
      for (const table of ['tenant', ...(await tenantTables(database))]) {
        rows += (await client.query(`SELECT * FROM ${table}`)).rowCount ?? 0;
      }
      return rows;
    } finally {
      await client.end();
    }
  };

  it('reads every table by the role for backups, and by none that row-level security binds', async () => {
    expect(await rowsOf(backupUrl)).toBeGreaterThan(0);
    await database.query(`ALTER ROLE ${backup} NOBYPASSRLS`);
    await expect(rowsOf(backupUrl)).rejects.toThrow('would be affected by row-level security policy');
    await database.query(`ALTER ROLE ${backup} BYPASSRLS`);
  });

  it('makes before the restore every role that grants and policies name', async () => {
    const named = await database.query<{ role: string }>(
      `SELECT DISTINCT unnest(roles)::text AS role FROM pg_policies WHERE schemaname = 'public'`,
    );
    const made = (await recipe('CREATE ROLE receptionist_tenant')).join('\n');
    expect(named).toHaveLength(2);
    for (const { role } of named) expect(made).toContain(`CREATE ROLE ${role} NOLOGIN NOINHERIT`);
    expect(made).toContain('GRANT receptionist_tenant, receptionist_system TO receptionist_service');
  });

  it('brings all rows and policies back, by pg_dump and pg_restore where they are at hand', async () => {
    const [server] = await database.query<{ major: number }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS major`,
    );
    const found = await run('pg_dump', ['--version']).then(
      ({ stdout }) => Number(/(\d+)/.exec(stdout)?.[1]),
      () => 0,
    );
    if (found < (server?.major ?? Infinity)) {
      console.warn(`Not run: pg_dump ${server?.major ?? ''} or newer is not installed.`);
      return;
    }
    const restored = await emptyTestDatabase();
    const file = `/tmp/${backup}.dump`;
    await run('pg_dump', ['--format=custom', `--file=${file}`, `--dbname=${backupUrl}`]);
    const target = Object.assign(new URL(process.env['RECEPTIONIST_TEST_ADMIN_URL'] ?? ''), {
      pathname: new URL(restored.ownerUrl).pathname,
    }).href;
    await run('pg_restore', ['--exit-on-error', `--dbname=${target}`, file]);
    const policies = 'SELECT count(*)::int FROM pg_policies';
    expect(await restored.query(policies)).toEqual(await database.query(policies));
    expect(await restored.query('SELECT name FROM tenant')).toEqual([{ name: 'Acme' }]);
    await restored.drop();
  }, 60_000);
});

/** The statements of the block in the documentation that holds a text. */
async function recipe(text: string): Promise<string[]> {
  const documentation = await readFile('docs/deploy.md', 'utf8');
  const blocks = [...documentation.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  const block = blocks.find((one) => one.includes(text));
  if (block === undefined) throw new Error(`docs/deploy.md has no SQL with ${text}.`);
  return block
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
