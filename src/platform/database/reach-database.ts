import { setTimeout as sleep } from 'node:timers/promises';
import { type SettingProblem, SettingsError } from '../config/read-settings.js';
import type { Settings } from '../config/settings.js';
import { isDatabaseUnavailable } from '../errors/database-failure.js';
import { WatchedClient } from './watched-client.js';

const LONGEST_CONNECT_MS = 5_000;
const PAUSE_MS = 1_000;

/**
 * Waits until the database can be used, on each of its addresses: it may be starting together with the service. What no
 * waiting helps (a wrong password or certificate) is told at once.
 * @param say tells the operator, in one line, what is waited for
 * @throws SettingsError naming the setting and what is wrong with it
 */
export async function reachDatabase(settings: Settings, say: (line: string) => void): Promise<void> {
  const { databaseUrl, directDatabaseUrl, databaseWaitMs } = settings;
  const addresses = [
    { name: 'DATABASE_URL', url: databaseUrl.reveal() },
    { name: 'DIRECT_DATABASE_URL', url: directDatabaseUrl.reveal() },
  ];
  const until = performance.now() + databaseWaitMs;
  const [service, direct] = addresses;
  for (const { name, url } of service?.url === direct?.url ? addresses.slice(0, 1) : addresses) {
    let said: string | undefined;
    for (;;) {
      const found = await connectProblem(url);
      if (found === null) break;
      const { problem, mayPass } = found;
      if (!mayPass || performance.now() >= until) throw new SettingsError([{ name, problem }]);
      const seconds = Math.ceil((until - performance.now()) / 1000);
      if (problem !== said) say(`${name}: ${problem}. Waiting up to ${seconds} seconds for it.`);
      said = problem;
      await sleep(PAUSE_MS);
    }
  }
}

type Found = Pick<SettingProblem, 'problem'> & {
  /** Whether waiting may help. */
  readonly mayPass: boolean;
};

/** What keeps the service from using the database at `url`, in words without any of its parts; null when nothing does. */
async function connectProblem(url: string): Promise<Found | null> {
  let client: WatchedClient | undefined;
  try {
    client = new WatchedClient({
      connectionString: url,
      application_name: 'receptionist-calendar start',
      connectionTimeoutMillis: LONGEST_CONNECT_MS,
    });
    await client.connect();
    const { rows } = await client.query<{ migrated: boolean }>(
      `SELECT to_regclass('pgboss.version') IS NOT NULL AS migrated`,
    );
    return rows[0]?.migrated === true
      ? null
      : { problem: 'the database is not migrated yet (npm run migrate)', mayPass: true };
  } catch (error) {
    return problemOf(error);
  } finally {
    void client?.end();
  }
}

const CERTIFICATE =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_)/;
const UNKNOWN_HOST = ['ENOTFOUND', 'EAI_AGAIN'];

/** The host, the port, the certificate, the login or the database: each by what Node.js and PostgreSQL say of it. */
function problemOf(error: unknown): Found {
  // Several addresses of one host fail together.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code = '', message = '' } = first as { code?: string; message?: string };
  if (UNKNOWN_HOST.includes(code)) return { problem: `its host is not known (${code})`, mayPass: true };
  if (CERTIFICATE.test(code)) {
    return { problem: `the server's certificate is not accepted (${code})`, mayPass: false };
  }
  if (/does not support SSL/.test(message)) {
    return { problem: 'the server takes no TLS connections, and sslmode asks for one', mayPass: false };
  }
  if (code === 'ENOENT' || code === 'EACCES') {
    return { problem: `a certificate file that it names cannot be read (${code})`, mayPass: false };
  }
  if (code.startsWith('28')) {
    return { problem: `the server refuses its user name or password (${code})`, mayPass: false };
  }
  if (code === '3D000') return { problem: 'the server has no database of its name', mayPass: false };
  if (/SASL|password must be a string/.test(message)) {
    return { problem: 'has no password, and the server asks for one', mayPass: false };
  }
  if (code === '53300') return { problem: 'the server has no connection to spare (53300)', mayPass: true };
  if (code === '57P03') return { problem: 'the server is still starting (57P03)', mayPass: true };
  if (isDatabaseUnavailable(error) || isDatabaseUnavailable(first)) {
    const reason = code === '' ? 'no answer in time' : code;
    return { problem: `no database answers at its host and port (${reason})`, mayPass: true };
  }
  return {
    problem: `the database cannot be used (${code === '' ? 'unknown reason' : code})`,
    mayPass: false,
  };
}
