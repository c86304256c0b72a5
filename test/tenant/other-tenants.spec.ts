import { randomUUID } from 'node:crypto';
import { Database } from '../../src/platform/database/database.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { at, upcoming } from '../support/dates.js';
import { aTenant, type Answer, type TestApp, type TestTenant } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { type Route, startObservedApp } from './observed-app.js';
import { fillEveryTable, tenantTables } from './tenant-rows.js';

const MARK = 'what-only-they-know';
const DATE = upcoming(3);
const CUSTOMER = { name: MARK, phone: '+12025550123', purpose: MARK };

/** What a route needs to be asked for more than validation. Routes that are not here are asked without. */
const QUERIES: Readonly<Record<string, string>> = {
  'GET /api/availability': `?date=${DATE}`,
};
const BODIES: Readonly<Record<string, object>> = {
  'PATCH /api/bookings/:id': { name: 'Taken over' },
  'POST /api/conflicts/:id/resolve': { action: 'dismiss' },
  'POST /api/bookings/:id/reschedule': { startsAt: at(DATE, '16:00') },
  'PATCH /api/services/:id': { name: 'Taken over', active: false },
  'PATCH /api/resources/:id': { name: 'Taken over', active: false },
  'POST /api/resources/:id/time-off': { fromDate: DATE, toDate: DATE },
};

/** Requests that name something by its id elsewhere than in the path. */
const NAMING: readonly ((id: string) => [method: 'GET' | 'POST' | 'PUT', path: string, body?: object])[] = [
  (id) => ['GET', `/api/availability?date=${DATE}&serviceId=${id}`],
  (id) => ['GET', `/api/availability?date=${DATE}&resourceId=${id}`],
  (id) => [
    'POST',
    '/api/bookings',
    { startsAt: at(DATE, '15:00'), serviceId: id, name: 'X', phone: '+12025550199' },
  ],
  (id) => [
    'POST',
    '/api/bookings',
    { startsAt: at(DATE, '15:00'), resourceId: id, name: 'X', phone: '+12025550199' },
  ],
  (id) => ['GET', `/api/bookings?cursor=${id}`],
  (id) => ['GET', `/api/services?cursor=${id}`],
  (id) => ['GET', `/api/resources?cursor=${id}`],
  (id) => ['POST', '/api/services', { name: 'X', durationMinutes: 30, resourceIds: [id] }],
  (id) => ['POST', '/api/resources', { name: 'X', calendars: { read: [id], write: null } }],
  (id) => ['POST', '/api/resources', { name: 'X', calendars: { read: [], write: id } }],
  (id) => ['GET', `/api/bookings?serviceId=${id}`],
  (id) => ['GET', `/api/bookings?resourceId=${id}`],
  (id) => ['POST', '/api/bookings', { holdId: id, name: 'X', phone: '+12025550199' }],
  (id) => ['POST', '/api/holds', { startsAt: at(DATE, '15:00'), serviceId: id }],
  (id) => ['POST', '/api/holds', { startsAt: at(DATE, '15:00'), resourceId: id }],
  (id) => ['POST', '/api/agent-tools/check_availability', { date: DATE, service: id }],
  (id) => ['POST', '/api/agent-tools/create_booking', { slot_id: id, name: 'X', phone: '+12025550199' }],
];

