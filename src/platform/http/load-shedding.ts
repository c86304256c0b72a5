import type { FastifyInstance } from 'fastify';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Settings } from '../config/settings.js';
import { DomainError } from '../errors/domain-error.js';

const SAMPLE_MS = 500;
const RESOLUTION_MS = 10;
/** So many samples in a row: one long round of the event loop is over when the next request is there to be refused. */
const IN_A_ROW = 2;

/**
 * Refuses requests at once while there are more of them than the process keeps up with: those that are answered are answered
 * in time, and the others go to another instance or come again. Whether it lives can always be asked.
 */
export function shedLoad(
  server: FastifyInstance,
  { maxEventLoopDelayMs }: Pick<Settings, 'maxEventLoopDelayMs'>,
): void {
  if (maxEventLoopDelayMs === 0) return;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let late = 0;
  let before = { count: 0, sum: 0 };
  const timer = setInterval(() => {
    // Not by resetting it: the first round after that is not counted, which may be the only one of a sample.
    const { count } = delay;
    if (count === before.count) return;
    const sum = delay.mean * count;
    const meanMs = (sum - before.sum) / (count - before.count) / 1e6;
    late = meanMs - RESOLUTION_MS > maxEventLoopDelayMs ? late + 1 : 0;
    before = { count, sum };
  }, SAMPLE_MS).unref();
  server.addHook('onClose', (_server, done) => {
    clearInterval(timer);
    delay.disable();
    done();
  });
  server.addHook('onRequest', (request, _reply, done) => {
    const isRefused = late >= IN_A_ROW && !request.url.startsWith('/health/');
    done(
      isRefused
        ? new DomainError('unavailable', 'There is more to do than can be done in time. Try again soon.', {
            retryAfterSeconds: 2,
          })
        : undefined,
    );
  });
}
