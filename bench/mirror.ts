/*
 * What the mirror of the calendars costs and what it saves: `node bench/mirror.ts` after `npm run build`. Takes about two minutes. Google is
 * the stand-in, in a process of its own; the service, PostgreSQL and what loads them share the machine with it. It prints the limits that
 * it is held to and fails for none.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase, BenchServer, BenchService } from './bench-server.js';
import type { GoogleControl as Google, Trouble } from './google-control.js';
import type { Measured } from './load.js';

const local = (file: string): string => new URL(file, import.meta.url).href;
// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { withBenchServer } = (await import(local('./bench-server.ts'))) as typeof import('./bench-server.js');
const { GoogleControl } = (await import(
  local('./google-control.ts')
)) as typeof import('./google-control.js');
const { each, load, medians } = (await import(local('./load.ts'))) as typeof import('./load.js');
const { connectCalendar, makeTenant, nextMonday } = (await import(
  local('./bench-tenant.ts')
)) as typeof import('./bench-tenant.js');

const ADMIN_KEY = randomBytes(24).toString('hex');

const ROUNDS = 7;
const ROUND_SECONDS = 2;
const WARM_UP_SECONDS = 6;
const USUAL_EVENTS = 200;
/** Of the events while availability is measured, so that there is something to synchronise. */
const CHANGE_EVERY_MS = 500;
const MOST_P99 = 1.1;

const MANY_EVENTS = 10_000;
const CHANGED_EVENTS = 10;
/** By then PostgreSQL has counted what each connection has done, whether or not it does anything more. */
const COUNTED_MS = 11_000;

const TENANTS = 1_000;
const PUSHES_EACH = 5;
const CONNECTED_AT_ONCE = 8;

await withBenchServer(async (server) => {
  const google = await GoogleControl.start(server);
  await measureAvailability(server, google);
  await measureManyEvents(server, google);
  await measureManyTenants(server, google);
  const [busy = 0] = loadavg();
  console.log(`\n(${availableParallelism()} cores, load ${busy.toFixed(1)} at the end)`);
});

/** What a caller notices of Google. */
async function measureAvailability(server: BenchServer, google: Google): Promise<void> {
  const database = await server.database('availability');
  const { origin } = await startService(server, database, google);
  const email = 'availability@bench.example';
  await google.add(email, USUAL_EVENTS);
  const key = await connect(origin, email);
  await mirrored(database, 1);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const path = '/api/agent-tools/check_availability';
  const asked = { method: 'POST', path, headers, body: JSON.stringify({ date: nextMonday() }) };
  const measure = async (seconds: number): Promise<Measured> => load({ origin, next: () => asked }, seconds);

  const states: [name: string, trouble: Trouble][] = [
    ['Google answers at once', null],
    ['each answer takes a second', { delayMs: 1_000 }],
    ['503 to everything', { status: 503 }],
  ];
  const rounds: Measured[][] = [];
  let lastAnswer: { calendar?: unknown } = {};
  const changing = setInterval(() => void google.move([email], {}).catch(() => undefined), CHANGE_EVERY_MS);
  try {
    await measure(WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round += 1) {
      const measured: Measured[] = [];
      for (const [, trouble] of states) {
        await google.trouble(trouble);
        await sleep(CHANGE_EVERY_MS);
        measured.push(await measure(ROUND_SECONDS));
      }
      rounds.push(measured);
      const answer = await fetch(`${origin}/api/availability`, { headers });
      lastAnswer = (await answer.json()) as typeof lastAnswer;
    }
  } finally {
    clearInterval(changing);
    await google.trouble(null);
  }

  console.log(
    `\nCheck availability (agent tool) of a connected calendar with ${USUAL_EVENTS} events, one of which`,
  );
  console.log(`moves every ${CHANGE_EVERY_MS} ms`);
  console.log(
    `  ${''.padEnd(36)}${'requests'.padStart(10)}${['p50 ms', 'p95 ms', 'p99 ms'].map((h) => h.padStart(9)).join('')}`,
  );
  const of = (index: number): Measured => medians(rounds.map((round) => round[index] ?? NOTHING));
  const ratioOf = (index: number): Measured =>
    medians(
      rounds.map((round) => each((what) => (round[index] ?? NOTHING)[what] / (round[0] ?? NOTHING)[what])),
    );
  for (const [index, [name]] of states.entries()) console.log(row(name, of(index), '/s', 0, 1));
  for (const [index, [name]] of states.entries()) {
    if (index === 0) continue;
    console.log(row(`ratio: ${name}`, ratioOf(index), '', 2, 2));
  }
  const kept = states.slice(1).map((_, index) => verdict(ratioOf(index + 1).p99 <= MOST_P99));
  console.log(`  p99 at most ${MOST_P99.toFixed(2)} times: ${kept.join(' and ')}`);
  console.log(
    `  asked while Google is down: calendar ${JSON.stringify(lastAnswer.calendar)} at ${new Date().toISOString()}`,
  );
}

