// `npm run migrate`: applies what is pending, through DIRECT_DATABASE_URL or DATABASE_URL, and lets the role of
// DATABASE_URL (the service's own login) use what was made.
import { loadEnvironmentFile } from '../config/environment-file.js';
import { migrate } from './migrations.js';
import { compareDatabases, inWords } from './same-database.js';

loadEnvironmentFile();
const serviceUrl = process.env['DATABASE_URL'] || process.env['DIRECT_DATABASE_URL'];
const migrationUrl = process.env['DIRECT_DATABASE_URL'] || process.env['DATABASE_URL'];

if (serviceUrl === undefined || migrationUrl === undefined) {
  console.error('Settings are missing or wrong:\n  DATABASE_URL: is missing');
  process.exit(1);
}
try {
  await assertSameDatabase(serviceUrl, migrationUrl);
  const serviceRole = decodeURIComponent(new URL(serviceUrl).username);
  const applied = await migrate(migrationUrl, serviceRole, { say: (line) => console.log(line) });
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
} catch (error) {
  console.error(`Migrating failed: ${(error as Error).message}`);
  process.exit(1);
}

/** The service's login need not be able to connect from here; where it is, it must meet what is about to be migrated. */
async function assertSameDatabase(service: string, direct: string): Promise<void> {
  if (service === direct) return;
  const comparison = await compareDatabases(service, direct).catch((error: unknown) => {
    console.log(`DATABASE_URL and DIRECT_DATABASE_URL were not compared: ${(error as Error).message}`);
    return null;
  });
  if (comparison === null || comparison.isSame) return;
  throw new Error(
    `DIRECT_DATABASE_URL must lead to the database of DATABASE_URL: they are ${inWords(comparison)}`,
  );
}
