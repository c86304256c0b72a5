import { rm } from 'node:fs/promises';
import pg from 'pg';

export default async function globalTeardown() {
  if (globalThis.embeddedDatabase !== undefined) {
    await globalThis.embeddedDatabase.stop();
    await rm(globalThis.embeddedDatabase.directory, { recursive: true, force: true });
    return;
  }
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${process.env.RECEPTIONIST_TEST_TEMPLATE} WITH (FORCE)`);
  await client.end();
}
