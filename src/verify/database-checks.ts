import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { pendingMigrations } from '../platform/database/migrations.js';
import { JOB_SCHEMA } from '../platform/jobs/install-job-queues.js';
import { Clock, CLOCK_TOLERANCE_MS } from '../platform/time/clock.js';
import { type Check, CheckFailure } from './check.js';

const MIGRATE = 'run `npm run migrate` (with DIRECT_DATABASE_URL of a role that may create tables and roles)';

/** What the promises rest on in the database, looked at as the service itself is logged in. */
export function databaseChecks(client: pg.Client): Check[] {
  return [
    { name: 'migrations', run: () => migrationsApplied(client) },
    { name: 'login role', run: () => loginOwnsNothing(client) },
    { name: 'roles', run: () => rolesCanBeTakenOn(client) },
    { name: 'row-level security', run: () => rowSecurityInForce(client) },
    { name: 'tenants apart', run: () => tenantsApart(client) },
    { name: 'job queue', run: () => jobQueueInPlace(client) },
    { name: 'clock', run: () => clockAgrees(client) },
  ];
}

async function clockAgrees(client: pg.Client): Promise<string> {
  const clock = new Clock();
  // The first answer may include what a new connection takes.
  for (let times = 0; times < 3; times += 1) {
    await clock.measure(async () => {
      const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      return rows[0]?.now.getTime() ?? NaN;
    });
  }
  const offsetMs = clock.offsetMs ?? 0;
  if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return 'agrees with the database’s';
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  throw new CheckFailure(
    `this machine is ${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the database`,
    'set both clocks by NTP: the service goes by the database’s, but logs and Google’s certificates go by this one',
  );
}

async function migrationsApplied(client: pg.Client): Promise<string> {
  const pending = await pendingMigrations(client);
  if (pending.length > 0) throw new CheckFailure(`pending: ${pending.join(', ')}`, MIGRATE);
  return 'all applied';
}

async function loginOwnsNothing(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{
    name: string;
    superuser: boolean;
    bypasses: boolean;
    owns: string[] | null;
  }>(
    `SELECT rolname AS name, rolsuper AS superuser, rolbypassrls AS bypasses,
       (SELECT array_agg(c.relname::text ORDER BY c.relname) FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relowner = r.oid) AS owns
     FROM pg_roles r WHERE rolname = current_user`,
  );
  const [role] = rows;
  const faults = [
    ...(role?.superuser === true ? ['is a superuser'] : []),
    ...(role?.bypasses === true ? ['has BYPASSRLS'] : []),
    ...(role?.owns ? [`owns ${role.owns.join(', ')}`] : []),
  ];
  if (faults.length > 0) {
    throw new CheckFailure(
      `"${role?.name ?? ''}" ${faults.join(' and ')}`,
      'let DATABASE_URL log in as a role of its own (CREATE ROLE … LOGIN NOINHERIT), keep the owner for ' +
        'DIRECT_DATABASE_URL, and run `npm run migrate`, which gives the new role its rights',
    );
  }
  return `"${role?.name ?? ''}" is no superuser, does not bypass row-level security and owns no table`;
}

async function rolesCanBeTakenOn(client: pg.Client): Promise<string> {
  for (const [enter, expected] of [
    [`enter_tenant('${randomUUID()}')`, 'receptionist_tenant'],
    ['enter_system()', 'receptionist_system'],
  ] as const) {
    const role = await inRolledBack(client, async () => {
      await client.query(`SELECT ${enter}`);
      const { rows } = await client.query<{ role: string }>('SELECT current_user::text AS role');
      return rows[0]?.role;
    }).catch((error: unknown) => (error as Error).message);
    if (role !== expected) throw new CheckFailure(`${expected} cannot be taken on (${role ?? ''})`, MIGRATE);
  }
  return 'receptionist_tenant and receptionist_system can be taken on';
}

