import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Database, type SqlTransaction } from '../../src/platform/database/database.js';
import { SqlState, sqlStateOf } from '../../src/platform/database/sql-error.js';
import { asTenantId, type TenantId } from '../../src/platform/database/tenant-id.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { testSettings } from '../support/test-settings.js';
import { fillEveryTable, tenantTables } from './tenant-rows.js';

/** A tenant's transactions have no right to these at all. */
const BEYOND_TENANTS = ['api_key'];

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

const aTenant = async (): Promise<TenantId> => {
  const id = randomUUID();
  await testDatabase.query(`INSERT INTO tenant (id, name, timezone) VALUES ($1, 'Someone', 'UTC')`, [id]);
  return asTenantId(id);
};

/** The SQLSTATE that `work` fails with; "none" when it does not. */
const failureOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(() => 'none', sqlStateOf);

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
    expect(inWhole).toEqual(['api_key', 'calendar_connection', 'tenant', 'tenant_google_token']);
    expect([...inPart.keys()]).toEqual(['event_write', 'idempotency_record', 'oauth_state']);
    expect(inPart.get('event_write')).not.toMatch(/content|meet_link|html_link|event_id/);
    expect(inPart.get('idempotency_record')).not.toMatch(/response|booking_id/);
    expect(inPart.get('oauth_state')).not.toMatch(/code_verifier|state_hash/);
    for (const table of ['booking', 'resource', 'service', 'working_hours', 'busy_block']) {
      const read = database.inSystem((sql) => sql.query(`SELECT * FROM ${table}`));
      expect([table, await failureOf(read)]).toEqual([table, SqlState.insufficientPrivilege]);
    }
  });
});

