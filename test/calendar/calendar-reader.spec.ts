import { CalendarReader } from '../../src/calendar/calendar-reader.js';
import { Deadline } from '../../src/platform/deadline.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { aTenant, connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, type ConnectedTenant } from './connected-tenant.js';

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

  const read = (range = window, deadline = Deadline.in(1500)) =>
    service.app.get(CalendarReader).readBusy(owner.tenant, range, deadline);
  const addEvent = (start: number, end: number, more: object = {}) =>
    owner.calendar.addEvent({
      start: { dateTime: new Date(start).toISOString() },
      end: { dateTime: new Date(end).toISOString() },
      ...more,
    });
  const queries = () => service.google.requests.filter(({ operation }) => operation === 'freebusy.query');

  it('says there is none where none is connected', async () => {
    const other = await aTenant(service);
    const knowledge = await service.app
      .get(CalendarReader)
      .readBusy(asTenantId(other.id), window, Deadline.in(1000));
    expect(knowledge).toEqual({ state: 'not_connected', asOf: null, busy: [] });
  });

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

  it('asks for no more than thirty days at a time, and makes one of what that cuts in two', async () => {
    const from = Date.now() + HOUR;
    const to = from + 80 * DAY;
    addEvent(from + 20 * DAY, from + 75 * DAY);
    const { state, busy } = await read({ from, to });
    expect(state).toBe('checked');
    expect(busy).toHaveLength(1);
    const ranges = queries().map(({ body }) => body as { timeMin: string; timeMax: string });
    expect(ranges.length).toBeGreaterThan(2);
    for (const { timeMin, timeMax } of ranges) {
      expect(Date.parse(timeMax) - Date.parse(timeMin)).toBeLessThanOrEqual(30 * DAY);
    }
  });

  it('remembers what it read: also the next thirty days, whatever was asked for', async () => {
    addEvent(day + 3 * DAY, day + 3 * DAY + HOUR);
    const first = await read();
    service.google.fault({ on: 'freebusy.query', status: 503, times: Infinity });
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
    service.google.fault({ on: 'freebusy.query', status: 503, times: Infinity });
    expect((await read()).busy).toEqual([{ start: day + 2 * HOUR, end: day + 3 * HOUR }]);
  });

  it('does not say that it knows what it never read', async () => {
    service.google.fault({ on: 'freebusy.query', status: 503, times: Infinity });
    expect(await read()).toEqual({ state: 'unreachable', asOf: null, busy: [] });
    service.google.clearFaults();
    await read();
    service.google.fault({ on: 'freebusy.query', status: 503, times: Infinity });
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
    service.google.fault({ on: 'freebusy.query', status: 503, times: Infinity });
    expect(await read(far)).toMatchObject({
      state: 'unreachable',
      busy: [{ start: far.from, end: far.from + HOUR }],
    });
  });

  it('never takes a calendar that could not be read for a free one', async () => {
    addEvent(day, day + HOUR);
    const { asOf } = await read();
    owner.calendar.unreadable = 'internalError';
    expect(await read()).toEqual({ state: 'unreachable', asOf, busy: [{ start: day, end: day + HOUR }] });
  });

  it('reads many calendars, fifty at a time, and is sure only if it could read all of them', async () => {
    const ids = Array.from(
      { length: 70 },
      (_, index) => `room${index}-${owner.id}@group.calendar.google.com`,
    );
    const account = service.google.account(owner.email);
    for (const id of ids) account.addCalendar({ id, summary: id });
    const last = account.calendar(ids.at(-1));
    last.addEvent({
      start: { dateTime: new Date(day).toISOString() },
      end: { dateTime: new Date(day + HOUR).toISOString() },
    });
    await service.database.query(
      `INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone, writes_bookings)
       SELECT $1, c.id, google_id, google_id, 'UTC', false FROM calendar_connection c, unnest($2::text[]) AS google_id
       WHERE c.tenant_id = $1`,
      [owner.id, ids],
    );
    expect(await read()).toMatchObject({ state: 'checked', busy: [{ start: day, end: day + HOUR }] });
    const sizes = queries().map(({ body }) => (body as { items: object[] }).items.length);
    // What a test before this one asked for its only calendar may arrive late.
    expect(sizes.filter((size) => size > 1).sort()).toEqual([21, 50]);

    account.calendar(ids[0]).delete();
    const { state, busy } = await read();
    expect({ state, busy }).toEqual({ state: 'unreachable', busy: [{ start: day, end: day + HOUR }] });
  });

  it('answers by the deadline when Google hangs', async () => {
    await read();
    service.google.fault({ on: 'freebusy.query', hang: true, times: Infinity });
    const began = performance.now();
    expect(await read(window, Deadline.in(300))).toMatchObject({ state: 'unreachable' });
    expect(performance.now() - began).toBeLessThan(900);
  });

  it('asks again within the deadline when Google fails for a moment', async () => {
    service.google.fault({ on: 'freebusy.query', status: 503, times: 1 });
    expect(await read()).toMatchObject({ state: 'checked' });
    service.google.fault({ on: 'freebusy.query', drop: true, times: 1 });
    expect(await read()).toMatchObject({ state: 'checked' });
  });

  it('does not come back before Retry-After', async () => {
    service.google.fault({ on: 'freebusy.query', status: 429, retryAfter: 60 });
    expect(await read()).toMatchObject({ state: 'unreachable' });
    expect(queries()).toHaveLength(1);
  });

  it('asks Google once for callers who ask for the same at the same moment', async () => {
    service.google.fault({ on: 'freebusy.query', delayMs: 150 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => read()));
    expect(answers.map(({ state }) => state)).toEqual(answers.map(() => 'checked'));
    expect(queries()).toHaveLength(1);
  });

  it('keeps the state of a simultaneous later reading', async () => {
    addEvent(day, day + HOUR);
    service.google.fault({ on: 'freebusy.query', delayMs: 500 });
    const slow = read({ from: day, to: day + 2 * DAY });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { asOf } = await read();
    await slow;
    service.google.fault({ on: 'freebusy.query', status: 503, times: Infinity });
    expect((await read()).asOf).toBe(asOf);
  });

  it('stores nothing of a calendar that is disconnected meanwhile', async () => {
    addEvent(day, day + HOUR);
    // The token outlives the disconnection, so the reading succeeds.
    service.google.fault({ on: 'revoke', status: 503, times: Infinity });
    service.google.fault({ on: 'freebusy.query', delayMs: 1500 });
    const reading = read(window, Deadline.in(4000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    expect(await reading).toMatchObject({ state: 'checked' });
    const left = await service.database.query(`SELECT 1 FROM busy_block WHERE tenant_id = $1`, [owner.id]);
    expect(left).toEqual([]);
  });

  it('says that it cannot read when a permission was taken away, and the status asks to connect again', async () => {
    service.google.fault({ on: 'freebusy.query', status: 403, reason: 'insufficientPermissions' });
    expect(await read()).toMatchObject({ state: 'unreachable' });
    const { body } = await service.request('GET', '/api/tenant-calendar/status', { key: owner.key });
    expect(body).toMatchObject({ state: 'needs_reconnect', reason: 'missing_scope' });
    await connectGoogle(service, owner, owner.email);
    expect(await read()).toMatchObject({ state: 'checked' });
  });
});
