import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import { SyncLoop } from '../../src/calendar/mirror/sync-loop.js';
import { encodeSlotId } from '../../src/booking/availability/slot-id.js';
import { synchronised } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

type Refusable = BookingView & { code?: string; errors?: { field: string }[] };

describe('bookings asked for in odd ways', () => {
  let app: TestApp;
  let tenant: TestTenant;
  const email = 'owner@acme.example';
  const date = upcoming(3);
  const person = { name: 'Ana Flores', phone: '+14155550123' };

  beforeAll(async () => {
    app = await startTestApp();
    tenant = await aTenant(app);
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
    await synchronised(app.database, tenant.id);
  });
  afterAll(() => app.close());

  const book = (body: object) =>
    app.request<Refusable>('POST', '/api/bookings', { key: tenant.key, body: { ...person, ...body } });
  const list = (query: string) =>
    app.request<Refusable>('GET', `/api/bookings?${query}`, { key: tenant.key });
  const slots = async (day = date) =>
    (await app.request<Availability>('GET', `/api/availability?date=${day}`, { key: tenant.key })).body;

  const deleting = ({ id }: TestTenant) =>
    app.request('DELETE', `/api/admin/tenants/${id}`, { key: app.settings.adminApiKey.reveal() });

  const calendarReads = () =>
    app.google.requests.filter(({ operation }) => operation === 'events.list').length;

  it.each([
    ...['2027-02-30T14:00:00Z', '0000-00-00T00:00:00Z', '+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z'],
    ...[
      '2027-01-20T14:00:60Z',
      '2027-01-20T24:00:00Z',
      '2027-01-20T14:00:00+99:99',
      '2027-01-20T14:00:00+24:00',
    ],
    ...[
      '2027-W03-3T14:00:00Z',
      '2027-020T14:00:00Z',
      '20270120T140000Z',
      '2027-01T14:00:00Z',
      '2027-01-20T14Z',
    ],
    ...[
      '2027-01-20T14,5Z',
      '2027-01-20t14:00:00z',
      '2027-01-20 14:00:00Z',
      '2027-01-20T14:00:00',
      '2027-01-20',
    ],
    ...['2027-01-20T14:00:00Z\n', ' 2027-01-20T14:00:00Z', '', 'tomorrow', '1800000000000'],
  ])('refuses %j for an instant, by name', async (instant) => {
    const refused = await book({ startsAt: instant });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'startsAt' }] } });
    for (const field of ['from', 'to']) {
      const answer = await list(`${field}=${encodeURIComponent(instant)}`);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    }
  });

  it.each(['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z'])(
    'takes %s for an instant, and does not offer it',
    async (instant) => {
      app.google.clearRequests();
      expect(await book({ startsAt: instant })).toMatchObject({
        status: 422,
        body: { code: 'outside_availability' },
      });
      expect((await list(`from=${instant}&to=${instant}`)).status).toBe(200);
      // However far away it is, Google is not asked about all the time in between, nor for what it would refuse.
      expect(calendarReads()).toBeLessThan(5);
      for (const { status } of app.google.requests) expect(status).toBe(200);
    },
  );

  const far = ['from=2000-01-01&to=2000-03-02', 'date=2000-01-01', 'from=2199-11-01&to=2199-12-31', ''];

  it.each(far)('asks Google nothing about availability?%s', async (query) => {
    app.google.clearRequests();
    const answer = await app.request('GET', `/api/availability?${query}`, { key: tenant.key });
    expect(answer).toMatchObject({ status: 200, body: { calendar: { state: 'fresh' } } });
    expect(calendarReads()).toBe(0);
  });

  it.each(far)(
    'asks Google little about availability?%s of a calendar that is not mirrored yet',
    async (query) => {
      const loop = app.app.get(SyncLoop);
      await loop.beforeApplicationShutdown();
      try {
        const another = await aTenant(app);
        await connectGoogle(app, another, email);
        app.google.clearRequests();
        const answer = await app.request('GET', `/api/availability?${query}`, { key: another.key });
        expect(answer.status).toBe(200);
        expect(calendarReads()).toBeLessThan(2);
        for (const { status } of app.google.requests) expect(status).toBe(200);
      } finally {
        loop.onApplicationBootstrap();
      }
    },
  );

  it('takes any offset for the same instant', async () => {
    const [slot] = (await slots()).slots;
    const instant = new Date(slot!.startsAt);
    const east = new Date(instant.getTime() + 14 * 3_600_000).toISOString().replace(/\.000Z$/, '+14:00');
    const booked = await book({ startsAt: east });
    expect(booked).toMatchObject({ status: 201, body: { startsAt: slot!.startsAt } });
  });

  it('does not book slots at the ends of what an id can say', async () => {
    const { service, slots: offered } = await slots();
    const { resourceId } = offered[0]!;
    for (const start of [0, 0xffffffff * 60_000]) {
      const slotId = encodeSlotId({ serviceId: service.id, resourceId, start });
      expect((await book({ slotId })).status).toBe(422);
    }
    for (const slotId of ['A'.repeat(48), '_'.repeat(48)]) expect((await book({ slotId })).status).toBe(404);
    for (const slotId of ['', 'A'.repeat(47), `${'A'.repeat(47)}=`]) {
      expect((await book({ slotId })).status).toBe(400);
    }
  });

  it('takes null for what is left out, and ids in capitals', async () => {
    const { service, slots: offered } = await slots();
    const { slotId, resourceId } = offered[0]!;
    const asked = { slotId, startsAt: null, email: null, purpose: null, resourceId: null };
    const booked = await book({ ...asked, serviceId: service.id.toUpperCase() });
    expect(booked).toMatchObject({ status: 201, body: { resourceId, email: null, purpose: null } });
    const path = `/api/bookings/${booked.body.id.toUpperCase()}`;
    const found = await app.request('GET', path, { key: tenant.key });
    expect(found).toMatchObject({ status: 200, body: { id: booked.body.id } });
  });

  it.each([
    ['5', '------------------------------------'],
    ['99999999999999', 'not-an-id'],
    ['NaN', '00000000-0000-0000-0000-000000000000'],
    ['1; DROP TABLE booking', '00000000-0000-0000-0000-000000000000'],
  ])('refuses the cursor "%s %s", which no list gave', async (time, id) => {
    const cursor = Buffer.from(`${time} ${id}`).toString('base64url');
    expect(await list(`cursor=${cursor}`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'cursor' }] },
    });
  });

  it.each(['', ' ', '\u200b', '\u202e', '\n', '...', '\0', 'a\0', '\ud800', 5, true, null, ['Ana'], {}])(
    'refuses %j for a name',
    async (name) => {
      const refused = await book({ name, startsAt: at(date, '16:00') });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'name' }] } });
    },
  );

  it('keeps what a caller says on the lines where it belongs, and without markup', async () => {
    const day = upcoming(4);
    const { body, status } = await book({
      startsAt: at(day, '10:00'),
      name: ' Ana\r\nFlores\u2028\u202e\t"the <b>great</b>" 😀 ',
      purpose: 'Teeth\nBooking reference: FORGED\n<a href="https://evil.example">Pay here</a>',
    });
    expect(status).toBe(201);
    expect(body.name).toBe('Ana Flores "the <b>great</b>" 😀');
    expect(body.calendar.status).toBe('synced');
    const event = app.google
      .account(email)
      .calendar()
      .events()
      .find(({ description }) => description?.includes(body.reference));
    expect(event?.summary).toBe('Appointment: Ana Flores "the <b>great</b>" 😀');
    expect(event?.description?.split('\n')).toEqual([
      'Phone: +14155550123',
      'Purpose: Teeth Booking reference: FORGED ‹a href="https://evil.example"›Pay here‹/a›',
      `Booking reference: ${body.reference}`,
    ]);
  });

  it('takes every field at its longest, and none that is longer', async () => {
    const day = upcoming(5);
    const longest = {
      name: 'x'.repeat(200),
      purpose: 'y'.repeat(1000),
      email: `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`,
    };
    for (const [field, value] of Object.entries(longest)) {
      const refused = await book({ startsAt: at(day, '10:00'), ...longest, [field]: `z${value}`.repeat(2) });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    }
    expect((await book({ startsAt: at(day, '10:00'), ...longest })).status).toBe(201);
  });

  it('is answered without an error from inside when the organisation is deleted in the midst of it', async () => {
    const leaving = await aTenant(app);
    const asked = Array.from({ length: 24 }, (_, index) =>
      app.request<{ code?: string }>('POST', '/api/bookings', {
        key: leaving.key,
        body: {
          ...person,
          startsAt: at(
            upcoming(([1, 2, 3] as const)[index % 3] ?? 1),
            `${10 + (index % 8 > 6 ? 0 : index % 7)}:00`,
          ),
        },
      }),
    );
    expect((await deleting(leaving)).status).toBe(204);
    for (const { status } of await Promise.all(asked)) expect([201, 401, 404, 409]).toContain(status);
    expect(await app.database.query('SELECT FROM booking WHERE tenant_id = $1', [leaving.id])).toEqual([]);
  });

  it('does not keep an organisation from being deleted that has to give way to a booking', async () => {
    const leaving = await aTenant(app);
    // As a booking does it: first the resource, then the tenant that it refers to. Leaves it to others to give way.
    const booking = app.database.query(
      `BEGIN; SET LOCAL deadlock_timeout = '1min';
       SELECT FROM resource WHERE tenant_id = '${leaving.id}' FOR NO KEY UPDATE;
       SELECT pg_sleep(0.6);
       SELECT FROM tenant WHERE id = '${leaving.id}' FOR KEY SHARE;
       COMMIT`,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [deleted] = await Promise.all([deleting(leaving), booking]);
    expect(deleted.status).toBe(204);
  });
});
