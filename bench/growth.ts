/*
 * Whether answers take longer the more there is: `node bench/growth.ts` after `npm run build`. Two databases of one
 * PostgreSQL, one with 10 tenants and 1,000 bookings, one with 10,000 and 1,000,000, each with a service process of its own,
 * asked by turns. Takes about three minutes, most of it for making the bookings, and 2 GB of disk.
 *
 * Each tenant has a hundred bookings in both, and every request comes with one of 10,000 API keys at random: so the answers
 * are alike, and no process finds a key remembered more often than the other. What differs is how deep the indexes are and how
 * much of the tables is in memory (PostgreSQL has its default of 128 MB).
 */
import { availableParallelism, loadavg } from 'node:os';
import type { BenchDatabase } from './bench-server.js';

const local = (file: string): string => new URL(file, import.meta.url).href;
// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { withBenchServer } = (await import(local('./bench-server.ts'))) as typeof import('./bench-server.js');
const { CrowdRequests } = (await import(
  local('./crowd-requests.ts')
)) as typeof import('./crowd-requests.js');
const { compare } = (await import(local('./load.ts'))) as typeof import('./load.js');
const { addCrowd } = (await import(
  local('../test/support/many-bookings.ts')
)) as typeof import('../test/support/many-bookings.js');

const KEYS = 10_000;
const BOOKINGS_EACH = 100;
const FEW = 10;
const MANY = 10_000;
const MOST_GROWTH = 1.2;

await withBenchServer(async (server) => {
  const few = await server.database('few');
  const many = await server.database('many');
  await fill(few, FEW);
  await fill(many, MANY);
  const asked = {
    few: { origin: await server.service(few), requests: await CrowdRequests.of(few) },
    many: { origin: await server.service(many), requests: await CrowdRequests.of(many) },
  };
  for (const [name, kind] of [
    ['Check availability (GET /api/availability, seven days of two resources)', 'availability'],
    ['Create a booking (POST /api/bookings)', 'booking'],
  ] as const) {
    const { service, bare, ratio } = await compare(
      { origin: asked.many.origin, next: () => asked.many.requests[kind]() },
      { origin: asked.few.origin, next: () => asked.few.requests[kind]() },
    );
    const row = (label: string, { p50, p95 }: { p50: number; p95: number }, digits: number): string =>
      `  ${label.padEnd(40)}${[p50, p95].map((value) => value.toFixed(digits).padStart(9)).join('')}`;
    console.log(`\n${name}\n  ${''.padEnd(40)}   p50 ms   p95 ms`);
    console.log(row('10 tenants, 1,000 bookings', bare, 1));
    console.log(row('10,000 tenants, 1,000,000 bookings', service, 1));
    console.log(row('ratio', ratio, 2));
    const kept = ratio.p50 <= MOST_GROWTH && ratio.p95 <= MOST_GROWTH;
    console.log(`  at most ${MOST_GROWTH.toFixed(2)}: ${kept ? 'kept' : 'missed'}`);
  }
  const [load = 0] = loadavg();
  console.log(`\n(${availableParallelism()} cores, load ${load.toFixed(1)} at the end)`);
});

/** In parts, so that no statement holds a million rows in memory. */
async function fill(database: BenchDatabase, tenants: number): Promise<void> {
  const started = performance.now();
  const query = (text: string, values: unknown[]): Promise<unknown> => database.query(text, values);
  await database.query('SET synchronous_commit = off');
  await database.query(`SET maintenance_work_mem = '256MB'`);
  const part = Math.min(tenants, 2_000);
  const keysEach = KEYS / tenants;
  for (let made = 0; made < tenants; made += part) {
    const crowd = { tenants: part, bookingsEach: BOOKINGS_EACH, keysEach, busyBlocksEach: 0 };
    await addCrowd(query, crowd, made * keysEach);
  }
  // As autovacuum would have left it.
  await database.query('VACUUM (ANALYZE)');
  await database.query('CHECKPOINT');
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${tenants} tenants and ${tenants * BOOKINGS_EACH} bookings were made in ${seconds.toFixed(0)} s.`,
  );
}
