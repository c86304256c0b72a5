import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Settings } from '../config/settings.js';
import { DomainError } from '../errors/domain-error.js';
import { failureOf } from '../errors/failure.js';
import { sendProblem } from '../errors/problem.filter.js';
import { problemOf } from '../errors/problem.js';
import { requestIdOf } from './request-id.js';
import { BODY_LIMIT } from './route-options.js';

/**
 * Fastify with bounds on everything a client decides, and problem documents also for what fails before routing.
 *
 * Addresses are used for nothing but limiting rates, and are taken from proxies only where a setting says how many to trust.
 */
export function fastifyAdapter({ trustedProxies }: Pick<Settings, 'trustedProxies'>): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: (_address, hop) => hop < trustedProxies,
    logger: false,
    requestIdHeader: false,
    genReqId: requestIdOf,
    // A whole request, headers and body, must arrive within this time; a connection that says nothing is closed.
    requestTimeout: 30_000,
    connectionTimeout: 90_000,
    // Longer than the idle timeout of common load balancers (60 s), so that it is they who close.
    keepAliveTimeout: 65_000,
    // Refused by a hook instead, as a problem document.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('x-request-id', request.id);
      sendProblem(request, reply, failureOf(error));
    },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
      socket.end(unreadableRequest());
    },
  });
}

/** For what is not even HTTP: there is neither a request nor a reply then, only the socket. */
function unreadableRequest(): string {
  const requestId = randomUUID();
  const failure = failureOf(
    new DomainError('malformed_request', 'The request is not valid HTTP or came too slowly.'),
  );
  const body = JSON.stringify(problemOf(failure, '/', requestId));
  return [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
