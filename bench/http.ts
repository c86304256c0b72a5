/*
 * How fast the service answers over HTTP beside a bare handler that does the same SQL: `node bench/http.ts` after
 * `npm run build`. On 127.0.0.1, with a PostgreSQL of its own; takes about two and a half minutes and cleans up after itself.
 * Both servers run in processes of their own and are loaded by turns; the ratios are what to compare between machines. It
 * prints the limits that they are held to and fails for none: on a machine that does something else too they mean little.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { BenchDatabase, BenchServer } from './bench-server.js';

// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { compare, printComparison } = (await import(
  new URL('./load.ts', import.meta.url).href
)) as typeof import('./load.js');
const { makeTenant, nextMonday } = (await import(
  new URL('./bench-tenant.ts', import.meta.url).href
)) as typeof import('./bench-tenant.js');
const { withBenchServer } = (await import(
  new URL('./bench-server.ts', import.meta.url).href
)) as typeof import('./bench-server.js');

const ADMIN_KEY = randomBytes(24).toString('hex');
const STEP_MS = 300_000;
const AVAILABILITY_LIMITS = { leastThroughput: 0.7, mostP99: 1.5 };
const BOOKING_LIMITS = { leastThroughput: 0.5 };

await withBenchServer(async (server) => {
  const database = await server.database('bench');
  const service = await server.service(database, ADMIN_KEY);
  const tenant = await tenantWithService(service, database);
  const bare = await startBare(server, database, tenant);
  const authorization = { authorization: `Bearer ${tenant.key}` };
  const json = { 'content-type': 'application/json' };

  const day = nextMonday();
  const path = `/api/availability?date=${day}`;
  await bare.answerWith(await fetchJson(`${service}${path}`, { headers: authorization }));
  const bareAvailability = { origin: bare.origin, next: () => ({ method: 'GET', path: '/availability' }) };
  printComparison(
    'Check availability (GET /api/availability, a day of 8 slots)',
    await compare(
      { origin: service, next: () => ({ method: 'GET', path, headers: authorization }) },
      bareAvailability,
    ),
    AVAILABILITY_LIMITS,
  );

  const asked = {
    method: 'POST',
    path: '/api/agent-tools/check_availability',
    headers: { ...authorization, ...json },
    body: JSON.stringify({ date: day }),
  };
  await bare.answerWith(await fetchJson(service + asked.path, asked));
  printComparison(
    'Check availability (agent tool)',
    await compare(
      { origin: service, next: () => asked },
      { origin: bare.origin, next: () => ({ ...asked, path: '/availability', headers: { ...json } }) },
    ),
    AVAILABILITY_LIMITS,
  );

  await openRoundTheClock(service, database, tenant.key);
  // Every request takes the next five minutes that nobody has.
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
  printComparison(
    'Create a booking (POST /api/bookings)',
    await compare(
      { origin: service, next: () => booking({ ...authorization, ...json }, '/api/bookings') },
      { origin: bare.origin, next: () => booking(json, '/bookings') },
    ),
    BOOKING_LIMITS,
  );
});

interface BenchTenant {
  id: string;
  key: string;
  resourceId: string;
  serviceId: string;
}

/** With what it has to book, which the bare handler has to be told. */
async function tenantWithService(service: string, database: BenchDatabase): Promise<BenchTenant> {
  const { id, key } = await makeTenant(service, ADMIN_KEY, 'Bench');
  const [given] = await database.query<{ resourceId: string; serviceId: string }>(
    'SELECT resource_id AS "resourceId", service_id AS "serviceId" FROM service_resource WHERE tenant_id = $1',
    [id],
  );
  if (given === undefined) throw new Error('The tenant has nothing to book.');
  return { id, key, ...given };
}

/** Appointments of five minutes at any time, so that there are enough to book. */
async function openRoundTheClock(service: string, database: BenchDatabase, key: string): Promise<void> {
  await database.query(
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

async function startBare(
  server: BenchServer,
  database: BenchDatabase,
  { id, resourceId, serviceId }: BenchTenant,
) {
  const child = server.start('./bare-server.ts', {
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

async function fetchJson(address: string, options: RequestInit): Promise<unknown> {
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
