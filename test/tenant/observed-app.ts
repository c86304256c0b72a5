import type { FastifyInstance } from 'fastify';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { startTestApp, type TestApp } from '../support/test-app.js';

export interface Route {
  method: string;
  /** With its parameters: `/api/bookings/:id`. */
  url: string;
}

/** The whole service, and every route that its server was given, whoever gave it. */
export async function startObservedApp(): Promise<{ service: TestApp; routes: Route[] }> {
  const routes: Route[] = [];
  const collect = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push({ method: each, url });
    });
  };
  subscribe('fastify.initialization', collect);
  try {
    return { service: await startTestApp(), routes };
  } finally {
    unsubscribe('fastify.initialization', collect);
  }
}
