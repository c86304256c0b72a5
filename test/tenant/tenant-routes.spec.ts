import { TenantLifecycle } from '../../src/tenant/tenant-lifecycle.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { makeKey, makeTenant, startTenantApp, type TenantApp } from './tenant-app.js';
import { fillEveryTable, tablesHoldingRowsOf } from './tenant-rows.js';

const ABSENT = '00000000-0000-4000-8000-000000000000';

interface TenantBody {
  id: string;
  name: string;
  timezone: string;
  locale: string;
  unreadableCalendarPolicy: string;
  createdAt: string;
}
interface ProblemBody {
  code: string;
  errors?: { field: string; message: string }[];
}
interface PageBody {
  items: TenantBody[];
  nextCursor: string | null;
}

describe('the admin’s routes for tenants', () => {
  let service: TenantApp;

  beforeAll(async () => {
    service = await startTenantApp();
  });
  afterAll(() => service.close());

  const create = (body: object) =>
    service.request<TenantBody & ProblemBody>('POST', '/api/admin/tenants', { key: ADMIN_KEY, body });
  const patch = (id: string, body: object) =>
    service.request<TenantBody & ProblemBody>('PATCH', `/api/admin/tenants/${id}`, { key: ADMIN_KEY, body });
  const list = (query: string) =>
    service.request<PageBody & ProblemBody>('GET', `/api/admin/tenants${query}`, { key: ADMIN_KEY });

  it('makes a tenant with the defaults of the contract, and shows it', async () => {
    const made = await create({ name: '  Acme Dental ', timezone: 'America/New_York' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: 'Acme Dental',
      timezone: 'America/New_York',
      locale: 'en-US',
      unreadableCalendarPolicy: 'use_last_known',
    });
    const shown = await service.request('GET', `/api/admin/tenants/${made.body.id}`, { key: ADMIN_KEY });
    expect(shown).toMatchObject({ status: 200, body: made.body });
  });

  it('takes every field and writes the language tag as BCP 47 does', async () => {
    const made = await create({
      name: 'Zahnarzt Köln',
      timezone: 'Europe/Berlin',
      locale: 'de-de',
      unreadableCalendarPolicy: 'refuse',
    });
    expect(made.body).toMatchObject({ locale: 'de-DE', unreadableCalendarPolicy: 'refuse' });
  });

  it.each(['Asia/Calcutta', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
    'accepts the IANA zone %s',
    async (timezone) => {
      expect((await create({ name: 'Somewhere', timezone })).status).toBe(201);
    },
  );

  it.each([
    ['an offset', '+02:00', 'timezone'],
    ['an unknown zone', 'Europe/Atlantis', 'timezone'],
    ['an abbreviation', 'PST', 'timezone'],
    ['a zone in the wrong case', 'europe/berlin', 'timezone'],
    ['a zone that is no text', 7, 'timezone'],
    ['an endless zone', `Europe/${'x'.repeat(5000)}`, 'timezone'],
  ])('refuses %s as a zone', async (_what, timezone, field) => {
    const answer = await create({ name: 'Nowhere', timezone });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_input', errors: [{ field }] });
  });

  it.each([
    ['no name', {}, 'name'],
    ['an empty name', { name: '   ' }, 'name'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 'name'],
    ['a name that is a list', { name: ['x'] }, 'name'],
    ['a language tag that is none', { name: 'x', locale: 'en_US' }, 'locale'],
    ['null for a language tag', { name: 'x', locale: null }, 'locale'],
    ['an unknown policy', { name: 'x', unreadableCalendarPolicy: 'hope' }, 'unreadableCalendarPolicy'],
    ['a field that does not exist', { name: 'x', id: ABSENT }, 'id'],
  ])('refuses %s, by name', async (_what, fields, field) => {
    const answer = await create({ timezone: 'Europe/Berlin', ...fields });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_input', errors: [{ field }] });
  });

  it('names all fields that are wrong at once', async () => {
    const { body } = await create({ timezone: 'nowhere', locale: '' });
    expect(body.errors?.map(({ field }) => field).sort()).toEqual(['locale', 'name', 'timezone']);
  });

  it('changes what is given and leaves the rest', async () => {
    const { body: made } = await create({ name: 'Before', timezone: 'Europe/Berlin', locale: 'de-DE' });
    const changed = await patch(made.id, { name: 'After', unreadableCalendarPolicy: 'refuse' });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        id: made.id,
        name: 'After',
        timezone: 'Europe/Berlin',
        locale: 'de-DE',
        unreadableCalendarPolicy: 'refuse',
      },
    });
    expect((await patch(made.id, {})).body).toMatchObject({ name: 'After' });
    for (const field of ['name', 'timezone', 'locale', 'unreadableCalendarPolicy']) {
      expect(await patch(made.id, { [field]: null })).toMatchObject({
        status: 400,
        body: { errors: [{ field }] },
      });
    }
  });

  it.each([ABSENT, 'no-id-at-all', '%00', '..%2F..%2Fhealth', "1' OR '1'='1"])(
    'answers 404 for the tenant %s',
    async (id) => {
      const path = `/api/admin/tenants/${id}`;
      for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
        expect(await service.request(method, path, { key: ADMIN_KEY, body })).toMatchObject({
          status: 404,
          body: { code: 'not_found' },
        });
      }
      expect((await service.request('GET', `${path}/api-keys`, { key: ADMIN_KEY })).status).toBe(404);
      const newKey = { key: ADMIN_KEY, body: { name: 'x', scopes: ['agent'] } };
      expect((await service.request('POST', `${path}/api-keys`, newKey)).status).toBe(404);
      expect((await service.request('DELETE', `${path}/api-keys/${ABSENT}`, { key: ADMIN_KEY })).status).toBe(
        404,
      );
    },
  );

  it('lists tenants oldest first, each exactly once, also when several are as old as each other', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await makeTenant(service, `Listed ${n}`));
    await service.database.query(
      `UPDATE tenant SET created_at = '2026-01-01T00:00:00Z' WHERE id = ANY ($1)`,
      [ids.slice(0, 3)],
    );
    const seen: string[] = [];
    let query = '?limit=2';
    for (;;) {
      const { status, body } = await list(query);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map(({ id }) => id));
      if (body.nextCursor === null) break;
      query = `?limit=2&cursor=${body.nextCursor}`;
    }
    const [{ all } = { all: [] }] = await service.database.query<{ all: string[] }>(
      `SELECT array_agg(id::text ORDER BY created_at, id) AS all FROM tenant`,
    );
    expect(seen).toEqual(all);
    expect(seen).toEqual(expect.arrayContaining(ids));
  });

  it('goes on behind a tenant that was deleted between two pages', async () => {
    const first = await list('?limit=1');
    const gone = first.body.items[0]?.id ?? '';
    await service.request('DELETE', `/api/admin/tenants/${gone}`, { key: ADMIN_KEY });
    const second = await list(`?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.status).toBe(200);
    expect(second.body.items).toHaveLength(1);
  });

  it.each([
    '?limit=0',
    '?limit=201',
    '?limit=x',
    '?cursor=nonsense',
    '?cursor=',
    `?cursor=${'x'.repeat(201)}`,
    '?page=2',
  ])('refuses to list with %.20s', async (query) => {
    expect(await list(query)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  it('deletes a tenant with everything that is its own, and its keys stop working at once', async () => {
    const id = await makeTenant(service, 'To be deleted');
    const other = await makeTenant(service, 'To be kept');
    const { key } = await makeKey(service, id);
    const { key: kept } = await makeKey(service, other);
    await fillEveryTable(service.database, id);
    expect((await service.request('GET', '/probe/agent', { key })).status).toBe(200);

    const deleted = await service.request('DELETE', `/api/admin/tenants/${id}`, { key: ADMIN_KEY });

    expect(deleted.status).toBe(204);
    expect((await service.request('GET', '/probe/agent', { key })).status).toBe(401);
    expect((await service.request('GET', '/probe/agent', { key: kept })).status).toBe(200);
    expect(await tablesHoldingRowsOf(service.database, id)).toEqual([]);
    expect((await service.request('GET', `/api/admin/tenants/${id}`, { key: ADMIN_KEY })).status).toBe(404);
    expect((await service.request('DELETE', `/api/admin/tenants/${id}`, { key: ADMIN_KEY })).status).toBe(
      404,
    );
  });
});

describe('what modules above add to a tenant’s life', () => {
  let service: TenantApp;

  beforeEach(async () => {
    service = await startTenantApp();
  });
  afterEach(() => service.close());

  it('makes what a tenant begins with in the same transaction, as that tenant', async () => {
    service.app.get(TenantLifecycle).onCreated(async (prisma, tenant) => {
      await prisma.resource.create({ data: { tenantId: tenant, name: 'Front desk' } });
    });
    const id = await makeTenant(service);
    expect(await tablesHoldingRowsOf(service.database, id)).toEqual(['resource']);
  });

  it('makes no tenant at all when that fails', async () => {
    service.app.get(TenantLifecycle).onCreated(async () => Promise.reject(new Error('no')));
    const made = await service.request('POST', '/api/admin/tenants', {
      key: ADMIN_KEY,
      body: { name: 'Half', timezone: 'UTC' },
    });
    expect(made.status).toBe(503);
    expect(await service.database.query('SELECT id FROM tenant')).toEqual([]);
  });

  it('lets no module write into another tenant while one is being made', async () => {
    const other = await makeTenant(service, 'Other');
    service.app.get(TenantLifecycle).onCreated(async (prisma) => {
      await prisma.resource.create({ data: { tenantId: other, name: 'Intruder' } });
    });
    const made = await service.request('POST', '/api/admin/tenants', {
      key: ADMIN_KEY,
      body: { name: 'Intruding', timezone: 'UTC' },
    });
    expect(made.status).toBe(503);
    expect(await tablesHoldingRowsOf(service.database, other)).toEqual([]);
  });

  it('runs what has to happen before a deletion while the rows are still there, and deletes even when it fails', async () => {
    const seen: string[][] = [];
    const lifecycle = service.app.get(TenantLifecycle);
    lifecycle.onDeleting(async () => Promise.reject(new Error('Google is down')));
    lifecycle.onDeleting(async (tenant) => {
      seen.push(await tablesHoldingRowsOf(service.database, tenant));
    });
    const id = await makeTenant(service);
    await makeKey(service, id);
    expect((await service.request('DELETE', `/api/admin/tenants/${id}`, { key: ADMIN_KEY })).status).toBe(
      204,
    );
    expect(seen).toEqual([['api_key']]);
  });
});
