import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, emptyTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET, PUBLIC_URL } from '../support/test-settings.js';
import { startTlsDatabase } from '../support/tls-database.js';

describe('npm run start:prod with a setting that is wrong', () => {
  let database: TestDatabase;
  let empty: TestDatabase;
  let tls: Awaited<ReturnType<typeof startTlsDatabase>>;
  let occupied: Server;
  beforeAll(async () => {
    database = await createTestDatabase();
    empty = await emptyTestDatabase();
    tls = await startTlsDatabase();
    occupied = createServer().listen(0, '127.0.0.1');
    await once(occupied, 'listening');
  });
  afterAll(async () => {
    occupied.close();
    await tls.close();
    await empty.drop();
    await database.drop();
  });

  const start = (environment: Record<string, string>) => {
    const child = spawn(process.execPath, ['dist/main.js'], {
      env: {
        ...{ PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1', PUBLIC_URL, ADMIN_API_KEY: ADMIN_KEY },
        ...{ DATABASE_URL: database.serviceUrl, DATABASE_WAIT_MS: '0', LOG_LEVEL: 'silent' },
        TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
        ...{ GOOGLE_CLIENT_ID: CLIENT_ID, GOOGLE_CLIENT_SECRET: CLIENT_SECRET },
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    return { child, output: () => output };
  };
  const withUrl = (change: (url: URL) => void): string => {
    const url = new URL(database.serviceUrl);
    change(url);
    return url.href;
  };

  it.each<[string, string, () => Record<string, string>, RegExp]>([
    [
      'a port at which nothing answers',
      'DATABASE_URL',
      () => ({ DATABASE_URL: withUrl((url) => (url.port = '1')) }),
      /no database answers at its host and port \(ECONNREFUSED\)/,
    ],
    [
      'a host that is not known',
      'DATABASE_URL',
      () => ({ DATABASE_URL: withUrl((url) => (url.hostname = 'no-such-host.invalid')) }),
      /its host is not known/,
    ],
    [
      'a wrong password',
      'DATABASE_URL',
      () => ({ DATABASE_URL: withUrl((url) => (url.password = 'wrong')) }),
      /refuses its user name or password \(28P01\)/,
    ],
    [
      'a database that is not there',
      'DIRECT_DATABASE_URL',
      () => ({ DIRECT_DATABASE_URL: withUrl((url) => (url.pathname = '/no_such_database')) }),
      /the server has no database of its name/,
    ],
    [
      'TLS that the server does not speak',
      'DATABASE_URL',
      () => ({ DATABASE_URL: withUrl((url) => url.searchParams.set('sslmode', 'verify-full')) }),
      /takes no TLS connections/,
    ],
    [
      'a certificate that nobody vouches for',
      'DATABASE_URL',
      () => ({
        DATABASE_URL: withUrl((url) => {
          url.port = String(tls.port);
          url.searchParams.set('sslmode', 'verify-full');
        }),
      }),
      /certificate is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    ],
    [
      'a certificate file that is not there',
      'DATABASE_URL',
      () => ({
        DATABASE_URL: withUrl((url) => url.searchParams.set('sslrootcert', '/nowhere/root.crt')),
      }),
      /a certificate file that it names cannot be read \(ENOENT\)/,
    ],
    [
      'a database that is not migrated',
      'DATABASE_URL',
      () => ({ DATABASE_URL: empty.serviceUrl }),
      /not migrated yet \(npm run migrate\)/,
    ],
    [
      'a port that another process has',
      'PORT',
      () => ({ PORT: String((occupied.address() as AddressInfo).port) }),
      /is in use by another process/,
    ],
    [
      'an address that this machine does not have',
      'HOST',
      () => ({ HOST: '192.0.2.1' }),
      /is no address of this machine/,
    ],
    [
      'a % in a password',
      'DATABASE_URL',
      () => ({ DATABASE_URL: 'postgres://user:50%off@127.0.0.1/db' }),
      /must be written as %25/,
    ],
    [
      'encryption keys that are none',
      'TOKEN_ENCRYPTION_KEYS',
      () => ({ TOKEN_ENCRYPTION_KEYS: ' , ' }),
      /has no key in it/,
    ],
  ])('says in one line which one: %s', async (_name, setting, environment, problem) => {
    const { child, output } = start(environment());
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    const lines = output().trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]?.trim()).toMatch(new RegExp(`^${setting}: `));
    expect(lines[1]).toMatch(problem);
    expect(output()).not.toMatch(/no_such_database|no-such-host|50%off|wrong$|\bat .*\.js/);
  });

  it('waits for a database that comes later, and says so', async () => {
    const port = String(20_000 + Math.floor(Math.random() * 10_000));
    const [{ name } = { name: '' }] = await database.query<{ name: string }>(
      'SELECT current_database() AS name',
    );
    await database.query(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
    const { child, output } = start({ DATABASE_WAIT_MS: '120000', PORT: port });
    await eventually(() => expect(output()).toMatch(/^DATABASE_URL: .*Waiting up to \d+ seconds/));
    await database.query(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    await eventually(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    }, 40_000);
    child.kill('SIGINT');
    await once(child, 'close');
  }, 80_000);
});
