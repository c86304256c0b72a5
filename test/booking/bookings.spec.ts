import type { BookingView } from '../../src/booking/booking.js';
import { toE164 } from '../../src/booking/phone.js';
import { at, upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const ana = { name: 'Ana Flores', phone: '+14155550123' };

describe('bookings', () => {
  let app: TestApp;
  let tenant: TestTenant;
  const monday = upcoming(1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aTenant(app);
  });

  const book = (body: object, headers: Record<string, string> = {}) =>
    app.request<BookingView & { code: string; reason: string; errors: { field: string; message: string }[] }>(
      'POST',
      '/api/bookings',
      { key: tenant.key, body, headers },
    );

  describe('refuses, by reason', () => {
    it.each([
      ['in_past', '2020-01-06T14:00:00-05:00'],
      ['too_far', '2199-01-07T14:00:00-05:00'],
      ['outside_hours', at(upcoming(7), '14:00')],
      ['outside_hours', at(monday, '08:00')],
      ['outside_hours', at(monday, '17:00')],
      ['off_grid', at(monday, '14:30')],
    ])('%s', async (reason, startsAt) => {
      const { status, body } = await book({ startsAt, ...ana });
      expect({ status, code: body.code, reason: body.reason }).toEqual({
        status: 422,
        code: 'outside_availability',
        reason,
      });
    });
  });

  it.each([
    ['startsAt', { startsAt: '2027-02-30T10:00:00Z' }],
    ['startsAt', { startsAt: '2027-01-20T10:00:00' }],
    ['startsAt', {}],
    ['startsAt', { startsAt: '2027-01-20T10:00:00Z', slotId: 'x' }],
    ['slotId', { slotId: 'not a slot' }],
    ['serviceId', { startsAt: '2027-01-20T10:00:00Z', serviceId: 'x' }],
    ['phone', { startsAt: '2027-01-20T10:00:00Z', phone: '12' }],
    ['phone', { startsAt: '2027-01-20T10:00:00Z', phone: 4155550123 }],
    ['name', { startsAt: '2027-01-20T10:00:00Z', name: '   ' }],
    ['name', { startsAt: '2027-01-20T10:00:00Z', name: 'x'.repeat(201) }],
    ['email', { startsAt: '2027-01-20T10:00:00Z', email: 'nobody' }],
    ['tenantId', { startsAt: '2027-01-20T10:00:00Z', tenantId: 'x' }],
  ])('refuses a wrong %s by its name', async (field, body) => {
    const answer = await book({ ...ana, ...body });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_input');
    expect(answer.body.errors.map((error) => error.field)).toContain(field);
  });

  it('keeps the phone number in E.164', async () => {
    const { body } = await book({ startsAt: at(monday, '09:00'), name: 'Ana', phone: '+1 (415) 555-0123' });
    expect(body.phone).toBe('+14155550123');
  });

  it('takes a Mexican mobile number in its old form, as networks and address books still have it', async () => {
    for (const phone of ['+5215514098825', '+52 1 55 1409 8825', '+52 1 (55) 1409-8825']) {
      expect(toE164(phone)).toBe('+525514098825');
    }
    expect(toE164('+525514098825')).toBe('+525514098825');
    const { status, body } = await book({
      startsAt: at(monday, '09:00'),
      name: 'Ana',
      phone: '+5215514098825',
    });
    expect(status).toBe(201);
    expect(body.phone).toBe('+525514098825');
  });

  it('frees the time of a cancelled booking, and cancelling twice is the same as once', async () => {
    const { body: first } = await book({ startsAt: at(monday, '09:00'), ...ana });
    const cancel = () =>
      app.request<BookingView>('POST', `/api/bookings/${first.id}/cancel`, {
        key: tenant.key,
        body: { reason: 'ill' },
      });
    const cancelled = await cancel();
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', cancelReason: 'ill' } });
    expect((await cancel()).body).toEqual(cancelled.body);
    expect((await book({ startsAt: at(monday, '09:00'), ...ana })).status).toBe(201);
  });

  it('lists page by page, in the order of the start, and filters', async () => {
    for (const time of ['11:00', '09:00', '10:00']) await book({ startsAt: at(monday, time), ...ana });
    await book({ startsAt: at(monday, '12:00'), name: 'Ben', phone: '+14155550199' });
    const list = (query: string) =>
      app.request<{ items: BookingView[]; nextCursor: string | null }>('GET', `/api/bookings?${query}`, {
        key: tenant.key,
      });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: Awaited<ReturnType<typeof list>> = await list(
        `limit=3${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.items.map(({ startsAt }) => startsAt));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['09:00', '10:00', '11:00', '12:00'].map((time) => at(monday, time)));
    const names = async (query: string) => (await list(query)).body.items.map(({ name }) => name);
    expect(await names('phone=%2B14155550199')).toEqual(['Ben']);
    expect(await names('status=cancelled')).toEqual([]);
    expect(
      await names(
        `from=${encodeURIComponent(at(monday, '11:00'))}&to=${encodeURIComponent(at(monday, '12:00'))}`,
      ),
    ).toEqual(['Ana Flores']);
  });

  describe('in a list', () => {
    interface Listed {
      items: BookingView[];
      nextCursor: string | null;
      errors?: { field: string; message: string }[];
    }
    const list = (query: Record<string, string>) =>
      app.request<Listed>('GET', `/api/bookings?${new URLSearchParams(query).toString()}`, {
        key: tenant.key,
      });
    const ids = async (query: Record<string, string>) => (await list(query)).body.items.map(({ id }) => id);

    it('are each there once, however they are cut into pages: 250 of the same start', async () => {
      const { body: first } = await book({ startsAt: at(monday, '09:00'), ...ana });
      await app.database.query(
        `INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
           local_date, customer_name, phone, source)
         SELECT b.tenant_id, 'R' || n, resource_id, service_id, 'cancelled', starts_at, ends_at, blocked, timezone,
           local_date, customer_name, phone, source
         FROM booking b, generate_series(1, 249) n WHERE b.id = $1`,
        [first.id],
      );
      const seen: string[] = [];
      let cursor: string | null | undefined;
      do {
        const { body }: { body: Listed } = await list({ limit: '7', ...(cursor && { cursor }) });
        seen.push(...body.items.map(({ id }) => id));
        cursor = body.nextCursor;
        // Whoever books meanwhile shifts nothing.
        if (seen.length === 70) await book({ startsAt: at(monday, '15:00'), ...ana });
      } while (cursor !== null);
      expect(seen).toHaveLength(251);
      expect(new Set(seen).size).toBe(251);
    });

    it('are found by service, resource and reference, in capitals or not', async () => {
      const { body: one } = await book({ startsAt: at(monday, '09:00'), ...ana });
      const { body: two } = await book({ startsAt: at(monday, '10:00'), ...ana });
      expect(await ids({ reference: two.reference.toLowerCase() })).toEqual([two.id]);
      expect(await ids({ reference: ` ${one.reference} ` })).toEqual([one.id]);
      expect(await ids({ serviceId: one.serviceId.toUpperCase() })).toEqual([one.id, two.id]);
      expect(await ids({ resourceId: one.resourceId, status: 'confirmed' })).toEqual([one.id, two.id]);
      const nobody = '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11';
      expect(await ids({ serviceId: nobody })).toEqual([]);
      expect(await ids({ resourceId: nobody })).toEqual([]);
      expect(await ids({ reference: 'NOBODY' })).toEqual([]);
    });

    it.each([
      ['from', { from: '2027-02-30T10:00:00Z' }],
      ['to', { to: 'x' }],
      ['to', { from: '2027-01-20T10:00:00Z', to: '2027-01-20T09:59:59Z' }],
      ['status', { status: 'held' }],
      ['phone', { phone: '12' }],
      ['serviceId', { serviceId: 'x' }],
      ['resourceId', { resourceId: 'x' }],
      ['reference', { reference: 'x'.repeat(21) }],
      ['cursor', { cursor: 'x' }],
      ['limit', { limit: '0' }],
      ['limit', { limit: '201' }],
      ['limit', { limit: '1.5' }],
      ['name', { name: 'Ana' }],
    ] as [string, Record<string, string>][])('refuse a wrong %s by its name', async (field, query) => {
      const { status, body } = await list(query);
      expect(status).toBe(400);
      expect(body.errors?.map((error) => error.field)).toEqual([field]);
    });

    it('are found by a plus that its sender forgot to encode: it arrives as a space', async () => {
      const { body: one } = await book({ startsAt: at(monday, '09:00'), ...ana });
      expect(await ids({ phone: one.phone.replace('+', ' ') })).toEqual([one.id]);
      expect(await ids({ from: '2000-01-01T00:00:00 14:00', to: '2100-01-01T00:00 00:00' })).toEqual([
        one.id,
      ]);
    });

    it('say that the end must not be before the beginning; an empty stretch is none', async () => {
      const { body } = await list({ from: '2027-01-20T10:00:00Z', to: '2027-01-20T09:00:00Z' });
      expect(body.errors).toEqual([{ field: 'to', message: 'must not be before from' }]);
      expect(await ids({ from: '2027-01-20T10:00:00Z', to: '2027-01-20T10:00:00Z' })).toEqual([]);
    });
  });

  describe('with an Idempotency-Key', () => {
    it('gives the first answer again', async () => {
      const body = { startsAt: at(monday, '09:00'), ...ana };
      const first = await book(body, { 'idempotency-key': 'one' });
      const again = await book(body, { 'idempotency-key': 'one' });
      expect(first.status).toBe(201);
      expect(again).toMatchObject({ status: 201, body: first.body });
    });

    it('gives all of those that arrive at once the same answer', async () => {
      const body = { startsAt: at(monday, '09:00'), ...ana };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => book(body, { 'idempotency-key': 'two' })),
      );
      expect(new Set(answers.map(({ status, body: { id } }) => `${status} ${id}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(201);
    });

    it('refuses another request with the same key', async () => {
      await book({ startsAt: at(monday, '09:00'), ...ana }, { 'idempotency-key': 'three' });
      const other = await book({ startsAt: at(monday, '10:00'), ...ana }, { 'idempotency-key': 'three' });
      expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    });

    it('forgets a request that failed, so that it can be repeated', async () => {
      const body = { startsAt: at(monday, '09:00'), ...ana };
      const { body: inTheWay } = await book(body);
      expect((await book(body, { 'idempotency-key': 'four' })).status).toBe(409);
      await app.request('POST', `/api/bookings/${inTheWay.id}/cancel`, { key: tenant.key, body: {} });
      expect((await book(body, { 'idempotency-key': 'four' })).status).toBe(201);
    });

    it('keeps the keys of tenants apart', async () => {
      const other = await aTenant(app);
      const body = { startsAt: at(monday, '09:00'), ...ana };
      const first = await book(body, { 'idempotency-key': 'five' });
      const second = await app.request<BookingView>('POST', '/api/bookings', {
        key: other.key,
        body,
        headers: { 'idempotency-key': 'five' },
      });
      expect(second.status).toBe(201);
      expect(second.body.id).not.toBe(first.body.id);
    });

    it('refuses a key that is too long or not printable', async () => {
      const answer = await book(
        { startsAt: at(monday, '09:00'), ...ana },
        { 'idempotency-key': 'x'.repeat(256) },
      );
      expect(answer.body.errors).toMatchObject([{ field: 'Idempotency-Key' }]);
    });
  });

  it('books a held time only once the hold has run out, without waiting for anybody to sweep it', async () => {
    const { body: made } = await book({ startsAt: at(monday, '09:00'), ...ana });
    await app.database.query(
      `UPDATE booking SET status = 'held', hold_expires_at = now() + interval '1 hour' WHERE id = $1`,
      [made.id],
    );
    expect((await book({ startsAt: at(monday, '09:00'), ...ana })).status).toBe(409);
    await app.database.query(
      `UPDATE booking SET hold_expires_at = now() - interval '1 second' WHERE id = $1`,
      [made.id],
    );
    expect((await book({ startsAt: at(monday, '09:00'), ...ana })).status).toBe(201);
  });
});
