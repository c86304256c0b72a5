import { type INestApplication, RequestMethod } from '@nestjs/common';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ACCESS, type Access } from '../../src/tenant/authenticated.decorator.js';
import { aTenant, type TestApp, type TestTenant } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { type Route, startObservedApp } from './observed-app.js';

/**
 * The whole list of what is open to everybody. Anyone who opens another route has to say so here as well.
 * Swagger UI's files are served beside Nest, and so beside its guard.
 */
const PUBLIC = [
  /^GET \/api\/tenant-calendar\/(start|callback)$/,
  /^POST \/api\/tenant-calendar\/confirm$/,
  /^POST \/api\/google\/notifications$/,
  /^GET \/health\/(live|ready)$/,
  /^GET \/metrics$/,
  /^GET \/api\/docs(-json|-yaml)?(\/.*)?$/,
];

const isPublic = ({ method, url }: Route): boolean =>
  PUBLIC.some((pattern) => pattern.test(`${method === 'HEAD' ? 'GET' : method} ${url}`));

describe('every route of the running service', () => {
  let routes: Route[];
  let service: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    ({ service, routes } = await startObservedApp());
    tenant = await aTenant(service);
  });
  afterAll(() => service.close());

  const ask = async ({ method, url }: Route, key?: string) => {
    const answer = await service.app.inject({
      method: method as 'GET',
      url: url.replaceAll(/:[A-Za-z]+/g, '00000000-0000-4000-8000-000000000000').replace('*', 'x'),
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      ...(['POST', 'PUT', 'PATCH'].includes(method) ? { payload: {} } : {}),
    });
    return answer.statusCode;
  };
  const guarded = (): Route[] => routes.filter((route) => route.method !== 'OPTIONS' && !isPublic(route));
  const expectAll = async (asked: Route[], status: number, key?: string) => {
    const answers: [string, number][] = [];
    for (const route of asked) answers.push([`${route.method} ${route.url}`, await ask(route, key)]);
    expect(answers).toEqual(answers.map(([route]) => [route, status]));
  };

  it('is seen by this test', () => {
    const seen = routes.map(({ method, url }) => `${method} ${url}`);
    expect(seen).toEqual(
      expect.arrayContaining(['POST /api/admin/tenants', 'DELETE /api/admin/tenants/:id/api-keys/:keyId']),
    );
  });

  it('says who may use it', () => {
    const undeclared = handlersOf(service.app).filter(({ access }) => access === undefined);
    expect(undeclared.map(({ name }) => name)).toEqual([]);
  });

  it('asks for a credential, unless it is on the list of public ones', async () => {
    expect(guarded().length).toBeGreaterThan(8);
    await expectAll(guarded(), 401);
  });

  it('refuses a credential that is not a valid one', async () => {
    await expectAll(guarded(), 401, `rcal_${'0'.repeat(12)}_${'A'.repeat(43)}`);
  });

  it('keeps tenants out of what is the admin’s, and the admin out of what is a tenant’s', async () => {
    const isAdmins = ({ url }: Route): boolean => url.startsWith('/api/admin/');
    /** To whom no more is told than that they are not let in. */
    const isConnections = ({ url }: Route): boolean => url.startsWith('/api/voice/');
    await expectAll(guarded().filter(isAdmins), 403, tenant.key);
    await expectAll(
      guarded().filter((route) => !isAdmins(route) && !isConnections(route)),
      403,
      ADMIN_KEY,
    );
    await expectAll(guarded().filter(isConnections), 401, ADMIN_KEY);
    await expectAll(guarded().filter(isConnections), 401, tenant.key);
  });

  it('is public by declaration only where the list above says so', () => {
    const open = handlersOf(service.app).filter(({ access }) => access?.kind === 'public');
    expect(open.filter((handler) => !isPublic(handler))).toEqual([]);
  });
});

interface Handler extends Route {
  name: string;
  access: Access | undefined;
}

/** Every route handler that Nest knows, with what it declares. */
function handlersOf(app: INestApplication): Handler[] {
  const reflector = app.get(Reflector);
  const handlers: Handler[] = [];
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype = metatype.prototype as Record<string, unknown>;
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const handler = prototype[name];
        if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
        handlers.push({
          name: `${metatype.name}.${name}`,
          method: RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod],
          url: ['', Reflect.getMetadata(PATH_METADATA, metatype), Reflect.getMetadata(PATH_METADATA, handler)]
            .join('/')
            .replace(/\/+$/, ''),
          access: reflector.getAllAndOverride<Access | undefined>(ACCESS, [
            handler as () => void,
            metatype as never,
          ]),
        });
      }
    }
  }
  return handlers;
}
