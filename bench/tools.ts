/*
 * What every tool costs an agent, as a voice platform calls it, beside a bare handler that does about the same SQL; and how long
 * the longest answer takes while Google is in trouble: `node bench/tools.ts` after `npm run build`. On 127.0.0.1, with a
 * PostgreSQL of its own; takes about two minutes. One call after the other, by turns, since a caller says one thing at a time. It prints
 * the limits that it is held to and fails for none.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import type { BenchDatabase, BenchServer } from './bench-server.js';
import type { Trouble } from './google-control.js';

const local = (file: string): string => new URL(file, import.meta.url).href;
// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { withBenchServer } = (await import(local('./bench-server.ts'))) as typeof import('./bench-server.js');
const { GoogleControl } = (await import(
  local('./google-control.ts')
)) as typeof import('./google-control.js');
const { connectCalendar, makeTenant, nextMonday, request } = (await import(
  local('./bench-tenant.ts')
)) as typeof import('./bench-tenant.js');

const ADMIN_KEY = randomBytes(24).toString('hex');
const EMAIL = 'tools@bench.example';
const PHONE = '+14155550123';
const STEP_MS = 300_000;
const CALLS = 200;
const WARM_UP_CALLS = 50;
const CALLS_IN_TROUBLE = 5;
const CEILING_MS = 2_000;

const TROUBLES: readonly [name: string, trouble: Trouble][] = [
  ['each answer takes ten seconds', { delayMs: 10_000 }],
  ['503 to everything', { status: 503 }],
];

/** A tool and what it is called with next; `before` and `after` are not timed. */
interface Timed {
  tool: string;
  /** Which of the bare handler's routes does about the same. */
  bare: '/availability' | '/bookings';
  arguments: () => object;
  before?: () => Promise<void>;
  after?: (answer: ToolAnswer) => Promise<void>;
}

interface ToolAnswer {
  ok: boolean;
  say: string;
  booking?: { id: string };
  hold?: { id: string };
}

await withBenchServer(async (server) => {
  const google = await GoogleControl.start(server);
  const database = await server.database('tools');
  const { origin } = await server.serviceProcess(database, {
    adminKey: ADMIN_KEY,
    environment: () => ({ GOOGLE_ENDPOINT: google.origin }),
  });
  const tenant = await makeTenant(origin, ADMIN_KEY, 'Bench');
  await openRoundTheClock(origin, database, tenant.key);
  const connection = await connect(origin, tenant.key);
  const tools = timedTools(origin, tenant.key);
  const bare = await startBare(server, database, tenant.id);

  console.log(
    '\nEvery tool, called by a voice platform (Vapi), no calendar connected, one call after the other',
  );
  printHeader();
  for (const timed of tools) await compareTool(timed, connection, bare);

  await google.add(EMAIL, 200);
  await connectCalendar(origin, tenant.key, EMAIL);
  for (const [name, trouble] of TROUBLES) {
    await google.trouble(trouble);
    console.log(`\nThe longest of ${CALLS_IN_TROUBLE} calls while Google is in trouble: ${name}`);
    let longest = 0;
    for (const timed of tools) {
      let longestOfTool = 0;
      for (let index = 0; index < CALLS_IN_TROUBLE; index += 1) {
        longestOfTool = Math.max(longestOfTool, await timeOnce(timed, connection));
      }
      longest = Math.max(longest, longestOfTool);
      console.log(`  ${timed.tool.padEnd(22)}${longestOfTool.toFixed(0).padStart(8)} ms`);
    }
    console.log(`  at most ${CEILING_MS} ms: ${longest <= CEILING_MS ? 'kept' : 'missed'}`);
    await google.trouble(null);
  }
  const [busy = 0] = loadavg();
  console.log(`\n(${availableParallelism()} cores, load ${busy.toFixed(1)} at the end)`);
});

interface Connection {
  url: string;
  secret: string;
}

function connect(origin: string, key: string): Promise<Connection> {
  const body = { platform: 'vapi', name: 'Bench' };
  return request('POST', `${origin}/api/agent-connections`, key, body);
}

/** As Vapi calls a tool. */
async function call({ url, secret }: Connection, tool: string, given: object): Promise<ToolAnswer> {
  const message = {
    type: 'tool-calls',
    call: { id: randomUUID(), customer: { number: PHONE } },
    toolCallList: [{ id: 'call_1', type: 'function', function: { name: tool, arguments: given } }],
  };
  const { results } = await request<{ results: [{ result?: string; error?: string }] }>('POST', url, secret, {
    message,
  });
  const [{ result, error }] = results;
  if (result === undefined) throw new Error(`${tool} failed: ${error}`);
  return JSON.parse(result) as ToolAnswer;
}