/** What one large calendar takes, the first time and then. */
async function measureManyEvents(server: BenchServer, google: Google): Promise<void> {
  const database = await server.database('events');
  const service = await startService(server, database, google);
  // As large as the service is once it has been used.
  await google.add('small@bench.example', 1);
  await connect(service.origin, 'small@bench.example');
  await mirrored(database, 1);
  const email = 'large@bench.example';
  await google.add(email, MANY_EVENTS);
  await sleep(COUNTED_MS);

  await google.requests();
  await forgetPeak(service);
  const before = { rows: await rowsWritten(database), resident: await memory(service, 'VmRSS') };
  let started = performance.now();
  await connect(service.origin, email);
  await mirrored(database, 2);
  const firstMs = performance.now() - started;
  const peak = await memory(service, 'VmHWM');
  await sleep(COUNTED_MS);
  console.log(`\nFirst synchronisation of a calendar with ${MANY_EVENTS} events`);
  console.log(`  ${(firstMs / 1000).toFixed(2)} s from before it is connected until it is mirrored`);
  console.log(`  requests to Google: ${told(await google.requests())}`);
  console.log(`  rows written: ${difference(await rowsWritten(database), before.rows)}`);
  console.log(`  memory: ${megabytes(before.resident)} before, at most ${megabytes(peak)} meanwhile`);

  for (const isToldOnce of [true, false]) {
    const rows = await rowsWritten(database);
    started = performance.now();
    const starts = await google.move([email], { events: CHANGED_EVENTS, isToldOnce });
    await eventually(database, 'SELECT count(*) = $2 AS is FROM busy_block WHERE starts_at = ANY ($1)', [
      starts,
      CHANGED_EVENTS,
    ]);
    const changedMs = performance.now() - started;
    await sleep(COUNTED_MS);
    const requests = await google.requests();
    const written = await rowsWritten(database);
    console.log(
      `\n${CHANGED_EVENTS} events of that calendar change, and Google tells of it ${isToldOnce ? 'once' : 'of each'}`,
    );
    console.log(`  ${changedMs.toFixed(0)} ms until all of it is mirrored`);
    console.log(`  requests to Google: ${told(requests)}`);
    console.log(`  rows written: ${difference(written, rows)}`);
    const mostLists = isToldOnce ? 1 : 2;
    const isKept =
      (requests['events.list'] ?? 0) <= mostLists && sum(written) - sum(rows) <= CHANGED_EVENTS * mostLists;
    console.log(
      `  at most ${mostLists} ${mostLists === 1 ? 'list' : 'lists'} and as many rows as events: ${verdict(isKept)}`,
    );
  }
}

/** What happens when Google tells of everybody's calendar at the same time. */
async function measureManyTenants(server: BenchServer, google: Google): Promise<void> {
  const database = await server.database('tenants');
  const { origin } = await startService(server, database, google);
  const emails = Array.from({ length: TENANTS }, (_, index) => `owner${index}@bench.example`);
  let started = performance.now();
  const queue = emails.values();
  await Promise.all(
    Array.from({ length: CONNECTED_AT_ONCE }, async () => {
      for (const email of queue) {
        await google.add(email, 1);
        await connect(origin, email);
      }
    }),
  );
  await mirrored(database, TENANTS);
  console.log(
    `\n${TENANTS} tenants were connected and mirrored in ${((performance.now() - started) / 1000).toFixed(0)} s.`,
  );

  await google.requests();
  const before = await lagBuckets(origin);
  let mostDue = 0;
  let oldestSeconds = 0;
  const watching = setInterval(() => {
    void metrics(origin).then((text) => {
      mostDue = Math.max(mostDue, metric(text, 'calendar_sync_calendars{state="due"}'));
      oldestSeconds = Math.max(oldestSeconds, metric(text, 'calendar_sync_oldest_due_seconds'));
    });
  }, 250);
  started = performance.now();
  const [startsAt] = await google.move(emails, { times: PUSHES_EACH });
  const toldMs = performance.now() - started;
  await eventually(database, 'SELECT count(*) = $2 AS is FROM busy_block WHERE starts_at = $1', [
    startsAt,
    TENANTS,
  ]);
  const mirroredMs = performance.now() - started;
  await google.settled();
  await idle(database);
  const idleMs = performance.now() - started;
  clearInterval(watching);
  const requests = await google.requests();
  const [found] = await database.query<{ missed: number }>(
    'SELECT $2 - count(*)::int AS missed FROM busy_block WHERE starts_at = $1',
    [startsAt, TENANTS],
  );
  const missed = found?.missed ?? NaN;
  console.log(`\n${PUSHES_EACH} messages about each of ${TENANTS} calendars at once`);
  console.log(`  ${(toldMs / 1000).toFixed(1)} s until Google had made the changes`);
  console.log(`  ${(mirroredMs / 1000).toFixed(1)} s until all of them were mirrored; missed: ${missed}`);
  console.log(`  ${(idleMs / 1000).toFixed(1)} s until nothing was due any more`);
  console.log(`  requests to Google: ${told(requests)}`);
  console.log(
    `  calendar_sync_calendars{state="due"} at most ${mostDue}, calendar_sync_oldest_due_seconds at most ${oldestSeconds.toFixed(1)}`,
  );
  const buckets = [...(await lagBuckets(origin))].map(
    ([le, count]) => `${count - (before.get(le) ?? 0)} within ${le} s`,
  );
  console.log(`  calendar_sync_lag_seconds: ${buckets.join(', ')}`);
  const lists = requests['events.list'] ?? 0;
  console.log(
    `  at most two lists for each calendar: ${verdict(lists <= 2 * TENANTS)}; nothing missed: ${verdict(missed === 0)}`,
  );
}

