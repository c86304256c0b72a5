import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Settings } from './platform/config/settings.js';

/** The whole service over the given settings, ready to listen or to be asked through `inject`. */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(settings), new FastifyAdapter(), {
    rawBody: true,
  });
  app.enableShutdownHooks();
  return app;
}
