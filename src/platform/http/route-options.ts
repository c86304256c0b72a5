import type { Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** The largest body that is read, in bytes, where a route says nothing else. */
export const BODY_LIMIT = 64 * 1024;

/** What a route says of itself to what runs before its handler. */
export interface RouteOptions {
  /** A body that is no JSON is the handler's to understand. */
  takesAnyBody?: boolean;
  /** The largest body that it takes, in bytes. */
  bodyLimit?: number;
  /** Of its own, for each address. */
  rateLimit?: { max: number; timeWindow: number };
  /** By what Nest answers it, which is where guards find who may use it. */
  handling?: { controller: Type; handler: RouteHandler };
}

type RouteHandler = (...given: unknown[]) => unknown;

const { KEY } = RouteConfig({});

/** Adds options to those that a route has already: `RouteConfig` alone would take the place of them. */
export function RouteOption(options: RouteOptions): MethodDecorator {
  return (_target, _property, { value: handler }) => {
    Reflect.defineMetadata(
      KEY,
      { ...ownOptions(handler as RouteHandler), ...options },
      handler as RouteHandler,
    );
  };
}

/** For routes that need larger bodies than the others. */
export function TakesBodyOf({ bytes }: { bytes: number }): MethodDecorator {
  return RouteOption({ bodyLimit: bytes });
}

export function optionsOf(request: FastifyRequest): RouteOptions {
  return request.routeOptions.config as RouteOptions;
}

/** Tells every route of the application by what it is answered. Before the routes are registered. */
export function describeRoutes(app: NestFastifyApplication): void {
  const scanner = new MetadataScanner();
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, RouteHandler>;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (handler === undefined) continue;
        const described: RouteOptions = { ...ownOptions(handler), handling: { controller, handler } };
        Reflect.defineMetadata(KEY, described, handler);
      }
    }
  }
}

function ownOptions(handler: RouteHandler): RouteOptions {
  return (Reflect.getMetadata(KEY, handler) ?? {}) as RouteOptions;
}
