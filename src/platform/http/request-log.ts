import type { FastifyInstance } from 'fastify';
import type { Log } from '../logging/log.js';
import { contextOf } from './request-hooks.js';

/** Asked every few seconds by machines. */
const ROUTINE = /^\/(health\/|metrics$)/;

/**
 * A line for every answer: method, route as it is declared, status and time. Never the address as it was asked for, nor
 * headers or bodies: they hold codes, keys, names and numbers.
 */
export function logRequests(server: FastifyInstance, log: Log): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? null : (request.routeOptions.url ?? null);
    const level = ROUTINE.test(route ?? '') ? 'debug' : 'info';
    if (!log.isLevelEnabled(level)) {
      done();
      return;
    }
    log[level](
      {
        ...contextOf(request),
        method: request.method,
        route,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      },
      'Answered a request',
    );
    done();
  });
}
