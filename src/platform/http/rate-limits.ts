import rateLimit from '@fastify/rate-limit';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import type { Settings } from '../config/settings.js';
import { DomainError } from '../errors/domain-error.js';

const WINDOW_MS = 60_000;
/** Refused credentials a minute from one address. Keys cannot be guessed; this keeps the guessing cheap for us. */
const REFUSED_PER_MINUTE = 60;
/** So many callers are remembered; the least recently seen are forgotten first. */
const REMEMBERED = 20_000;

/** Bounds a public route more tightly than the setting does, for each address. */
export function RateLimited({ perMinute }: { perMinute: number }): MethodDecorator & ClassDecorator {
  return RouteConfig({ rateLimit: { max: perMinute, timeWindow: WINDOW_MS } });
}

/**
 * Limits how often one credential may ask, or one address without a credential. Counted in memory by each instance: the
 * limit protects an instance from a client in a loop; it is no quota. Credentials that were refused are counted by address,
 * and a credential that was once accepted here is not made to suffer for others behind the same address.
 */
export async function limitRates(
  app: NestFastifyApplication,
  server: FastifyInstance,
  { rateLimitPerMinute }: Pick<Settings, 'rateLimitPerMinute'>,
): Promise<void> {
  if (rateLimitPerMinute === 0) return;
  await app.register(rateLimit, {
    max: rateLimitPerMinute,
    timeWindow: WINDOW_MS,
    cache: REMEMBERED,
    keyGenerator: callerOf,
    allowList: (request: FastifyRequest) => request.url.startsWith('/health/'),
    errorResponseBuilder: (_request: FastifyRequest, { ttl }: { ttl: number }) => tooMany(ttl),
  });
  limitRefusedCredentials(server);
}

function limitRefusedCredentials(server: FastifyInstance): void {
  const refused = server.createRateLimit({
    max: REFUSED_PER_MINUTE,
    timeWindow: WINDOW_MS,
    keyGenerator: (request: FastifyRequest) => request.ip,
    allowList: [],
  });
  const accepted = new Set<string>();
  server.addHook('onRequest', async (request) => {
    const credential = request.headers.authorization;
    if (credential === undefined || accepted.has(hashOf(credential))) return;
    const state = await refused(request, { increment: false });
    // Read before it is counted: the one that reaches the limit is the last to be looked at.
    if (!state.isAllowed && state.remaining === 0) throw tooMany(state.ttl);
  });
  server.addHook('onResponse', async (request, reply) => {
    const credential = request.headers.authorization;
    if (credential === undefined) return;
    if (reply.statusCode === 401) {
      await refused(request);
      accepted.delete(hashOf(credential));
    } else if (reply.statusCode < 400) {
      if (accepted.size >= REMEMBERED) accepted.clear();
      accepted.add(hashOf(credential));
    }
  });
}

function callerOf(request: FastifyRequest): string {
  const credential = request.headers.authorization;
  return credential === undefined ? `address ${request.ip}` : `credential ${hashOf(credential)}`;
}

function hashOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}

function tooMany(ttlMs: number): DomainError {
  return new DomainError(
    'rate_limited',
    'Too many requests. Wait as long as the header "Retry-After" says.',
    {
      retryAfterSeconds: Math.max(1, Math.ceil(ttlMs / 1000)),
    },
  );
}
