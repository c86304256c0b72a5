import type { FastifyInstance } from 'fastify';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const QUIET_MS = 60_000;
const LOOK_EVERY_MS = 10_000;

/**
 * Gives memory back once no request has come for a minute. V8 collects when a process allocates, so what a busy hour left
 * behind would stay for as long as nothing happens. The process stands still meanwhile (a tenth of a second, three on a busy
 * machine), so it does this when nobody is asking, and once after each busy time.
 */
export function collectWhenQuiet(
  server: FastifyInstance,
  { quietMs = QUIET_MS, lookEveryMs = LOOK_EVERY_MS } = {},
): void {
  let lastRequestAt = performance.now();
  let collected = false;
  server.addHook('onRequest', (request, _reply, done) => {
    // Those who look after the process ask at all times.
    if (!request.url.startsWith('/health/') && !request.url.startsWith('/metrics')) {
      lastRequestAt = performance.now();
      collected = false;
    }
    done();
  });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const timer = setInterval(() => {
    if (collected || performance.now() - lastRequestAt < quietMs) return;
    collected = true;
    collect();
  }, lookEveryMs).unref();
  server.addHook('onClose', (_server, done) => {
    clearInterval(timer);
    done();
  });
}
