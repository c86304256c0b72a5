import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers with a sentence in the form of the route. @returns whether it has */
export type SpokenFailure = (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;

/** What a failure's body is read up to, and for how long: it only tells which call is answered. */
const LONGEST_BODY = 256 * 1024;
const LONGEST_BODY_MS = 1_000;

/**
 * Routes behind which a person is on the line. Where the service cannot answer (its database is away, it is stopping, it has
 * too much to do) they say so with 200 in their own form instead of with a status, which a caller would hear as silence.
 */
@Injectable()
export class SpokenFailures {
  readonly #routes: { method: string | undefined; prefix: string; say: SpokenFailure }[] = [];

  /** @param prefix of the route as it is declared, for instance `/api/agent-tools/:tool` */
  register(route: { method?: string; prefix: string }, say: SpokenFailure): void {
    this.#routes.push({ method: route.method, prefix: route.prefix, say });
  }

  for(request: FastifyRequest): SpokenFailure | undefined {
    const url = request.routeOptions.url ?? '';
    return this.#routes.find(
      ({ method, prefix }) => url.startsWith(prefix) && (method ?? request.method) === request.method,
    )?.say;
  }
}

/** The bytes of a request that was refused before its body was read; undefined where they do not come, or are too many. */
export async function unreadBody({ raw }: FastifyRequest): Promise<Buffer | undefined> {
  if (raw.readableEnded || raw.destroyed || raw.readableFlowing === true) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const end = (body?: Buffer) => {
      clearTimeout(timer);
      raw.off('data', hear).off('end', whole).off('error', give).off('close', give);
      resolve(body);
    };
    const hear = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > LONGEST_BODY) end();
    };
    const whole = () => end(Buffer.concat(chunks));
    const give = () => end();
    const timer = setTimeout(give, LONGEST_BODY_MS);
    raw.on('data', hear).on('end', whole).on('error', give).on('close', give);
  });
}
