import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aService, askForDefinitions, definitionsOf } from './definitions.js';
import { aConnection } from './platforms/connection.js';

let service: TestApp;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  other = await aTenant(service);
  await aService(service, tenant, 'Root canal');
});
afterAll(() => service.close());

const ask = (query: string, key = tenant.key) => askForDefinitions(service, { key }, query);
const definitions = (query: string, key = tenant.key) => definitionsOf(service, { key }, query);

describe('without a connection, the definitions', () => {
  it('have a place for its id', async () => {
    expect(await definitions('format=bland')).toMatchObject({
      connectionId: null,
      url: 'http://calendar.test/api/voice/bland/<connection id>',
      headers: { Authorization: 'Bearer <secret>' },
    });
  });

  it('are for the tenant’s key where any program may call', async () => {
    const { tools, url } = await definitions('format=generic');
    expect(url).toBe('http://calendar.test/api/agent-tools');
    expect(tools[0]).toMatchObject({
      url: 'http://calendar.test/api/agent-tools/check_availability',
      headers: { Authorization: 'Bearer <API key with the scope "agent">' },
    });
  });
});

describe('the connection that the definitions are for', () => {
  it('is the newest of the platform, unless another is named', async () => {
    const old = await aConnection(service, tenant, { platform: 'bland' });
    const newest = await aConnection(service, tenant, { platform: 'bland' });
    await aConnection(service, tenant, { platform: 'ultravox' });
    expect((await definitions('format=bland')).connectionId).toBe(newest.id);
    const named = await definitions(`format=bland&connectionId=${old.id.toUpperCase()}`);
    expect(named).toMatchObject({ connectionId: old.id, url: old.url });
  });

  it('decides what they offer', async () => {
    const serviceIds = [await aService(service, tenant, 'Whitening')];
    const { id } = await aConnection(service, tenant, { platform: 'bland', serviceIds });
    const text = JSON.stringify(await definitions(`format=bland&connectionId=${id}`));
    expect(text).toContain('Whitening');
    expect(text).not.toContain('Root canal');
  });

  it('has no services named that only others give than those it is for', async () => {
    const { body: sam } = await service.request<{ id: string }>('POST', '/api/resources', {
      key: tenant.key,
      body: { name: 'Sam' },
    });
    await service.request('POST', '/api/services', {
      key: tenant.key,
      body: { name: 'Whitening', durationMinutes: 30, resourceIds: [sam.id] },
    });
    const { id } = await aConnection(service, tenant, { platform: 'bland', resourceIds: [sam.id] });
    const text = JSON.stringify(await definitions(`format=bland&connectionId=${id}`));
    expect(text).toContain('Whitening');
    expect(text).not.toContain('Root canal');
  });

  it('is one of the tenant’s own, of that platform', async () => {
    const theirs = await aConnection(service, other, { platform: 'bland' });
    const ours = await aConnection(service, tenant, { platform: 'bland' });
    expect((await ask(`format=bland&connectionId=${theirs.id}`)).status).toBe(404);
    for (const query of [`format=vapi&connectionId=${ours.id}`, 'format=bland&connectionId=7']) {
      const { status, body } = await ask(query);
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'invalid_input', errors: [{ field: 'connectionId' }] });
    }
  });

  it('is the one whose secret asks, with what that may offer', async () => {
    const serviceIds = [await aService(service, tenant, 'Whitening')];
    const asking = await aConnection(service, tenant, { platform: 'bland', serviceIds });
    const later = await aConnection(service, tenant, { platform: 'bland' });
    const own = await definitions('format=bland', asking.secret);
    expect(own).toMatchObject({ connectionId: asking.id, url: asking.url });
    expect(JSON.stringify(own)).not.toContain('Root canal');
    expect((await ask(`format=bland&connectionId=${later.id}`, asking.secret)).status).toBe(404);
    await aConnection(service, tenant, { platform: 'vapi' });
    const elsewhere = await definitions('format=vapi', asking.secret);
    expect(elsewhere.connectionId).toBeNull();
    expect(JSON.stringify(elsewhere)).not.toContain('Root canal');
  });
});

describe('who may read the definitions', () => {
  it.each([['agent'], ['dashboard']])('has a key with the scope %s', async (scope) => {
    const { body } = await service.request<{ key: string }>(
      'POST',
      `/api/admin/tenants/${tenant.id}/api-keys`,
      {
        key: ADMIN_KEY,
        body: { name: 'only', scopes: [scope] },
      },
    );
    expect((await ask('format=vapi', body.key)).status).toBe(200);
  });

  it('has a key at all', async () => {
    expect((await service.request('GET', '/api/agent-tools/definitions')).status).toBe(401);
    expect((await ask('format=vapi', ADMIN_KEY)).status).toBe(403);
  });
});
