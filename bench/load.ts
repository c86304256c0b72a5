import autocannon, { type Request } from 'autocannon';

export interface Measured {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
}

const CONNECTIONS = 8;
const SECONDS = 5;
const WARM_UP_SECONDS = 2;

/**
 * Asks `origin` for what `next` says, as fast as it answers, after a time to warm up.
 * @throws when anything but success comes back: a benchmark of refusals would say nothing
 */
export async function measure(origin: string, next: () => Request): Promise<Measured> {
  await load(origin, next, WARM_UP_SECONDS);
  return load(origin, next, SECONDS);
}

async function load(origin: string, next: () => Request, seconds: number): Promise<Measured> {
  const times: number[] = [];
  const running = autocannon({
    url: origin,
    connections: CONNECTIONS,
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

export function printPair(name: string, service: Measured, bare: Measured): void {
  const row = (label: string, { perSecond, p50, p95, p99 }: Measured): string =>
    `  ${label.padEnd(22)}${perSecond.toFixed(0).padStart(8)}/s` +
    [p50, p95, p99].map((milliseconds) => milliseconds.toFixed(1).padStart(9)).join('');
  const ratio = (of: keyof Measured): string => (service[of] / bare[of]).toFixed(2);
  console.log(`\n${name}`);
  console.log(
    `  ${''.padEnd(22)}${'requests'.padStart(10)}${['p50 ms', 'p95 ms', 'p99 ms'].map((h) => h.padStart(9)).join('')}`,
  );
  console.log(row('the service', service));
  console.log(row('bare Fastify and pg', bare));
  console.log(
    `  ${'ratio'.padEnd(22)}${ratio('perSecond').padStart(10)}` +
      [ratio('p50'), ratio('p95'), ratio('p99')].map((text) => text.padStart(9)).join(''),
  );
}
