import { SignJWT } from 'jose';
import type { AuditEntryView, AuditPage } from '../../src/booking/audit.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { HoldView } from '../../src/booking/hold.js';
import { Secret } from '../../src/platform/config/secret.js';
import { Database } from '../../src/platform/database/database.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { at, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { failureOf } from '../tenant/tenant-rows.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf } from './described-week.js';

const SECRET = 'a secret that dashboards share with us';
const ISSUER = 'https://dashboard.example.com';
const AUDIENCE = 'receptionist-calendar';
const ana = { name: 'Ana Flores', phone: '+14155550123' };

describe('the audit trail of a booking', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  const monday = upcoming(1);
  const utc = (time: string) => new Date(at(monday, time)).toISOString();

  beforeAll(async () => {
    app = await startTestApp({
      dashboardJwt: { secret: new Secret(SECRET), jwksUrl: null, issuer: ISSUER, audience: AUDIENCE },
    });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
  });

  const auditOf = (id: string, query = '') =>
    tenant.ask<AuditPage>('GET', `/api/bookings/${id}/audit?${query}`);
  const entries = async (id: string): Promise<AuditEntryView[]> => (await auditOf(id)).body.items;
  const change = (id: string, name: string, body: object = {}) =>
    tenant.ask<BookingView>('POST', `/api/bookings/${id}/${name}`, body);

  it('says what was done, from the hold on, with what changed', async () => {
    const began = Date.now();
    const { body: held } = await tenant.ask<HoldView>('POST', '/api/holds', {
      startsAt: at(monday, '10:00'),
    });
    await tenant.ask('POST', '/api/bookings', { holdId: held.id, ...ana });
    await change(held.id, 'reschedule', { startsAt: at(monday, '14:00') });
    await change(held.id, 'no-show');
    await change(held.id, 'complete');
    const history = await entries(held.id);
    expect(history.map(({ action, changes }) => [action, changes])).toEqual([
      [
        'held',
        {
          status: { from: null, to: 'held' },
          serviceId: { from: null, to: held.serviceId },
          resourceId: { from: null, to: held.resourceId },
          startsAt: { from: null, to: utc('10:00') },
          endsAt: { from: null, to: utc('11:00') },
          ttlSeconds: { from: null, to: '120' },
        },
      ],
      ['created', { status: { from: 'held', to: 'confirmed' } }],
      [
        'rescheduled',
        {
          startsAt: { from: utc('10:00'), to: utc('14:00') },
          endsAt: { from: utc('11:00'), to: utc('15:00') },
        },
      ],
      ['no_show', { status: { from: 'confirmed', to: 'no_show' } }],
      ['completed', { status: { from: 'no_show', to: 'completed' } }],
    ]);
    for (const { at: moment } of history) {
      expect(Date.parse(moment)).toBeGreaterThanOrEqual(began - 1_000);
      expect(Date.parse(moment)).toBeLessThanOrEqual(Date.now() + 1_000);
    }
  });

  it('keeps the reason of a cancellation, and is there for cancelled bookings', async () => {
    const { body } = await tenant.book(at(monday, '10:00'));
    await change(body.id, 'cancel', { reason: 'ill' });
    expect((await entries(body.id)).at(-1)).toMatchObject({
      action: 'cancelled',
      changes: {
        status: { from: 'confirmed', to: 'cancelled' },
        cancelReason: { from: null, to: 'ill' },
      },
    });
  });

  it('is there for holds that were released', async () => {
    const { body } = await tenant.ask<HoldView>('POST', '/api/holds', { startsAt: at(monday, '10:00') });
    await tenant.ask('DELETE', `/api/holds/${body.id}`);
    await tenant.ask('DELETE', `/api/holds/${body.id}`);
    expect((await entries(body.id)).map(({ action }) => action)).toEqual(['held', 'released']);
  });

  it('says whose key it was and by which request', async () => {
    const { body: key } = await app.request<{ id: string; key: string }>(
      'POST',
      `/api/admin/tenants/${tenant.id}/api-keys`,
      { key: ADMIN_KEY, body: { name: 'Front desk', scopes: ['dashboard'] } },
    );
    const { body: booking } = await app.request<BookingView>('POST', '/api/bookings', {
      key: key.key,
      body: { startsAt: at(monday, '10:00'), ...ana },
      headers: { 'x-request-id': 'request-of-the-front-desk' },
    });
    const ofKey = { kind: 'api_key', id: key.id };
    expect(await entries(booking.id)).toMatchObject([
      {
        actor: { ...ofKey, name: 'Front desk' },
        requestId: 'request-of-the-front-desk',
        callId: null,
      },
    ]);
    await app.request('DELETE', `/api/admin/tenants/${tenant.id}/api-keys/${key.id}`, { key: ADMIN_KEY });
    expect(await entries(booking.id)).toMatchObject([{ actor: { ...ofKey, name: null } }]);
  });

  it.each([
    ['user-7', 'user-7'],
    [undefined, null],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('says which user of a dashboard it was, by the subject %s', async (sub, id) => {
    const claims = { iss: ISSUER, aud: AUDIENCE, sub, tenant_id: tenant.id };
    const jwt = await new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1000) + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(SECRET));
    const { body } = await app.request<BookingView>('POST', '/api/bookings', {
      ...{ key: jwt, body: { startsAt: at(monday, '10:00'), ...ana } },
    });
    expect(await entries(body.id)).toMatchObject([{ actor: { kind: 'dashboard_user', id, name: null } }]);
  });

  it.each([
    ['call_id', { call_id: 'CA123' }, 'CA123'],
    ['callId', { callId: 'CA123' }, 'CA123'],
    ['conversation_id', { conversation_id: 'conv_9' }, 'conv_9'],
    ['call_id beside the arguments', { arguments: {}, call_id: 'CA123' }, 'CA123'],
    ['call_id among the arguments', { arguments: { call_id: 'CA123' } }, 'CA123'],
    ['a long call_id, cut', { call_id: 'x'.repeat(5_000) }, 'x'.repeat(200)],
    ['no id of the call', {}, null],
    ['something else in its place', { call_id: { hostile: true } }, null],
    ['null', { call_id: null }, null],
  ])('notes of which call an agent spoke: %s', async (_what, said, callId) => {
    const { arguments: inside, ...beside } = { arguments: undefined, ...said } as {
      arguments?: object;
    };
    const wish = { date: monday, time: '10:00', ...ana };
    const { body } = await tenant.ask<{ booking: { id: string } }>(
      'POST',
      '/api/agent-tools/create_booking',
      inside === undefined ? { ...wish, ...beside } : { arguments: { ...wish, ...inside }, ...beside },
    );
    expect(await entries(body.booking.id)).toMatchObject([
      {
        ...{ action: 'created', callId, actor: { kind: 'api_key', name: 'test' } },
        callIdFrom: callId === null ? null : 'argument',
      },
    ]);
    expect((await tenant.ask<BookingView>('GET', `/api/bookings/${body.booking.id}`)).body.source).toBe(
      'agent',
    );
  });

  it('says nothing of what was refused or changed nothing', async () => {
    const { body } = await tenant.book(at(monday, '10:00'));
    await tenant.book(at(monday, '14:00'));
    expect((await change(body.id, 'reschedule', { startsAt: at(monday, '14:00') })).status).toBe(409);
    expect((await change(body.id, 'reschedule', { startsAt: at(monday, '10:00') })).status).toBe(200);
    await change(body.id, 'complete');
    expect((await change(body.id, 'cancel')).status).toBe(422);
    await change(body.id, 'complete');
    expect((await entries(body.id)).map(({ action }) => action)).toEqual(['created', 'completed']);
  });

  it('holds nothing of the customer but what was said as a reason or corrected', async () => {
    const customer = { email: 'ana@example.com', purpose: 'Check-up' };
    const { body } = await tenant.book(at(monday, '10:00'), { ...customer, name: 'Ana Flores' });
    await change(body.id, 'reschedule', { startsAt: at(monday, '11:00') });
    const text = JSON.stringify(await entries(body.id));
    for (const said of [...Object.values(customer), 'Ana', body.phone]) expect(text).not.toContain(said);
    expect(text).not.toContain(tenant.key);
  });

  it('comes page by page, the oldest first', async () => {
    const { body } = await tenant.book(at(monday, '10:00'));
    const times = ['11:00', '12:00', '13:00', '14:00', '15:00', '16:00'];
    for (const time of times) await change(body.id, 'reschedule', { startsAt: at(monday, time) });
    const seen: AuditEntryView[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { body: AuditPage } = await auditOf(body.id, `limit=3${cursor && `&cursor=${cursor}`}`);
      expect(page.body.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.body.items);
      cursor = page.body.nextCursor;
    }
    expect(seen.map(({ changes }) => changes['startsAt']?.to)).toEqual(['10:00', ...times].map(utc));
  });

  it.each([
    ['cursor', 'cursor=x'],
    ['cursor', `cursor=${Buffer.from('-1').toString('base64url')}`],
    ['limit', 'limit=0'],
    ['limit', 'limit=201'],
    ['from', 'from=2027-01-20'],
  ])('refuses a wrong %s by its name', async (field, query) => {
    const { body } = await tenant.book(at(monday, '10:00'));
    const answer = await auditOf(body.id, query);
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual([field]);
  });

  it('is not there for what never was, and is for the dashboard alone', async () => {
    const other = await aDescribedTenant(app);
    const { body: theirs } = await other.book(at(monday, '10:00'));
    expect((await auditOf(theirs.id)).status).toBe(404);
    expect((await auditOf('0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11')).status).toBe(404);
    const { body: agent } = await app.request<{ key: string }>(
      'POST',
      `/api/admin/tenants/${tenant.id}/api-keys`,
      { key: ADMIN_KEY, body: { name: 'agent', scopes: ['agent'] } },
    );
    const { body } = await tenant.book(at(monday, '10:00'));
    const asAgent = await app.request('GET', `/api/bookings/${body.id}/audit`, { key: agent.key });
    expect(asAgent.status).toBe(403);
  });

  it('can be changed and deleted by nobody: the database grants no such right', async () => {
    const { body } = await tenant.book(at(monday, '10:00'));
    const database = app.app.get(Database);
    const asTenant = (text: string) =>
      failureOf(database.inTenant(asTenantId(tenant.id), (sql) => sql.query(text, [body.id])));
    expect(await asTenant(`SELECT 1 FROM audit_entry WHERE booking_id = $1`)).toBe('none');
    expect(await asTenant(`UPDATE audit_entry SET actor_id = 'x' WHERE booking_id = $1`)).toBe('42501');
    expect(await asTenant(`DELETE FROM audit_entry WHERE booking_id = $1`)).toBe('42501');
    const asSystem = failureOf(
      database.inSystem((sql) => sql.query(`DELETE FROM audit_entry WHERE booking_id = $1`, [body.id])),
    );
    expect(await asSystem).toBe('42501');
    expect(await entries(body.id)).toHaveLength(1);
  });

  it('is written with the change or not at all', async () => {
    await app.database.query(
      `ALTER TABLE audit_entry ADD CONSTRAINT nobody CHECK (request_id <> 'refused') NOT VALID`,
    );
    const refused = await app.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(monday, '10:00'), ...ana },
      headers: { 'x-request-id': 'refused' },
    });
    expect(refused.status).toBe(503);
    expect((await tenant.book(at(monday, '10:00'))).status).toBe(201);
  });
});
