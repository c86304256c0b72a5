import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  /** Of the role that owns the tables, as `npm run migrate` would use it. */
  ownerUrl: string;
  /** Of the role the service logs in as. */
  serviceUrl: string;
  /** Runs SQL as a superuser, beside row-level security: for arranging what no route can and for looking behind the service. */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** As when PostgreSQL is restarted: every connection is ended, and new ones are refused until `acceptConnections`. */
  refuseConnections(): Promise<void>;
  acceptConnections(): Promise<void>;
  drop(): Promise<void>;
}

/** A database of its own for one test file, copied from the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return databaseFrom(environment('RECEPTIONIST_TEST_TEMPLATE'));
}

/** A database of its own that no migration has seen. */
export async function emptyTestDatabase(): Promise<TestDatabase> {
  return databaseFrom('template0');
}

async function databaseFrom(template: string): Promise<TestDatabase> {
  const name = `receptionist_test_${randomBytes(6).toString('hex')}`;
  const adminUrl = environment('RECEPTIONIST_TEST_ADMIN_URL');
  const owner = pg.escapeIdentifier(new URL(environment('RECEPTIONIST_TEST_OWNER_URL')).username);
  await execute(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${template} OWNER ${owner}`);
  const pool = new pg.Pool({ connectionString: withDatabase(adminUrl, name), max: 2 });
  // Dropping the database ends connections that are idle in the pool.
  pool.on('error', () => undefined);
  return {
    ownerUrl: withDatabase(environment('RECEPTIONIST_TEST_OWNER_URL'), name),
    serviceUrl: withDatabase(environment('RECEPTIONIST_TEST_SERVICE_URL'), name),
    query: async <Row extends object>(text: string, values?: unknown[]) =>
      (await pool.query<Row>(text, values)).rows,
    refuseConnections: async () => {
      await execute(adminUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await execute(
        adminUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      );
    },
    acceptConnections: () => execute(adminUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`),
    drop: async () => {
      await pool.end();
      await execute(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with "npm test".`);
  return value;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
