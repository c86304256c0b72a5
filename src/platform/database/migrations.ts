import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { installJobQueues } from '../jobs/install-job-queues.js';

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations/', import.meta.url));
/** Any number that every instance of this service agrees on. */
const ADVISORY_LOCK = 7_240_931_105;

/** A client or a pool. */
type Queryable = Pick<pg.ClientBase, 'query'>;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** The names of the migrations that `client`'s database has yet to see. */
export async function pendingMigrations(client: Queryable): Promise<string[]> {
  const applied = await appliedMigrations(client);
  return (await readMigrations()).filter(({ name }) => !applied.has(name)).map(({ name }) => name);
}

/**
 * Brings the database at `url` up to date: each pending migration in a transaction of its own, one runner at a time, then
 * the job queues, then the rights of the role that the service logs in as.
 *
 * Applied migrations are recorded in Prisma's own `_prisma_migrations` table, so that `prisma migrate status` and
 * `prisma migrate deploy` agree wherever Prisma's schema engine is at hand.
 *
 * @param url of a role that may create tables and roles
 * @param serviceRole the role the service logs in as, which is given the right to take on the service's two roles
 * @returns the names of the migrations applied
 * @throws when a migration that was applied has since been edited
 */
export async function migrate(url: string, serviceRole: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'receptionist-calendar migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(PRISMA_MIGRATIONS_TABLE);
    const applied = await appliedMigrations(client);
    const done: string[] = [];
    for (const migration of await readMigrations()) {
      const checksum = applied.get(migration.name);
      if (checksum === undefined) {
        await applyMigration(client, migration);
        done.push(migration.name);
      } else if (checksum !== migration.checksum) {
        throw new Error(`Migration ${migration.name} was edited after it had been applied.`);
      }
    }
    await installJobQueues(url);
    await grantServiceRole(client, serviceRole);
    return done;
  } finally {
    await client.end();
  }
}

async function applyMigration(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The service's login gets membership of the two roles and the use of the job queue, nothing else: no table is its own,
 * and outside of a role it may read none.
 */
async function grantServiceRole(client: pg.Client, serviceRole: string): Promise<void> {
  const role = pg.escapeIdentifier(serviceRole);
  await client.query(`
    GRANT USAGE ON SCHEMA pgboss TO ${role}, receptionist_tenant, receptionist_system;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO ${role};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO ${role};
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pgboss TO receptionist_tenant, receptionist_system;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO receptionist_tenant, receptionist_system;
    GRANT SELECT ON _prisma_migrations TO ${role};`);
  // Since PostgreSQL 16 the creator of a role administers it but may not take it on before it is granted to it.
  const { rows } = await client.query<{ member: boolean }>(
    `SELECT pg_has_role($1, 'receptionist_tenant', mode) AND pg_has_role($1, 'receptionist_system', mode) AS member
     FROM (SELECT CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS m (mode)`,
    [serviceRole],
  );
  if (rows[0]?.member !== true)
    await client.query(`GRANT receptionist_tenant, receptionist_system TO ${role}`);
}

async function appliedMigrations(client: Queryable): Promise<Map<string, string>> {
  const { rows: tables } = await client.query(`SELECT 1 WHERE to_regclass('_prisma_migrations') IS NOT NULL`);
  if (tables.length === 0) return new Map();
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    `SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

/** As Prisma makes it. */
const PRISMA_MIGRATIONS_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  varchar(36) PRIMARY KEY,
    checksum            varchar(64) NOT NULL,
    finished_at         timestamptz,
    migration_name      varchar(255) NOT NULL,
    logs                text,
    rolled_back_at      timestamptz,
    started_at          timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`;
