import { fastify } from 'fastify';
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectWhenQuiet } from '../../src/platform/http/quiet-collection.js';
import { eventually } from '../support/eventually.js';

interface Collection {
  kind?: number;
  flags?: number;
}

describe('a service that nobody has asked for a while', () => {
  it('collects what it no longer needs, once after each busy time', async () => {
    let collections = 0;
    const observer = new PerformanceObserver((list) => {
      // Node's types leave out what entries tell of collections.
      for (const entry of list.getEntries() as (PerformanceEntry & { detail?: Collection })[]) {
        const { kind = 0, flags = 0 } = entry.detail ?? {};
        const isAsked = (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
        if (isAsked && kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections += 1;
      }
    });
    observer.observe({ entryTypes: ['gc'] });
    const server = fastify();
    collectWhenQuiet(server, { quietMs: 300, lookEveryMs: 50 });
    server.get('/', () => 'answered');
    server.get('/health/ready', () => 'ready');
    for (const busyTime of [1, 2]) {
      await server.inject('/');
      await eventually(() => expect(collections).toBe(busyTime));
      // Whether it is ready is asked at all times, and makes no busy time.
      await server.inject('/health/ready');
      await sleep(600);
      expect(collections).toBe(busyTime);
    }
    await server.close();
    observer.disconnect();
  });
});
