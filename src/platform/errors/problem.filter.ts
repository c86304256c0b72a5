import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CODES } from './error-codes.js';
import type { SpokenFailure, SpokenFailures } from '../http/spoken-failures.js';
import { type Failure, failureOf } from './failure.js';
import { problemOf } from './problem.js';

/** After which time a client may try again when nothing better is known. */
const RETRY_AFTER_SECONDS = 5;

/**
 * The one place where failures become HTTP: whatever is thrown is answered with a problem document (RFC 9457), and where a
 * person is on the line, what the service could not do with a sentence.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  constructor(private readonly spoken: SpokenFailures) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const failure = failureOf(error);
    if (failure.unexpected)
      this.#logger.error({ error, requestId: request.id }, 'A request failed unexpectedly');
    if (reply.sent) return;
    const say = isOurs(failure) ? this.spoken.for(request) : undefined;
    if (say !== undefined && (await this.#isSaid(say, request, reply))) return;
    sendProblem(request, reply, failure);
  }

  async #isSaid(say: SpokenFailure, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    try {
      return (await say(request, reply)) || reply.sent;
    } catch (error) {
      this.#logger.error({ error, requestId: request.id }, 'A failure could not be put into words');
      return reply.sent;
    }
  }
}

/** Whether it was the service that could not, rather than the request that was wrong. */
function isOurs({ code }: Failure): boolean {
  return ERROR_CODES[code].status === 503;
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure): void {
  const { status } = ERROR_CODES[failure.code];
  if (status === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', 'Bearer');
  if (status === 429 || status === 503) {
    reply.header('retry-after', String(Math.ceil(failure.retryAfterSeconds ?? RETRY_AFTER_SECONDS)));
  }
  // As a string: the type of the body is set, so that Fastify does not choose another.
  const body = JSON.stringify(problemOf(failure, pathOf(request.url), request.id));
  void reply
    .status(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(body);
}

/** Without the query, which may hold a customer's number or an OAuth code. */
function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? '/';
}
