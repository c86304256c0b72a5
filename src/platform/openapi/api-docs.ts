import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { withComingExamples } from './coming-examples.js';
import { openApiDocument } from './openapi-document.js';

const DOCUMENTS = ['/api/docs-json', '/api/docs-yaml'];

/** Serves Swagger UI at `/api/docs` and the document at `/api/docs-json`, to everybody. */
export function serveApiDocs(app: NestFastifyApplication): void {
  keepDocuments(app.getHttpAdapter().getInstance());
  SwaggerModule.setup('api/docs', app, () => withComingExamples(openApiDocument(app)), {
    jsonDocumentUrl: 'api/docs-json',
    yamlDocumentUrl: 'api/docs-yaml',
    customSiteTitle: 'Receptionist Calendar API',
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      tagsSorter: 'alpha',
      operationsSorter: 'alpha',
    },
  });
}

/** Writes the documents out before anybody can ask for them: it takes long enough to keep others waiting. */
export async function prepareApiDocs(app: NestFastifyApplication): Promise<void> {
  await app.init();
  const server = app.getHttpAdapter().getInstance();
  await server.ready();
  for (const url of DOCUMENTS) await server.inject(url);
}

/** Everybody may ask for the documents, and writing them out anew, YAML above all, takes long enough to be noticed by others. */
function keepDocuments(server: FastifyInstance): void {
  const kept = new Map<string, { type: string; body: Buffer }>();
  server.addHook('preHandler', (request, reply, done) => {
    const document = kept.get(request.routeOptions.url ?? '');
    if (document === undefined) done();
    else void reply.type(document.type).send(document.body);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    const { url } = request.routeOptions;
    if (
      url !== undefined &&
      DOCUMENTS.includes(url) &&
      reply.statusCode === 200 &&
      typeof payload === 'string' &&
      request.method === 'GET'
    ) {
      kept.set(url, { type: String(reply.getHeader('content-type')), body: Buffer.from(payload) });
    }
    done(null, payload);
  });
}