describe('the database alone, when a query has no filter for the tenant', () => {
  let own: TenantId;
  let other: TenantId;

  beforeAll(async () => {
    own = await aTenant();
    other = await aTenant();
    await fillEveryTable(testDatabase, own);
    await fillEveryTable(testDatabase, other);
  });

  class Rollback extends Error {}
  /** Does `work` as the tenant and undoes it. */
  const tryOut = async <Result>(work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> => {
    let result: { value: Result } | undefined;
    await database
      .inTenant(own, async (sql) => {
        result = { value: await work(sql) };
        throw new Rollback();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Rollback)) throw error;
      });
    if (result === undefined) throw new Error('unreachable');
    return result.value;
  };
  const eachTable = async (check: (table: string) => Promise<unknown>, expected: unknown) => {
    const found: [string, unknown][] = [];
    for (const table of tables) found.push([table, await check(table)]);
    expect(found).toEqual(
      tables.map((table) => [
        table,
        BEYOND_TENANTS.includes(table) ? SqlState.insufficientPrivilege : expected,
      ]),
    );
  };
  const tenantsOf = (rows: readonly { tenant_id: string }[]): string[] => [
    ...new Set(rows.map((row) => row.tenant_id)),
  ];

  it('shows the tenant’s own rows only', async () => {
    await eachTable(
      (table) =>
        tryOut((sql) => sql.query<{ tenant_id: string }>(`SELECT * FROM ${table}`)).then(
          tenantsOf,
          sqlStateOf,
        ),
      [own],
    );
    expect(await tryOut((sql) => sql.query('SELECT id FROM tenant'))).toEqual([{ id: own }]);
  });

  it('finds nothing of another tenant that is asked for by name', async () => {
    await eachTable(
      (table) =>
        tryOut((sql) => sql.query(`SELECT * FROM ${table} WHERE tenant_id = $1`, [other])).catch(sqlStateOf),
      [],
    );
  });

  it('changes and deletes the tenant’s own rows only', async () => {
    await eachTable(
      (table) =>
        tryOut((sql) =>
          sql.query<{ tenant_id: string }>(`UPDATE ${table} SET tenant_id = tenant_id RETURNING tenant_id`),
        ).then(tenantsOf, sqlStateOf),
      [own],
    );
    await eachTable(
      (table) =>
        tryOut(async (sql) => {
          // Without the rows that refer to it, where there are any.
          await sql.query(`SET CONSTRAINTS ALL DEFERRED`);
          if (['service', 'resource'].includes(table)) await sql.query('DELETE FROM booking');
          return sql.query<{ tenant_id: string }>(`DELETE FROM ${table} RETURNING tenant_id`);
        }).then(tenantsOf, sqlStateOf),
      [own],
    );
    expect(await failureOf(tryOut((sql) => sql.query(`UPDATE tenant SET name = 'x'`)))).toBe(
      SqlState.insufficientPrivilege,
    );
    expect(await failureOf(tryOut((sql) => sql.query(`DELETE FROM tenant`)))).toBe(
      SqlState.insufficientPrivilege,
    );
  });

  it('takes no row for another tenant: neither a new one nor one of its own moved there', async () => {
    await eachTable(async (table) => {
      const [row] = await testDatabase.query<{ json: unknown }>(
        `SELECT to_jsonb(t) AS json FROM ${table} t WHERE tenant_id = $1 LIMIT 1`,
        [other],
      );
      const insert = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(null::${table}, $1)`;
      return failureOf(tryOut((sql) => sql.query(insert, [JSON.stringify(row?.json)])));
    }, SqlState.insufficientPrivilege);
    await eachTable(
      (table) => failureOf(tryOut((sql) => sql.query(`UPDATE ${table} SET tenant_id = $1`, [other]))),
      SqlState.insufficientPrivilege,
    );
    await eachTable(
      (table) => failureOf(tryOut((sql) => sql.query(`TRUNCATE ${table} CASCADE`))),
      SqlState.insufficientPrivilege,
    );
  });

  it('lets no row refer to another tenant’s', async () => {
    const [theirs] = await testDatabase.query<{ service_id: string; resource_id: string }>(
      'SELECT service_id, resource_id FROM service_resource WHERE tenant_id = $1',
      [other],
    );
    const link = tryOut((sql) =>
      sql.query('INSERT INTO service_resource (tenant_id, service_id, resource_id) VALUES ($1, $2, $3)', [
        own,
        theirs?.service_id,
        theirs?.resource_id,
      ]),
    );
    expect(await failureOf(link)).toBe(SqlState.foreignKeyViolation);
  });

  it('cannot be talked out of it by the tenant’s role: the tenant’s setting is all it can change', async () => {
    // A handler never runs SQL of a client's. Were it to, it could still not become another role's owner or switch policies off.
    for (const statement of [
      'ALTER TABLE booking DISABLE ROW LEVEL SECURITY',
      'DROP POLICY own_tenant ON booking',
      'GRANT SELECT ON api_key TO receptionist_tenant',
      `CREATE TABLE public.copy AS SELECT 1`,
    ]) {
      expect([statement, await failureOf(tryOut((sql) => sql.query(statement)))]).toEqual([
        statement,
        SqlState.insufficientPrivilege,
      ]);
    }
    const withoutSecurity = tryOut(async (sql) => {
      await sql.query('SET LOCAL row_security = off');
      return sql.query('SELECT * FROM booking');
    });
    expect(await failureOf(withoutSecurity)).toBe(SqlState.insufficientPrivilege);
  });

  it('goes for Prisma as well', async () => {
    const seen = await database.prismaInTenant(own, (prisma) =>
      prisma.booking.findMany({ select: { tenantId: true } }),
    );
    expect(seen).toEqual([{ tenantId: own }]);
    const moved = database.prismaInTenant(own, (prisma) =>
      prisma.resource.create({ data: { tenantId: other, name: 'Intruder' } }),
    );
    expect(await failureOf(moved)).toBe(SqlState.insufficientPrivilege);
  });

  it('keeps tenants apart when their transactions take turns on the same connections', async () => {
    const seen = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const tenant = n % 2 === 0 ? own : other;
        const rows = await database.inTenant(tenant, (sql) =>
          sql.query<{ tenant_id: string }>('SELECT tenant_id FROM booking'),
        );
        return tenantsOf(rows).join() === tenant;
      }),
    );
    expect(seen.every(Boolean)).toBe(true);
  });
});
