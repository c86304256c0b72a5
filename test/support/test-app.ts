import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/create-app.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { OwnersBrowser } from '../../src/local/google-stand-in/owners-browser.js';
import type { Settings } from '../../src/platform/config/settings.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET, testSettings } from './test-settings.js';

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body;
  headers: Record<string, string | string[] | number | undefined>;
}

export interface RequestOptions {
  key?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What is to be other than usual. */
type TestSettings = Partial<Omit<Settings, 'google'>> & { google?: Partial<Settings['google']> };

/** The whole service on a database of its own, talking to a Google stand-in of its own over HTTP. */
export interface TestApp {
  app: NestFastifyApplication;
  database: TestDatabase;
  google: GoogleStandIn;
  settings: Settings;
  request<Body = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options?: RequestOptions,
  ): Promise<Answer<Body>>;
  close(): Promise<void>;
}

export async function startTestApp({ google: asked, ...changes }: TestSettings = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  const google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  const settings = testSettings(database, google.origin, changes);
  Object.assign(settings.google, asked);
  const app = await createApp(settings);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    app,
    database,
    google,
    settings,
    request: (method, path, options) => inject(app, method, path, options),
    close: async () => {
      await app.close();
      await google.stop();
      await database.drop();
    },
  };
}

/** Asks the application without a socket in between. */
export async function inject<Body>(
  app: NestFastifyApplication,
  method: Parameters<TestApp['request']>[0],
  path: string,
  { key, body, headers }: RequestOptions = {},
): Promise<Answer<Body>> {
  const answer = await app.inject({
    method,
    url: path,
    headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  const isJson = answer.headers['content-type']?.includes('json') === true;
  return {
    status: answer.statusCode,
    body: isJson ? answer.json<Body>() : (answer.body as Body),
    headers: answer.headers,
  };
}

export interface TestTenant {
  id: string;
  /** With both scopes. */
  key: string;
}

export async function aTenant(
  { request }: Pick<TestApp, 'request'>,
  { name = 'Acme Dental', timezone = 'America/New_York' }: { name?: string; timezone?: string } = {},
): Promise<TestTenant> {
  const tenant = await request<{ id: string }>('POST', '/api/admin/tenants', {
    key: ADMIN_KEY,
    body: { name, timezone },
  });
  if (tenant.status !== 201) throw new Error(`No tenant was made: ${JSON.stringify(tenant)}`);
  const key = await request<{ key: string }>('POST', `/api/admin/tenants/${tenant.body.id}/api-keys`, {
    key: ADMIN_KEY,
    body: { name: 'test', scopes: ['dashboard', 'agent'] },
  });
  return { id: tenant.body.id, key: key.body.key };
}

/** A browser of an owner, without a socket to the application in between. */
export function ownersBrowser({ request }: Pick<TestApp, 'request'>): OwnersBrowser {
  return new OwnersBrowser(async (method, url, asked) => {
    const { status, headers, body } = await request<string>(method, url.pathname + url.search, asked);
    return { status, headers, body };
  });
}

/** Connects a Google account as a person would: start address, consent page, callback, and "Connect". */
export async function connectGoogle(
  { request }: Pick<TestApp, 'request' | 'google'>,
  tenant: TestTenant,
  email: string,
): Promise<Answer<string>> {
  const { body } = await request<{ authUrl: string }>('GET', '/api/tenant-calendar/auth-url', {
    key: tenant.key,
  });
  return (await ownersBrowser({ request }).connect(body.authUrl, { email })) as Answer<string>;
}
