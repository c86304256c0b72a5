import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Settings } from './platform/config/settings.js';
import { configureServer } from './platform/http/configure-server.js';
import { fastifyAdapter } from './platform/http/fastify-adapter.js';
import { createLog } from './platform/logging/log.js';
import { NestLogger } from './platform/logging/nest-logger.js';
import { serveApiDocs } from './platform/openapi/api-docs.js';

/** The whole service over the given settings, ready to listen or to be asked through `inject`. */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const log = createLog(settings);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(settings),
    fastifyAdapter(settings),
    {
      logger: new NestLogger(log),
      bodyParser: false,
      rawBody: true,
      // What fails while starting is thrown, for `main` to say in plain words.
      abortOnError: false,
    },
  );
  await configureServer(app, settings, log);
  serveApiDocs(app);
  return app;
}