async function rowSecurityInForce(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string; inForce: boolean }>(
    `SELECT c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS "inForce" FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND (c.relname = 'tenant' OR EXISTS (
       SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))
     ORDER BY 1`,
  );
  if (rows.length === 0) throw new CheckFailure('there are no tables', MIGRATE);
  const open = rows.filter(({ inForce }) => !inForce).map(({ name }) => name);
  if (open.length > 0) {
    throw new CheckFailure(
      `not enabled and forced on ${open.join(', ')}`,
      `as the owner: ${open.map((name) => `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`).join(' ')}`,
    );
  }
  const { rows: closed } = await client.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_class c JOIN pg_roles r ON r.rolname IN ('receptionist_tenant', 'receptionist_system')
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
       AND (has_table_privilege(r.oid, c.oid, 'SELECT') OR has_any_column_privilege(r.oid, c.oid, 'SELECT'))
       AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND r.oid = ANY (p.polroles))
     UNION
     SELECT c.relname::text FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
       AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
     ORDER BY 1`,
  );
  if (closed.length > 0) {
    throw new CheckFailure(
      `policies are missing on ${closed.map(({ name }) => name).join(', ')}`,
      'a restore before the roles exist loses them: make the roles first and restore again (docs/deploy.md)',
    );
  }
  return `enabled and forced on all ${rows.length} tables of tenants, with their policies`;
}

/** The live proof: two tenants that do not exist see nothing, write nothing for another, and no role means no access. */
async function tenantsApart(client: pg.Client): Promise<string> {
  const tables = await tenantTables(client);
  for (const tenant of [randomUUID(), randomUUID()]) {
    for (const table of tables) {
      const seen = await inRolledBack(client, async () => {
        await client.query('SELECT enter_tenant($1)', [tenant]);
        return (await client.query(`SELECT 1 FROM "${table}" LIMIT 1`)).rowCount;
      });
      if (seen !== 0) throw new CheckFailure(`a tenant that does not exist sees rows of ${table}`, RESTORE);
    }
    const refusal = await inRolledBack(client, async () => {
      await client.query('SELECT enter_tenant($1)', [tenant]);
      await client.query(`INSERT INTO working_hours (tenant_id, weekly) VALUES ($1, '[]')`, [randomUUID()]);
    }).then(() => undefined, sqlState);
    if (refusal !== '42501') throw new CheckFailure('a tenant may write for another', RESTORE);
  }
  const withoutRole = await inRolledBack(client, () => client.query('SELECT 1 FROM booking LIMIT 1')).then(
    () => undefined,
    sqlState,
  );
  if (withoutRole !== '42501')
    throw new CheckFailure('bookings can be read without taking on a role', RESTORE);
  return `two made-up tenants see nothing in ${tables.length} tables and write nothing for others`;
}

const RESTORE = 'compare the policies and grants with prisma/migrations: something was changed by hand';

async function tenantTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
       AND has_table_privilege('receptionist_tenant', c.oid, 'SELECT') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

async function jobQueueInPlace(client: pg.Client): Promise<string> {
  const { rows } = await client
    .query<{ version: number; waiting: number }>(
      `SELECT (SELECT version FROM ${JOB_SCHEMA}.version) AS version, count(*)::int AS waiting
     FROM ${JOB_SCHEMA}.job WHERE state < 'active' AND start_after < now() - interval '10 minutes'`,
    )
    .catch((error: unknown) => {
      throw new CheckFailure((error as Error).message, MIGRATE);
    });
  const { version, waiting } = rows[0] ?? { version: 0, waiting: 0 };
  if (waiting > 0) {
    throw new CheckFailure(
      `${waiting} jobs have waited for more than ten minutes`,
      'see that an instance of the service is running and look for errors in its log',
    );
  }
  return `in place (schema version ${version}), nothing waits for long`;
}

async function inRolledBack<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
  await client.query('BEGIN');
  try {
    return await work();
  } finally {
    await client.query('ROLLBACK');
  }
}

function sqlState(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
