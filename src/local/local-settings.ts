import { readSettings } from '../platform/config/read-settings.js';
import type { Settings } from '../platform/config/settings.js';
import { freePort } from './free-port.js';
import type { DataDirectory } from './data-directory.js';
import { keptSecrets } from './kept-secrets.js';
import { StartError } from './start-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is set, completed by what one machine needs, and which parts are therefore to be started here. */
export interface LocalSettings {
  /** Before the parts that are to be started here have addresses. */
  settings: Settings;
  /** The settings once they have: `addresses` by the settings' names. */
  withAddresses(addresses: Environment): Settings;
  startsDatabase: boolean;
  startsGoogle: boolean;
  /** Made up here, so it may be shown; undefined when the person set it. */
  madeUpAdminKey: string | undefined;
}

/**
 * Honours every setting that is set; where one is not, takes what serves a person trying the service on one machine.
 * @throws SettingsError naming every setting that is wrong
 */
export async function readLocalSettings(
  environment: Environment,
  data: DataDirectory,
): Promise<LocalSettings> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const startsDatabase = set['DATABASE_URL'] === undefined;
  const startsGoogle = set['GOOGLE_CLIENT_ID'] === undefined && set['GOOGLE_ENDPOINT'] === undefined;
  if (startsDatabase && set['DIRECT_DATABASE_URL'] !== undefined) {
    throw new StartError('DIRECT_DATABASE_URL is set but DATABASE_URL is not. Set both, or neither.');
  }
  const port = set['PORT']?.trim() === '0' ? String(await freePort()) : (set['PORT'] ?? '5000');
  const secrets = await keptSecrets(data.file('secrets.json'), environment, startsGoogle);
  const completed = {
    HOST: '127.0.0.1',
    PUBLIC_URL: `http://localhost:${/^\d+$/.test(port.trim()) ? port.trim() : '5000'}`,
    // The log would bury what is printed for the person.
    LOG_LEVEL: 'warn',
    DATABASE_URL: 'postgres://to-be-started',
    // The stand-in tells of changes as Google would, and takes an address on this machine for it.
    ...(startsGoogle ? { GOOGLE_WEBHOOK_URL: `http://127.0.0.1:${port.trim()}` } : {}),
    ...secrets,
    ...set,
    DATA_DIR: data.path,
    PORT: port,
  };
  return {
    settings: readSettings(completed),
    withAddresses: (addresses) => readSettings({ ...completed, ...addresses }),
    startsDatabase,
    startsGoogle,
    madeUpAdminKey: secrets['ADMIN_API_KEY'],
  };
}
