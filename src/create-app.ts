import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Settings } from './platform/config/settings.js';
import { configureServer } from './platform/http/configure-server.js';
import { fastifyAdapter } from './platform/http/fastify-adapter.js';

/** The whole service over the given settings, ready to listen or to be asked through `inject`. */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(settings), fastifyAdapter(), {
    bodyParser: false,
    rawBody: true,
    abortOnError: false,
  });
  await configureServer(app, settings);
  return app;
}
