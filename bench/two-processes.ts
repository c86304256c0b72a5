/*
 * How many more bookings two service processes make than one, behind one database: `node bench/two-processes.ts` after
 * `npm run build`. Every booking is of one of 200 tenants at random, so processes seldom wait for each other. One process and
 * both are loaded by turns, with as many connections. Where PostgreSQL, two processes and what loads them share two cores, the
 * second process has little left to run on: the number to look at is that of a machine with four or more.
 */
import { availableParallelism, loadavg } from 'node:os';

const local = (file: string): string => new URL(file, import.meta.url).href;
// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { withBenchServer } = (await import(local('./bench-server.ts'))) as typeof import('./bench-server.js');
const { CrowdRequests } = (await import(
  local('./crowd-requests.ts')
)) as typeof import('./crowd-requests.js');
const { load } = (await import(local('./load.ts'))) as typeof import('./load.js');
const { addCrowd } = (await import(
  local('../test/support/many-bookings.ts')
)) as typeof import('../test/support/many-bookings.js');

const TENANTS = 200;
const CONNECTIONS = 16;
const ROUNDS = 5;
const ROUND_SECONDS = 3;
const WANTED = 1.6;
/** PostgreSQL, what loads the processes, and the two of them. */
const CORES_WANTED = 4;

await withBenchServer(async (server) => {
  const database = await server.database('crowd');
  await addCrowd((text, values) => database.query(text, values), {
    tenants: TENANTS,
    bookingsEach: 100,
    keysEach: 1,
    busyBlocksEach: 0,
  });
  const origins = [await server.service(database), await server.service(database)];
  const requests = await CrowdRequests.of(database);
  /** @returns bookings made in a second */
  const book = async (processes: string[], seconds = ROUND_SECONDS): Promise<number> => {
    const connections = CONNECTIONS / processes.length;
    const next = () => requests.booking();
    const measured = await Promise.all(
      processes.map((origin) => load({ origin, next }, seconds, connections)),
    );
    return measured.reduce((sum, { perSecond }) => sum + perSecond, 0);
  };

  await book(origins);
  const rounds: { one: number; two: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ one: await book(origins.slice(0, 1)), two: await book(origins) });
  }
  const median = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  const cores = availableParallelism();
  const [busy = 0] = loadavg();
  const ratio = median(rounds.map(({ one, two }) => two / one));
  console.log(`\nBookings of ${TENANTS} tenants, ${CONNECTIONS} at a time`);
  console.log(
    `  one process   ${median(rounds.map(({ one }) => one))
      .toFixed(0)
      .padStart(6)}/s`,
  );
  console.log(
    `  two processes ${median(rounds.map(({ two }) => two))
      .toFixed(0)
      .padStart(6)}/s`,
  );
  console.log(`  ratio         ${ratio.toFixed(2).padStart(6)}, on ${cores} cores (load ${busy.toFixed(1)})`);
  const verdict = ratio >= WANTED ? 'kept' : cores < CORES_WANTED ? 'not on so few cores' : 'missed';
  console.log(`  at least ${WANTED.toFixed(2)}: ${verdict}`);
});
