import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

const OPTIONS: HelmetOptions = {
  // Swagger UI brings scripts and styles of its own and some inline; everything else here is JSON or a small page.
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", "'unsafe-inline'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // The callback's page and redirects must not hand the OAuth code on as a referrer.
  referrerPolicy: { policy: 'no-referrer' },
  // For browsers that are no longer in use, or for what is not here (DNS prefetching, documents of plug-ins).
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** Helmet's headers on every answer. They are always the same, so helmet is asked once rather than for each request. */
export function addSecurityHeaders(server: FastifyInstance): void {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  helmet(OPTIONS)(response.req, response, () => undefined);
  const headers = { ...response.getHeaders() };
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}
