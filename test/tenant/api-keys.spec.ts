import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { ApiKeyRepository } from '../../src/tenant/api-key.repository.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { makeKey, makeTenant, startTenantApp, type MadeKey, type TenantApp } from './tenant-app.js';

const ABSENT = '00000000-0000-4000-8000-000000000000';

interface ListedKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  createdAt: string;
  lastUsedAt: string | null;
}

let service: TenantApp;
let tenant: string;

beforeAll(async () => {
  service = await startTenantApp();
});
beforeEach(async () => {
  tenant = await makeTenant(service);
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => service.close());

const path = (id = tenant) => `/api/admin/tenants/${id}/api-keys`;
const statusWith = async (key: string, route = '/probe/agent', asked = service) =>
  (await asked.request('GET', route, { key })).status;
const listed = async (id = tenant) =>
  (await service.request<{ items: ListedKey[] }>('GET', path(id), { key: ADMIN_KEY })).body.items;
const revoke = (keyId: string, id = tenant, asked = service) =>
  asked.request('DELETE', `${path(id)}/${keyId}`, { key: ADMIN_KEY });

describe('an API key', () => {
  it('is shown once, when it is made', async () => {
    const made = await service.request<MadeKey>('POST', path(), {
      key: ADMIN_KEY,
      body: { name: ' Voice agent ', scopes: ['agent'] },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'Voice agent', scopes: ['agent'], lastUsedAt: null },
    });
    const { key, prefix, id } = made.body;
    expect(key).toMatch(/^rcal_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    expect(key.split('_')[1]).toBe(prefix);

    const list = await service.request('GET', path(), { key: ADMIN_KEY });
    expect(list.status).toBe(200);
    expect(list.body['items']).toEqual([
      {
        id,
        name: 'Voice agent',
        prefix,
        scopes: ['agent'],
        createdAt: expect.any(String) as string,
        lastUsedAt: null,
      },
    ]);
    expect(JSON.stringify(list.body)).not.toContain(key.slice(-20));
  });

  it('is stored as its SHA-256, and nowhere as itself', async () => {
    const { key, prefix } = await makeKey(service, tenant);
    const [row] = await service.database.query<{ secret_hash: Buffer; everything: string }>(
      `SELECT secret_hash, k::text AS everything FROM api_key k WHERE prefix = $1`,
      [prefix],
    );
    expect(row?.secret_hash).toEqual(createHash('sha256').update(key).digest());
    expect(row?.everything).not.toContain(key.slice(-43));
  });

  it('gets another prefix when the one drawn is taken', async () => {
    const { prefix: taken, key: first } = await makeKey(service, tenant);
    // The first insert of the next key is made to draw the prefix that is taken; sequences outlive the rollback.
    await service.database.query(`
      CREATE SEQUENCE draws;
      GRANT USAGE ON SEQUENCE draws TO receptionist_system;
      CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('draws') = 1 THEN NEW.prefix := '${taken}'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER collide BEFORE INSERT ON api_key FOR EACH ROW EXECUTE FUNCTION collide();`);
    const { key, prefix } = await makeKey(service, tenant);
    await service.database.query(`DROP TRIGGER collide ON api_key`);
    expect(prefix).not.toBe(taken);
    expect(await statusWith(key)).toBe(200);
    expect(await statusWith(first)).toBe(200);
  });

  it.each([
    ['no name', { scopes: ['agent'] }, 'name'],
    ['an empty name', { name: ' ', scopes: ['agent'] }, 'name'],
    ['a long name', { name: 'x'.repeat(201), scopes: ['agent'] }, 'name'],
    ['no scopes', { name: 'x' }, 'scopes'],
    ['an empty list of scopes', { name: 'x', scopes: [] }, 'scopes'],
    ['an unknown scope', { name: 'x', scopes: ['admin'] }, 'scopes'],
    ['a scope twice', { name: 'x', scopes: ['agent', 'agent'] }, 'scopes'],
    ['many scopes', { name: 'x', scopes: Array.from({ length: 5000 }, () => 'agent') }, 'scopes'],
    ['scopes that are text', { name: 'x', scopes: 'agent' }, 'scopes'],
    ['a key of its own', { name: 'x', scopes: ['agent'], key: 'rcal_1' }, 'key'],
  ])('is not made with %s', async (_what, body, field) => {
    const answer = await service.request('POST', path(), { key: ADMIN_KEY, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input', errors: [{ field }] } });
  });

  it('is one of at most a hundred', async () => {
    await service.database.query(
      `INSERT INTO api_key (tenant_id, name, prefix, secret_hash, scopes)
       SELECT $1::uuid, 'many', $1::text || n, decode(repeat('00', 32), 'hex'), '{agent}' FROM generate_series(1, 100) AS n`,
      [tenant],
    );
    const answer = await service.request('POST', path(), {
      key: ADMIN_KEY,
      body: { name: 'x', scopes: ['agent'] },
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('opens what its scopes say and nothing else', async () => {
    const dashboard = (await makeKey(service, tenant, ['dashboard'])).key;
    const agent = (await makeKey(service, tenant, ['agent'])).key;
    expect(await statusWith(dashboard, '/probe/dashboard')).toBe(200);
    expect(await statusWith(dashboard, '/probe/either')).toBe(200);
    expect(await statusWith(agent, '/probe/agent')).toBe(200);
    expect(await statusWith(agent, '/probe/either')).toBe(200);
    for (const [key, route] of [
      [dashboard, '/probe/agent'],
      [agent, '/probe/dashboard'],
      [agent, '/api/admin/tenants'],
    ] as const) {
      const refused = await service.request('GET', route, { key });
      expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    }
  });

  it('is refused when anything about it is wrong', async () => {
    const { key, prefix } = await makeKey(service, tenant);
    const other = await makeKey(service, tenant);
    const last = key.endsWith('A') ? 'B' : 'A';
    const unknownPrefix = prefix.startsWith('0') ? `1${prefix.slice(1)}` : `0${prefix.slice(1)}`;
    for (const wrong of [
      key.slice(0, -1) + last,
      key.slice(0, -1),
      `${key}A`,
      key.toUpperCase(),
      key.replace(prefix, other.prefix),
      key.replace(prefix, unknownPrefix),
      `rcal_${prefix}_`,
      `rcal_${prefix}_${'A'.repeat(43)}`,
      prefix,
      'rcal_',
    ]) {
      expect(await statusWith(wrong)).toBe(401);
    }
    expect(await statusWith(key)).toBe(200);
  });
});

describe('revoking a key', () => {
  it('stops it at once, and no other', async () => {
    const { id, key } = await makeKey(service, tenant);
    const other = await makeKey(service, tenant);
    expect(await statusWith(key)).toBe(200);
    expect((await revoke(id)).status).toBe(204);
    expect(await statusWith(key)).toBe(401);
    expect(await statusWith(other.key)).toBe(200);
    expect((await listed()).map((item) => item.id)).toEqual([other.id]);
    expect((await revoke(id)).status).toBe(404);
  });

  it('is refused through another tenant', async () => {
    const { id, key } = await makeKey(service, tenant);
    const stranger = await makeTenant(service, 'Stranger');
    expect(await revoke(id, stranger)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await revoke(ABSENT)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await statusWith(key)).toBe(200);
    expect(await listed(stranger)).toEqual([]);
  });

  it('also stops a request whose key was being looked up meanwhile from being believed later', async () => {
    const { id, key } = await makeKey(service, tenant);
    const keys = service.app.get(ApiKeyRepository);
    const found = await keys.findByPrefix(key.split('_')[1] ?? '');
    const slow = Promise.withResolvers<typeof found>();
    jest.spyOn(keys, 'findByPrefix').mockReturnValueOnce(slow.promise);
    const inFlight = statusWith(key);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await revoke(id);
    const after = statusWith(key);
    slow.resolve(found);
    await inFlight;
    expect(await after).toBe(401);
    expect(await statusWith(key)).toBe(401);
  });

  it('stops it on another instance within five seconds', async () => {
    const second = await startTenantApp({}, service.database);
    try {
      const { id, key } = await makeKey(service, tenant);
      expect(await statusWith(key, '/probe/agent', second)).toBe(200);
      await revoke(id);
      const now = performance.now();
      jest.spyOn(performance, 'now').mockReturnValue(now + 5_001);
      expect(await statusWith(key, '/probe/agent', second)).toBe(401);
    } finally {
      jest.restoreAllMocks();
      await second.close();
    }
  });
});

describe('a key in use', () => {
  it('is looked up once, however many callers come with it at once', async () => {
    const { key } = await makeKey(service, tenant);
    const lookUps = jest.spyOn(service.app.get(ApiKeyRepository), 'findByPrefix');
    const statuses = await Promise.all(Array.from({ length: 50 }, () => statusWith(key)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(lookUps).toHaveBeenCalledTimes(1);
    await statusWith(key);
    expect(lookUps).toHaveBeenCalledTimes(1);
  });

  it('is looked up again beside a request, before it would have to wait for that', async () => {
    const { key } = await makeKey(service, tenant);
    await statusWith(key);
    const keys = service.app.get(ApiKeyRepository);
    const never = new Promise<never>(() => undefined);
    const lookUps = jest.spyOn(keys, 'findByPrefix').mockReturnValue(never);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 3_000);
    expect(await statusWith(key)).toBe(200);
    expect(lookUps).toHaveBeenCalledTimes(1);
  });

  it('says when it was last used, without a request waiting for that', async () => {
    const { key, id } = await makeKey(service, tenant);
    const before = Date.now();
    const writes = jest.spyOn(service.app.get(ApiKeyRepository), 'recordUse');
    for (let n = 0; n < 20; n += 1) await statusWith(key);
    expect(writes).not.toHaveBeenCalled();
    const lastUsedAt = await until(async () => (await listed()).find((item) => item.id === id)?.lastUsedAt);
    expect(Date.parse(lastUsedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(lastUsedAt)).toBeLessThanOrEqual(Date.now());
    await statusWith(key);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(writes.mock.calls.flatMap(([uses]) => uses.filter((use) => use.id === id))).toHaveLength(1);
  });

  it('is not held up, and works on, when its use cannot be recorded', async () => {
    const { key } = await makeKey(service, tenant);
    const writes = jest.spyOn(service.app.get(ApiKeyRepository), 'recordUse');
    writes.mockRejectedValue(new Error('The database went away'));
    expect(await statusWith(key)).toBe(200);
    await until(() => Promise.resolve(writes.mock.calls.length > 0 || undefined));
    expect(await statusWith(key)).toBe(200);
  });

  it('has its last use written when the service is shut down', async () => {
    const second = await startTenantApp({}, service.database);
    const { key, id } = await makeKey(service, tenant);
    await statusWith(key, '/probe/agent', second);
    await second.close();
    expect((await listed()).find((item) => item.id === id)?.lastUsedAt).not.toBeNull();
  });
});

async function until<Value>(look: () => Promise<Value | null | undefined>): Promise<Value> {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = await look();
    if (value !== null && value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It did not happen within five seconds.');
}
