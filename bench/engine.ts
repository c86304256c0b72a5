/*
 * How long the availability engine takes: `node bench/engine.ts` after `npm run build`. Prints the median of many runs for
 * each case beside what it may take (on a virtual machine with two cores), and ends with 1 if a case takes longer. And what
 * a whole answer takes: one slot for each start, as JSON has it.
 */
import 'reflect-metadata';
import { registerHooks } from 'node:module';
import type { Interval } from '../src/booking/engine/intervals.js';
import type { ResourceCalendar, ServiceRules, Slot, SlotSearch } from '../src/booking/engine/slot-finder.js';

// Node strips types but knows no decorators, so the service comes as it was built.
const { slotOffers } = (await import(
  new URL('../dist/booking/availability/availability.service.js', import.meta.url).href
)) as typeof import('../src/booking/availability/availability.service.js');

// Node strips types but takes `./x.js` for what it says; the sources mean `./x.ts`.
registerHooks({
  resolve: (specifier, context, next) =>
    next(
      /^\.\.?\//.test(specifier) && !context.parentURL?.includes('/node_modules/')
        ? specifier.replace(/\.js$/, '.ts')
        : specifier,
      context,
    ),
});
const { findSlots } = await import('../src/booking/engine/slot-finder.js');
const { searchFreeStarts } = await import('../src/booking/engine/free-starts.js');
const { DEFAULT_WORKING_HOURS } = await import('../src/booking/engine/working-hours.js');

const minute = 60_000;
const day = 86_400_000;
/** A month with a change of clocks in it. */
const now = Date.UTC(2026, 9, 12, 7, 3);

interface Case {
  name: string;
  resources: number;
  days: number;
  stepMinutes: number;
  busy: number;
  allowedMs: number;
}

const cases: Case[] = [
  { name: '1 resource, 30 days, 15 min', resources: 1, days: 30, stepMinutes: 15, busy: 80, allowedMs: 0.3 },
  {
    name: '50 resources, 30 days, 15 min',
    resources: 50,
    days: 30,
    stepMinutes: 15,
    busy: 80,
    allowedMs: 15,
  },
  { name: '1 resource, 90 days, 5 min', resources: 1, days: 90, stepMinutes: 5, busy: 1000, allowedMs: 2 },
];

/**
 * Numbers in [0, 1) that are the same in every run (a linear congruential generator, Numerical Recipes'
 * constants).
 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function blocks(count: number, days: number, random: () => number): Interval[] {
  return Array.from({ length: count }, () => {
    const start = now + Math.floor(random() * days * 96) * 15 * minute;
    return { start, end: start + (1 + Math.floor(random() * 4)) * 15 * minute };
  });
}

function search({ resources, days, stepMinutes, busy }: Case): SlotSearch {
  const random = randomFrom(resources + days);
  const rules: ServiceRules = {
    durationMinutes: 30,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 10,
    slotStepMinutes: stepMinutes,
    minNoticeMinutes: 120,
    maxAdvanceDays: 365,
  };
  const calendars = Array.from({ length: resources }, (_, i): ResourceCalendar => ({
    resourceId: `resource-${i}`,
    timezone: 'Europe/Berlin',
    workingHours: DEFAULT_WORKING_HOURS,
    booked: blocks(busy / 2, days, random),
    busy: blocks(busy / 2, days, random),
  }));
  return { now, from: now, to: now + days * day, rules, resources: calendars };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** @returns how long `run` takes: the median, and the first time */
function time(runs: number, run: () => unknown): { ms: number; first: number } {
  const times: number[] = [];
  for (let i = 0; i <= runs; i++) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  const [first = NaN, ...others] = times;
  return { ms: median(others), first };
}

for (const measured of cases) {
  const input = search(measured);
  const runs = measured.resources > 1 ? 200 : 2000;
  const { ms, first } = time(runs, () => findSlots(input));
  const slots = findSlots(input);
  if (ms > measured.allowedMs) process.exitCode = 1;
  const row = (name: string, busy: string, found: number): string =>
    `${name.padEnd(30)} ${busy.padStart(9)} ${`${found} slots`.padStart(12)}`;
  console.log(
    `${row(measured.name, `${measured.busy} busy`, slots.length)}  median ${ms.toFixed(3)} ms of ${measured.allowedMs} ms` +
      ` (${runs} runs, first ${first.toFixed(1)} ms)`,
  );
  const known = {
    timezone: 'Europe/Berlin',
    service: {
      ...input.rules,
      id: '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11',
      name: 'Visit',
      description: null,
      maxPerDay: null,
    },
    resources: [...input.resources],
  };
  const freeStarts = (): Slot[] =>
    [...searchFreeStarts(input, [input], { mostLookedAt: Infinity })].flatMap((step) =>
      step.kind === 'piece' ? step.slots : [],
    );
  const offered = freeStarts().length;
  const offers = time(runs, () => freeStarts().map(slotOffers(known, undefined)));
  console.log(`${row('  as an answer has them', '', offered)}  median ${offers.ms.toFixed(3)} ms`);
}
