import { aTenant, startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';

describe('smoke', () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  it('works', async () => {
    const t = await aTenant(service);
    console.log(t, await service.request('GET', '/api/admin/tenants', { key: ADMIN_KEY }));
    console.log(await service.request('GET', '/api/admin/tenants', { key: t.key }));
    console.log(await service.request('GET', '/api/admin/tenants', {}));
    console.log(await service.request('GET', '/api/admin/tenants/'+t.id+'/api-keys', { key: ADMIN_KEY }));
    console.log(await service.request('DELETE', '/api/admin/tenants/'+t.id, { key: ADMIN_KEY }));
  });
});
