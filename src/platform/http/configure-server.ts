import cors from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.js';
import type { Log } from '../logging/log.js';
import { ProblemFilter } from '../errors/problem.filter.js';
import { requestContext } from '../logging/request-context.js';
import { admitRequests } from './admission.js';
import { decodedBody, isPlain } from './body-encoding.js';
import { Draining } from './draining.js';
import { EarlyGuards } from './early-guards.js';
import { readBody } from './json-body.js';
import { shedLoad } from './load-shedding.js';
import { limitRates } from './rate-limits.js';
import { addRequestHooks, contextOf } from './request-hooks.js';
import { logRequests } from './request-log.js';
import { RequestPipe } from './request.pipe.js';
import { BODY_LIMIT, describeRoutes, optionsOf, type RouteOptions } from './route-options.js';
import { addSecurityHeaders } from './security-headers.js';
import { SpokenFailures } from './spoken-failures.js';

/** Everything that holds for every route: bodies, headers, limits, validation and the shape of refusals. */
export async function configureServer(
  app: NestFastifyApplication,
  settings: Settings,
  log: Log,
): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  addRequestHooks(server, app.get(Draining));
  logRequests(server, log);
  addSecurityHeaders(server);
  shedLoad(server, settings);
  describeRoutes(app);
  // A route says in its config how much it takes.
  server.addHook('onRoute', (route) => {
    route.bodyLimit ??= (route.config as RouteOptions | undefined)?.bodyLimit;
  });
  const limits = await limitRates(app, server, settings);
  await server.register(cors, {
    origin: [...settings.dashboardOrigins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      ...['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
      // What MCP clients send, of either revision, and what tells of the call.
      ...['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id', 'last-event-id'],
      ...['x-call-id', 'x-caller-number', 'x-called-number', 'x-tool-call-id'],
    ],
    exposedHeaders: ['x-request-id', 'retry-after', 'location'],
    maxAge: 600,
  });
  const guards = app.get(EarlyGuards);
  admitRequests(server, guards, limits);
  readBodies(app, server, guards);
  app.useGlobalPipes(new RequestPipe());
  app.useGlobalFilters(new ProblemFilter(app.get(SpokenFailures)));
}

/** One parser for every type: what a type other than JSON means is decided with the body's route in sight. */
function readBodies(app: NestFastifyApplication, server: FastifyInstance, guards: EarlyGuards): void {
  server.removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit: BODY_LIMIT }, (raw, body, done) => {
    const request = raw as FastifyRequest & { rawBody?: Buffer };
    const parse = (bytes: Buffer): void => {
      try {
        done(null, readBody(request, bytes.toString()));
      } catch (error) {
        done(error as Error);
      }
    };
    if (isPlain(request) && request.unread === null) {
      parse(body);
      return;
    }
    requestContext.run(contextOf(request), () => {
      authentic(request, body, guards).then(parse, done);
    });
  });
}

/** The bytes that were meant, once it is known that whoever sent them may. */
async function authentic(
  request: FastifyRequest & { rawBody?: Buffer },
  body: Buffer,
  guards: EarlyGuards,
): Promise<Buffer> {
  const bytes = await decodedBody(request, body, optionsOf(request).bodyLimit ?? BODY_LIMIT);
  // What signatures are over.
  if (request.rawBody !== undefined) request.rawBody = bytes;
  await guards.admitBody(request);
  return bytes;
}