function timedTools(origin: string, key: string): Timed[] {
  // Every write takes the next five minutes that nobody has.
  let next = Math.ceil((Date.now() + 86_400_000) / STEP_MS) * STEP_MS;
  const nextStart = () => {
    const [date = '', time = ''] = new Date((next += STEP_MS)).toISOString().split('T');
    return { date, time: time.slice(0, 5) };
  };
  let reference = '';
  const book = async () => {
    const startsAt = new Date((next += STEP_MS)).toISOString();
    const made = await request<{ reference: string }>('POST', `${origin}/api/bookings`, key, {
      ...{ startsAt, name: 'Ann', phone: PHONE },
    });
    reference = made.reference;
  };
  return [
    { tool: 'check_availability', bare: '/availability', arguments: () => ({ date: nextMonday() }) },
    { tool: 'list_services', bare: '/availability', arguments: () => ({}) },
    { tool: 'get_business_info', bare: '/availability', arguments: () => ({}) },
    {
      tool: 'hold_slot',
      bare: '/bookings',
      arguments: nextStart,
      after: async ({ hold }) => {
        if (hold !== undefined) await request('DELETE', `${origin}/api/holds/${hold.id}`, key);
      },
    },
    {
      tool: 'create_booking',
      bare: '/bookings',
      arguments: () => ({ ...nextStart(), name: 'Ann', phone: PHONE }),
    },
    { tool: 'find_booking', bare: '/availability', before: book, arguments: () => ({ reference }) },
    {
      tool: 'reschedule_booking',
      bare: '/bookings',
      before: book,
      arguments: () => ({ reference, ...nextStart() }),
    },
    { tool: 'cancel_booking', bare: '/bookings', before: book, arguments: () => ({ reference }) },
  ];
}

async function compareTool(timed: Timed, connection: Connection, bare: Bare): Promise<void> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let index = 0; index < WARM_UP_CALLS + CALLS; index += 1) {
    const [a, b] = [await timeOnce(timed, connection), await bare.time(timed.bare)];
    if (index < WARM_UP_CALLS) continue;
    ours.push(a);
    theirs.push(b);
  }
  const at = (times: number[], share: number): number =>
    times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN;
  const figures = [at(ours, 0.5), at(ours, 0.95), at(theirs, 0.5), at(theirs, 0.95)];
  const ratio = at(ours, 0.95) / at(theirs, 0.95);
  console.log(
    `  ${timed.tool.padEnd(22)}${figures.map((ms) => ms.toFixed(1).padStart(10)).join('')}${ratio.toFixed(2).padStart(10)}`,
  );
}

function printHeader(): void {
  const heads = ['p50 ms', 'p95 ms', 'bare p50', 'bare p95', 'p95 ratio'];
  console.log(`  ${''.padEnd(22)}${heads.map((head) => head.padStart(10)).join('')}`);
}

/** @returns milliseconds. @throws when the tool refuses: a benchmark of refusals would say nothing */
async function timeOnce(
  { tool, arguments: given, before, after }: Timed,
  connection: Connection,
): Promise<number> {
  await before?.();
  const asked = given();
  const begun = performance.now();
  const answer = await call(connection, tool, asked);
  const took = performance.now() - begun;
  if (!answer.ok) throw new Error(`${tool} refused ${JSON.stringify(asked)}: ${answer.say}`);
  await after?.(answer);
  return took;
}

interface Bare {
  /** @returns milliseconds */
  time(path: Timed['bare']): Promise<number>;
}

async function startBare(server: BenchServer, database: BenchDatabase, tenantId: string): Promise<Bare> {
  const [given] = await database.query<{ resource_id: string; service_id: string }>(
    'SELECT resource_id, service_id FROM service_resource WHERE tenant_id = $1',
    [tenantId],
  );
  const child = server.start('./bare-server.ts', {
    DATABASE_URL: database.serviceUrl,
    TENANT_ID: tenantId,
    RESOURCE_ID: given?.resource_id ?? '',
    SERVICE_ID: given?.service_id ?? '',
  });
  const [port] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const origin = `http://127.0.0.1:${port.toString().trim()}`;
  // Years before whatever the service books.
  let next = Date.parse('2001-01-01T00:00:00Z');
  return {
    time: async (path) => {
      const body = { startsAt: new Date((next += STEP_MS)).toISOString() };
      const begun = performance.now();
      await request('POST', origin + path, 'none', body);
      return performance.now() - begun;
    },
  };
}

/** Appointments of five minutes at any time by UTC, so that there are enough to book. */
async function openRoundTheClock(origin: string, database: BenchDatabase, key: string): Promise<void> {
  await database.query(`UPDATE tenant SET timezone = 'UTC'`);
  await database.query(
    'UPDATE service SET duration_minutes = 5, slot_step_minutes = 5, max_advance_days = 730',
  );
  const weekly = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' }));
  await request('PUT', `${origin}/api/working-hours`, key, { weekly, overrides: [] });
}
