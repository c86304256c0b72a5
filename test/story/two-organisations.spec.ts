import type { Availability } from '../../src/booking/availability/availability.service.js';
import { synchronised } from '../calendar/mirror/mirrored.js';
import { at, hoursOf, upcoming } from '../support/dates.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

describe('two organisations side by side', () => {
  let app: TestApp;
  let a: TestTenant;
  let b: TestTenant;
  let bookingOfA: string;
  let bookingOfB: string;
  const date = upcoming(3);

  const book = async (tenant: TestTenant, time: string) => {
    const { body } = await app.request<{ id: string }>('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(date, time), name: 'Caller', phone: '+14155550123' },
    });
    return body.id;
  };
  const freeHours = async (tenant: TestTenant) => {
    const { body } = await app.request<Availability>('GET', `/api/availability?date=${date}`, {
      key: tenant.key,
    });
    return hoursOf(body.slots);
  };
  const busyAt = (email: string, hour: number) =>
    app.google
      .account(email)
      .calendar()
      .addEvent({
        summary: 'Private',
        start: { dateTime: at(date, `${hour}:00`) },
        end: { dateTime: at(date, `${hour + 1}:00`) },
      });

  beforeAll(async () => {
    app = await startTestApp();
    a = await aTenant(app, { name: 'Acme Dental' });
    b = await aTenant(app, { name: 'Bright Smile' });
    await app.request('PUT', '/api/working-hours', {
      key: b.key,
      body: { weekly: [1, 2, 3, 4, 5].map((day) => ({ day, start: '09:00', end: '18:00' })), overrides: [] },
    });
    for (const [tenant, email] of [
      [a, 'a@acme.example'],
      [b, 'b@bright.example'],
    ] as const) {
      app.google.addAccount({ email, timeZone: 'America/New_York' });
      await connectGoogle(app, tenant, email);
    }
    bookingOfA = await book(a, '14:00');
    bookingOfB = await book(b, '10:00');
    busyAt('a@acme.example', 13);
    busyAt('a@acme.example', 16);
    busyAt('b@bright.example', 11);
    busyAt('b@bright.example', 17);
    for (const { id } of [a, b]) await synchronised(app.database, id);
  });
  afterAll(() => app.close());

  it('offers each its own free times', async () => {
    expect(await freeHours(a)).toEqual([9, 10, 11, 12, 15]);
    expect(await freeHours(b)).toEqual([9, 12, 13, 14, 15, 16]);
  });

  it('offers an agent the same', async () => {
    for (const [tenant, hours] of [
      [a, [9, 10, 11, 12, 15]],
      [b, [9, 12, 13, 14, 15, 16]],
    ] as const) {
      const { body } = await app.request<{ slots: { starts_at: string }[] }>(
        'POST',
        '/api/agent-tools/check_availability',
        { key: tenant.key, body: { date } },
      );
      expect(body.slots.map(({ starts_at }) => Number(starts_at.slice(11, 13)))).toEqual(hours);
    }
  });

  it('shows neither the other’s bookings', async () => {
    for (const [tenant, own] of [
      [a, bookingOfA],
      [b, bookingOfB],
    ] as const) {
      const { body } = await app.request<{ items: { id: string }[] }>('GET', '/api/bookings', {
        key: tenant.key,
      });
      expect(body.items.map(({ id }) => id)).toEqual([own]);
    }
  });

  it('answers another’s id as one that does not exist', async () => {
    const foreign = await app.request('GET', `/api/bookings/${bookingOfB}`, { key: a.key });
    const missing = await app.request('GET', '/api/bookings/00000000-0000-4000-8000-000000000000', {
      key: a.key,
    });
    expect(foreign.status).toBe(404);
    expect({ ...foreign.body, instance: null, traceId: null }).toEqual({
      ...missing.body,
      instance: null,
      traceId: null,
    });
  });

  it('does not cancel another’s booking', async () => {
    expect(
      (await app.request('POST', `/api/bookings/${bookingOfB}/cancel`, { key: a.key, body: {} })).status,
    ).toBe(404);
    const { body } = await app.request('GET', `/api/bookings/${bookingOfB}`, { key: b.key });
    expect(body).toMatchObject({ status: 'confirmed' });
  });

  it('takes no service, resource or slot of another', async () => {
    const { body: ofB } = await app.request<Availability>('GET', `/api/availability?date=${date}`, {
      key: b.key,
    });
    const [slot] = ofB.slots;
    const person = { name: 'Eve', phone: '+14155550111' };
    for (const body of [
      { slotId: slot?.slotId, ...person },
      { startsAt: slot?.startsAt, serviceId: ofB.service.id, ...person },
      { startsAt: slot?.startsAt, resourceId: slot?.resourceId, ...person },
    ]) {
      expect((await app.request('POST', '/api/bookings', { key: a.key, body })).status).toBe(404);
    }
    for (const query of [`serviceId=${ofB.service.id}`, `resourceId=${slot?.resourceId ?? ''}`]) {
      expect(
        (await app.request('GET', `/api/availability?date=${date}&${query}`, { key: a.key })).status,
      ).toBe(404);
    }
    expect(await freeHours(b)).toEqual([9, 12, 13, 14, 15, 16]);
  });
});
