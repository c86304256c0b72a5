import { ADMIN_KEY } from '../support/test-settings.js';
import { makeKey, makeTenant, startTenantApp, type TenantApp } from './tenant-app.js';

describe('the guard', () => {
  let service: TenantApp;
  let tenant: string;
  let key: string;

  beforeAll(async () => {
    service = await startTenantApp();
    tenant = await makeTenant(service);
    ({ key } = await makeKey(service, tenant));
  });
  afterAll(() => service.close());

  it('asks for a credential where there is none', async () => {
    const answer = await service.request('GET', '/probe/dashboard');
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated', status: 401 } });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="receptionist-calendar"');
  });

  it.each([
    ['an unknown key', 'Bearer something-else'],
    ['another scheme', `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['an empty credential', 'Bearer '],
    ['a credential in two parts', 'Bearer a b'],
    ['no scheme', ADMIN_KEY],
    ['the admin key with something added', `Bearer ${ADMIN_KEY}x`],
    ['a part of the admin key', `Bearer ${ADMIN_KEY.slice(0, -1)}`],
    ['a very long credential', `Bearer ${'x'.repeat(10_000)}`],
  ])('refuses %s', async (_what, authorization) => {
    for (const route of ['/probe/dashboard', '/api/admin/tenants']) {
      const answer = await service.request('GET', route, { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    }
  });

  it('takes the scheme in any case, as RFC 9110 says', async () => {
    const answer = await service.request('GET', '/probe/agent', {
      headers: { authorization: `bearer ${key}` },
    });
    expect(answer.status).toBe(200);
  });

  it('reads the header no more leniently once it knows the key', async () => {
    expect((await service.request('GET', '/probe/agent', { key })).status).toBe(200);
    for (const authorization of [
      `Bearer  ${key}`,
      `Bearer ${key} ${key}`,
      `Basic ${key}`,
      key,
      `Bearer ${key}x`,
    ]) {
      const answer = await service.request('GET', '/probe/agent', { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    }
    expect((await service.request('GET', '/api/admin/tenants', { key })).status).toBe(403);
  });

  it('takes no credential from the address or the body, which find their way into logs', async () => {
    expect((await service.request('GET', `/probe/dashboard?access_token=${key}`)).status).toBe(401);
    const body = { access_token: ADMIN_KEY, name: 'x', timezone: 'UTC' };
    expect((await service.request('POST', '/api/admin/tenants', { body })).status).toBe(401);
    // Beside a good header they mean nothing.
    expect((await service.request('GET', '/probe/dashboard?access_token=x', { key })).status).toBe(200);
  });

  it('refuses the admin key on a tenant’s routes, since it stands for no tenant', async () => {
    const answer = await service.request('GET', '/probe/dashboard', { key: ADMIN_KEY });
    expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
  });

  it('refuses a tenant’s key on the admin’s routes', async () => {
    for (const [method, path] of [
      ['GET', '/api/admin/tenants'],
      ['GET', `/api/admin/tenants/${tenant}`],
      ['DELETE', `/api/admin/tenants/${tenant}`],
      ['GET', `/api/admin/tenants/${tenant}/api-keys`],
    ] as const) {
      expect(await service.request(method, path, { key })).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope' },
      });
    }
  });

  it('refuses before it looks at the request’s content', async () => {
    const body = { nonsense: true };
    expect((await service.request('POST', '/api/admin/tenants', { body })).status).toBe(401);
    expect((await service.request('POST', '/api/admin/tenants', { key, body })).status).toBe(403);
  });

  it('lets everybody use a public route, also with a credential that is no good', async () => {
    expect((await service.request('GET', '/probe/public')).status).toBe(200);
    expect((await service.request('GET', '/probe/public', { key: 'nonsense' })).status).toBe(200);
  });

  it('keeps a route that does not say who may use it from everybody', async () => {
    for (const credential of [undefined, key, ADMIN_KEY]) {
      const answer = await service.request('GET', '/probe/undeclared', { key: credential });
      expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
      expect(JSON.stringify(answer.body)).not.toContain('nobody may see this');
    }
  });

  it('puts the tenant and the caller into the handler, and the tenant into the log', async () => {
    const agent = await service.request('GET', '/probe/agent', { key });
    expect(agent.body).toEqual({ tenant, logged: tenant });
    const dashboard = await service.request('GET', '/probe/dashboard', { key });
    expect(dashboard.body).toEqual({
      tenant,
      scopes: ['dashboard', 'agent'],
      credential: { kind: 'api-key', id: expect.any(String) as string },
    });
  });

  it('gives no tenant to a public handler that asks for one', async () => {
    expect((await service.request('GET', '/probe/public-asking-for-a-tenant', { key })).status).toBe(503);
  });

  it('does not mix up the credentials of two applications in one process', async () => {
    const other = await startTenantApp();
    try {
      const otherKey = (await makeKey(other, await makeTenant(other))).key;
      expect((await service.request('GET', '/probe/agent', { key })).status).toBe(200);
      expect((await service.request('GET', '/probe/agent', { key: otherKey })).status).toBe(401);
      expect((await other.request('GET', '/probe/agent', { key: otherKey })).status).toBe(200);
      expect((await other.request('GET', '/probe/agent', { key })).status).toBe(401);
    } finally {
      await other.close();
    }
  });

  it('keeps callers apart who ask at the same time', async () => {
    const tenants = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const id = await makeTenant(service, `Tenant ${n}`);
        return { id, key: (await makeKey(service, id)).key };
      }),
    );
    const asked = Array.from({ length: 200 }, (_, n) => tenants[n % tenants.length]);
    const answers = await Promise.all(
      asked.map((each) => service.request('GET', '/probe/agent', { key: each?.key })),
    );
    expect(answers.map(({ body }) => body)).toEqual(
      asked.map((each) => ({ tenant: each?.id, logged: each?.id })),
    );
  });
});
