import type { BookingView } from '../../src/booking/booking.js';
import type { StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import { synchronised } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import {
  aTenant,
  connectGoogle,
  startTestApp,
  type Answer,
  type TestApp,
  type TestTenant,
} from '../support/test-app.js';

const BUDGET_MS = 800;

describe('when Google is in trouble', () => {
  let app: TestApp;
  let tenant: TestTenant;
  let email: string;
  let tenants = 0;
  const date = upcoming(4);

  beforeAll(async () => {
    app = await startTestApp({ calendarBudgetMs: BUDGET_MS, calendarAttemptMs: 1500 });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    app.google.clearFaults();
    tenant = await aTenant(app);
    email = `owner${++tenants}@acme.example`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
    await synchronised(app.database, tenant.id);
  });

  const availability = ({ key } = tenant) =>
    app.request<{ calendar: { state: string; asOf: string }; slots: { startsAt: string }[] }>(
      'GET',
      `/api/availability?date=${date}`,
      { key },
    );
  /** What is known of the calendar is older than it may be, unless said otherwise: by a minute more than an hour. */
  const age = async (minutes = 61) => {
    const [row] = await app.database.query<{ asOf: Date }>(
      `UPDATE calendar SET known_as_of = known_as_of - $2 * interval '1 minute' WHERE tenant_id = $1
       RETURNING known_as_of AS "asOf"`,
      [tenant.id, minutes],
    );
    return row?.asOf.toISOString();
  };
  const book = (time: string, { key } = tenant) =>
    app.request<BookingView>('POST', '/api/bookings', {
      key,
      body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123' },
    });
  const get = (id: string) => app.request<BookingView>('GET', `/api/bookings/${id}`, { key: tenant.key });
  const events = () => app.google.account(email).calendar().events();

  const troubles: [string, StandInFault][] = [
    ['refuses', { on: 'events.insert', status: 403, reason: 'rateLimitExceeded', times: 2 }],
    [
      'limits the rate',
      { on: 'events.insert', status: 429, reason: 'rateLimitExceeded', retryAfter: 1, times: 2 },
    ],
    ['fails', { on: 'events.insert', status: 503, reason: 'backendError', times: 3 }],
    ['hangs', { on: 'events.insert', hang: true, times: 1 }],
    ['answers too late', { on: 'events.insert', delayMs: 2500, times: 1 }],
    ['does the work and loses the answer', { on: 'events.insert', loseAnswer: true, times: 2 }],
    ['drops the connection', { on: /./, drop: true, times: 6 }],
    ['hangs on everything', { on: /./, hang: true, times: 4 }],
  ];

  it.each(troubles)(
    '%s: the booking is kept, the caller waits no longer than the budget, and one event comes of it',
    async (_, fault) => {
      app.google.fault({ ...fault, account: email });
      const started = performance.now();
      const { status, body } = await book('10:00');
      const waited = performance.now() - started;
      expect(status).toBe(201);
      expect(body.status).toBe('confirmed');
      // The budget, and what a busy machine adds to the work around it. Not a measurement: without a budget, the
      // hanging ones would take at least the attempt's 1.5 seconds.
      expect(waited).toBeLessThan(BUDGET_MS + 600);
      await eventually(async () => {
        expect((await get(body.id)).body.calendar).toMatchObject({ status: 'synced', reason: null });
      }, 25_000);
      expect((await get(body.id)).body.meetLink).toMatch(/^https:\/\/meet\.google\.com\//);
      expect(events()).toHaveLength(1);
    },
    40_000,
  );

  it('is down for long: bookings and cancellations go on, and all of them arrive once it is back', async () => {
    app.google.fault({ on: /./, status: 503, reason: 'backendError', account: email, times: Infinity });
    const booked: BookingView[] = [];
    for (const time of ['09:00', '10:00', '11:00']) booked.push((await book(time)).body);
    expect(booked.map(({ calendar }) => calendar.status)).toEqual(['pending', 'pending', 'pending']);
    const [first] = booked;
    const cancelled = await app.request('POST', `/api/bookings/${first!.id}/cancel`, {
      key: tenant.key,
      body: {},
    });
    expect(cancelled.status).toBe(200);
    const { body: available } = await availability();
    // For a while the mirror is good enough.
    expect(available.calendar.state).toBe('fresh');
    expect(available.slots).toHaveLength(6);
    const asOf = await age();
    const { body: later } = await availability();
    expect(later.calendar).toEqual({ state: 'stale', asOf });
    expect(later.slots).toEqual(available.slots);

    app.google.clearFaults();
    await eventually(async () => {
      for (const { id } of booked) expect((await get(id)).body.calendar.status).toBe('synced');
    }, 25_000);
    expect(events()).toHaveLength(2);
  }, 60_000);

  it('has taken back the grant: bookings go on, status says reconnect, and reconnecting drains what waited', async () => {
    app.google.revokeGrant(email);
    app.google.expireAccessTokens(email);
    const { status, body } = await book('10:00');
    expect(status).toBe(201);
    expect(body.calendar.status).toBe('pending');
    await eventually(async () => {
      const answer = await app.request('GET', '/api/tenant-calendar/status', { key: tenant.key });
      expect(answer.body).toMatchObject({ connected: false, state: 'needs_reconnect', email });
    });
    expect((await connectGoogle(app, tenant, email)).status).toBe(200);
    await eventually(async () => {
      expect((await get(body.id)).body.calendar.status).toBe('synced');
    });
    expect(events()).toHaveLength(1);
  }, 40_000);

  it('cannot be read, and the organisation’s policy is to refuse: no times and no bookings, politely', async () => {
    const refuse = ({ id }: TestTenant) =>
      app.request('PATCH', `/api/admin/tenants/${id}`, {
        key: app.settings.adminApiKey.reveal(),
        body: { unreadableCalendarPolicy: 'refuse' },
      });
    await refuse(tenant);
    app.google.fault({ on: 'events.list', status: 503, reason: 'backendError', times: Infinity });
    // What is known may still be told, as it is not old; nothing is promised on it.
    expect(await availability()).toMatchObject({ status: 200, body: { calendar: { state: 'fresh' } } });
    const refusals: Answer<unknown>[] = [await book('10:00')];
    await age();
    refusals.push(await availability(), await book('10:00'));
    const newcomer = await aTenant(app);
    await refuse(newcomer);
    await connectGoogle(app, newcomer, email);
    refusals.push(await availability(newcomer), await book('10:00', newcomer));
    for (const answer of refusals) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'calendar_unreadable' } });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
  });

  it('goes by what was last known of a calendar that cannot be read, and says from when', async () => {
    const calendar = app.google.account(email).calendar();
    calendar.addEvent({ start: { dateTime: at(date, '13:00') }, end: { dateTime: at(date, '14:00') } });
    await synchronised(app.database, tenant.id);
    const { body: read } = await availability();
    expect(read.slots.map(({ startsAt }) => startsAt)).not.toContain(at(date, '13:00'));
    calendar.unreadable = 'internalError';
    expect((await availability()).body).toMatchObject({ slots: read.slots, calendar: read.calendar });
    const asOf = await age();
    const { body: unread } = await availability();
    expect(unread.slots).toEqual(read.slots);
    expect(unread.calendar).toEqual({ state: 'stale', asOf });
    expect((await book('13:00')).status).toBe(409);
    // As good as ever once it can be read again.
    calendar.unreadable = undefined;
    await synchronised(app.database, tenant.id);
    expect((await availability()).body.calendar.state).toBe('fresh');
  });
});
