import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';
import { addEvent, blocksOf, synchronised } from '../calendar/mirror/mirrored.js';
import { at, hoursOf, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';

describe('how fresh the knowledge of a calendar is', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(4);

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 800 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await synchronised(service.database, owner.id);
    service.google.clearRequests();
  });

  const availability = (query = `date=${date}`) =>
    service.request<Availability & { code?: string }>('GET', `/api/availability?${query}`, {
      key: owner.key,
    });
  const book = (time: string, body: object = {}) =>
    service.request<BookingView & { code?: string; alternatives?: { startsAt: string }[] }>(
      'POST',
      '/api/bookings',
      {
        key: owner.key,
        body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123', ...body },
      },
    );
  const tool = async (name: string, body: object) =>
    (
      await service.request<{ ok: boolean; say: string; code?: string; calendar?: object }>(
        'POST',
        `/api/agent-tools/${name}`,
        { key: owner.key, body },
      )
    ).body;
  const policy = (changes: object) =>
    service.request('PATCH', `/api/admin/tenants/${owner.id}`, { key: ADMIN_KEY, body: changes });
  const age = (minutes: number) =>
    service.database.query(
      `UPDATE calendar SET known_as_of = now() - $2::int * interval '1 minute' WHERE tenant_id = $1`,
      [owner.id, minutes],
    );
  const down = () => service.google.fault({ on: /./, status: 503, account: owner.email, times: Infinity });
  const unmirrored = () =>
    service.database.query(
      `UPDATE calendar SET known_from = NULL, known_to = NULL, known_as_of = NULL WHERE tenant_id = $1`,
      [owner.id],
    );
  const asked = () => service.google.requests.filter(({ accountEmail }) => accountEmail === owner.email);
  const noonIsBusy = async () => {
    addEvent(owner.calendar, Date.parse(at(date, '12:00')), Date.parse(at(date, '13:00')));
    await synchronised(service.database, owner.id);
    service.google.clearRequests();
  };

  it('is good as long as the mirror is not older than the organisation’s limit, and Google is not asked', async () => {
    await noonIsBusy();
    const { body } = await availability();
    expect(hoursOf(body.slots)).toEqual([9, 10, 11, 13, 14, 15, 16]);
    expect(body.calendar).toEqual({ state: 'fresh', asOf: expect.any(String) as string });
    expect(Date.now() - Date.parse(body.calendar.asOf ?? '')).toBeLessThan(10_000);
    for (const days of ['from=2026-01-01&to=2026-01-02', `from=${date}`, 'date=2199-01-01']) {
      expect((await availability(days)).body.calendar.state).toBe('fresh');
    }
    expect(asked()).toEqual([]);
  });

  it('is the same while Google is down, and is said to be stale once it is too old', async () => {
    await noonIsBusy();
    down();
    const before = (await availability()).body;
    expect(before.calendar.state).toBe('fresh');
    await age(61);
    const { body } = await availability();
    expect(body.slots).toEqual(before.slots);
    expect(body.calendar.state).toBe('stale');
    expect(Date.now() - Date.parse(body.calendar.asOf ?? '')).toBeGreaterThan(60 * 60_000);
    expect(await tool('check_availability', { date })).toMatchObject({
      ok: true,
      say: expect.stringMatching(
        / I have .*\. That is as of .* as I can't see the calendar at the moment\.$/,
      ) as string,
      calendar: { state: 'stale' },
    });
  });

  it('is too old by a limit of the organisation’s own', async () => {
    expect(await policy({ calendarStaleAfterMinutes: 10 })).toMatchObject({
      status: 200,
      body: { calendarStaleAfterMinutes: 10 },
    });
    await age(9);
    expect((await availability()).body.calendar.state).toBe('fresh');
    await age(11);
    expect((await availability()).body.calendar.state).toBe('stale');
    for (const wrong of [4, 1441, 7.5, '10', null]) {
      expect(await policy({ calendarStaleAfterMinutes: wrong })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'calendarStaleAfterMinutes' }] },
      });
    }
  });

  it('that is too old keeps an organisation from offering anything whose policy is to refuse, with a sentence', async () => {
    await policy({ unreadableCalendarPolicy: 'refuse' });
    await age(61);
    down();
    expect(await availability()).toMatchObject({ status: 503, body: { code: 'calendar_unreadable' } });
    expect(await tool('check_availability', { date })).toMatchObject({
      ok: false,
      code: 'calendar_unreadable',
      say: expect.stringMatching(/^I can't see the calendar at the moment\./) as string,
    });
    service.google.clearFaults();
    await synchronised(service.database, owner.id);
    expect((await availability()).status).toBe(200);
  });

  it('is had live where a calendar is not mirrored yet, and from then on it is mirrored', async () => {
    addEvent(owner.calendar, Date.parse(at(date, '12:00')), Date.parse(at(date, '13:00')));
    await service.database.query('DELETE FROM calendar_sync WHERE tenant_id = $1', [owner.id]);
    await unmirrored();
    const { body } = await availability();
    expect(body.calendar.state).toBe('fresh');
    expect(hoursOf(body.slots)).toEqual([9, 10, 11, 13, 14, 15, 16]);
    expect(asked().map(({ operation }) => operation)).toContain('events.list');
    await eventually(async () => expect(await blocksOf(service.database, owner.id)).toHaveLength(1));
    await eventually(async () => {
      service.google.clearRequests();
      await availability();
      expect(asked().filter(({ query }) => 'timeMax' in query)).toEqual([]);
    });
  });

  it('is unknown where it is not mirrored and cannot be read within the budget', async () => {
    down();
    await unmirrored();
    const { body } = await availability();
    expect(body.calendar).toEqual({ state: 'unknown', asOf: null });
    expect(await tool('check_availability', { date })).toMatchObject({
      ok: true,
      say: expect.stringMatching(
        /I couldn't check the calendar just now, so it may have changed\.$/,
      ) as string,
      calendar: { state: 'unknown', as_of: null },
    });
    await policy({ unreadableCalendarPolicy: 'refuse' });
    expect(await availability()).toMatchObject({ status: 503, body: { code: 'calendar_unreadable' } });
  });

  describe('just before a booking', () => {
    it('is had once more from Google: what was put there seconds ago is in the way, and others are offered', async () => {
      addEvent(owner.calendar, Date.parse(at(date, '10:00')), Date.parse(at(date, '11:30')));
      expect(hoursOf((await availability()).body.slots)).toContain(10);
      service.google.clearRequests();
      const refused = await book('10:00');
      expect(refused).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
      // Neither the time itself nor the hour after it, which the event reaches into.
      expect(hoursOf(refused.body.alternatives ?? [])).toEqual([9, 12, 13]);
      // What was found is in the mirror.
      expect(hoursOf((await availability()).body.slots)).toEqual([9, 12, 13, 14, 15, 16]);
      expect(
        await tool('create_booking', { date, time: '10:00', name: 'Ben', phone: '+14155550199' }),
      ).toMatchObject({
        ok: false,
        code: 'slot_taken',
      });
      expect(owner.calendar.events()).toHaveLength(1);
    });

    it.each(['hold', 'move'])('and before a %s as well', async (what) => {
      const { body: booked } = await book('09:00');
      addEvent(owner.calendar, Date.parse(at(date, '10:00')), Date.parse(at(date, '11:00')));
      const answer =
        what === 'hold'
          ? await service.request('POST', '/api/holds', {
              key: owner.key,
              body: { startsAt: at(date, '10:00') },
            })
          : await service.request('POST', `/api/bookings/${booked.id}/reschedule`, {
              key: owner.key,
              body: { startsAt: at(date, '10:00') },
            });
      expect(answer).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    });

    it('sees also that a time has become free, which the mirror does not know yet', async () => {
      const event = addEvent(owner.calendar, Date.parse(at(date, '10:00')), Date.parse(at(date, '11:00')));
      await synchronised(service.database, owner.id);
      owner.calendar.deleteEvent(event.id);
      expect((await book('10:00')).status).toBe(201);
      await eventually(async () => expect(await blocksOf(service.database, owner.id)).toEqual([]));
    });

    it('that cannot be had in time leaves it to the policy: to book by what is known', async () => {
      await noonIsBusy();
      service.google.fault({ on: 'events.list', hang: true, account: owner.email, times: Infinity });
      const began = performance.now();
      const booked = await book('10:00');
      expect(performance.now() - began).toBeLessThan(800 + 600);
      expect(booked).toMatchObject({ status: 201, body: { status: 'confirmed' } });
      expect(await book('12:00')).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    });

    it('that cannot be had in time leaves it to the policy: to refuse, however fresh the mirror is', async () => {
      await policy({ unreadableCalendarPolicy: 'refuse' });
      service.google.fault({ on: 'events.list', status: 503, account: owner.email, times: Infinity });
      expect((await availability()).status).toBe(200);
      expect(await book('10:00')).toMatchObject({ status: 503, body: { code: 'calendar_unreadable' } });
      expect(
        await tool('create_booking', { date, time: '10:00', name: 'Ben', phone: '+14155550199' }),
      ).toMatchObject({ ok: false, code: 'calendar_unreadable' });
      expect(
        (await service.request<{ items: object[] }>('GET', '/api/bookings', { key: owner.key })).body.items,
      ).toEqual([]);
    });

    it('costs one request to Google', async () => {
      await book('10:00');
      const reads = asked().filter(
        ({ operation, query }) => operation === 'events.list' && 'timeMin' in query,
      );
      expect(reads).toHaveLength(1);
    });
  });
});
