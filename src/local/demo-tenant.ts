import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { isStrings, keep, readKept } from './kept-file.js';
import { StartError } from './start-error.js';

export const DEMO_TENANT = { name: 'Acme Dental', timezone: 'America/New_York' } as const;

export interface DemoTenant {
  id: string;
  /** An API key with both scopes. */
  key: string;
}

/**
 * The tenant to try the service with, the same on every start: made through the service's own routes on the first, kept
 * in `file`. One that was deleted is made anew, and so is a key that was revoked.
 */
export async function demoTenant(
  app: NestFastifyApplication,
  adminKey: string,
  file: string,
): Promise<DemoTenant> {
  const isWhole = (value: unknown): value is DemoTenant & Record<string, string> =>
    isStrings(value) && Boolean(value['id'] && value['key']);
  const kept = await readKept(file, isWhole, 'Delete it to have a new demo tenant made.');
  if (kept !== undefined && (await isAccepted(app, kept))) return { id: kept.id, key: kept.key };
  const id =
    kept !== undefined && (await isThere(app, adminKey, kept.id)) ? kept.id : await makeTenant(app, adminKey);
  const { key } = await ask<{ key: string }>(app, adminKey, 'POST', `/api/admin/tenants/${id}/api-keys`, {
    name: 'Demo, made by npm start',
    scopes: ['dashboard', 'agent'],
  });
  const made = { id, key };
  await keep(file, made);
  return made;
}

async function makeTenant(app: NestFastifyApplication, adminKey: string): Promise<string> {
  return (await ask<{ id: string }>(app, adminKey, 'POST', '/api/admin/tenants', DEMO_TENANT)).id;
}

async function isAccepted(app: NestFastifyApplication, { key }: DemoTenant): Promise<boolean> {
  return (await inject(app, key, 'GET', '/api/tenant-calendar/status')).statusCode === 200;
}

async function isThere(app: NestFastifyApplication, adminKey: string, id: string): Promise<boolean> {
  return (
    (await inject(app, adminKey, 'GET', `/api/admin/tenants/${encodeURIComponent(id)}`)).statusCode === 200
  );
}

async function ask<Body>(
  app: NestFastifyApplication,
  key: string,
  method: 'GET' | 'POST',
  url: string,
  body?: object,
): Promise<Body> {
  const answer = await inject(app, key, method, url, body);
  if (answer.statusCode !== 201) {
    throw new StartError(
      `The demo tenant could not be made: ${method} ${url} answered ${answer.statusCode} ${answer.body}`,
    );
  }
  return answer.json<Body>();
}

function inject(
  app: NestFastifyApplication,
  key: string,
  method: 'GET' | 'POST',
  url: string,
  body?: object,
) {
  return app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { payload: body }),
  });
}
