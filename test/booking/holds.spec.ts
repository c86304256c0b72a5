import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { HoldView } from '../../src/booking/hold.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf, type Refusable } from './described-week.js';

const ana = { name: 'Ana Flores', phone: '+14155550123' };

describe('holds', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  const monday = upcoming(1);
  const ten = at(monday, '10:00');

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
  });

  const hold = (body: object = {}, headers: Record<string, string> = {}) =>
    app.request<Refusable<HoldView>>('POST', '/api/holds', {
      key: tenant.key,
      body: { ...('slotId' in body ? {} : { startsAt: ten }), ...body },
      headers,
    });
  const bookHold = (holdId: string, body: object = {}, headers: Record<string, string> = {}) =>
    app.request<Refusable<BookingView>>('POST', '/api/bookings', {
      key: tenant.key,
      body: { holdId, ...ana, ...body },
      headers,
    });
  const release = (id: string) => tenant.ask('DELETE', `/api/holds/${id}`);
  const slots = async (query = '') =>
    (await tenant.ask<Availability>('GET', `/api/availability?date=${monday}&${query}`)).body.slots;
  const slotAt = async (startsAt: string, query = '') =>
    (await slots(query)).find((slot) => slot.startsAt === startsAt)!.slotId;
  const hasRunOut = (ms = 1_050) => new Promise((resolve) => setTimeout(resolve, ms));
  const rows = async () =>
    app.database.query<{ id: string; status: string }>(
      `SELECT id, status FROM booking WHERE tenant_id = $1 ORDER BY created_at`,
      [tenant.id],
    );

  it('answer with what was held and until when: two minutes, unless something else was asked for', async () => {
    const slotId = await slotAt(ten);
    const before = Date.now();
    const { status, body } = await hold({ slotId });
    const { id: serviceId } = await tenant.firstService();
    const { id: resourceId } = await tenant.firstResource();
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      expiresAt: expect.stringMatching(/Z$/) as string,
      slotId,
      startsAt: ten,
      endsAt: at(monday, '11:00'),
      serviceId,
      resourceId,
    });
    expect(Math.abs(Date.parse(body.expiresAt) - before - 120_000)).toBeLessThan(5_000);
    const { body: long } = await hold({ startsAt: at(monday, '11:00'), ttlSeconds: 900 });
    expect(Math.abs(Date.parse(long.expiresAt) - Date.now() - 900_000)).toBeLessThan(5_000);
  });

  it('keep the time from everybody else: availability, bookings, other holds and moved bookings', async () => {
    const { body: other } = await tenant.book(at(monday, '12:00'));
    expect((await hold()).status).toBe(201);
    expect(await tenant.offered(monday)).not.toContain('10:00');
    expect(await tenant.book(ten)).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    const again = await hold();
    expect(again).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    expect((again.body as unknown as { alternatives: object[] }).alternatives).toHaveLength(3);
    const moved = await tenant.ask('POST', `/api/bookings/${other.id}/reschedule`, { startsAt: ten });
    expect(moved.status).toBe(409);
  });

  it('give the time to the booking that is moved to them, and are gone then', async () => {
    const { body: other } = await tenant.book(at(monday, '12:00'));
    const { body: held } = await hold();
    const path = `/api/bookings/${other.id}/reschedule`;
    expect((await tenant.ask('POST', path, { startsAt: ten })).status).toBe(409);
    const moved = await tenant.ask('POST', path, { holdId: held.id, startsAt: ten });
    expect(moved).toMatchObject({ status: 200, body: { id: other.id, startsAt: ten } });
    expect(await rows()).toEqual([{ id: other.id, status: 'confirmed' }]);
    for (const refused of [await bookHold(held.id), await bookHold(held.id, { startsAt: ten })])
      expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await release(held.id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('give the time to one of many who want it at once', async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => hold()),
      ...Array.from({ length: 10 }, () => tenant.book(ten)),
    ]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  it('are not in the list of bookings, and cannot be read or cancelled as one', async () => {
    const { body } = await hold();
    expect((await tenant.ask<{ items: object[] }>('GET', '/api/bookings')).body.items).toEqual([]);
    expect((await tenant.ask('GET', `/api/bookings/${body.id}`)).status).toBe(404);
    for (const change of ['cancel', 'complete', 'no-show'])
      expect((await tenant.ask('POST', `/api/bookings/${body.id}/${change}`, {})).status).toBe(404);
  });

  it.each([
    ['ttlSeconds', { ttlSeconds: 0 }],
    ['ttlSeconds', { ttlSeconds: 901 }],
    ['ttlSeconds', { ttlSeconds: 1.5 }],
    ['ttlSeconds', { ttlSeconds: '120' }],
    ['ttlSeconds', { ttlSeconds: null }],
    ['slotId', { slotId: 'not a slot' }],
    ['startsAt', { slotId: 'not a slot', startsAt: ten }],
    ['name', { name: 'Ana' }],
  ])('refuse a wrong %s by its name', async (field, body) => {
    const answer = await hold(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(fieldsOf(answer)).toContain(field);
  });

  it('refuse what a booking would be refused', async () => {
    expect((await hold({ startsAt: at(monday, '03:00') })).body).toMatchObject({ reason: 'outside_hours' });
    expect((await hold({ startsAt: '2020-01-06T10:00:00-05:00' })).body).toMatchObject({ reason: 'in_past' });
    const other = await aDescribedTenant(app);
    const theirs = await other.firstService();
    expect((await hold({ serviceId: theirs.id })).status).toBe(404);
  });

  describe('booked', () => {
    it.each([
      ['by the hold alone', () => ({})],
      ['with the same start', () => ({ startsAt: ten })],
      ['with the same start in another offset', () => ({ startsAt: new Date(ten).toISOString() })],
    ])('become the booking, %s', async (_how, body) => {
      const { body: held } = await hold();
      const booked = await bookHold(held.id, body());
      expect(booked).toMatchObject({
        status: 201,
        body: {
          ...{ id: held.id, status: 'confirmed', startsAt: ten, name: 'Ana Flores' },
          resourceId: held.resourceId,
        },
      });
      expect(await rows()).toEqual([{ id: held.id, status: 'confirmed' }]);
      expect((await tenant.ask<BookingView>('GET', `/api/bookings/${held.id}`)).body).toEqual(booked.body);
    });

    it('become the booking with the same slot, of a resource or of any', async () => {
      const { id: resourceId } = await tenant.firstResource();
      const anybody = await slotAt(ten);
      const somebody = await slotAt(ten, `resourceId=${resourceId}`);
      expect(anybody).not.toBe(somebody);
      for (const [held, said] of [
        [anybody, anybody],
        [anybody, somebody],
        [somebody, anybody],
      ]) {
        const { body } = await hold({ slotId: held });
        expect((await bookHold(body.id, { slotId: said })).status).toBe(201);
        await tenant.ask('POST', `/api/bookings/${body.id}/cancel`, {});
      }
    });

    it.each([
      ['startsAt', () => ({ startsAt: at(monday, '11:00') })],
      ['slotId', async () => ({ slotId: await slotAt(at(monday, '11:00')) })],
      ['serviceId', async () => ({ serviceId: (await tenant.addService()).id })],
      ['resourceId', async () => ({ resourceId: (await tenant.addResource()).id })],
      ['holdId', () => ({ holdId: 'x' })],
    ])('refuse another %s by its name', async (field, naming) => {
      const { body: held } = await hold();
      const answer = await bookHold(held.id, await naming());
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toEqual([field]);
      expect((await bookHold(held.id)).status).toBe(201);
    });

    it('are not asked again for hours, notice and steps', async () => {
      const { body: held } = await hold();
      await tenant.ask('PUT', '/api/working-hours', { weekly: [], overrides: [] });
      const { id } = await tenant.firstService();
      await tenant.ask('PATCH', `/api/services/${id}`, { minNoticeMinutes: 525_600, slotStepMinutes: 7 });
      expect((await bookHold(held.id)).status).toBe(201);
    });

    it('become one booking when two book them at once', async () => {
      const { body: held } = await hold();
      const answers = await Promise.all(Array.from({ length: 8 }, () => bookHold(held.id)));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
      for (const { body } of answers.filter(({ status }) => status === 409))
        expect(body.code).toBe('conflict');
    });

    it('answer a request that is repeated with the same key as the first', async () => {
      const { body: held } = await hold();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => bookHold(held.id, {}, { 'idempotency-key': 'book' })),
      );
      expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(201);
    });

    it('are unknown where they never were, or are another organisation’s', async () => {
      const other = await aDescribedTenant(app);
      const theirs = await other.ask<HoldView>('POST', '/api/holds', { startsAt: ten });
      const { body: booking } = await tenant.book(at(monday, '12:00'));
      for (const id of [theirs.body.id, booking.id, '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11']) {
        expect(await bookHold(id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
        expect((await bookHold(id, { startsAt: ten })).status).toBe(404);
        expect((await release(id)).status).toBe(404);
      }
    });
  });

  describe('that have run out', () => {
    it('do not block anything, although nobody swept them away', async () => {
      const { body: other } = await tenant.book(at(monday, '12:00'));
      for (const startsAt of [ten, at(monday, '11:00'), at(monday, '13:00')])
        expect((await hold({ startsAt, ttlSeconds: 1 })).status).toBe(201);
      await hasRunOut();
      expect((await rows()).filter(({ status }) => status === 'held')).toHaveLength(3);
      expect(await tenant.offered(monday)).toEqual(expect.arrayContaining(['10:00', '11:00', '13:00']));
      expect((await tenant.book(ten)).status).toBe(201);
      expect((await hold({ startsAt: at(monday, '11:00') })).status).toBe(201);
      const move = { startsAt: at(monday, '13:00') };
      expect((await tenant.ask('POST', `/api/bookings/${other.id}/reschedule`, move)).status).toBe(200);
    });

    it('are booked as any other time: when it is still free', async () => {
      const { body: held } = await hold({ ttlSeconds: 1 });
      await hasRunOut();
      const booked = await bookHold(held.id);
      expect(booked).toMatchObject({ status: 201, body: { startsAt: ten, resourceId: held.resourceId } });
      expect((await rows()).map(({ status }) => status)).toEqual(['confirmed']);
    });

    it('are refused as any other time when somebody else has it, or the rules have changed', async () => {
      const { body: held } = await hold({ ttlSeconds: 1 });
      const { body: late } = await hold({ startsAt: at(monday, '15:00'), ttlSeconds: 1 });
      await hasRunOut();
      await tenant.book(at(monday, '15:00'));
      const weekly = [{ day: 1, start: '11:00', end: '17:00' }];
      await tenant.ask('PUT', '/api/working-hours', { weekly, overrides: [] });
      expect((await bookHold(held.id)).body).toMatchObject({ code: 'outside_availability' });
      // The booking has taken the place of the hold's row, so it is not known any more which time was meant.
      expect(await bookHold(late.id)).toMatchObject({ status: 409, body: { code: 'hold_expired' } });
      expect((await bookHold(late.id, { startsAt: at(monday, '15:00') })).body.code).toBe('slot_taken');
      expect((await bookHold(late.id, { startsAt: at(monday, '16:00') })).status).toBe(201);
    });

    it('are booked as what they were, also where only the time is said again, swept away or not', async () => {
      const { id: serviceId } = await tenant.addService({ durationMinutes: 120, slotStepMinutes: 60 });
      const { body: kept } = await hold({ serviceId, ttlSeconds: 1 });
      const { body: released } = await hold({ startsAt: at(monday, '14:00'), serviceId });
      await release(released.id);
      await hasRunOut();
      expect(await bookHold(kept.id, { startsAt: ten })).toMatchObject({
        status: 201,
        body: { serviceId, endsAt: at(monday, '12:00') },
      });
      expect(await bookHold(released.id, { startsAt: at(monday, '14:00') })).toMatchObject({
        status: 201,
        body: { serviceId, endsAt: at(monday, '16:00') },
      });
    });

    it('are deleted an hour later, when somebody else holds something', async () => {
      await hold();
      await app.database.query(
        `UPDATE booking SET hold_expires_at = now() - interval '61 minutes' WHERE tenant_id = $1`,
        [tenant.id],
      );
      const { body } = await hold({ startsAt: at(monday, '15:00') });
      expect(await rows()).toEqual([{ id: body.id, status: 'held' }]);
    });

    it('are deleted without anybody having to wait for one who waits for them', async () => {
      await hold();
      await app.database.query(
        `UPDATE booking SET hold_expires_at = now() - interval '61 minutes' WHERE tenant_id = $1`,
        [tenant.id],
      );
      // As a booking of the same time does it: first the resource, then the holds on it that have run out.
      const beside = app.database.query(
        `BEGIN; SET LOCAL lock_timeout = '300ms';
         SELECT FROM resource WHERE tenant_id = '${tenant.id}' FOR NO KEY UPDATE;
         SELECT pg_sleep(0.5);
         DELETE FROM booking WHERE tenant_id = '${tenant.id}' AND status = 'held';
         COMMIT`,
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      const [held] = await Promise.all([hold({ startsAt: at(monday, '15:00') }), beside]);
      expect(held.status).toBe(201);
    });
  });

  describe('released', () => {
    it('free the time at once; again is the same as once', async () => {
      const { body: held } = await hold();
      expect((await release(held.id)).status).toBe(204);
      expect(await rows()).toEqual([]);
      expect((await release(held.id)).status).toBe(204);
      expect((await tenant.book(ten)).status).toBe(201);
      expect(await bookHold(held.id)).toMatchObject({ status: 409, body: { code: 'hold_expired' } });
    });

    it('are not released once they are booked', async () => {
      const { body: held } = await hold();
      await bookHold(held.id);
      expect(await release(held.id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect((await tenant.ask('GET', `/api/bookings/${held.id}`)).status).toBe(200);
    });

    it('are booked or released, never both, when both happen at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { body: held } = await hold();
        const [booked, released] = await Promise.all([bookHold(held.id), release(held.id)]);
        expect([
          [201, 409],
          [409, 204],
        ]).toContainEqual([booked.status, released.status]);
        if (booked.status === 201) await tenant.ask('POST', `/api/bookings/${held.id}/cancel`, {});
      }
    });
  });

  describe('with an Idempotency-Key', () => {
    const key = { 'idempotency-key': 'hold' };

    it('are one hold, however often it is asked for, also once it has been booked', async () => {
      const slotId = await slotAt(ten);
      const answers = await Promise.all(Array.from({ length: 8 }, () => hold({ slotId }, key)));
      expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(201);
      const first = answers[0]!.body;
      await bookHold(first.id, {}, { 'idempotency-key': 'book' });
      expect((await hold({ slotId }, key)).body).toEqual(first);
    });

    it('refuse the key of another hold or of a booking', async () => {
      await hold({}, key);
      const other = await hold({ startsAt: at(monday, '11:00') }, key);
      expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
      const booking = await app.request<Refusable<BookingView>>('POST', '/api/bookings', {
        ...{ key: tenant.key, headers: key, body: { startsAt: ten, ...ana } },
      });
      expect(booking.body.code).toBe('idempotency_key_reused');
      expect(fieldsOf(await hold({}, { 'idempotency-key': 'x y' }))).toEqual(['Idempotency-Key']);
    });

    it('are held anew after they were released', async () => {
      const { body: first } = await hold({}, key);
      await release(first.id);
      const again = await hold({}, key);
      expect(again.status).toBe(201);
      expect(again.body.id).not.toBe(first.id);
    });
  });

  it('are at most a hundred at a time, however many are asked for at once', async () => {
    const [{ id: serviceId }, { id: resourceId }] = [
      await tenant.firstService(),
      await tenant.firstResource(),
    ];
    await app.database.query(
      `INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
         local_date, source, hold_expires_at)
       SELECT $1, 'R' || n, $2, $3, 'held', t, t + interval '1 hour', tstzrange(t, t + interval '1 hour'), 'UTC', t::date,
         'agent', now() + interval '90 seconds'
       FROM generate_series(1, 97) n, LATERAL (SELECT timestamptz '2040-01-01Z' + n * interval '1 hour' AS t) o`,
      [tenant.id, resourceId, serviceId],
    );
    const times = ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00'];
    const answers = await Promise.all(times.map((time) => hold({ startsAt: at(monday, time) })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]!.body.code).toBe('rate_limited');
    expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(60);
    expect(Number(refused[0]!.headers['retry-after'])).toBeLessThanOrEqual(90);
    await release(answers.find(({ status }) => status === 201)!.body.id);
    expect((await hold({ startsAt: at(monday, '16:00') })).status).not.toBe(429);
  });

  it('are at most as many for one key as the organisation allows, and leave room for its other keys', async () => {
    const path = `/api/admin/tenants/${tenant.id}`;
    await app.request('PATCH', path, { key: ADMIN_KEY, body: { maxHoldsPerKey: 3 } });
    const times = ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00'];
    const answers = await Promise.all(times.map((time) => hold({ startsAt: at(monday, time) })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const [refused] = answers.filter(({ status }) => status === 429);
    expect(refused).toMatchObject({
      body: {
        code: 'rate_limited',
        detail:
          'This credential has as many holds as it may have at once (3). Book or release some of them, or wait.',
        limit: 'holds_per_key',
        most: 3,
      },
    });
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(60);
    const other = await app.request<{ key: string }>('POST', `${path}/api-keys`, {
      key: ADMIN_KEY,
      body: { name: 'front desk', scopes: ['dashboard'] },
    });
    const free = await app.request('POST', '/api/holds', {
      key: other.body.key,
      body: { startsAt: at(monday, '16:00') },
    });
    expect(free.status).toBe(201);
    await release(answers.find(({ status }) => status === 201)!.body.id);
    expect((await hold({ startsAt: at(monday, '15:00') })).status).toBe(201);
  });

  it('are looked at in the connected calendar once more when they are booked', async () => {
    const email = `owner-${tenant.id}@acme.example`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
    const calendar = app.google.account(email).calendar();
    const busy = (from: string, to: string) =>
      calendar.addEvent({
        start: { dateTime: at(monday, from) },
        end: { dateTime: at(monday, to) },
      });
    const { body: fine } = await hold({ startsAt: at(monday, '11:00') });
    const { body: held } = await hold();
    expect(calendar.events()).toEqual([]);
    busy('10:30', '11:00');
    expect(await bookHold(held.id)).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    const booked = await bookHold(fine.id);
    expect(booked.status).toBe(201);
    await eventually(async () => {
      const { body } = await tenant.ask<BookingView>('GET', `/api/bookings/${fine.id}`);
      expect(body.calendar.status).toBe('synced');
      expect(body.meetLink).toMatch(/^https:/);
    });
    expect(calendar.events().filter(({ summary }) => summary?.includes('Ana Flores'))).toHaveLength(1);
  });
});
