// `npm run verify`: checks a deployment and says for each part whether it is right, and if not, what to do. Exits with 1
// when anything is wrong. Reads only: what it tries to write is meant to be refused, and is rolled back.
import pg from 'pg';
import { loadEnvironmentFile } from './platform/config/environment-file.js';
import { readSettings, SettingsError } from './platform/config/read-settings.js';
import type { Settings } from './platform/config/settings.js';
import { sieve } from './platform/logging/redaction.js';
import { secretValues } from './platform/logging/secret-values.js';
import { CheckFailure, runChecks } from './verify/check.js';
import { databaseChecks } from './verify/database-checks.js';
import { directDatabaseCheck } from './verify/direct-database-check.js';
import { googleChecks } from './verify/google-checks.js';
import { tokenChecks } from './verify/token-checks.js';

const print = (line: string): void => console.log(line);

async function verify(settings: Settings): Promise<number> {
  const clean = sieve(secretValues(settings));
  const client = new pg.Client({
    connectionString: settings.databaseUrl.reveal(),
    application_name: 'receptionist-calendar verify',
    connectionTimeoutMillis: 8_000,
    statement_timeout: 60_000,
  });
  const reach = { name: 'database', run: () => reachDatabase(client) };
  const unreachable = await runChecks([reach], print, clean);
  const inDatabase = [
    ...databaseChecks(client),
    directDatabaseCheck(settings),
    ...tokenChecks(settings, client),
  ];
  const checks = unreachable === 0 ? [...inDatabase, ...googleChecks(settings)] : googleChecks(settings);
  const failed = await runChecks(checks, print, clean);
  await client.end();
  return unreachable + failed;
}

async function reachDatabase(client: pg.Client): Promise<string> {
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new CheckFailure(
      `cannot be reached (${(error as { code?: string }).code ?? (error as Error).message})`,
      'see that DATABASE_URL has the right host, role, password and database, and that this machine may connect',
    );
  }
  const { rows } = await client.query<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
  );
  const { version, number } = rows[0] ?? { version: 'unknown', number: 0 };
  if (number < 150_000)
    throw new CheckFailure(`PostgreSQL ${version} is too old`, 'use PostgreSQL 15 or newer');
  return `PostgreSQL ${version}`;
}

loadEnvironmentFile();
try {
  const settings = readSettings(process.env);
  print('✓ settings: complete');
  const failed = await verify(settings);
  print(failed === 0 ? '\nAll is well.' : `\n${failed} of the checks failed.`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  process.exitCode = 1;
  if (error instanceof SettingsError) {
    for (const { name, problem } of error.problems) print(`✗ ${name}: ${problem}\n  → see .env.example`);
  } else {
    print(`✗ ${error instanceof Error ? error.name : 'unknown error'}: the checks could not be carried out`);
  }
}
