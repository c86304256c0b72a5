import autocannon, { type Request } from 'autocannon';

export interface Measured {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
}

/** A server and what it is asked, again and again. */
export interface Asked {
  origin: string;
  next: () => Request;
}

/** The medians of the rounds, and of the ratios within each round. */
export interface Compared {
  service: Measured;
  bare: Measured;
  ratio: Measured;
}

/** What the service may cost beside the bare handler. */
export interface Limits {
  leastThroughput: number;
  mostP99?: number;
}

const CONNECTIONS = 8;
const ROUNDS = 9;
const ROUND_SECONDS = 2;
/** By then what is asked again and again has been compiled, also where there is more to compile. */
const WARM_UP_SECONDS = 6;

/**
 * Loads the service and the bare handler by turns, round after round, after a time to warm up: what else the machine does
 * then weighs on both, and one bad moment moves no median.
 * @throws when anything but success comes back: a benchmark of refusals would say nothing
 */
export async function compare(service: Asked, bare: Asked): Promise<Compared> {
  await load(service, WARM_UP_SECONDS);
  await load(bare, WARM_UP_SECONDS);
  const rounds: { service: Measured; bare: Measured }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ service: await load(service, ROUND_SECONDS), bare: await load(bare, ROUND_SECONDS) });
  }
  return {
    service: medians(rounds.map((round) => round.service)),
    bare: medians(rounds.map((round) => round.bare)),
    ratio: medians(rounds.map((round) => each((of) => round.service[of] / round.bare[of]))),
  };
}

/** @throws when anything but success comes back */
export async function load(
  { origin, next }: Asked,
  seconds: number,
  connections = CONNECTIONS,
): Promise<Measured> {
  const times: number[] = [];
  const running = autocannon({
    url: origin,
    connections,
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, ...next() }) }],
  });
  // Autocannon's own histogram counts whole milliseconds.
  running.on('response', (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  const { requests, errors, timeouts, non2xx } = await running;
  if (errors + timeouts + non2xx > 0) {
    throw new Error(
      `${errors} errors, ${timeouts} timeouts and ${non2xx} refusals out of ${requests.total} requests`,
    );
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { perSecond: times.length / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** @returns what `value` says of each of the numbers */
export function each(value: (of: keyof Measured) => number): Measured {
  return { perSecond: value('perSecond'), p50: value('p50'), p95: value('p95'), p99: value('p99') };
}

/** @returns the median of each of the numbers */
export function medians(rounds: readonly Measured[]): Measured {
  return each((of) => {
    const sorted = rounds.map((round) => round[of]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? NaN;
  });
}

export function printComparison(name: string, { service, bare, ratio }: Compared, limits: Limits): void {
  const row = (label: string, { perSecond, p50, p95, p99 }: Measured): string =>
    `  ${label.padEnd(22)}${perSecond.toFixed(0).padStart(8)}/s` +
    [p50, p95, p99].map((milliseconds) => milliseconds.toFixed(1).padStart(9)).join('');
  console.log(`\n${name}`);
  console.log(
    `  ${''.padEnd(22)}${'requests'.padStart(10)}${['p50 ms', 'p95 ms', 'p99 ms'].map((h) => h.padStart(9)).join('')}`,
  );
  console.log(row('the service', service));
  console.log(row('bare Fastify and pg', bare));
  console.log(
    `  ${'ratio'.padEnd(22)}${ratio.perSecond.toFixed(2).padStart(10)}` +
      [ratio.p50, ratio.p95, ratio.p99].map((value) => value.toFixed(2).padStart(9)).join(''),
  );
  const { leastThroughput, mostP99 } = limits;
  const kept = (holds: boolean): string => (holds ? 'kept' : 'missed');
  console.log(
    `  throughput at least ${leastThroughput.toFixed(2)} of the bare one's: ${kept(ratio.perSecond >= leastThroughput)}` +
      (mostP99 === undefined
        ? ''
        : `; p99 at most ${mostP99.toFixed(2)} times: ${kept(ratio.p99 <= mostP99)}`),
  );
}
