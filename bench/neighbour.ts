/*
 * What one organisation notices of others: `node bench/neighbour.ts` after `npm run build`
 * (`ONLY=pushes` for one kind of load, `ROUNDS=2` for fewer rounds). It asks `check_availability` at a
 * steady pace while the service does nothing else, and beside each kind of load, by turns, so that what else the machine does
 * weighs on both. The load comes from a process of its own (neighbour-load.ts). On 127.0.0.1, with a PostgreSQL of its own;
 * takes about two minutes. It prints the limits that it is held to and fails for none: on a busy machine they mean little.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase, BenchServer } from './bench-server.js';
import type { Load } from './neighbour-load.js';

const local = (file: string): string => new URL(file, import.meta.url).href;
// Node strips types but resolves no `.js` to a `.ts`, and the compiler takes no `.ts`.
const { withBenchServer } = (await import(local('./bench-server.ts'))) as typeof import('./bench-server.js');
const { makeTenant, nextMonday, request } = (await import(
  local('./bench-tenant.ts')
)) as typeof import('./bench-tenant.js');

const ADMIN_KEY = randomBytes(24).toString('hex');
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
/** Only the loads whose name contains this. */
const ONLY = process.env['ONLY'] ?? '';
const ROUND_MS = 2_000;
/** What the load has before it is measured. */
const SETTLE_MS = 300;
/** The neighbour asks no faster, as callers would not. */
const PACE_MS = 10;
const WARM_UP_MS = 4_000;
const MOST_RATIO = 2;
const MOST_P99_MS = 250;

const PEOPLE = 40;
const OVERRIDES = 1000;
const BOOKINGS = 5_000;
/** Callers of the heavy organisation at a time, each with a key of its own. */
const CALLERS = 6;
const PUSHES = 12_000;
const CHANNELS = 20;

interface Figures {
  p50: number;
  p99: number;
  /** How many questions got no times. */
  refused: number;
}

await withBenchServer(async (server) => {
  const database = await server.database('neighbour');
  const origin = await server.service(database, ADMIN_KEY);
  const neighbour = await makeTenant(origin, ADMIN_KEY, 'Neighbour');
  const heavy = await makeHeavyTenant(origin, database);
  const channels = await makeChannels(database, heavy.id);
  const ask = asking(origin, neighbour.key);
  await measure(ask, WARM_UP_MS);

  console.log(
    `\ncheck_availability of a neighbour, one every ${PACE_MS} ms, quiet and beside others by turns (${ROUNDS} rounds of ${ROUND_MS / 1000} s each)`,
  );
  const heads = ['p50 ms', 'p99 ms', 'beside', 'p99 ms', 'p50 ×', 'p99 ×'];
  console.log(`  ${''.padEnd(52)}${heads.map((head) => head.padStart(9)).join('')}`);
  let isKept = true;
  for (const [name, load] of loads(origin, heavy.keys, channels)) {
    if (!name.includes(ONLY)) continue;
    const compared = await beside(server, ask, load);
    isKept = print(name, compared) && isKept;
  }
  const [busy = 0] = loadavg();
  console.log(
    `  p99 at most ${MOST_RATIO} times quiet and at most ${MOST_P99_MS} ms, all of them: ${verdict(isKept)}`,
  );
  console.log(`\n(${availableParallelism()} cores, load ${busy.toFixed(1)} at the end)`);
});

function loads(origin: string, keys: string[], channels: Channel[]): [name: string, load: Load][] {
  const [from, to] = [dayAfter(1), dayAfter(61)];
  const asked = (path: string): Load => ({ kind: 'requests', origin, keys, method: 'GET', path });
  const said = (body: object): Load => ({
    ...{ kind: 'requests', origin, keys, method: 'POST', path: '/api/agent-tools/check_availability' },
    body: JSON.stringify(body),
  });
  return [
    [
      `availability: 61 days, one-minute steps, ${PEOPLE} people`,
      asked(`/api/availability?from=${from}&to=${to}`),
    ],
    ['full lists of bookings', asked('/api/bookings?limit=200')],
    ['full lists of staff with their hours', asked('/api/resources?limit=200')],
    [
      'agent: every day of six weeks, at a time that is never free',
      said({ date: `from ${from} to ${dayAfter(42)}`, time: '11:59 PM' }),
    ],
    ['agent: half of the day left open', said({ date: `from ${from} to ${dayAfter(42)}`, time: 'after 6' })],
    ['bodies of 1 MiB without a credential', { kind: 'bodies', origin, connections: 8 }],
    [
      `${PUSHES} pushes, half of them for channels that nobody knows`,
      { kind: 'pushes', origin, channels, perSecond: (PUSHES * 1000) / (ROUNDS * (ROUND_MS + SETTLE_MS)) },
    ],
    ['the API documents', { kind: 'requests', origin, keys, method: 'GET', path: '/api/docs-yaml' }],
  ];
}

