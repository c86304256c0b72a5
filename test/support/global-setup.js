// One PostgreSQL for the whole run: an embedded one of our own, or the one at TEST_DATABASE_URL. A template database is
// migrated once; each test file works on a copy of it.
import { mkdtemp, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedDatabase } from '../../dist/local/embedded-database.js';
import { migrate } from '../../dist/platform/database/migrations.js';

export default async function globalSetup() {
  let adminUrl = process.env.TEST_DATABASE_URL;
  let ownerUrl = adminUrl;
  let serviceUrl;
  if (adminUrl === undefined) {
    const directory = await mkdtemp(join(tmpdir(), 'receptionist-test-'));
    await chmod(directory, 0o755);
    const database = await startEmbeddedDatabase(directory);
    globalThis.embeddedDatabase = { ...database, directory };
    ({ superuserUrl: adminUrl, ownerUrl, serviceUrl } = database);
  } else {
    serviceUrl = await makeServiceRole(adminUrl);
  }
  const template = `receptionist_template_${process.pid}`;
  const owner = pg.escapeIdentifier(decodeURIComponent(new URL(ownerUrl).username));
  await execute(adminUrl, `CREATE DATABASE ${template} OWNER ${owner}`);
  await migrate(withDatabase(ownerUrl, template), new URL(serviceUrl).username);
  process.env.RECEPTIONIST_TEST_ADMIN_URL = adminUrl;
  process.env.RECEPTIONIST_TEST_OWNER_URL = ownerUrl;
  process.env.RECEPTIONIST_TEST_SERVICE_URL = serviceUrl;
  process.env.RECEPTIONIST_TEST_TEMPLATE = template;
}

/** A login as in production: it owns nothing and inherits nothing. */
async function makeServiceRole(adminUrl) {
  await execute(
    adminUrl,
    `DO $$ BEGIN CREATE ROLE receptionist_test_service LOGIN NOINHERIT PASSWORD 'only for tests';
     EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
  );
  const url = new URL(adminUrl);
  url.username = 'receptionist_test_service';
  url.password = encodeURIComponent('only for tests');
  return url.href;
}

function withDatabase(url, name) {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function execute(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
