import { randomBytes } from 'node:crypto';
import pg from 'pg';

const TIMEOUT_MS = 8_000;

/** Where an address leads, in words that hold no secret. */
export interface DatabasePlace {
  database: string;
  role: string;
  /** Of the cluster, the same for its copies; null where the role may not see it. */
  system: string | null;
}

export interface Comparison {
  isSame: boolean;
  first: DatabasePlace;
  second: DatabasePlace;
}

/**
 * Compares where two addresses lead. Name and system identifier are the same for a copy that was made of the files, so what
 * counts is whether a lock that is taken by way of one is held by way of the other: advisory locks belong to one database of
 * one running server. It is a transaction's, so it leaves nothing behind in a pooler.
 */
export async function compareDatabases(firstUrl: string, secondUrl: string): Promise<Comparison> {
  const first = clientOf(firstUrl);
  const second = clientOf(secondUrl);
  try {
    await first.connect();
    await second.connect();
    const key = randomBytes(8).readBigInt64BE().toString();
    await first.query('BEGIN');
    await first.query('SELECT pg_advisory_xact_lock($1)', [key]);
    const { rows } = await second.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [
      key,
    ]);
    await first.query('ROLLBACK');
    return {
      isSame: rows[0]?.taken === false,
      first: await placeOf(first),
      second: await placeOf(second),
    };
  } finally {
    await Promise.all([first.end(), second.end()]);
  }
}

/** How two places differ, for an operator. */
export function inWords({ first, second }: Comparison): string {
  const names = `"${second.database}" and "${first.database}"`;
  if (first.system === null || second.system === null) return `databases ${names}`;
  return first.system === second.system
    ? `databases ${names} of one cluster or of copies of it (system identifier ${first.system})`
    : `databases ${names} of two clusters (system identifiers ${second.system} and ${first.system})`;
}

function clientOf(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'receptionist-calendar compare',
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  return client;
}

async function placeOf(client: pg.Client): Promise<DatabasePlace> {
  const { rows } = await client.query<Omit<DatabasePlace, 'system'> & { maySee: boolean }>(
    `SELECT current_database() AS database, session_user::text AS role,
       has_function_privilege('pg_control_system()', 'EXECUTE') AS "maySee"`,
  );
  const { maySee = false, database = '', role = '' } = rows[0] ?? {};
  if (!maySee) return { database, role, system: null };
  const { rows: systems } = await client.query<{ system: string }>(
    'SELECT system_identifier::text AS system FROM pg_control_system()',
  );
  return { database, role, system: systems[0]?.system ?? null };
}
