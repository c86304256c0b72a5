import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { requestContext, type RequestContextValues } from '../logging/request-context.js';
import type { Draining } from './draining.js';
import { BODY_LIMIT } from './route-options.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What is known of the request, for log lines about it. Null until its first hook. */
    context: RequestContextValues | null;
  }
}

/** The context of a request, also where asynchronous context does not reach (the hook that logs the answer). */
export function contextOf(request: FastifyRequest): RequestContextValues {
  return request.context ?? { requestId: request.id };
}

/** What happens around every request, found or not: its id and context, and the refusal once the process is ending. */
export function addRequestHooks(server: FastifyInstance, draining: Draining): void {
  server.decorateRequest('context', null);
  server.addHook('onRequest', (request, reply, done) => {
    const context = { requestId: request.id };
    request.context = context;
    void reply.header('x-request-id', request.id);
    requestContext.run(context, () => {
      const refused = draining.refuses && !request.url.startsWith('/health/');
      done(
        refused
          ? new DomainError('unavailable', 'This instance is shutting down.', { retryAfterSeconds: 1 })
          : undefined,
      );
    });
  });
  // The body arrives in events of the socket, which know nothing of the request: enter its context again.
  server.addHook('preValidation', (request, _reply, done) => requestContext.run(contextOf(request), done));
  server.addHook('onSend', (request, reply, payload, done) => {
    if (draining.started || hasLargeRest(request)) void reply.header('connection', 'close');
    done(null, payload);
  });
}

/**
 * Whether much of the body is still to come that nobody will read. Node would read all of it before the next request of the
 * connection, which costs more than the answer did; so the connection ends with the answer.
 */
function hasLargeRest({ raw }: FastifyRequest): boolean {
  if (raw.complete || raw.readableDidRead) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = raw.headers;
  return coding === undefined ? Number(length ?? 0) > BODY_LIMIT : true;
}