describe.each([
  ['with both fences', false],
  ['by the code’s own filters alone, with row-level security switched off', true],
])('another tenant’s data, kept %s', (_how, withoutRowLevelSecurity) => {
  let service: TestApp;
  let routes: Route[];
  let us: TestTenant;
  let them: TestTenant;
  let theirIds: string[];
  let theirSlot: string;

  beforeAll(async () => {
    ({ service, routes } = await startObservedApp());
    us = await aTenant(service, { name: 'Us' });
    them = await aTenant(service, { name: MARK });
    await bookAt('10:00', them, 'a-key-that-both-use');
    const { body } = await service.request<{ slots: { slotId: string }[] }>(
      'GET',
      `/api/availability?date=${DATE}`,
      {
        key: them.key,
      },
    );
    theirSlot = body.slots.at(-1)?.slotId ?? '';
    await fillEveryTable(service.database, them.id, MARK);
    theirIds = await idsOf(service, them.id);
    if (withoutRowLevelSecurity) await switchOff(service);
  });
  afterAll(() => service.close());

  const bookAt = (time: string, tenant: TestTenant, idempotencyKey: string) =>
    service.request<{ id: string; name: string }>('POST', '/api/bookings', {
      key: tenant.key,
      headers: { 'idempotency-key': idempotencyKey },
      body: {
        startsAt: at(DATE, time),
        ...CUSTOMER,
        ...(tenant === us ? { name: 'Ours', purpose: 'Ours' } : {}),
      },
    });
  const ask = (method: string, path: string, body?: object, key = us.key): Promise<Answer<unknown>> =>
    service.request(method as 'GET', path, { key, body });
  const expectNothingOfThem = (route: string, { body }: Answer<unknown>, named = ''): void => {
    const text = JSON.stringify(body).replaceAll(named, '');
    expect([route, text.includes(MARK), theirIds.filter((id) => text.includes(id))]).toEqual([
      route,
      false,
      [],
    ]);
  };
  const tenantRoutes = (): Route[] =>
    routes.filter(
      ({ method, url }) =>
        // Voice platforms' addresses know no key: whoever has none of the connection is told nothing at all.
        /^\/api\/(?!admin\/|docs|google\/|voice\/)/.test(url) &&
        url !== '/api/tenant-calendar/callback' &&
        !/HEAD|OPTIONS/.test(method),
    );

  it('is there, and the fences are as said', async () => {
    expect(theirIds.length).toBeGreaterThan(10);
    expect(theirSlot).not.toBe('');
    const database = service.app.get(Database);
    const seen = await database.inTenant(asTenantId(us.id), (sql) =>
      sql.query(`SELECT 1 FROM booking WHERE customer_name = $1`, [MARK]),
    );
    expect(seen.length > 0).toBe(withoutRowLevelSecurity);
  });

  it('is as if it were not there, by whichever id it is asked for in a path', async () => {
    const answers: [string, number][] = [];
    for (const { method, url } of tenantRoutes().filter((route) => /:(id|\w+Id)\b/.test(route.url))) {
      for (const id of theirIds) {
        const path = url.replaceAll(/:(id|\w+Id)\b/g, id);
        const answer = await ask(
          method,
          path,
          BODIES[`${method} ${url}`] ?? (method === 'GET' ? undefined : {}),
        );
        answers.push([`${method} ${url}`, answer.status]);
        expectNothingOfThem(`${method} ${url}`, answer, id);
      }
    }
    expect(answers.length).toBeGreaterThan(0);
    expect(answers).toEqual(answers.map(([route]) => [route, 404]));
  });

  it('is as if it were not there, by whichever id it is named in a query or a body', async () => {
    for (const naming of NAMING) {
      const absent = randomUUID();
      const [method, path, body] = naming(absent);
      const toAbsent = await ask(method, path, body);
      for (const id of theirIds) {
        const request = naming(id);
        const answer = await ask(...request);
        const route = `${method} ${path.split('?')[0]}`;
        expect([route, answer.status, comparable(answer.body, id)]).toEqual([
          route,
          toAbsent.status,
          comparable(toAbsent.body, absent),
        ]);
        expect(answer.status === 201).toBe(false);
      }
    }
  });

  it('is in no answer to a question about one’s own', async () => {
    const answered: string[] = [];
    for (const { method, url } of tenantRoutes().filter(
      (route) => route.method === 'GET' && !route.url.includes(':'),
    )) {
      const answer = await ask(method, url + (QUERIES[`${method} ${url}`] ?? ''));
      if (answer.status === 200) answered.push(url);
      expectNothingOfThem(url, answer);
    }
    expect(answered).toEqual(
      expect.arrayContaining([
        ...['/api/availability', '/api/bookings', '/api/working-hours'],
        ...['/api/services', '/api/resources', '/api/holidays'],
      ]),
    );
    const byPhone = await ask('GET', `/api/bookings?phone=${encodeURIComponent(CUSTOMER.phone)}`);
    expect(byPhone).toMatchObject({ status: 200, body: { items: [] } });
  });

  it('cannot be booked by an id of a slot that they were offered', async () => {
    const answer = await ask('POST', '/api/bookings', {
      slotId: theirSlot,
      name: 'X',
      phone: '+12025550199',
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expectNothingOfThem('POST /api/bookings', answer);
    const tool = { slot_id: theirSlot, name: 'X', phone: '+12025550199' };
    const said = await ask('POST', '/api/agent-tools/create_booking', tool);
    expect(said).toMatchObject({ status: 200, body: { ok: false } });
    expectNothingOfThem('create_booking', said);
  });

  it('is not answered to the same idempotency key', async () => {
    const answer = await bookAt('10:00', us, 'a-key-that-both-use');
    expect(answer).toMatchObject({ status: 201, body: { name: 'Ours' } });
    expectNothingOfThem('POST /api/bookings', answer);
  });

  it('is as if it were not there for the admin who names it under the wrong tenant', async () => {
    const answers: [string, number][] = [];
    for (const { method, url } of routes.filter((route) => /^\/api\/admin\/.*:.*:/.test(route.url))) {
      const ofUs = url.replace(/:\w+/, us.id);
      for (const id of theirIds) {
        const answer = await ask(method, ofUs.replaceAll(/:\w+/g, id), undefined, ADMIN_KEY);
        answers.push([`${method} ${url}`, answer.status]);
        expectNothingOfThem(url, answer, id);
      }
    }
    expect(answers.length).toBeGreaterThan(0);
    expect(answers).toEqual(answers.map(([route]) => [route, 404]));
    expectNothingOfThem(
      'keys',
      await ask('GET', `/api/admin/tenants/${us.id}/api-keys`, undefined, ADMIN_KEY),
    );
  });

  it('is unchanged by whatever one does to all of one’s own', async () => {
    const before = await rowsOf(service, them.id);
    for (const { method, url } of tenantRoutes().filter(
      (route) => route.method === 'DELETE' && !route.url.includes(':'),
    )) {
      await ask(method, url);
    }
    await ask('PUT', '/api/working-hours', { weekly: [], overrides: [] });
    await ask('PUT', '/api/holidays', { holidays: [] });
    const { body } = await service.request<{ items: { id: string }[] }>('GET', '/api/bookings', {
      key: us.key,
    });
    for (const { id } of body.items) await ask('POST', `/api/bookings/${id}/cancel`, {});
    expect(await rowsOf(service, them.id)).toEqual(before);
  });

  it('is unchanged by all of this, and by the end of the other tenant', async () => {
    const before = await rowsOf(service, them.id);
    expect(before['booking']).toHaveLength(2);
    expect((await ask('DELETE', `/api/admin/tenants/${us.id}`, undefined, ADMIN_KEY)).status).toBe(204);
    expect(await rowsOf(service, them.id)).toEqual(before);
    expect((await service.request('GET', '/api/bookings', { key: them.key })).status).toBe(200);
  });
});

/** What an answer says, without what differs from request to request and without the id it was asked for. */
function comparable(body: unknown, id: string): string {
  return JSON.stringify(body, (name, value: unknown) =>
    ['traceId', 'instance', 'now', 'asOf'].includes(name) ? undefined : value,
  ).replaceAll(id, '<id>');
}

async function idsOf({ database }: TestApp, tenantId: string): Promise<string[]> {
  const columns = await database.query<{ table: string; column: string }>(
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns
     WHERE table_schema = 'public' AND udt_name = 'uuid' AND column_name <> 'tenant_id' AND table_name <> 'tenant'`,
  );
  const ids = new Set([tenantId]);
  for (const { table, column } of columns) {
    const rows = await database.query<{ id: string | null }>(
      `SELECT ${column} AS id FROM ${table} WHERE tenant_id = $1`,
      [tenantId],
    );
    for (const { id } of rows) if (id !== null) ids.add(id);
  }
  return [...ids];
}

/** All that is the tenant's, but for when its keys were last used. */
async function rowsOf({ database }: TestApp, tenantId: string): Promise<Record<string, object[]>> {
  const all: Record<string, object[]> = {};
  for (const table of await tenantTables(database)) {
    const rows = await database.query<{ json: object }>(
      `SELECT to_jsonb(t) - 'last_used_at' AS json FROM ${table} t WHERE tenant_id = $1 ORDER BY t::text`,
      [tenantId],
    );
    all[table] = rows.map(({ json }) => json);
  }
  return all;
}

async function switchOff({ database }: TestApp): Promise<void> {
  for (const table of [...(await tenantTables(database)), 'tenant']) {
    await database.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
  }
}
