import { CalendarReader } from '../../src/calendar/calendar-reader.js';
import { Deadline } from '../../src/platform/deadline.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, conflictCalendars, type ConnectedTenant } from './connected-tenant.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('reading when a calendar is busy', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  /** Midnight UTC in a week. */
  const day = Math.ceil(Date.now() / DAY) * DAY + 7 * DAY;
  const window = { from: day, to: day + DAY };

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    service.google.clearRequests();
  });

  const readAll = async (range = window, deadline = Deadline.in(1500)) => {
    const calendars = await conflictCalendars(service, owner.tenant);
    return [
      ...(await service.app.get(CalendarReader).readBusy(owner.tenant, calendars, range, deadline)).values(),
    ];
  };
  const read = async (range = window, deadline = Deadline.in(1500)) => {
    const [only] = await readAll(range, deadline);
    if (only === undefined) throw new Error('No calendar is read.');
    return only;
  };
  const addEvent = (start: number, end: number, more: object = {}) =>
    owner.calendar.addEvent({
      start: { dateTime: new Date(start).toISOString() },
      end: { dateTime: new Date(end).toISOString() },
      ...more,
    });
  const queries = () => service.google.requests.filter(({ operation }) => operation === 'events.list');

  it('reads live, merged and clipped to the window', async () => {
    addEvent(day - HOUR, day + HOUR);
    addEvent(day + HOUR / 2, day + 2 * HOUR);
    addEvent(day + 5 * HOUR, day + 6 * HOUR, { transparency: 'transparent' });
    addEvent(day + 23 * HOUR, day + 25 * HOUR);
    const before = Date.now();
    const { state, asOf, busy } = await read();
    expect(state).toBe('checked');
    expect(asOf).toBeGreaterThanOrEqual(before);
    expect(busy).toEqual([
      { start: day, end: day + 2 * HOUR },
      { start: day + 23 * HOUR, end: day + 24 * HOUR },
    ]);
  });

  it('blocks a whole-day event for its whole day in the calendar’s zone', async () => {
    const date = new Date(day).toISOString().slice(0, 10);
    const next = new Date(day + DAY).toISOString().slice(0, 10);
    owner.calendar.addEvent({ start: { date }, end: { date: next } });
    const { busy } = await read({ from: day, to: day + 2 * DAY });
    expect(busy).toHaveLength(1);
    expect((busy[0]?.end ?? 0) - (busy[0]?.start ?? 0)).toBeGreaterThanOrEqual(23 * HOUR);
    // Midnight in New York is four or five in the morning in UTC.
    expect(((busy[0]?.start ?? 0) - day) / HOUR).toBeGreaterThanOrEqual(4);
  });

  it('remembers what it read: also the next thirty days, whatever was asked for', async () => {
    addEvent(day + 3 * DAY, day + 3 * DAY + HOUR);
    const first = await read();
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    const later = await read({ from: day + 3 * DAY, to: day + 4 * DAY });
    expect(later).toEqual({
      state: 'unreachable',
      asOf: first.asOf,
      busy: [{ start: day + 3 * DAY, end: day + 3 * DAY + HOUR }],
    });
  });

  it('forgets what is no longer there', async () => {
    const event = addEvent(day, day + HOUR);
    addEvent(day + 2 * HOUR, day + 3 * HOUR);
    await read();
    owner.calendar.deleteEvent(event.id);
    await read();
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    expect((await read()).busy).toEqual([{ start: day + 2 * HOUR, end: day + 3 * HOUR }]);
  });

  it('does not say that it knows what it never read', async () => {
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    expect(await read()).toEqual({ state: 'unreachable', asOf: null, busy: [] });
    service.google.clearFaults();
    await read();
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    expect(await read({ from: day + 200 * DAY, to: day + 201 * DAY })).toMatchObject({ asOf: null });
  });

  it('reads a window far ahead by itself, and goes by it later', async () => {
    const far = { from: day + 200 * DAY, to: day + 201 * DAY };
    addEvent(far.from, far.from + HOUR);
    expect(await read(far)).toMatchObject({
      state: 'checked',
      busy: [{ start: far.from, end: far.from + HOUR }],
    });
    expect(queries()).toHaveLength(1);
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    expect(await read(far)).toMatchObject({
      state: 'unreachable',
      busy: [{ start: far.from, end: far.from + HOUR }],
    });
  });

  it('keeps what reaches out of a window that was read by itself', async () => {
    const today = Math.floor(Date.now() / DAY) * DAY;
    const vacation = { start: today + 35 * DAY, end: today + 45 * DAY };
    addEvent(vacation.start, vacation.end);
    const { asOf } = await read({ from: today + 20 * DAY, to: today + 85 * DAY });
    await read({ from: today + 40 * DAY, to: today + 95 * DAY });
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    const days = { from: today + 36 * DAY, to: today + 38 * DAY };
    expect(await read(days)).toEqual({
      state: 'unreachable',
      asOf,
      busy: [{ start: days.from, end: days.to }],
    });
  });

  it('keeps nothing of what is over', async () => {
    const rows = () =>
      service.database.query(
        `SELECT 1 FROM busy_block u JOIN calendar k ON k.tenant_id = u.tenant_id AND k.id = u.calendar_id
         WHERE u.tenant_id = $1`,
        [owner.id],
      );
    addEvent(Date.now() - DAY, Date.now() + 60 * DAY);
    for (let times = 0; times < 3; times += 1) await read();
    expect(await rows()).toHaveLength(1);
    await service.database.query(
      `INSERT INTO busy_block (tenant_id, calendar_id, starts_at, ends_at)
       SELECT tenant_id, id, now() - interval '9 days', now() - interval '8 days' FROM calendar WHERE tenant_id = $1`,
      [owner.id],
    );
    await read();
    expect(await rows()).toHaveLength(1);
  });

  it('never takes a calendar that could not be read for a free one', async () => {
    addEvent(day, day + HOUR);
    const { asOf } = await read();
    owner.calendar.unreadable = 'internalError';
    expect(await read()).toEqual({ state: 'unreachable', asOf, busy: [{ start: day, end: day + HOUR }] });
  });

  it('reads many calendars, and one that cannot be read is the only one that is not known', async () => {
    const ids = Array.from(
      { length: 45 },
      (_, index) => `room${index}-${owner.id}@group.calendar.google.com`,
    );
    const account = service.google.account(owner.email);
    for (const id of ids) account.addCalendar({ id, summary: id });
    account.calendar(ids.at(-1)).addEvent({
      start: { dateTime: new Date(day).toISOString() },
      end: { dateTime: new Date(day + HOUR).toISOString() },
    });
    await service.database.query(
      `INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone, reads_conflicts)
       SELECT $1, c.id, google_id, google_id, 'UTC', true FROM calendar_connection c, unnest($2::text[]) AS google_id
       WHERE c.tenant_id = $1`,
      [owner.id, ids],
    );
    const all = await readAll();
    expect(all.map(({ state }) => state)).toEqual(Array.from({ length: 46 }, () => 'checked'));
    expect(all.flatMap(({ busy }) => busy)).toEqual([{ start: day, end: day + HOUR }]);

    account.calendar(ids[0]).delete();
    const states = (await readAll()).map(({ state }) => state);
    expect(states.filter((state) => state === 'checked')).toHaveLength(45);
    expect(states.filter((state) => state === 'unreachable')).toHaveLength(1);
  });

  it('asks Google for times and marks, and for nothing that people wrote', async () => {
    await read();
    const [query] = queries();
    expect(query?.query).toMatchObject({ singleEvents: 'true', maxResults: '2500' });
    expect(query?.query['fields']).not.toMatch(/summary|description|email|location/);
  });

  it('reads all pages, also where the first is empty', async () => {
    owner.calendar.emptyFirstPage = true;
    addEvent(day, day + HOUR);
    expect(await read()).toMatchObject({ state: 'checked', busy: [{ start: day, end: day + HOUR }] });
    expect(queries()).toHaveLength(2);
  });

  it('reads ten thousand events', async () => {
    const minutes = 60_000;
    for (let index = 0; index < 10_000; index += 1) {
      addEvent(day + 2 * index * minutes, day + (2 * index + 1) * minutes);
    }
    const { state, busy } = await read({ from: day, to: day + 20 * DAY }, Deadline.in(20_000));
    expect(state).toBe('checked');
    expect(busy).toHaveLength(10_000);
    expect(queries()).toHaveLength(4);
  }, 60_000);

  it('reads each instance of a series, and the day of one that lasts all day', async () => {
    const text = (at: number) => new Date(at).toISOString();
    owner.calendar.addEvent({
      start: { dateTime: text(day), timeZone: 'UTC' },
      end: { dateTime: text(day + HOUR), timeZone: 'UTC' },
      recurrence: ['RRULE:FREQ=DAILY;COUNT=3'],
    });
    expect((await read({ from: day, to: day + 5 * DAY })).busy).toEqual(
      [0, 1, 2].map((days) => ({ start: day + days * DAY, end: day + days * DAY + HOUR })),
    );
  });

  it('reads by free/busy where the account may see no more than that', async () => {
    const shared = service.google.addAccount({ email: `shared-${owner.id}@acme.example` }).calendar();
    shared.addEvent({
      start: { dateTime: new Date(day).toISOString() },
      end: { dateTime: new Date(day + HOUR).toISOString() },
    });
    service.google
      .account(owner.email)
      .addCalendar({ id: shared.id, summary: 'Shared', accessRole: 'freeBusyReader' });
    await service.database.query(
      `UPDATE calendar SET google_id = $2, access_role = 'freeBusyReader' WHERE tenant_id = $1`,
      [owner.id, shared.id],
    );
    expect(await read({ from: day, to: day + 70 * DAY })).toMatchObject({
      state: 'checked',
      busy: [{ start: day, end: day + HOUR }],
    });
    const asked = service.google.requests.filter(({ operation }) => operation === 'freebusy.query');
    for (const { body } of asked) {
      const { timeMin, timeMax } = body as { timeMin: string; timeMax: string };
      expect(Date.parse(timeMax) - Date.parse(timeMin)).toBeLessThanOrEqual(30 * DAY);
    }
    expect(asked.length).toBeGreaterThan(1);
    shared.unreadable = 'internalError';
    expect(await read()).toMatchObject({ state: 'unreachable', busy: [{ start: day, end: day + HOUR }] });
  });

  it('takes a calendar where the account may see nothing for unknown, whatever the list of its events says', async () => {
    const shared = service.google.addAccount({ email: `closed-${owner.id}@acme.example` }).calendar();
    service.google.account(owner.email).addCalendar({ id: shared.id, summary: 'Closed', accessRole: 'none' });
    await service.database.query(`UPDATE calendar SET google_id = $2 WHERE tenant_id = $1`, [
      owner.id,
      shared.id,
    ]);
    service.google.fault({ on: 'freebusy.query', status: 404, times: Infinity });
    expect(await read()).toMatchObject({ state: 'unreachable' });
  });

  it('reads by free/busy where Google refuses to list the events', async () => {
    addEvent(day, day + HOUR);
    service.google.fault({ on: 'events.list', status: 403, reason: 'forbidden' });
    expect(await read()).toMatchObject({ state: 'checked', busy: [{ start: day, end: day + HOUR }] });
  });

  it('answers by the deadline when Google hangs', async () => {
    await read();
    service.google.fault({ on: 'events.list', hang: true, times: Infinity });
    const began = performance.now();
    expect(await read(window, Deadline.in(300))).toMatchObject({ state: 'unreachable' });
    expect(performance.now() - began).toBeLessThan(900);
  });

  it('asks again within the deadline when Google fails for a moment', async () => {
    service.google.fault({ on: 'events.list', status: 503, times: 1 });
    expect(await read()).toMatchObject({ state: 'checked' });
    service.google.fault({ on: 'events.list', drop: true, times: 1 });
    expect(await read()).toMatchObject({ state: 'checked' });
  });

  it('does not come back before Retry-After', async () => {
    service.google.fault({ on: 'events.list', status: 429, retryAfter: 60 });
    expect(await read()).toMatchObject({ state: 'unreachable' });
    expect(queries()).toHaveLength(1);
  });

  it('asks Google once for callers who ask for the same at the same moment', async () => {
    service.google.fault({ on: 'events.list', delayMs: 150 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => read()));
    expect(answers.map(({ state }) => state)).toEqual(answers.map(() => 'checked'));
    expect(queries()).toHaveLength(1);
  });

  it('keeps the state of a simultaneous later reading', async () => {
    addEvent(day, day + HOUR);
    service.google.fault({ on: 'events.list', delayMs: 500 });
    const slow = read({ from: day, to: day + 2 * DAY });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { asOf } = await read();
    await slow;
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    expect((await read()).asOf).toBe(asOf);
  });

  it('stores nothing of a calendar that is disconnected meanwhile', async () => {
    addEvent(day, day + HOUR);
    // The token outlives the disconnection, so the reading succeeds.
    service.google.fault({ on: 'revoke', status: 503, times: Infinity });
    service.google.fault({ on: 'events.list', delayMs: 1500 });
    const reading = read(window, Deadline.in(4000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    expect(await reading).toMatchObject({ state: 'checked' });
    const left = await service.database.query(`SELECT 1 FROM busy_block WHERE tenant_id = $1`, [owner.id]);
    expect(left).toEqual([]);
  });

  it('says that it cannot read when a permission was taken away, and the status asks to connect again', async () => {
    service.google.fault({ on: 'events.list', status: 403, reason: 'insufficientPermissions' });
    expect(await read()).toMatchObject({ state: 'unreachable' });
    const { body } = await service.request('GET', '/api/tenant-calendar/status', { key: owner.key });
    expect(body).toMatchObject({ state: 'needs_reconnect', reason: 'missing_scope' });
    await connectGoogle(service, owner, owner.email);
    expect(await read()).toMatchObject({ state: 'checked' });
  });
});
