/*
 * How fast the service answers over HTTP beside a bare handler that does the same SQL: `node bench/http.ts` after
 * `npm run build`. On 127.0.0.1, with a PostgreSQL of its own; takes about a minute and a half and cleans up after itself.
 * Both servers run in processes of their own, one at a time under load; the ratios are what to compare between machines.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const built = (path: string): string => new URL(`../dist/${path}.js`, import.meta.url).href;
const { startEmbeddedDatabase } = (await import(
  built('local/embedded-database')
)) as typeof import('../src/local/embedded-database.js');
// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { measure, printPair } = (await import(
  new URL('./load.ts', import.meta.url).href
)) as typeof import('./load.js');
const { migrate } = (await import(
  built('platform/database/migrations')
)) as typeof import('../src/platform/database/migrations.js');

const ADMIN_KEY = randomBytes(24).toString('hex');
const STEP_MS = 300_000;

const directory = await mkdtemp(join(tmpdir(), 'receptionist-bench-'));
await chmod(directory, 0o755);
const database = await startEmbeddedDatabase(directory);
const children: ChildProcess[] = [];
const superuser = new pg.Client({ connectionString: database.superuserUrl });

try {
  await migrate(database.ownerUrl, new URL(database.serviceUrl).username);
  await superuser.connect();
  const service = await startService();
  const tenant = await makeTenant(service);
  const bare = await startBare(tenant);
  const authorization = { authorization: `Bearer ${tenant.key}` };
  const json = { 'content-type': 'application/json' };

  const day = nextMonday();
  const path = `/api/availability?date=${day}`;
  await bare.answerWith(await fetchJson(`${service}${path}`, { headers: authorization }));
  printPair(
    'Check availability (GET /api/availability, a day of 8 slots)',
    await measure(service, () => ({ method: 'GET', path, headers: authorization })),
    await measure(bare.origin, () => ({ method: 'GET', path: '/availability' })),
  );

  const asked = {
    method: 'POST',
    path: '/api/agent-tools/check_availability',
    headers: { ...authorization, ...json },
    body: JSON.stringify({ date: day }),
  };
  await bare.answerWith(await fetchJson(service + asked.path, asked));
  printPair(
    'Check availability (agent tool)',
    await measure(service, () => asked),
    await measure(bare.origin, () => ({ method: 'GET', path: '/availability' })),
  );

  await openRoundTheClock(service, tenant.key);
  // Every request takes the next five minutes that nobody has, the bare ones from another year.
  let next = Math.ceil((Date.now() + 86_400_000) / STEP_MS) * STEP_MS;
  const booking = (headers: Record<string, string>, route: string) => ({
    method: 'POST',
    path: route,
    headers,
    body: JSON.stringify({
      startsAt: new Date((next += STEP_MS)).toISOString(),
      name: 'Ann',
      phone: '+15005550006',
    }),
  });
  const booked = booking({ ...authorization, ...json }, '/api/bookings');
  await bare.answerWith(await fetchJson(service + booked.path, booked));
  const bookedByService = await measure(service, () =>
    booking({ ...authorization, ...json }, '/api/bookings'),
  );
  const bookedBare = await measure(bare.origin, () => booking(json, '/bookings'));
  printPair('Create a booking (POST /api/bookings)', bookedByService, bookedBare);
} finally {
  for (const child of children) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
  await superuser.end();
  await database.stop();
  await rm(directory, { recursive: true, force: true });
}

async function startService(): Promise<string> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  start('../dist/main.js', {
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: origin,
    DATABASE_URL: database.serviceUrl,
    ADMIN_API_KEY: ADMIN_KEY,
    TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GOOGLE_CLIENT_ID: 'bench',
    GOOGLE_CLIENT_SECRET: 'bench',
    GOOGLE_ENDPOINT: 'http://127.0.0.1:1',
    RATE_LIMIT_PER_MINUTE: '0',
    LOG_LEVEL: 'warn',
  });
  for (let waited = 0; waited < 20_000; waited += 100) {
    const ready = await fetch(`${origin}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return origin;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The service did not get ready.');
}

interface BenchTenant {
  id: string;
  key: string;
  resourceId: string;
  serviceId: string;
}

/** As every tenant starts: Monday to Friday from 9 to 17, appointments of an hour, no calendar connected. */
async function makeTenant(service: string): Promise<BenchTenant> {
  const admin = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
  const post = (route: string, body: object) =>
    fetchJson(service + route, { method: 'POST', headers: admin, body: JSON.stringify(body) });
  const { id } = (await post('/api/admin/tenants', { name: 'Bench', timezone: 'America/New_York' })) as {
    id: string;
  };
  const { key } = (await post(`/api/admin/tenants/${id}/api-keys`, {
    name: 'bench',
    scopes: ['dashboard', 'agent'],
  })) as { key: string };
  const { rows } = await superuser.query<{ resourceId: string; serviceId: string }>(
    'SELECT resource_id AS "resourceId", service_id AS "serviceId" FROM service_resource WHERE tenant_id = $1',
    [id],
  );
  const [given] = rows;
  if (given === undefined) throw new Error('The tenant has nothing to book.');
  return { id, key, ...given };
}

/** Appointments of five minutes at any time, so that there are enough to book. */
async function openRoundTheClock(service: string, key: string): Promise<void> {
  await superuser.query(
    'UPDATE service SET duration_minutes = 5, slot_step_minutes = 5, max_advance_days = 730',
  );
  await fetchJson(`${service}/api/working-hours`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      weekly: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ day: weekday, start: '00:00', end: '24:00' })),
      overrides: [],
    }),
  });
}

function nextMonday(): string {
  const date = new Date(Date.now() + 86_400_000);
  while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

async function startBare({ id, resourceId, serviceId }: BenchTenant) {
  const child = start('./bare-server.ts', {
    DATABASE_URL: database.serviceUrl,
    TENANT_ID: id,
    RESOURCE_ID: resourceId,
    SERVICE_ID: serviceId,
  });
  const [port] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const origin = `http://127.0.0.1:${port.toString().trim()}`;
  return {
    origin,
    /** What it sends from now on: as much as the service does. */
    answerWith: (answer: unknown) =>
      fetchJson(`${origin}/answer`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(answer),
      }),
  };
}

function start(program: string, environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [new URL(program, import.meta.url).pathname], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function fetchJson(address: string, options: RequestInit): Promise<unknown> {
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
