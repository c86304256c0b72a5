import type { Availability } from '../../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../../src/booking/booking.js';
import type { CalendarStatus } from '../../../src/calendar/calendar-status.service.js';
import { at, hoursOf, upcoming } from '../../support/dates.js';
import { eventually } from '../../support/eventually.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { ADMIN_KEY } from '../../support/test-settings.js';
import { aConnectedTenant, type ConnectedTenant } from '../connected-tenant.js';
import { addEvent, blocksOf, synchronised, timesOf } from './mirrored.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('a calendar that Google tells of oddly', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  /** Midnight in New York, on a Wednesday. */
  const date = upcoming(3);
  const day = Date.parse(at(date, '00:00'));

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await service.request('PUT', '/api/working-hours', {
      key: owner.key,
      body: { weekly: [{ day: 3, start: '09:00', end: '18:00' }] },
    });
    await sync();
    service.google.clearRequests();
  });

  const sync = () => synchronised(service.database, owner.id);
  const blocks = () => blocksOf(service.database, owner.id);
  const requests = (operation: string) =>
    service.google.requests.filter(
      (request) => request.operation === operation && request.accountEmail === owner.email,
    );
  const iso = (instant: number) => new Date(instant).toISOString();
  const status = async () => {
    const { body } = await service.request<CalendarStatus>('GET', '/api/tenant-calendar/status', {
      key: owner.key,
    });
    return body.calendars[0];
  };
  const availability = async () => {
    const { body } = await service.request<Availability>('GET', `/api/availability?date=${date}`, {
      key: owner.key,
    });
    return { hours: hoursOf(body.slots), state: body.calendar.state };
  };
  const book = async (time: string) => {
    const { status: answered, body } = await service.request<BookingView>('POST', '/api/bookings', {
      key: owner.key,
      body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123' },
    });
    expect([answered, body.calendar.status]).toEqual([201, 'synced']);
    return body.id;
  };
  const booking = async (id: string) =>
    (await service.request<BookingView>('GET', `/api/bookings/${id}`, { key: owner.key })).body;
  const eventOf = (bookingId: string) =>
    owner.calendar.events().find(({ id }) => id.includes(bookingId.replaceAll('-', '')))!;

  describe('without a sync token', () => {
    beforeEach(async () => {
      owner.calendar.withoutSyncTokens = true;
      owner.calendar.expireSyncTokens();
      await sync();
    });

    it('is mirrored by its lists, says so, and is fresh', async () => {
      const event = addEvent(owner.calendar, day + 10 * HOUR, day + 11 * HOUR);
      await sync();
      expect(await blocks()).toMatchObject([{ eventId: event.id }]);
      expect(await status()).toMatchObject({
        limitation: 'no_sync_token',
        freshness: 'fresh',
        syncFailure: null,
      });
      owner.calendar.deleteEvent(event.id);
      await sync();
      expect(await blocks()).toEqual([]);
      owner.calendar.withoutSyncTokens = false;
      await sync();
      expect(await status()).toMatchObject({ limitation: null });
    });

    it('has its owner’s edits followed: what is moved, and what is deleted', async () => {
      const [moved, deleted] = [await book('10:00'), await book('12:00')];
      owner.calendar.updateEvent(eventOf(moved).id, timesOf(day + 14 * HOUR, day + 15 * HOUR));
      owner.calendar.deleteEvent(eventOf(deleted).id);
      await sync();
      await eventually(async () => {
        expect(Date.parse((await booking(moved)).startsAt)).toBe(day + 14 * HOUR);
        expect((await booking(deleted)).status).toBe('cancelled');
      }, 60_000);
    });

    it('has nobody’s booking cancelled because a list leaves its event out', async () => {
      const id = await book('10:00');
      owner.calendar.hidesFromLists = new Set([eventOf(id).id]);
      await sync();
      await sync();
      expect((await booking(id)).status).toBe('confirmed');
      expect(requests('events.get').length).toBeGreaterThan(0);
    });
  });

  it('is listed anew at once where changes come without a token for the next', async () => {
    const event = addEvent(owner.calendar, day + 10 * HOUR, day + 11 * HOUR);
    owner.calendar.withoutSyncTokens = true;
    await sync();
    expect(await blocks()).toMatchObject([{ eventId: event.id }]);
    expect(await status()).toMatchObject({ limitation: 'no_sync_token', freshness: 'fresh' });
  });

  describe('whose recurring events are told of for half a year', () => {
    const series = (count = 8) =>
      owner.calendar.addEvent({
        start: { dateTime: iso(day + 10 * HOUR), timeZone: 'America/New_York' },
        end: { dateTime: iso(day + 11 * HOUR), timeZone: 'America/New_York' },
        recurrence: [`RRULE:FREQ=WEEKLY;COUNT=${count}`],
      });
    beforeEach(() => {
      // So much closer, for the windows of tests.
      owner.calendar.goneInstancesForDays = 21;
    });

    it('is free beyond that too when the series is deleted', async () => {
      const { id } = series();
      await sync();
      expect((await blocks()).length).toBeGreaterThanOrEqual(5);
      owner.calendar.deleteEvent(id);
      await sync();
      expect(await blocks()).toEqual([]);
      expect(requests('events.instances')).toHaveLength(1);
    });

    it('is free beyond that too when the series ends earlier, and busy where it goes on', async () => {
      const { id } = series();
      await sync();
      owner.calendar.updateEvent(id, { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] });
      await sync();
      expect(await blocks()).toMatchObject([{ start: iso(day + 10 * HOUR) }]);
    });

    it('keeps the rest where one instance is cancelled', async () => {
      const { id } = series();
      await sync();
      const before = await blocks();
      owner.calendar.deleteEvent(before[1]!.eventId);
      await sync();
      expect(await blocks()).toEqual(before.filter((_, index) => index !== 1));
      expect(id).toBeTruthy();
    });

    it('stays busy where the series cannot be asked about', async () => {
      series();
      await sync();
      const before = await blocks();
      owner.calendar.deleteEvent(before[1]!.eventId);
      service.google.fault({ on: 'events.instances', status: 400, reason: 'invalid', times: Infinity });
      await sync();
      expect(await blocks()).toEqual(before.filter((_, index) => index !== 1));
      expect(await status()).toMatchObject({ freshness: 'fresh' });
      expect(requests('events.instances')).toHaveLength(1);
    });

    it('is listed once where many are deleted together', async () => {
      const all = Array.from({ length: 8 }, () => series(6).id);
      await sync();
      service.google.clearRequests();
      for (const id of all) owner.calendar.deleteEvent(id);
      await sync();
      expect(await blocks()).toEqual([]);
      expect(requests('events.instances')).toEqual([]);
    });
  });

  describe('with an event that cannot be read', () => {
    const UNREADABLE: [string, object, from: number | null, to: number | null][] = [
      ['an end before its start', { end: { dateTime: iso(day + 9 * HOUR) } }, 9, 24],
      ['an end that is no time', { end: { dateTime: 'later' } }, 10, 24],
      ['a start that is empty', { start: {} }, 0, 11],
      ['no times at all', { start: {}, end: {} }, null, null],
      ['a date and an end that is none', { start: { date }, end: { date: 'soon' } }, 0, 24],
    ];

    it.each(UNREADABLE)(
      'goes on with the others, counts it, and blocks what it tells: %s',
      async (_, oddity, from, to) => {
        const odd = addEvent(owner.calendar, day + 10 * HOUR, day + 11 * HOUR);
        owner.calendar.oddities.set(odd.id, oddity);
        const other = addEvent(owner.calendar, day + 2 * DAY, day + 2 * DAY + HOUR);
        await sync();
        expect(await blocks()).toEqual([
          ...(from === null || to === null
            ? []
            : [{ eventId: odd.id, start: iso(day + from * HOUR), end: iso(day + to * HOUR) }]),
          { eventId: other.id, start: iso(day + 2 * DAY), end: iso(day + 2 * DAY + HOUR) },
        ]);
        expect(await status()).toMatchObject({
          unreadableEvents: 1,
          freshness: 'fresh',
          syncFailure: null,
        });
        owner.calendar.deleteEvent(other.id);
        await sync();
        expect((await blocks()).map(({ eventId }) => eventId)).not.toContain(other.id);
        // The whole of it says the same as the changes did.
        owner.calendar.expireSyncTokens();
        await sync();
        expect(await status()).toMatchObject({ unreadableEvents: 1 });
        owner.calendar.oddities.clear();
        owner.calendar.updateEvent(odd.id, { summary: 'Saved again' });
        await sync();
        expect(await blocks()).toEqual([
          { eventId: odd.id, start: iso(day + 10 * HOUR), end: iso(day + 11 * HOUR) },
        ]);
        expect(await status()).toMatchObject({ unreadableEvents: 0 });
      },
    );

    it('counts it for whoever runs the service', async () => {
      const odd = addEvent(owner.calendar, day + 10 * HOUR, day + 11 * HOUR);
      owner.calendar.oddities.set(odd.id, { start: {}, end: {} });
      await sync();
      const { body } = await service.request<string>('GET', '/metrics', { key: ADMIN_KEY });
      expect(/^calendar_unreadable_events (\d+)$/m.exec(body)?.[1]).toMatch(/[1-9]/);
    });

    it('books elsewhere on that day, and not there', async () => {
      const odd = addEvent(owner.calendar, day + 14 * HOUR, day + 15 * HOUR);
      owner.calendar.oddities.set(odd.id, { end: { dateTime: 'later' } });
      await sync();
      expect(await availability()).toEqual({ hours: [9, 10, 11, 12, 13], state: 'fresh' });
      await book('10:00');
    });

    it('reads a time in a zone that Windows names', async () => {
      const odd = addEvent(owner.calendar, day + 10 * HOUR, day + 11 * HOUR);
      owner.calendar.oddities.set(odd.id, {
        start: { dateTime: `${date}T15:00:00`, timeZone: 'W. Europe Standard Time' },
        end: { dateTime: `${date}T16:00:00`, timeZone: 'W. Europe Standard Time' },
      });
      await sync();
      const start = Date.parse(at(date, '15:00', 'Europe/Berlin'));
      expect(await blocks()).toEqual([{ eventId: odd.id, start: iso(start), end: iso(start + HOUR) }]);
      expect(await status()).toMatchObject({ unreadableEvents: 0 });
    });
  });

  it('that does not say its zone has whole days by the zone of the calendar list', async () => {
    owner.calendar.hidesTimeZone = true;
    const next = new Date(Date.parse(date) + DAY).toISOString().slice(0, 10);
    const event = owner.calendar.addEvent({ start: { date }, end: { date: next } });
    await sync();
    const whole = [{ eventId: event.id, start: iso(day), end: iso(day + DAY) }];
    expect(await blocks()).toEqual(whole);
    owner.calendar.expireSyncTokens();
    await sync();
    expect(await blocks()).toEqual(whole);
  });
});
