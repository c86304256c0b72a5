import pg from 'pg';
import { Database } from '../../src/platform/database/database.js';
import { SqlState } from '../../src/platform/database/sql-error.js';
import type { TenantId } from '../../src/platform/database/tenant-id.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { testSettings } from '../support/test-settings.js';
import { BEYOND_TENANTS, failureOf, fillEveryTable, insertTenant, tenantTables } from './tenant-rows.js';

let testDatabase: TestDatabase;
let database: Database;
let tables: string[];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database(testSettings(testDatabase, 'http://google.invalid'));
  tables = await tenantTables(testDatabase);
});
afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});

const aTenant = (): Promise<TenantId> => insertTenant(testDatabase);

describe('every table with tenants’ rows', () => {
  it('is known to these tests, and every other table is known to have none', async () => {
    const others = await testDatabase.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
         AND NOT relname = ANY ($1) ORDER BY 1`,
      [tables],
    );
    expect(others.map(({ name }) => name)).toEqual(['_prisma_migrations', 'tenant']);
    expect(tables.length).toBeGreaterThanOrEqual(13);
  });

  it('has row-level security, enabled and forced', async () => {
    const unsafe = await testDatabase.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1)
         AND NOT (relrowsecurity AND relforcerowsecurity)`,
      [[...tables, 'tenant']],
    );
    expect(unsafe).toEqual([]);
  });

  it('has policies for the two roles only, and one condition for the tenant’s: it is the tenant', async () => {
    const policies = await testDatabase.query<{
      table: string;
      role: string;
      command: string;
      rows: string;
      writes: string;
    }>(
      `SELECT tablename AS table, roles::text AS role, cmd AS command, qual AS rows, with_check AS writes
       FROM pg_policies WHERE schemaname = 'public'`,
    );
    const ofTenant = policies.filter(({ role }) => role === '{receptionist_tenant}');
    const own = '(tenant_id = current_tenant())';
    expect(ofTenant.filter(({ table }) => table !== 'tenant')).toEqual(
      expect.arrayContaining(
        tables.map((table) => ({
          table,
          role: '{receptionist_tenant}',
          command: 'ALL',
          rows: own,
          writes: own,
        })),
      ),
    );
    expect(ofTenant).toHaveLength(tables.length + 1);
    const rest = policies.filter((policy) => !ofTenant.includes(policy));
    expect(new Set(rest.map(({ role }) => role))).toEqual(new Set(['{receptionist_system}']));
  });

  it('has a primary key that begins with the tenant', async () => {
    const keys = await testDatabase.query<{ table: string; first: string }>(
      `SELECT c.conrelid::regclass::text AS table, a.attname AS first
       FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
       WHERE c.contype = 'p' AND c.connamespace = 'public'::regnamespace`,
    );
    const first = new Map(keys.map((key) => [key.table, key.first]));
    expect(tables.map((table) => [table, first.get(table)])).toEqual(
      tables.map((table) => [table, 'tenant_id']),
    );
  });

  it('refers to other tenants’ tables by keys that hold the tenant, so none can cross', async () => {
    const crossing = await testDatabase.query(
      `SELECT c.conrelid::regclass AS from, c.confrelid::regclass AS to, c.conname
       FROM pg_constraint c
       WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY ($1) AND c.confrelid::regclass::text = ANY ($1)
         AND NOT EXISTS (
           SELECT 1 FROM unnest(c.conkey, c.confkey) AS pair (own, other)
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = pair.own AND a.attname = 'tenant_id'
           JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = pair.other AND b.attname = 'tenant_id')`,
      [tables],
    );
    expect(crossing).toEqual([]);
  });

  it('is found by the booking it refers to, so that deleting many of them reads nobody’s rows whole', async () => {
    const unindexed = await testDatabase.query(
      `SELECT conrelid::regclass AS "table" FROM pg_constraint c
       WHERE contype = 'f' AND confrelid = 'booking'::regclass AND NOT EXISTS (
         SELECT FROM pg_index i
         WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
           AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)`,
    );
    expect(unindexed).toEqual([]);
  });

  it('goes with its tenant: every one is reached from the tenant by keys that cascade', async () => {
    const tenant = await aTenant();
    await fillEveryTable(testDatabase, tenant);
    await database.inSystem((sql) => sql.query('DELETE FROM tenant WHERE id = $1', [tenant]));
    for (const table of tables) {
      expect([
        table,
        await testDatabase.query(`SELECT 1 FROM ${table} WHERE tenant_id = $1`, [tenant]),
      ]).toEqual([table, []]);
    }
  });
});

