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
 * The addresses of voice platforms' connections. Where the platform signs its requests the address is all there is to tell one
 * tenant's from another's: those of all tenants come from few networks, and have no credential in a header.
 */
const CONNECTION_ROUTE = '/api/voice/:platform/:connectionId';

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
  const accepted = new Accepted();
  await app.register(rateLimit, {
    max: rateLimitPerMinute,
    timeWindow: WINDOW_MS,
    cache: REMEMBERED,
    keyGenerator: (request: FastifyRequest) => callerOf(request, accepted),
    allowList: (request: FastifyRequest) => request.url.startsWith('/health/'),
    errorResponseBuilder: (_request: FastifyRequest, { ttl }: { ttl: number }) => tooMany(ttl),
  });
  limitRefusedCredentials(server, accepted);
}

/** What was let in here before, hashed; forgotten all at once when it is too much. */
class Accepted {
  readonly #hashes = new Set<string>();

  has(credential: string): boolean {
    return this.#hashes.has(hashOf(credential));
  }

  add(credential: string): void {
    if (this.#hashes.size >= REMEMBERED) this.#hashes.clear();
    this.#hashes.add(hashOf(credential));
  }

  delete(credential: string): void {
    this.#hashes.delete(hashOf(credential));
  }
}

function limitRefusedCredentials(server: FastifyInstance, accepted: Accepted): void {
  const refused = server.createRateLimit({
    max: REFUSED_PER_MINUTE,
    timeWindow: WINDOW_MS,
    keyGenerator: (request: FastifyRequest) => request.ip,
    allowList: [],
  });
  server.addHook('onRequest', async (request) => {
    const credential = request.headers.authorization;
    // Requests for all tenants of a platform share its addresses: one tenant's mistake must not shut out another.
    if (credential === undefined || connectionOf(request) !== undefined || accepted.has(credential)) return;
    const state = await refused(request, { increment: false });
    // Read before it is counted: the one that reaches the limit is the last to be looked at.
    if (!state.isAllowed && state.remaining === 0) throw tooMany(state.ttl);
  });
  server.addHook('onResponse', async (request, reply) => {
    const connection = connectionOf(request);
    const credential = connection ?? request.headers.authorization;
    if (credential === undefined) return;
    if (reply.statusCode === 401) {
      // That a request for a connection was refused says nothing about the others for it.
      if (connection !== undefined) return;
      await refused(request);
      accepted.delete(credential);
    } else if (reply.statusCode < 400) {
      accepted.add(credential);
    }
  });
}

function callerOf(request: FastifyRequest, accepted: Accepted): string {
  const connection = connectionOf(request);
  if (connection !== undefined) {
    // Whoever makes addresses up is counted by their own.
    return accepted.has(connection) ? `connection ${connection}` : `address ${request.ip}`;
  }
  const credential = request.headers.authorization;
  return credential === undefined ? `address ${request.ip}` : `credential ${hashOf(credential)}`;
}

/**
 * With where it is asked from: who merely knows the address of a connection cannot use up its limit. However the address is
 * written, it is one.
 */
function connectionOf({ routeOptions, params, ip }: FastifyRequest): string | undefined {
  if (routeOptions.url?.startsWith(CONNECTION_ROUTE) !== true) return undefined;
  const { platform, connectionId } = params as Record<'platform' | 'connectionId', string>;
  return `${platform} ${connectionId.toLowerCase()} ${ip}`;
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
