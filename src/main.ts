// `npm run start:prod`: the service alone, configured by the environment.
import { createApp } from './create-app.js';
import { loadEnvironmentFile } from './platform/config/environment-file.js';
import { readSettings, SettingsError } from './platform/config/read-settings.js';

loadEnvironmentFile();
try {
  const settings = readSettings(process.env);
  const app = await createApp(settings);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(settings.port, settings.host);
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exit(1);
}
