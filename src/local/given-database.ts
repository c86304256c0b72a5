import pg from 'pg';
import { migrate } from '../platform/database/migrations.js';
import { reasonOf, StartError } from './start-error.js';

const OLDEST_VERSION = 15;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Makes a PostgreSQL that the person named ready: looks whether it can be used, then migrates it.
 * @param url of the service's login (DATABASE_URL)
 * @param directUrl of a role that may migrate (DIRECT_DATABASE_URL, else the same)
 * @throws StartError saying what is in the way
 */
export async function prepareGivenDatabase(url: string, directUrl: string): Promise<void> {
  const serviceRole = await assertUsable('DATABASE_URL', url);
  if (directUrl !== url) await assertUsable('DIRECT_DATABASE_URL', directUrl);
  await migrateOrExplain(directUrl, serviceRole);
}

export async function migrateOrExplain(url: string, serviceRole: string): Promise<void> {
  try {
    await migrate(url, serviceRole);
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string } };
    const mayNot = (cause?.code ?? code) === INSUFFICIENT_PRIVILEGE;
    throw new StartError(
      `The database could not be migrated: ${reasonOf(error)}.` +
        (mayNot ? ' Set DIRECT_DATABASE_URL to the address of a role that may create tables and roles.' : ''),
      { cause: error },
    );
  }
}

/** @returns the role that `url` logs in as */
async function assertUsable(setting: string, url: string): Promise<string> {
  const { host, pathname } = new URL(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  // A connection that breaks is reported by the query in hand; without a listener it would end the process.
  client.on('error', () => undefined);
  let version: number;
  let role: string;
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; role: string }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS version, current_user AS role`,
    );
    version = rows[0]?.version ?? 0;
    role = rows[0]?.role ?? '';
  } catch (error) {
    throw new StartError(`${setting}: ${connectProblem(error, host, pathname.slice(1))}`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
  if (version < OLDEST_VERSION) {
    throw new StartError(
      `${setting}: the PostgreSQL at ${host} is version ${version}; ${OLDEST_VERSION} or newer is needed.`,
    );
  }
  return role;
}

function connectProblem(error: unknown, host: string, database: string): string {
  const code = (error as { code?: string }).code ?? '';
  if (code.startsWith('28')) return `the PostgreSQL at ${host} refuses this user name and password.`;
  if (code === '3D000') return `the PostgreSQL at ${host} has no database "${database}".`;
  return `no PostgreSQL answers at ${host} (${reasonOf(error)}). Start it, or leave the setting out to have one started.`;
}