describe('the roles', () => {
  const login = (): string => decodeURIComponent(new URL(testDatabase.serviceUrl).username);

  it('own nothing and have no power over others', async () => {
    const roles = [login(), 'receptionist_tenant', 'receptionist_system'];
    const powers = await testDatabase.query(
      `SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)
         AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
      [roles],
    );
    expect(powers).toEqual([]);
    const owned = await testDatabase.query(
      `SELECT 'relation' AS kind, relname AS name FROM pg_class WHERE relowner = ANY ($1::text[]::regrole[])
       UNION ALL SELECT 'function', proname FROM pg_proc WHERE proowner = ANY ($1::text[]::regrole[])
       UNION ALL SELECT 'schema', nspname FROM pg_namespace WHERE nspowner = ANY ($1::text[]::regrole[])
       UNION ALL SELECT 'database', datname FROM pg_database WHERE datdba = ANY ($1::text[]::regrole[])`,
      [roles],
    );
    expect(owned).toEqual([]);
    const creating = await testDatabase.query(
      `SELECT name FROM unnest($1::text[]) AS name WHERE has_schema_privilege(name, 'public', 'CREATE')`,
      [roles],
    );
    expect(creating).toEqual([]);
  });

  it('that are taken on cannot log in, and the one that logs in inherits nothing from them', async () => {
    const roles = await testDatabase.query(
      `SELECT rolname AS name, rolcanlogin AS "logsIn", rolinherit AS inherits FROM pg_roles WHERE rolname = ANY ($1)`,
      [[login(), 'receptionist_tenant', 'receptionist_system']],
    );
    expect(roles).toEqual(
      expect.arrayContaining([
        { name: login(), logsIn: true, inherits: false },
        { name: 'receptionist_tenant', logsIn: false, inherits: false },
        { name: 'receptionist_system', logsIn: false, inherits: false },
      ]),
    );
  });

  it('leave the login itself able to read nothing, before and after a transaction that took one on', async () => {
    const client = new pg.Client({ connectionString: testDatabase.serviceUrl });
    await client.connect();
    try {
      for (const table of [...tables, 'tenant']) {
        expect([table, await failureOf(client.query(`SELECT 1 FROM ${table}`))]).toEqual([
          table,
          SqlState.insufficientPrivilege,
        ]);
      }
      await client.query(`BEGIN; SELECT enter_tenant('${await aTenant()}'); SELECT 1 FROM booking; COMMIT`);
      await client.query(`BEGIN; SELECT enter_system(); SELECT 1 FROM tenant; COMMIT`);
      expect(await failureOf(client.query('SELECT 1 FROM booking'))).toBe(SqlState.insufficientPrivilege);
      expect(await failureOf(client.query('SELECT 1 FROM tenant'))).toBe(SqlState.insufficientPrivilege);
    } finally {
      await client.end();
    }
  });

  it('show nothing to the tenant’s role while no tenant is set', async () => {
    await fillEveryTable(testDatabase, await aTenant());
    const client = new pg.Client({ connectionString: testDatabase.serviceUrl });
    await client.connect();
    try {
      await client.query('BEGIN; SET LOCAL ROLE receptionist_tenant');
      for (const table of tables.filter((each) => !BEYOND_TENANTS.includes(each))) {
        expect([table, (await client.query(`SELECT 1 FROM ${table}`)).rows]).toEqual([table, []]);
      }
    } finally {
      await client.end();
    }
  });

  it('let the system’s side read exactly what it needs, and no booking', async () => {
    const rights = await testDatabase.query<{ table: string; columns: string | null }>(
      `SELECT c.relname AS table,
         CASE WHEN has_table_privilege('receptionist_system', c.oid, 'SELECT') THEN NULL
           ELSE (SELECT string_agg(a.attname, ' ' ORDER BY a.attname) FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND has_column_privilege('receptionist_system', c.oid, a.attnum, 'SELECT'))
         END AS columns
       FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
         AND has_any_column_privilege('receptionist_system', c.oid, 'SELECT') ORDER BY 1`,
    );
    const inPart = new Map(
      rights.filter(({ columns }) => columns !== null).map((right) => [right.table, right.columns]),
    );
    const inWhole = rights.filter(({ columns }) => columns === null).map(({ table }) => table);
    expect(inWhole).toEqual([
      'agent_connection',
      'api_key',
      'calendar_connection',
      'push_channel',
      'tenant',
      'tenant_google_token',
    ]);
    expect([...inPart.keys()]).toEqual([
      'calendar_sync',
      'event_write',
      'idempotency_record',
      'oauth_state',
      'reference_guess',
    ]);
    expect(inPart.get('calendar_sync')).not.toMatch(/sync_token|generation/);
    expect(inPart.get('event_write')).not.toMatch(/content|meet_link|html_link|event_id/);
    expect(inPart.get('idempotency_record')).not.toMatch(/response|booking_id/);
    expect(inPart.get('oauth_state')).not.toMatch(/code_verifier|state_hash/);
    expect(inPart.get('reference_guess')).toBe('at id tenant_id');
    for (const table of [
      'booking',
      'resource',
      'service',
      'working_hours',
      'busy_block',
      'calendar_conflict',
    ]) {
      const read = database.inSystem((sql) => sql.query(`SELECT * FROM ${table}`));
      expect([table, await failureOf(read)]).toEqual([table, SqlState.insufficientPrivilege]);
    }
  });
});
