import type { AuditPage } from '../../src/booking/audit.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { HoldView } from '../../src/booking/hold.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf } from './described-week.js';

const FIELDS = ['name', 'phone', 'email', 'purpose'];
const ana = { name: 'Ana Flores', phone: '+14155550123', email: 'ana@example.com', purpose: 'Check-up' };
const bo = { name: 'Bo Reyes', phone: '+14155550199', email: 'bo@example.com', purpose: 'Cleaning' };

describe('correcting a booking', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  const monday = upcoming(1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
  });

  const edit = (id: string, body?: unknown) => tenant.ask<BookingView>('PATCH', `/api/bookings/${id}`, body);
  const booked = async (time: string, body: object = {}): Promise<BookingView> => {
    const answer = await tenant.book(at(monday, time), { ...ana, ...body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const get = async (id: string) => (await tenant.ask<BookingView>('GET', `/api/bookings/${id}`)).body;
  const auditOf = async (id: string) =>
    (await tenant.ask<AuditPage>('GET', `/api/bookings/${id}/audit`)).body.items;
  const actionsOf = async (id: string) => (await auditOf(id)).map(({ action }) => action);
  const updatedAt = async (id: string): Promise<Date> => {
    const [row] = await app.database.query<{ updated_at: Date }>(
      'SELECT updated_at FROM booking WHERE id = $1',
      [id],
    );
    return row!.updated_at;
  };

  it('changes who comes and what it is about, and nothing else', async () => {
    const before = await booked('10:00');
    const made = await updatedAt(before.id);
    const edited = await edit(before.id, bo);
    expect(edited).toMatchObject({ status: 200 });
    expect(edited.body).toEqual({ ...before, ...bo });
    expect(await get(before.id)).toEqual(edited.body);
    expect((await updatedAt(before.id)).getTime()).toBeGreaterThan(made.getTime());
    const { body } = await tenant.ask<{ items: BookingView[] }>(
      'GET',
      `/api/bookings?phone=${encodeURIComponent(bo.phone)}`,
    );
    expect(body.items).toEqual([edited.body]);
  });

  it.each(FIELDS as (keyof typeof bo)[])('leaves the other fields as they are: only %s', async (field) => {
    const before = await booked('10:00');
    const { body } = await edit(before.id, { [field]: bo[field] });
    expect(body).toEqual({ ...before, [field]: bo[field] });
  });

  it('takes the e-mail and what it is about away by null', async () => {
    const before = await booked('10:00');
    expect((await edit(before.id, { email: null })).body).toEqual({ ...before, email: null });
    const { body } = await edit(before.id, { purpose: null });
    expect(body).toEqual({ ...before, email: null, purpose: null });
    expect((await edit(before.id, { email: ana.email })).body.email).toBe(ana.email);
  });

  it('keeps the phone number in E.164 and the name on one line, as booking does', async () => {
    const { id } = await booked('10:00');
    const { body } = await edit(id, { name: ' Bo\r\n\u202eReyes ', phone: '+1 (415) 555-0199' });
    expect(body).toMatchObject({ name: 'Bo Reyes', phone: '+14155550199' });
  });

  it.each([
    ['all of it', ana],
    ['a part of it', { purpose: 'Check-up' }],
    ['in other words', { phone: '+1 415 555 0123', name: ' Ana  Flores ' }],
  ])('changes nothing where it says the same: %s', async (_how, same) => {
    const before = await booked('10:00');
    const made = await updatedAt(before.id);
    expect(await edit(before.id, same)).toMatchObject({ status: 200, body: before });
    expect(await actionsOf(before.id)).toEqual(['created']);
    expect(await updatedAt(before.id)).toEqual(made);
  });

  it('is in the trail: by whom, and what was said before and is since', async () => {
    const { id } = await booked('10:00', { purpose: undefined });
    await edit(id, { ...ana, name: bo.name, email: null });
    await edit(id, { ...ana, name: bo.name, email: null });
    expect((await auditOf(id)).slice(1)).toMatchObject([
      { action: 'edited', actor: { kind: 'api_key', name: 'test' }, callId: null },
    ]);
    expect((await auditOf(id)).at(-1)?.changes).toEqual({
      name: { from: ana.name, to: bo.name },
      email: { from: ana.email, to: null },
      purpose: { from: null, to: ana.purpose },
    });
  });

  it.each([
    ['name', ['', '   ', '...', null, 5, ['Bo'], {}, 'x'.repeat(201), 'a\0b']],
    ['phone', ['', '12', '415 555 0199', null, 4155550199, ['+14155550199'], {}]],
    ['email', ['', 'nobody', 5, ['bo@example.com'], {}, `${'b'.repeat(250)}@example.com`]],
    ['purpose', [5, ['Cleaning'], {}, 'x'.repeat(1001)]],
    ['startsAt', [at(monday, '14:00')]],
    ['status', ['cancelled']],
    ['id', ['0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11']],
    ['customerName', ['Bo']],
    ['constructor', [{}]],
  ])('refuses a wrong or unknown %s by its name', async (field, values) => {
    const before = await booked('10:00');
    for (const value of values) {
      const answer = await edit(before.id, { ...bo, [field]: value });
      expect([value, answer.status, answer.body.code]).toEqual([value, 400, 'invalid_input']);
      expect(fieldsOf(answer)).toEqual([field]);
    }
    expect(await get(before.id)).toEqual(before);
  });

  it.each([[{}], [undefined]])('asks for at least one field, naming them: %j', async (body) => {
    const { id } = await booked('10:00');
    const answer = await edit(id, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(fieldsOf(answer)).toEqual(['name', 'phone', 'phoneExtension', 'email', 'purpose']);
  });

  it('is for what nothing came of yet', async () => {
    for (const [change, sentence] of [
      ['cancel', /cancelled/],
      ['complete', /completed/],
      ['no-show', /nobody came/],
    ] as const) {
      const { id } = await booked('10:00');
      await tenant.ask('POST', `/api/bookings/${id}/${change}`, {});
      const before = await get(id);
      // Also where it says the same: what is over is not looked at.
      for (const body of [bo, ana]) {
        const refused = await edit(id, body);
        expect(refused).toMatchObject({ status: 422, body: { code: 'booking_not_changeable' } });
        expect(refused.body.detail).toMatch(sentence);
      }
      expect(await get(id)).toEqual(before);
      expect(await auditOf(id)).toHaveLength(2);
    }
  });

  it('is for one that is not confirmed yet, too', async () => {
    const { id } = await booked('10:00');
    await app.database.query(`UPDATE booking SET status = 'pending' WHERE id = $1`, [id]);
    expect(await edit(id, bo)).toMatchObject({ status: 200, body: { ...bo, status: 'pending' } });
  });

  it('is not for holds', async () => {
    const { body: held } = await tenant.ask<HoldView>('POST', '/api/holds', {
      startsAt: at(monday, '12:00'),
    });
    expect(await edit(held.id, bo)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('does not reach another tenant’s: it is as if it were not there', async () => {
    const other = await aDescribedTenant(app);
    const { body: theirs } = await other.book(at(monday, '10:00'), ana);
    const refused = await edit(theirs.id, bo);
    const absent = await edit('0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11', bo);
    for (const answer of [refused, absent]) {
      expect(answer).toMatchObject({
        status: 404,
        body: { code: 'not_found', detail: 'There is no such booking.' },
      });
    }
    expect(await other.ask('GET', `/api/bookings/${theirs.id}`)).toMatchObject({ body: theirs });
  });

  it('is for the dashboard and for agents', async () => {
    const { id } = await booked('10:00');
    for (const scope of ['dashboard', 'agent']) {
      const { body } = await app.request<{ key: string }>(
        'POST',
        `/api/admin/tenants/${tenant.id}/api-keys`,
        { key: ADMIN_KEY, body: { name: scope, scopes: [scope] } },
      );
      const answer = await app.request('PATCH', `/api/bookings/${id}`, {
        ...{ key: body.key, body: { purpose: scope } },
      });
      expect(answer).toMatchObject({ status: 200, body: { purpose: scope } });
    }
    expect((await app.request('PATCH', `/api/bookings/${id}`, { body: bo })).status).toBe(401);
  });

  it('loses nothing where several correct it at once', async () => {
    const { id } = await booked('10:00');
    const answers = await Promise.all(
      Object.entries(bo).map(([field, value]) => edit(id, { [field]: value })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await get(id)).toMatchObject(bo);
    expect(await auditOf(id)).toHaveLength(5);
  });

  it('is refused or done before where it is cancelled at the same time', async () => {
    const { id } = await booked('10:00');
    const [edited, cancelled] = await Promise.all([
      edit(id, bo),
      tenant.ask('POST', `/api/bookings/${id}/cancel`, {}),
    ]);
    expect([200, 422]).toContain(edited.status);
    expect(cancelled.status).toBe(200);
    expect(await get(id)).toMatchObject({
      status: 'cancelled',
      name: edited.status === 200 ? bo.name : ana.name,
    });
  });

  describe('with a connected calendar', () => {
    let email: string;

    beforeEach(async () => {
      email = `owner-${tenant.id}@acme.example`;
      app.google.addAccount({ email, timeZone: 'America/New_York' });
      await connectGoogle(app, tenant, email);
    });
    afterEach(() => app.google.clearFaults());

    const events = () =>
      app.google
        .account(email)
        .calendar()
        .events()
        .filter(({ status }) => status !== 'cancelled');
    const writes = () => app.google.requests.filter(({ method }) => method !== 'GET');

    it('says it in the event, whose time and Meet link stay', async () => {
      const before = await booked('10:00');
      expect(before).toMatchObject({
        meetLink: expect.stringMatching(/^https:/) as string,
        calendar: { status: 'synced' },
      });
      const [eventBefore] = events();
      const edited = await edit(before.id, { ...bo, email: null });
      expect(edited.body).toEqual({ ...before, ...bo, email: null });
      const [event, ...others] = events();
      expect(others).toEqual([]);
      expect(event).toMatchObject({
        id: eventBefore?.id,
        summary: 'Appointment: Bo Reyes',
        description: [
          'Phone: +14155550199',
          'Purpose: Cleaning',
          `Booking reference: ${before.reference}`,
        ].join('\n'),
        start: eventBefore?.start,
        end: eventBefore?.end,
        hangoutLink: before.meetLink,
      });
    });

    it('does not write to the calendar where nothing changes, or where it is refused', async () => {
      const { id } = await booked('10:00');
      app.google.clearRequests();
      expect((await edit(id, ana)).status).toBe(200);
      expect((await edit(id, {})).status).toBe(400);
      expect(writes()).toEqual([]);
    });

    it('writes once for each correction', async () => {
      const { id } = await booked('10:00');
      app.google.clearRequests();
      await edit(id, { name: bo.name });
      await edit(id, { name: bo.name });
      expect(writes()).toHaveLength(1);
      await edit(id, { name: ana.name });
      expect(writes()).toHaveLength(2);
    });

    it('still knows what a service was called that was deleted since', async () => {
      const service = await tenant.addService({ name: 'Check-up' });
      const { id } = await booked('10:00', { serviceId: service.id });
      await tenant.ask('DELETE', `/api/services/${service.id}`);
      expect((await edit(id, bo)).body).toMatchObject({ ...bo, calendar: { status: 'synced' } });
      expect(events().map(({ summary }) => summary)).toEqual(['Check-up: Bo Reyes']);
    });

    it('answers within the budget while Google hangs, and the event follows', async () => {
      const before = await booked('10:00');
      app.google.fault({ on: /./, hang: true, times: Infinity });
      const started = performance.now();
      const edited = await edit(before.id, bo);
      expect(edited).toMatchObject({
        status: 200,
        body: { ...bo, meetLink: before.meetLink, calendar: { status: 'pending' } },
      });
      expect(performance.now() - started).toBeLessThan(app.settings.calendarBudgetMs + 1_500);
      app.google.clearFaults();
      await eventually(async () => expect((await get(before.id)).calendar.status).toBe('synced'));
      expect(events().map(({ summary }) => summary)).toEqual(['Appointment: Bo Reyes']);
    });
  });
});
