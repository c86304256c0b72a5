import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { refuseUnknownCoding } from './body-encoding.js';
import type { EarlyGuards } from './early-guards.js';
import type { RefusalLimits } from './rate-limits.js';

/**
 * Lets requests in, or not, before their bodies are read. What is not there is said at once, too: nobody needs a body for
 * that.
 */
export function admitRequests(server: FastifyInstance, guards: EarlyGuards, limits: RefusalLimits): void {
  /** Those that were let in or refused by their headers. */
  const decided = new WeakSet<FastifyRequest>();
  server.decorateRequest('admitted', false);
  server.decorateRequest('principal', null);
  server.decorateRequest('unread', null);
  server.addHook('onRequest', async (request, reply) => {
    await limits.check(request);
    if (request.is404) {
      await limits.nothingThere(request);
      throw new DomainError('not_found', 'There is nothing at this address.');
    }
    try {
      await guards.admit(request, reply);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'unauthenticated') {
        decided.add(request);
        await limits.refused(request);
      }
      throw error;
    }
    if (request.admitted) {
      decided.add(request);
      limits.letIn(request);
    }
    refuseUnknownCoding(request, reply);
  });
  // What depended on the body, or on a guard that runs later.
  server.addHook('onResponse', async (request, reply) => {
    if (decided.has(request)) return;
    if (request.admitted) limits.letIn(request);
    // It was answered already: whether it was one too many, the next one is told.
    else if (reply.statusCode === 401) await limits.refused(request).catch(() => undefined);
  });
}
