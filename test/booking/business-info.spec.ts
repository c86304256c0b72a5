import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';

let service: TestApp;
let tenant: TestTenant;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
});
afterAll(() => service.close());

const path = '/api/business-info';
const nothing = { address: null, phone: null, email: null, website: null, note: null };
const everything = {
  address: '12 Main Street, Springfield',
  phone: '+14155550100',
  email: 'hello@example.com',
  website: 'https://www.example.com/dentists',
  note: 'Parking is behind the house.\nPlease bring the insurance card.',
};

const put = (body: object, key = tenant.key) => service.request('PUT', path, { key, body });
const get = async (key = tenant.key) => (await service.request('GET', path, { key })).body;

describe('what callers are told of an organisation', () => {
  it('is nothing until it is set, and is replaced as a whole', async () => {
    expect(await get()).toEqual(nothing);
    expect(await put(everything)).toMatchObject({ status: 200, body: everything });
    expect(await get()).toEqual(everything);
    expect((await put({ address: '  1 Elm\n Road ', phone: '+1 (415) 555-0199' })).body).toEqual({
      ...nothing,
      address: '1 Elm Road',
      phone: '+14155550199',
    });
  });

  it.each([
    [{ phone: '555 0100' }, 'phone'],
    [{ email: 'anna at example' }, 'email'],
    [{ website: 'example.com' }, 'website'],
    [{ website: 'javascript:alert(1)' }, 'website'],
    [{ address: '' }, 'address'],
    [{ address: 'x'.repeat(501) }, 'address'],
    [{ note: 'x'.repeat(1001) }, 'note'],
    [{ note: 7 }, 'note'],
    [{ name: 'Acme' }, 'name'],
  ])('refuses %j by the name of the field', async (body, field) => {
    expect(await put(body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field }] },
    });
    expect(await get()).toEqual(nothing);
  });

  it('is each organisation’s own, and for its dashboard only', async () => {
    const other = await aTenant(service);
    await put(everything);
    expect(await get(other.key)).toEqual(nothing);
    const { body } = await service.request<{ key: string }>(
      'POST',
      `/api/admin/tenants/${tenant.id}/api-keys`,
      {
        key: ADMIN_KEY,
        body: { name: 'agent', scopes: ['agent'] },
      },
    );
    expect(await put(nothing, body.key)).toMatchObject({ status: 403 });
    expect(await service.request('GET', path, { key: ADMIN_KEY })).toMatchObject({ status: 403 });
    expect(await get()).toEqual(everything);
  });

  it('leaves the organisation’s name, zone and language to the admin', async () => {
    await put(everything);
    const { body } = await service.request('GET', `/api/admin/tenants/${tenant.id}`, { key: ADMIN_KEY });
    expect(body).not.toHaveProperty('address');
    await expect(
      service.database.query(
        `SELECT enter_tenant('${tenant.id}'); UPDATE tenant SET timezone = 'UTC' WHERE id = '${tenant.id}'`,
      ),
    ).rejects.toThrow('permission denied');
  });
});