function startService(server: BenchServer, database: BenchDatabase, google: Google): Promise<BenchService> {
  return server.serviceProcess(database, {
    adminKey: ADMIN_KEY,
    environment: (origin) => ({ GOOGLE_ENDPOINT: google.origin, GOOGLE_WEBHOOK_URL: origin }),
  });
}

/** Makes a tenant, and connects this account as its owner would. @returns the tenant's key */
async function connect(service: string, email: string): Promise<string> {
  const { key } = await makeTenant(service, ADMIN_KEY, email);
  await connectCalendar(service, key, email);
  return key;
}

/** Resolves when so many calendars have been synchronised and nothing is due. */
async function mirrored(database: BenchDatabase, calendars: number): Promise<void> {
  await eventually(database, 'SELECT count(*) >= $1 AS is FROM calendar WHERE known_as_of IS NOT NULL', [
    calendars,
  ]);
  await idle(database);
}

async function idle(database: BenchDatabase): Promise<void> {
  await eventually(
    database,
    'SELECT NOT EXISTS (SELECT FROM calendar_sync WHERE due_at <= now() OR lease_until IS NOT NULL) AS is',
    [],
  );
}

async function eventually(database: BenchDatabase, question: string, values: unknown[]): Promise<void> {
  for (const end = performance.now() + 300_000; ;) {
    const [row] = await database.query<{ is: boolean }>(question, values);
    if (row?.is === true) return;
    if (performance.now() > end) throw new Error(`Never: ${question}`);
    await sleep(10);
  }
}

interface RowsWritten {
  inserted: number;
  updated: number;
  deleted: number;
}

async function rowsWritten({ query }: BenchDatabase): Promise<RowsWritten> {
  const [row] = await query<RowsWritten>(
    `SELECT n_tup_ins::int AS inserted, n_tup_upd::int AS updated, n_tup_del::int AS deleted
     FROM pg_stat_user_tables WHERE relname = 'busy_block'`,
  );
  return row ?? { inserted: NaN, updated: NaN, deleted: NaN };
}

function sum({ inserted, updated, deleted }: RowsWritten): number {
  return inserted + updated + deleted;
}

function difference(after: RowsWritten, before: RowsWritten): string {
  return (['inserted', 'updated', 'deleted'] as const)
    .map((what) => `${after[what] - before[what]} ${what}`)
    .join(', ');
}

/** @returns kilobytes; NaN on systems that do not say */
async function memory({ pid }: BenchService, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`^${what}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
}

/** What the process has at most is counted from now on. */
async function forgetPeak({ pid }: BenchService): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}

async function metrics(origin: string): Promise<string> {
  return (await fetch(`${origin}/metrics`)).text();
}

function metric(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length) ?? NaN);
}

/** How many synchronisations that went well came within so many seconds. */
async function lagBuckets(origin: string): Promise<Map<string, number>> {
  const text = await metrics(origin);
  const found = text.matchAll(/^calendar_sync_lag_seconds_bucket\{le="([^"]+)",outcome="ok"\} (\d+)$/gm);
  return new Map([...found].map(([, le = '', count]) => [le, Number(count)]));
}

const NOTHING: Measured = { perSecond: NaN, p50: NaN, p95: NaN, p99: NaN };

function row(
  name: string,
  { perSecond, p50, p95, p99 }: Measured,
  unit: string,
  first: number,
  digits: number,
): string {
  const numbers = [p50, p95, p99].map((value) => value.toFixed(digits).padStart(9)).join('');
  return `  ${name.padEnd(36)}${`${perSecond.toFixed(first)}${unit}`.padStart(10)}${numbers}`;
}

function verdict(isKept: boolean): string {
  return isKept ? 'kept' : 'missed';
}

function told(requests: Record<string, number>): string {
  const list = Object.entries(requests).map(([operation, count]) => `${count} ${operation}`);
  return list.length === 0 ? 'none' : list.join(', ');
}

function megabytes(kilobytes: number): string {
  return Number.isNaN(kilobytes) ? 'unknown' : `${(kilobytes / 1024).toFixed(0)} MB`;
}
