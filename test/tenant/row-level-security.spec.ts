import { Database, type SqlTransaction } from '../../src/platform/database/database.js';
import { SqlState, sqlStateOf } from '../../src/platform/database/sql-error.js';
import type { TenantId } from '../../src/platform/database/tenant-id.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { testSettings } from '../support/test-settings.js';
import {
  BEYOND_TENANTS,
  WRITTEN_ONCE,
  failureOf,
  fillEveryTable,
  insertTenant,
  tenantTables,
} from './tenant-rows.js';

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
  const eachTable = async (
    check: (table: string) => Promise<unknown>,
    expected: unknown,
    { refused = BEYOND_TENANTS }: { refused?: readonly string[] } = {},
  ) => {
    const found: [string, unknown][] = [];
    for (const table of tables) found.push([table, await check(table)]);
    expect(found).toEqual(
      tables.map((table) => [table, refused.includes(table) ? SqlState.insufficientPrivilege : expected]),
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
    const refused = [...BEYOND_TENANTS, ...WRITTEN_ONCE];
    await eachTable(
      (table) =>
        tryOut((sql) =>
          sql.query<{ tenant_id: string }>(`UPDATE ${table} SET tenant_id = tenant_id RETURNING tenant_id`),
        ).then(tenantsOf, sqlStateOf),
      [own],
      { refused },
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
      { refused },
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
    // No client's text is ever run as SQL. Were it to be, it could still not switch the fence off.
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
