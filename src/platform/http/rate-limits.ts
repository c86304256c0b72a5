import rateLimit from '@fastify/rate-limit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import type { Settings } from '../config/settings.js';
import { DomainError } from '../errors/domain-error.js';
import { RouteOption } from './route-options.js';

const WINDOW_MS = 60_000;
/** Refused credentials a minute from one address, or for one connection from one. Keys cannot be guessed; this keeps the guessing cheap for us. */
const REFUSED_PER_MINUTE = 60;
/** So many callers are remembered; the least recently seen are forgotten first. */
const REMEMBERED = 20_000;

/** Bounds a public route otherwise than the setting does, for each address. */
export function RateLimited({ perMinute }: { perMinute: number }): MethodDecorator {
  return RouteOption({ rateLimit: { max: perMinute, timeWindow: WINDOW_MS } });
}

/**
 * The addresses of voice platforms' connections. Where the platform signs its requests the address is all there is to tell one
 * tenant's from another's before the body is read: those of all tenants come from few networks, and have no credential in a header.
 */
const CONNECTION_ROUTE = '/api/voice/:platform/:connectionId';
/** Where platforms put the secret of a connection. */
const SECRET_HEADERS = ['authorization', 'x-api-key', 'x-vapi-secret'] as const;

/** Counts what is refused; what is let in is counted by `limitRates`. */
export interface RefusalLimits {
  /** @throws DomainError `rate_limited` for one that tries too often */
  check(request: FastifyRequest): Promise<void>;
  letIn(request: FastifyRequest): void;
  /** @throws DomainError `rate_limited` */
  refused(request: FastifyRequest): Promise<void>;
  /** For an address at which there is nothing. @throws DomainError `rate_limited` */
  nothingThere(request: FastifyRequest): Promise<void>;
}

/**
 * Limits how often one credential may ask, once it is known to be good, or one address otherwise: a credential that nobody
 * has looked at says nothing about who asks. Counted in memory by each instance: the limit protects an instance from a client
 * in a loop; it is no quota.
 */
export async function limitRates(
  app: NestFastifyApplication,
  server: FastifyInstance,
  { rateLimitPerMinute }: Pick<Settings, 'rateLimitPerMinute'>,
): Promise<RefusalLimits> {
  if (rateLimitPerMinute === 0) return UNLIMITED;
  const accepted = new Accepted();
  await app.register(rateLimit, {
    max: rateLimitPerMinute,
    timeWindow: WINDOW_MS,
    cache: REMEMBERED,
    keyGenerator: (request: FastifyRequest) => callerOf(request, accepted),
    allowList: (request: FastifyRequest) => request.url.startsWith('/health/'),
    errorResponseBuilder: (_request: FastifyRequest, { ttl }: { ttl: number }) => tooMany(ttl),
  });
  return refusalLimits(server, accepted, rateLimitPerMinute);
}

const UNLIMITED: RefusalLimits = {
  check: () => Promise.resolve(),
  letIn: () => undefined,
  refused: () => Promise.resolve(),
  nothingThere: () => Promise.resolve(),
};

/** What was let in here before, hashed; forgotten all at once when it is too much. */
class Accepted {
  readonly #hashes = new Set<string>();

  has(presented: string): boolean {
    return this.#hashes.has(hashOf(presented));
  }

  add(presented: string): void {
    if (this.#hashes.size >= REMEMBERED) this.#hashes.clear();
    this.#hashes.add(hashOf(presented));
  }

  delete(presented: string): void {
    this.#hashes.delete(hashOf(presented));
  }
}

/**
 * A credential that was once accepted here is not made to suffer for others behind the same address, nor one tenant's
 * connection for the wrong secrets of another on the same platform. An address that shows none, or makes connections up, is
 * counted like one that asks what is public.
 */
function refusalLimits(server: FastifyInstance, accepted: Accepted, perMinute: number): RefusalLimits {
  const limit = (max: number, keyGenerator: (request: FastifyRequest) => string) =>
    server.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator, allowList: [] });
  const ofAddress = limit(perMinute, ({ ip }) => ip);
  const ofCredentials = limit(
    REFUSED_PER_MINUTE,
    (request) => `${connectionOf(request) ?? ''} ${request.ip}`,
  );
  const countersFor = (request: FastifyRequest) => {
    const isConnections = connectionOf(request) !== undefined;
    return presentedBy(request) === undefined
      ? [ofAddress]
      : isConnections
        ? [ofAddress, ofCredentials]
        : [ofCredentials];
  };
  return {
    check: async (request) => {
      const presented = presentedBy(request);
      if (presented !== undefined && accepted.has(presented)) return;
      for (const counter of countersFor(request)) {
        const state = await counter(request, { increment: false });
        // Read before it is counted: the one that reaches the limit is the last to be looked at.
        if (!state.isAllowed && state.remaining === 0) throw tooMany(state.ttl);
      }
    },
    letIn: (request) => {
      const presented = presentedBy(request);
      if (presented !== undefined) accepted.add(presented);
    },
    refused: async (request) => {
      const presented = presentedBy(request);
      // That a request for a connection was refused says nothing about the others for it.
      if (presented !== undefined && connectionOf(request) === undefined) accepted.delete(presented);
      for (const counter of countersFor(request)) await count(counter, request);
    },
    nothingThere: (request) => count(ofAddress, request),
  };
}

async function count(
  counter: ReturnType<FastifyInstance['createRateLimit']>,
  request: FastifyRequest,
): Promise<void> {
  const state = await counter(request);
  if (!state.isAllowed && state.isExceeded) throw tooMany(state.ttl);
}

function callerOf(request: FastifyRequest, accepted: Accepted): string {
  if (request.principal !== null) return request.principal;
  const connection = connectionOf(request);
  // Before the signature is looked at. Whoever makes addresses up is counted by their own.
  if (connection !== undefined && accepted.has(presentedBy(request) ?? ''))
    return `${connection} ${request.ip}`;
  return `address ${request.ip}`;
}

/**
 * What a request shows to be let in, however its scheme is written; undefined for nothing. Where a connection's request shows
 * no secret it may be signed, and is known by where it comes from.
 */
function presentedBy(request: FastifyRequest): string | undefined {
  const connection = connectionOf(request);
  const { headers, query, ip } = request;
  if (connection === undefined) return headers.authorization?.replace(/^bearer +/i, 'Bearer ');
  const shown = SECRET_HEADERS.map((name) => headers[name] ?? '');
  const { api_key: inQuery = '' } = (query ?? {}) as { api_key?: unknown };
  const secrets = [...shown, inQuery].map(String).join('\n').trim();
  return `${connection} ${secrets === '' ? ip : secrets}`;
}

/** However the address of a connection is written, it is one. */
function connectionOf({ routeOptions, params }: FastifyRequest): string | undefined {
  if (routeOptions.url?.startsWith(CONNECTION_ROUTE) !== true) return undefined;
  const { platform, connectionId } = params as Record<'platform' | 'connectionId', string>;
  return `connection ${platform} ${connectionId.toLowerCase()}`;
}

function hashOf(presented: string): string {
  return createHash('sha256').update(presented).digest('base64url');
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
