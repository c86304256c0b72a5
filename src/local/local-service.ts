import { createHash } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadEnvironmentFile } from '../platform/config/environment-file.js';
import type { Settings } from '../platform/config/settings.js';
import { banner } from './banner.js';
import { type DataDirectory, openDataDirectory } from './data-directory.js';
import { DEMO_TENANT, demoTenant } from './demo-tenant.js';
import { type EmbeddedDatabase, startEmbeddedDatabase } from './embedded-database.js';
import { assertPortFree } from './free-port.js';
import { migrateOrExplain, prepareGivenDatabase } from './given-database.js';
import { startLocalGoogle } from './local-google.js';
import { type LocalSettings, readLocalSettings } from './local-settings.js';
import { nextWorkingDay } from './next-working-day.js';
import type { RunningParts } from './running-parts.js';
import { reasonOf, StartError } from './start-error.js';

/**
 * Starts everything that one machine needs, each part when the ones it rests on are up.
 * @returns what to print for the person
 * @throws StartError or SettingsError saying what is in the way; the caller then stops `parts`
 */
export async function startLocalService(parts: RunningParts): Promise<string> {
  loadEnvironmentFile();
  const directory = process.env['DATA_DIR']?.trim() || '.data';
  const data = await parts.start(
    'The data folder',
    () => openDataDirectory(directory),
    (opened) => opened.release(),
  );
  const local = await readLocalSettings(process.env, data);
  await assertPortFree(local.settings.port, local.settings.host);
  // Loading the service takes as long as starting the database: both at once.
  const loaded = import('../create-app.js');
  loaded.catch(() => undefined);
  const database = await startDatabase(parts, data, local);
  const google = local.startsGoogle
    ? await parts.start(
        'The Google stand-in',
        () => startLocalGoogle(local.settings, data),
        (standIn) => standIn.stop(),
      )
    : undefined;
  const settings = local.withAddresses({
    ...(database === undefined ? {} : { DATABASE_URL: database.serviceUrl }),
    ...(google === undefined ? {} : { GOOGLE_ENDPOINT: google.origin }),
  });
  const { createApp } = await loaded;
  const app = await parts.start(
    'The service',
    () => createApp(settings),
    (made) => made.close(),
  );
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const tenant = await demoTenant(app, settings.adminApiKey.reveal(), demoTenantFile(data, local));
  await listen(app, settings);
  return banner({
    address: addressOf(settings),
    dataDirectory: data.path,
    adminKey: local.madeUpAdminKey,
    tenant,
    standIn: google?.origin,
    redirectUri: settings.google.redirectUri,
    day: nextWorkingDay(DEMO_TENANT.timezone, Date.now()),
  });
}

/** Each database has a demo tenant of its own. */
function demoTenantFile(data: DataDirectory, { startsDatabase, settings }: LocalSettings): string {
  if (startsDatabase) return data.file('demo-tenant.json');
  const { host, pathname } = new URL(settings.databaseUrl.reveal());
  const name = createHash('sha256').update(`${host}${pathname}`).digest('hex').slice(0, 12);
  return data.file(`demo-tenant-${name}.json`);
}

/** Makes ready the person's own database, or starts an embedded one; migrated. */
async function startDatabase(
  parts: RunningParts,
  data: DataDirectory,
  { settings, startsDatabase }: LocalSettings,
): Promise<EmbeddedDatabase | undefined> {
  if (!startsDatabase) {
    await prepareGivenDatabase(settings.databaseUrl.reveal(), settings.directDatabaseUrl.reveal());
    return undefined;
  }
  const database = await parts.start(
    'The embedded PostgreSQL',
    () => startEmbeddedDatabase(data.file('postgresql')),
    (started) => started.stop(),
  );
  void database.ended.then((lastWords) => {
    parts.fail(new StartError(`The embedded PostgreSQL has ended:\n${lastWords}`));
  });
  await migrateOrExplain(database.ownerUrl, new URL(database.serviceUrl).username);
  return database;
}

async function listen(app: NestFastifyApplication, { port, host }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw new StartError(
      `The service could not listen on port ${port} (${reasonOf(error)}). Choose another with PORT.`,
      {
        cause: error,
      },
    );
  }
}

/** A person's browser and curl reach a service that listens everywhere, or on this machine alone, as localhost. */
function addressOf({ host, port }: Settings): string {
  if (['127.0.0.1', 'localhost', '0.0.0.0', '::', '::1'].includes(host)) return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