/** Medians of the rounds, and of the ratios within each. */
async function beside(server: BenchServer, ask: () => Promise<boolean>, load: Load) {
  const child = server.start('./neighbour-load.ts', { LOAD: JSON.stringify(load) });
  const tell = (what: 'go' | 'stop'): Promise<unknown[]> => {
    child.stdin?.write(`${what}\n`);
    return once(child.stdout ?? child, 'data');
  };
  await once(child.stdout ?? child, 'data');
  const rounds: { quiet: Figures; loaded: Figures }[] = [];
  let done = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    const quiet = await measure(ask, ROUND_MS);
    await tell('go');
    await sleep(SETTLE_MS);
    const loaded = await measure(ask, ROUND_MS);
    done = String(await tell('stop')).trim();
    await sleep(SETTLE_MS);
    rounds.push({ quiet, loaded });
  }
  child.stdin?.end();
  const each = (of: (round: (typeof rounds)[number]) => number): number => median(rounds.map(of));
  return {
    quiet: { p50: each(({ quiet }) => quiet.p50), p99: each(({ quiet }) => quiet.p99) },
    loaded: { p50: each(({ loaded }) => loaded.p50), p99: each(({ loaded }) => loaded.p99) },
    refused: rounds.reduce((all, { quiet, loaded }) => all + quiet.refused + loaded.refused, 0),
    ratio: {
      p50: each(({ quiet, loaded }) => loaded.p50 / quiet.p50),
      p99: each(({ quiet, loaded }) => loaded.p99 / quiet.p99),
    },
    done,
  };
}

/** @returns whether the limits are kept */
function print(
  name: string,
  { quiet, loaded, ratio, refused, done }: Awaited<ReturnType<typeof beside>>,
): boolean {
  const figures = [
    ...[quiet.p50, quiet.p99, loaded.p50, loaded.p99].map((ms) => ms.toFixed(1).padStart(9)),
    ...[ratio.p50, ratio.p99].map((times) => times.toFixed(2).padStart(9)),
  ];
  const isKept = ratio.p99 <= MOST_RATIO && loaded.p99 <= MOST_P99_MS && refused === 0;
  console.log(
    `  ${name.padEnd(52)}${figures.join('')}  ${verdict(isKept)}; ${refused > 0 ? `${refused} refused; ` : ''}${done}`,
  );
  return isKept;
}

/** One question after the other, none before its time. */
async function measure(ask: () => Promise<boolean>, milliseconds: number): Promise<Figures> {
  const times: number[] = [];
  let refused = 0;
  const end = performance.now() + milliseconds;
  for (let due = performance.now(); due < end; due = Math.max(due + PACE_MS, performance.now())) {
    await sleep(Math.max(0, due - performance.now()));
    const begun = performance.now();
    if (!(await ask())) refused += 1;
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), refused };
}

/** @returns whether it was told of times */
function asking(origin: string, key: string): () => Promise<boolean> {
  const body = { date: nextMonday() };
  return async () => {
    const { ok } = await request<{ ok: boolean }>(
      'POST',
      `${origin}/api/agent-tools/check_availability`,
      key,
      body,
    );
    return ok;
  };
}

