// `npm run start:prod`: the service alone, configured by the environment.
import { createApp } from './create-app.js';
import { loadEnvironmentFile } from './platform/config/environment-file.js';
import { readSettings, SettingsError } from './platform/config/read-settings.js';
import { prepareApiDocs } from './platform/openapi/api-docs.js';
import { reachDatabase } from './platform/database/reach-database.js';
import { collectWhenQuiet } from './platform/http/quiet-collection.js';

/** What keeps a process from listening where it was told to, by the setting that told it. */
const LISTEN_PROBLEMS: Readonly<Record<string, [setting: string, problem: string]>> = {
  EADDRINUSE: ['PORT', 'is in use by another process'],
  EACCES: ['PORT', 'may not be used by this user'],
  EADDRNOTAVAIL: ['HOST', 'is no address of this machine'],
  ENOTFOUND: ['HOST', 'is not known'],
};

loadEnvironmentFile();
try {
  const settings = readSettings(process.env);
  await reachDatabase(settings, (line) => console.error(line));
  const app = await createApp(settings);
  collectWhenQuiet(app.getHttpAdapter().getInstance());
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await prepareApiDocs(app);
  await app.listen(settings.port, settings.host).catch((error: unknown) => {
    const [name, problem] = LISTEN_PROBLEMS[(error as NodeJS.ErrnoException).code ?? ''] ?? [];
    if (name === undefined || problem === undefined) throw error;
    throw new SettingsError([{ name, problem }]);
  });
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exit(1);
}
