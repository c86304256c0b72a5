import cors from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.js';
import type { Log } from '../logging/log.js';
import { ProblemFilter } from '../errors/problem.filter.js';
import { Draining } from './draining.js';
import { BODY_LIMIT } from './fastify-adapter.js';
import { readBody } from './json-body.js';
import { limitRates } from './rate-limits.js';
import { addRequestHooks } from './request-hooks.js';
import { logRequests } from './request-log.js';
import { RequestPipe } from './request.pipe.js';
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
  await limitRates(app, server, settings);
  await server.register(cors, {
    origin: [...settings.dashboardOrigins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      ...['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
      // What MCP clients send, of either revision, and what tells of the call.
      ...['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id', 'last-event-id'],
      ...['x-call-id', 'x-caller-number', 'x-called-number'],
    ],
    exposedHeaders: ['x-request-id', 'retry-after', 'location'],
    maxAge: 600,
  });
  readBodies(app, server);
  app.useGlobalPipes(new RequestPipe());
  app.useGlobalFilters(new ProblemFilter(app.get(SpokenFailures)));
}

/** One parser for every type: what a type other than JSON means is decided with the body's route in sight. */
function readBodies(app: NestFastifyApplication, server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit: BODY_LIMIT }, (request, body, done) => {
    try {
      done(null, readBody(request as FastifyRequest, body.toString()));
    } catch (error) {
      done(error as Error);
    }
  });
}