/** As much as one organisation can have: people, dates with hours of their own, steps of a minute, bookings. */
async function makeHeavyTenant(
  origin: string,
  database: BenchDatabase,
): Promise<{ id: string; keys: string[] }> {
  const { id, key } = await makeTenant(origin, ADMIN_KEY, 'Heavy');
  const weekly = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '23:50' }));
  const overrides = Array.from({ length: OVERRIDES }, (_, day) => ({
    date: dayAfter(day),
    intervals: [
      { start: '00:00', end: '11:50' },
      { start: '12:10', end: '23:50' },
    ],
  }));
  await request('PUT', `${origin}/api/working-hours`, key, { weekly, overrides: [] });
  const workingHours = { weekly, overrides };
  const { items: first } = await request<{ items: { id: string }[] }>('GET', `${origin}/api/resources`, key);
  for (const { id: resource } of first)
    await request('PATCH', `${origin}/api/resources/${resource}`, key, { workingHours });
  for (let person = first.length; person < PEOPLE; person += 1) {
    await request('POST', `${origin}/api/resources`, key, { name: `Person ${person}`, workingHours });
  }
  const { items: people } = await request<{ items: { id: string }[] }>(
    ...['GET', `${origin}/api/resources?limit=200`, key],
  );
  const { items: services } = await request<{ items: { id: string }[] }>(
    ...['GET', `${origin}/api/services`, key],
  );
  await request('PATCH', `${origin}/api/services/${services[0]?.id}`, key, {
    ...{ durationMinutes: 1, slotStepMinutes: 1, maxAdvanceDays: 365 },
    resourceIds: people.map((one) => one.id),
  });
  // Every other quarter of an hour of everybody, as far as they go.
  await database.query(
    `INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
       local_date, customer_name, phone, purpose, source)
     SELECT $1::uuid, 'N' || r.n || '-' || k, r.id, $2::uuid, 'confirmed', at, at + interval '15 minutes',
       tstzrange(at, at + interval '15 minutes'), 'America/New_York', (at AT TIME ZONE 'America/New_York')::date, 'Ann Lee',
       '+1500' || lpad((r.n * 1000 + k)::text, 7, '0'), repeat('what it is about ', 20), 'agent'
     FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM resource WHERE tenant_id = $1::uuid) r,
       generate_series(1, $3::integer / ${PEOPLE}) k,
       LATERAL (SELECT date_trunc('hour', now()) + interval '1 day' + k * interval '30 minutes') s (at)`,
    [id, services[0]?.id, BOOKINGS],
  );
  await database.query('ANALYZE');
  const keys = await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      const body = { name: `caller ${caller}`, scopes: ['dashboard', 'agent'] };
      return (
        await request<{ key: string }>('POST', `${origin}/api/admin/tenants/${id}/api-keys`, ADMIN_KEY, body)
      ).key;
    }),
  );
  return { id, keys };
}

interface Channel {
  id: string;
  token: string;
}

/** Calendars that Google tells of, of an account whose owner has to connect it anew: what is told is noted, and waits. */
async function makeChannels(database: BenchDatabase, tenant: string): Promise<Channel[]> {
  const [account] = await database.query<{ id: string }>(
    `INSERT INTO calendar_connection (tenant_id, account_sub, account_email, scopes, state)
     VALUES ($1, 'bench', 'owner@bench.example', '{}', 'needs_reconnect') RETURNING id`,
    [tenant],
  );
  const channels = Array.from({ length: CHANNELS }, () => ({
    id: randomBytes(32).toString('base64url'),
    token: randomBytes(32).toString('base64url'),
  }));
  for (const [index, { id, token }] of channels.entries()) {
    const [calendar] = await database.query<{ id: string }>(
      `INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone, reads_conflicts, writes_bookings)
       VALUES ($1, $2, $3, 'Calendar', 'UTC', false, false) RETURNING id`,
      [tenant, account?.id, `calendar${index}@bench.example`],
    );
    await database.query(
      `INSERT INTO calendar_sync (tenant_id, calendar_id, failure, failing_since, due_at)
       VALUES ($1, $2, 'grant_revoked', now(), now() + interval '1 day')`,
      [tenant, calendar?.id],
    );
    await database.query(
      `INSERT INTO push_channel (tenant_id, id, calendar_id, token_hash, address) VALUES ($1, $2, $3, $4, 'https://bench.example')`,
      [tenant, id, calendar?.id, createHash('sha256').update(token).digest()],
    );
  }
  return channels;
}

function dayAfter(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function verdict(isKept: boolean): string {
  return isKept ? 'kept' : 'missed';
}
