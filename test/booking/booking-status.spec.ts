import { BOOKING_STATUSES, type BookingStatus, type BookingView } from '../../src/booking/booking.js';
import { isMovable, mayFollow, type RowStatus } from '../../src/booking/booking-status.js';
import { bookingIdOf } from '../../src/calendar/event-id.js';
import { eventually } from '../support/eventually.js';
import { at, upcoming } from '../support/dates.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aDescribedTenant, type DescribedTenant } from './described-week.js';

const CHANGES = { cancel: 'cancelled', complete: 'completed', 'no-show': 'no_show' } as const;
const ROW_STATUSES: readonly RowStatus[] = ['held', ...BOOKING_STATUSES];

/** Every change that is allowed, and what it leads to; whatever is not here is refused. */
const ALLOWED: Readonly<Record<BookingStatus, readonly BookingStatus[]>> = {
  pending: ['cancelled'],
  confirmed: ['cancelled', 'completed', 'no_show'],
  cancelled: ['cancelled'],
  completed: ['completed', 'no_show'],
  no_show: ['no_show', 'completed'],
};

describe('the status of a booking', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  let booking: BookingView;
  const monday = upcoming(1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
    ({ body: booking } = await tenant.book(at(monday, '10:00')));
  });

  const change = (name: keyof typeof CHANGES, body?: object) =>
    tenant.ask<BookingView>('POST', `/api/bookings/${booking.id}/${name}`, body ?? {});
  const get = async () => (await tenant.ask<BookingView>('GET', `/api/bookings/${booking.id}`)).body;
  const begin = (status: BookingStatus) =>
    app.database.query(`UPDATE booking SET status = $2 WHERE id = $1`, [booking.id, status]);

  describe.each(BOOKING_STATUSES)('%s', (from) => {
    it.each(Object.entries(CHANGES) as [keyof typeof CHANGES, BookingStatus][])(
      'can be followed by what %s makes of it only where that is sensible',
      async (name, to) => {
        await begin(from);
        const before = await get();
        const answer = await change(name);
        if (ALLOWED[from].includes(to)) {
          expect(answer).toMatchObject({ status: 200, body: { id: booking.id, status: to } });
        } else {
          expect(answer).toMatchObject({ status: 422, body: { code: 'booking_not_changeable' } });
          expect(answer.body.detail).toMatch(/^This booking .*\.$/);
          expect(await get()).toEqual(before);
        }
      },
    );
  });

  it('follows the same table for what is not a route, and no status follows itself', () => {
    const pairs = ROW_STATUSES.flatMap((from) => ROW_STATUSES.map((to) => [from, to] as const));
    expect(pairs.filter(([from, to]) => mayFollow(from, to)).map((pair) => pair.join(' → '))).toEqual([
      'held → confirmed',
      'pending → confirmed',
      'pending → cancelled',
      'confirmed → cancelled',
      'confirmed → completed',
      'confirmed → no_show',
      'completed → no_show',
      'no_show → completed',
    ]);
    expect(ROW_STATUSES.filter(isMovable)).toEqual(['pending', 'confirmed']);
  });

  it.each(['cancel', 'complete', 'no-show'] as const)('%s twice is the same as once', async (name) => {
    const first = await change(name);
    expect(first.status).toBe(200);
    expect(await change(name)).toMatchObject({ status: 200, body: first.body });
    const { body } = await tenant.ask<{ items: object[] }>('GET', `/api/bookings/${booking.id}/audit`);
    expect(body.items).toHaveLength(2);
  });

  it.each(['complete', 'no-show'] as const)('%s gives back what is left of the time', async (name) => {
    expect(await tenant.offered(monday)).not.toContain('10:00');
    await change(name);
    expect(await tenant.offered(monday)).toContain('10:00');
    expect((await tenant.book(at(monday, '10:00'))).status).toBe(201);
    // A slip is corrected although the time is somebody else's by now.
    const other = name === 'complete' ? 'no-show' : 'complete';
    expect(await change(other)).toMatchObject({ status: 200, body: { status: CHANGES[other] } });
  });

  it('keeps the reason and the time of a cancellation, and nothing of them otherwise', async () => {
    expect((await change('complete')).body).toMatchObject({ cancelReason: null, cancelledAt: null });
    ({ body: booking } = await tenant.book(at(monday, '12:00')));
    const { body } = await change('cancel', { reason: 'ill' });
    expect(body).toMatchObject({ status: 'cancelled', cancelReason: 'ill' });
    expect(Math.abs(Date.parse(body.cancelledAt ?? '') - Date.now())).toBeLessThan(10_000);
  });

  it('leaves the event in the calendar, except for a cancelled one', async () => {
    const email = `owner-${tenant.id}@acme.example`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
    const hasEvent = (id: string) =>
      app.google
        .account(email)
        .calendar()
        .events()
        .some((event) => bookingIdOf(event.id) === id && event.status !== 'cancelled');
    for (const [time, name, stays] of [
      ['11:00', 'complete', true],
      ['12:00', 'no-show', true],
      ['13:00', 'cancel', false],
    ] as const) {
      ({ body: booking } = await tenant.book(at(monday, time)));
      expect(booking.calendar.status).toBe('synced');
      await change(name);
      await eventually(() => expect(hasEvent(booking.id)).toBe(stays));
    }
  });

  it('is decided by one of several who change it at once', async () => {
    const answers = await Promise.all([
      ...[1, 2, 3].map(() => change('cancel')),
      ...[1, 2, 3].map(() => change('complete')),
    ]);
    const { status } = await get();
    // Whichever came first: nothing follows a cancellation, and a cancellation follows nothing that is over.
    const cancelled = answers.slice(0, 3).map((answer) => answer.status);
    const completed = answers.slice(3).map((answer) => answer.status);
    expect([status, cancelled, completed]).toEqual(
      status === 'cancelled'
        ? ['cancelled', [200, 200, 200], [422, 422, 422]]
        : ['completed', [422, 422, 422], [200, 200, 200]],
    );
  });

  it('is set by the dashboard; agents may cancel and move', async () => {
    const { body } = await app.request<{ key: string }>('POST', `/api/admin/tenants/${tenant.id}/api-keys`, {
      key: ADMIN_KEY,
      body: { name: 'agent', scopes: ['agent'] },
    });
    const asAgent = async (path: string, content: object = {}) =>
      (await app.request('POST', `/api/bookings/${booking.id}/${path}`, { key: body.key, body: content }))
        .status;
    expect(await asAgent('complete')).toBe(403);
    expect(await asAgent('no-show')).toBe(403);
    expect(await asAgent('reschedule', { startsAt: at(monday, '14:00') })).toBe(200);
    expect(await asAgent('cancel')).toBe(200);
  });
});
