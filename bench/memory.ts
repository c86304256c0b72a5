/*
 * How much memory the service alone takes: `node bench/memory.ts` after `npm run build`. At start, once its documents were
 * asked for, under ten seconds of load and after 90 quiet seconds. On Linux, with a PostgreSQL of its own; takes two minutes.
 * Processor time for a request is printed, too: what saves memory must not cost more of it.
 * Flags of Node take the place of those of `npm run start:prod`: `node bench/memory.ts --max-semi-space-size=8`.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const local = (file: string): string => new URL(file, import.meta.url).href;
// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { withBenchServer } = (await import(local('./bench-server.ts'))) as typeof import('./bench-server.js');
const { CrowdRequests } = (await import(
  local('./crowd-requests.ts')
)) as typeof import('./crowd-requests.js');
const { load } = (await import(local('./load.ts'))) as typeof import('./load.js');
const { makeTenant, nextMonday } = (await import(
  local('./bench-tenant.ts')
)) as typeof import('./bench-tenant.js');
const { addCrowd } = (await import(
  local('../test/support/many-bookings.ts')
)) as typeof import('../test/support/many-bookings.js');

const ADMIN_KEY = randomBytes(24).toString('hex');
const LOAD_SECONDS = 5;
const IDLE_SECONDS = 90;
const WANTED = { load: 300, idle: 180 };

const flags = process.argv.slice(2);

await withBenchServer(async (server) => {
  const database = await server.database('memory');
  await addCrowd((text, values) => database.query(text, values), {
    tenants: 50,
    bookingsEach: 100,
    keysEach: 1,
    busyBlocksEach: 0,
  });
  const { origin, pid } = await server.serviceProcess(database, {
    adminKey: ADMIN_KEY,
    ...(flags.length === 0 ? {} : { flags }),
  });
  // Before there are tenants whose keys are not the crowd's.
  const requests = await CrowdRequests.of(database);
  const { key } = await makeTenant(origin, ADMIN_KEY, 'Bench');
  await sleep(2_000);
  await print('at start', pid);

  for (const path of ['/api/docs-json', '/api/docs-yaml']) await (await fetch(origin + path)).arrayBuffer();
  await print('with its documents', pid);

  const asked = {
    method: 'POST' as const,
    path: '/api/agent-tools/check_availability',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ date: nextMonday() }),
  };
  let most = 0;
  const watching = setInterval(() => {
    void resident(pid).then(
      ({ total }) => (most = Math.max(most, total)),
      () => clearInterval(watching),
    );
  }, 200);
  const started = await processorMs(pid);
  const checks = await load({ origin, next: () => asked }, LOAD_SECONDS);
  const checked = await processorMs(pid);
  const bookings = await load({ origin, next: () => requests.booking() }, LOAD_SECONDS);
  const booked = await processorMs(pid);
  clearInterval(watching);
  console.log(`  ${'under load, at most'.padEnd(20)}${String(most).padStart(4)} MB (wanted ${WANTED.load})`);
  const each = (milliseconds: number, { perSecond }: { perSecond: number }): string =>
    `${(milliseconds / (perSecond * LOAD_SECONDS)).toFixed(2)} ms`;
  console.log(
    `    processor time: ${each(checked - started, checks)} for a check of free times, ` +
      `${each(booked - checked, bookings)} for a booking`,
  );
  await print('after the load', pid);
  await sleep(IDLE_SECONDS * 1_000);
  await print(`after ${IDLE_SECONDS} s idle`, pid, WANTED.idle);
});

async function print(when: string, pid: number, wanted?: number): Promise<void> {
  const { total, files } = await resident(pid);
  const aim = wanted === undefined ? '' : ` (wanted ${wanted})`;
  console.log(`  ${when.padEnd(20)}${String(total).padStart(4)} MB${aim}, of it ${files} MB of files`);
}

/** Megabytes. Pages of files (Node itself, above all) are shared by the processes of a machine. */
async function resident(pid: number): Promise<{ total: number; files: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024);
  return { total: megabytes('VmRSS'), files: megabytes('RssFile') };
}

/** What the process has used of the processor so far. */
async function processorMs(pid: number): Promise<number> {
  const [, after = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
  const fields = after.split(' ').map(Number);
  // In ticks of ten milliseconds: user and system (proc(5)).
  return ((fields[11] ?? NaN) + (fields[12] ?? NaN)) * 10;
}
