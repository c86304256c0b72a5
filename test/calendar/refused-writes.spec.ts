import type { BookingView } from '../../src/booking/booking.js';
import { eventIdOf } from '../../src/calendar/event-id.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import type { StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import { Deadline } from '../../src/platform/deadline.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aConnectedTenant, someContent, unwant, want, type ConnectedTenant } from './connected-tenant.js';
import { synchronised, timesOf } from './mirror/mirrored.js';

const HOUR = 3_600_000;
const PAGE = '<html><head><title>Error 404 (Not Found)!!1</title></head></html>';
const GATEWAY = '{"message":"no Route matched with those values"}';

describe('a booking whose event Google refuses', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(5);

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 500, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await synchronised(service.database, owner.id);
    service.google.clearRequests();
  });

  const writer = () => service.app.get(EventWriter);
  const write = (bookingId: string, ms = 3000) => writer().writeNow(owner.tenant, bookingId, Deadline.in(ms));
  const stateOf = async (bookingId: string) =>
    (await writer().states(owner.tenant, [bookingId])).get(bookingId);
  const settled = (bookingId: string, state: object) =>
    eventually(async () => expect(await stateOf(bookingId)).toMatchObject(state), 20_000);
  const fault = (wrong: StandInFault) => service.google.fault({ ...wrong, account: owner.email });
  const requests = (operation: string) =>
    service.google.requests.filter(
      (request) => request.operation === operation && request.accountEmail === owner.email,
    );
  const book = async (time: string) => {
    const { status, body } = await service.request<BookingView>('POST', '/api/bookings', {
      key: owner.key,
      body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123' },
    });
    expect(status).toBe(201);
    return body;
  };
  const get = async (id: string) =>
    (await service.request<BookingView>('GET', `/api/bookings/${id}`, { key: owner.key })).body;
  const eventOf = (id: string) => owner.calendar.events().find((event) => event.id === eventIdOf(id, 0))!;
  const dueNow = (bookingId: string) =>
    service.database.query(
      `UPDATE pgboss.job SET start_after = now() WHERE data ->> 'bookingId' = $1 AND state = 'created'`,
      [bookingId],
    );

  describe.each([
    ['an error page', PAGE],
    ['a gateway’s JSON', GATEWAY],
    ['an error with a code that is no number', '{"error":{"code":"404","message":"Resource Not Found"}}'],
  ])('by %s that is not Google’s', (_, body) => {
    it.each([400, 401, 403, 404, 407, 409, 410, 412, 451])(
      'with %d, is looked at again: nobody is cancelled, and there is one event',
      async (status) => {
        const moved = await book('10:00');
        const changed = await book('12:00');
        const cancelled = await book('14:00');
        const [start] = timesFrom(moved, 5 * HOUR);
        fault({ on: /^events\.(get|patch|delete|insert)$/, status, body, times: 12 });
        owner.calendar.updateEvent(eventOf(moved.id).id, timesOf(start, start + HOUR));
        await synchronised(service.database, owner.id);
        const post = (id: string, how: string, sent = {}) =>
          service.request('POST', `/api/bookings/${id}/${how}`, { key: owner.key, body: sent });
        await Promise.all([
          post(changed.id, 'reschedule', { startsAt: at(date, '13:00') }),
          post(cancelled.id, 'cancel'),
        ]);
        await eventually(async () => {
          expect(Date.parse((await get(moved.id)).startsAt)).toBe(start);
          for (const { id } of [moved, changed])
            expect(await get(id)).toMatchObject({ status: 'confirmed', calendar: { status: 'synced' } });
          expect(
            owner.calendar
              .events()
              .map(({ id, start: begins }) => [id, Date.parse(begins?.dateTime ?? '')])
              .sort(),
          ).toEqual(
            [
              [eventIdOf(moved.id, 0), start],
              [eventIdOf(changed.id, 0), Date.parse(at(date, '13:00'))],
            ].sort(),
          );
        }, 20_000);
      },
      30_000,
    );
  });

  it('whose calendar is said to be gone by an error page is still mirrored and written to', async () => {
    const booking = await book('10:00');
    fault({ on: 'events.list', status: 404, body: PAGE, times: 8 });
    await service.database.query(`UPDATE calendar_sync SET due_at = now() WHERE tenant_id = $1`, [owner.id]);
    const failure = async () => {
      const [row] = await service.database.query<{ failure: string | null }>(
        'SELECT failure FROM calendar_sync WHERE tenant_id = $1',
        [owner.id],
      );
      return row?.failure;
    };
    await eventually(async () => expect(await failure()).toBe('unavailable'));
    await synchronised(service.database, owner.id, 20_000);
    expect(await get(booking.id)).toMatchObject({ status: 'confirmed', calendar: { status: 'synced' } });
  }, 40_000);

  it('is not cancelled by one 404 of Google’s own, and is by a second some time later', async () => {
    const [once, gone] = [await book('10:00'), await book('12:00')];
    for (const { id } of [once, gone])
      owner.calendar.updateEvent(eventOf(id).id, { summary: 'Edited by the owner' });
    fault({ on: 'events.get', status: 404, times: 2 });
    await synchronised(service.database, owner.id);
    await eventually(() => expect(requests('events.get').length).toBeGreaterThanOrEqual(2));
    for (const { id } of [once, gone]) expect((await get(id)).status).toBe('confirmed');
    // From now on one of them is seen again, and the other never.
    service.google.clearFaults();
    await eventually(async () => {
      const looks = await service.database.query(
        'SELECT 1 FROM event_write WHERE tenant_id = $1 AND look_requested_at IS NOT NULL',
        [owner.id],
      );
      expect(looks).toEqual([]);
    });
    for (const { id } of [once, gone]) expect((await get(id)).status).toBe('confirmed');
    expect(owner.calendar.events()).toHaveLength(2);
    owner.calendar.updateEvent(eventOf(gone.id).id, { summary: 'Edited again' });
    fault({ on: 'events.get', status: 404, times: Infinity });
    await synchronised(service.database, owner.id);
    await eventually(async () => expect((await get(gone.id)).status).toBe('cancelled'));
    expect((await get(once.id)).status).toBe('confirmed');
  }, 60_000);

  it('is not cancelled by 404s while the events of its calendar may not be seen', async () => {
    const { id } = await book('10:00');
    const look = async () => {
      await service.database.query(
        `UPDATE event_write SET look_requested_at = clock_timestamp(), missing_since = missing_since - interval '1 day'
         WHERE booking_id = $1`,
        [id],
      );
      await write(id);
    };
    fault({ on: 'events.get', status: 404, times: Infinity });
    fault({ on: 'events.list', status: 403, reason: 'forbidden', times: Infinity });
    for (const times of [1, 2]) {
      await look();
      expect(requests('events.get').length).toBeGreaterThanOrEqual(times);
    }
    expect((await get(id)).status).toBe('confirmed');
    service.google.clearFaults();
    fault({ on: 'events.get', status: 404, times: Infinity });
    await look();
    await look();
    expect((await get(id)).status).toBe('cancelled');
  });

  it('keeps its event where Google once says of a change that there is none', async () => {
    const bookingId = await want(service, owner.tenant);
    const { eventId } = await write(bookingId);
    fault({ on: 'events.patch', status: 404 });
    fault({ on: 'events.get', status: 404 });
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'not_found' });
    await settled(bookingId, { status: 'synced', eventId });
    expect(owner.calendar.events()).toHaveLength(1);
  });

  it('has it taken away where Google once says of the removal that there is none', async () => {
    const bookingId = await want(service, owner.tenant);
    await write(bookingId);
    fault({ on: 'events.delete', status: 404 });
    fault({ on: 'events.get', status: 404 });
    await unwant(service, owner.tenant, bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced', reason: 'removal_unconfirmed' });
    expect(owner.calendar.events()).toHaveLength(1);
    await dueNow(bookingId);
    await settled(bookingId, { status: 'synced', reason: null });
    expect(owner.calendar.events()).toEqual([]);
  });

  describe('because it made another one', () => {
    const stuck = async () =>
      (
        await service.request<{ items: { bookingId: string; reason: string; attempts: number }[] }>(
          'GET',
          '/api/admin/calendar-writes',
          { key: ADMIN_KEY },
        )
      ).body.items;

    it('is tried once, has the other taken away, and is shown to the operator', async () => {
      fault({ on: 'events.insert', ignoreId: true, times: Infinity });
      const bookingId = await want(service, owner.tenant);
      expect(await write(bookingId)).toMatchObject({ status: 'failed', reason: 'wrong_event', attempts: 1 });
      await eventually(() => expect(owner.calendar.events()).toEqual([]));
      expect(requests('events.insert')).toHaveLength(1);
      await settled(bookingId, { status: 'failed', reason: 'wrong_event' });
      expect(await stuck()).toContainEqual(expect.objectContaining({ bookingId, reason: 'wrong_event' }));
      // That its calendar can be read is no reason to try again.
      await synchronised(service.database, owner.id);
      await settled(bookingId, { status: 'failed', reason: 'wrong_event' });
      expect(requests('events.insert')).toHaveLength(1);

      service.google.clearFaults();
      await service.request('POST', `/api/admin/calendar-writes/${owner.id}/${bookingId}/retry`, {
        key: ADMIN_KEY,
      });
      await settled(bookingId, { status: 'synced' });
      expect(owner.calendar.events().map(({ id }) => id)).toEqual([eventIdOf(bookingId, 0)]);
    }, 40_000);

    it('has the other taken away as soon as that can be done', async () => {
      fault({ on: 'events.insert', ignoreId: true });
      fault({ on: 'events.delete', status: 503, times: 6 });
      const bookingId = await want(service, owner.tenant);
      expect(await write(bookingId)).toMatchObject({ status: 'failed', reason: 'wrong_event' });
      expect(owner.calendar.events()).toHaveLength(1);
      await eventually(() => expect(owner.calendar.events()).toEqual([]), 20_000);
      await settled(bookingId, { status: 'failed', reason: 'wrong_event' });
      expect(requests('events.insert')).toHaveLength(1);
    }, 40_000);
  });

  it('by the address of its guest is made without the guest, and says so', async () => {
    const content = someContent({ attendeeEmail: 'ana at example' });
    const bookingId = await want(service, owner.tenant, content);
    const state = await write(bookingId);
    expect(state).toMatchObject({ status: 'synced', reason: 'guest_refused' });
    expect(state.meetLink).toMatch(/^https:/);
    expect(owner.calendar.events()).toHaveLength(1);
    expect(owner.calendar.events()[0]?.attendees).toBeUndefined();
    // Also after the booking has changed.
    await want(service, owner.tenant, { ...content, summary: 'Ana Flores, moved' }, { id: bookingId });
    expect(await write(bookingId)).toMatchObject({ status: 'synced', reason: 'guest_refused' });
  });

  it.each<[string, StandInFault]>([
    ['one 403 at the insert', { on: 'events.insert', status: 403, reason: 'forbidden' }],
    ['one 400 at the insert', { on: 'events.insert', status: 400, reason: 'invalid' }],
    ['a page from the token endpoint', { on: 'token', status: 400, body: PAGE }],
  ])('has its Meet link in spite of %s', async (_, wrong) => {
    service.google.expireAccessTokens(owner.email);
    await service.database.query(
      `UPDATE tenant_google_token SET access_expires_at = now() - interval '1 minute' WHERE tenant_id = $1`,
      [owner.id],
    );
    service.google.fault(wrong);
    const bookingId = await want(service, owner.tenant);
    await write(bookingId);
    await settled(bookingId, { status: 'synced', reason: null });
    expect((await stateOf(bookingId))?.meetLink).toMatch(/^https:/);
    expect(owner.calendar.events()).toHaveLength(1);
  });

  it('has its Meet link once Google makes one again', async () => {
    owner.calendar.meet = 'refused';
    const bookingId = await want(service, owner.tenant);
    const { eventId } = await write(bookingId);
    expect(await stateOf(bookingId)).toMatchObject({ status: 'synced', reason: 'no_meet_link' });
    owner.calendar.meet = 'works';
    // An hour later.
    await service.database.query(
      `UPDATE event_write SET meet_link_due_at = now() WHERE booking_id = $1 AND meet_link_due_at > now()`,
      [bookingId],
    );
    await dueNow(bookingId);
    await settled(bookingId, { status: 'synced', reason: null, eventId });
    expect((await stateOf(bookingId))?.meetLink).toBe(owner.calendar.events()[0]?.hangoutLink);
  });

  it.each<[string, StandInFault]>([
    ['403', { status: 403, reason: 'forbidden' }],
    ['404', { status: 404 }],
    ['407', { status: 407, body: PAGE }],
    ['410', { status: 410 }],
    ['400', { status: 400, reason: 'invalid' }],
  ])(
    'for a while by %s to everything, ends as it should by itself',
    async (_, wrong) => {
      const [stays, changes, goes] = [await book('10:00'), await book('11:00'), await book('12:00')];
      fault({ ...wrong, on: /\./, times: Infinity });
      const [more] = [
        await book('13:00'),
        await service.request('POST', `/api/bookings/${changes.id}/reschedule`, {
          key: owner.key,
          body: { startsAt: at(date, '15:00') },
        }),
        await service.request('POST', `/api/bookings/${goes.id}/cancel`, { key: owner.key, body: {} }),
      ];
      await service.database.query(`UPDATE calendar_sync SET due_at = now() WHERE tenant_id = $1`, [
        owner.id,
      ]);
      // Longer than it takes until Google is believed that something is not there.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      expect((await get(more.id)).calendar.status).toBe('pending');
      service.google.clearFaults();
      await eventually(async () => {
        for (const { id } of [stays, changes, more])
          expect(await get(id)).toMatchObject({
            status: 'confirmed',
            calendar: { status: 'synced', reason: null },
          });
        expect(
          owner.calendar
            .events()
            .map(({ start }) => Date.parse(start?.dateTime ?? ''))
            .sort(),
        ).toEqual(['10:00', '13:00', '15:00'].map((time) => Date.parse(at(date, time))).sort());
      }, 40_000);
    },
    70_000,
  );

  it('is given up after a day, and is tried once more when its calendar can be synchronised', async () => {
    fault({ on: 'events.insert', status: 403, reason: 'forbidden', times: Infinity });
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'forbidden' });
    await eventually(async () => {
      await service.database.query(
        `UPDATE event_write SET updated_at = now() - interval '25 hours' WHERE booking_id = $1 AND state = 'pending'`,
        [bookingId],
      );
      expect(await stateOf(bookingId)).toMatchObject({ status: 'failed', reason: 'forbidden' });
    });
    await synchronised(service.database, owner.id);
    await eventually(() => expect(requests('events.insert').length).toBeGreaterThan(2));
    await settled(bookingId, { status: 'failed', reason: 'forbidden' });
    service.google.clearFaults();
    await service.database.query(
      `UPDATE event_write SET revived_at = now() - interval '61 minutes' WHERE booking_id = $1`,
      [bookingId],
    );
    await synchronised(service.database, owner.id);
    await settled(bookingId, { status: 'synced' });
    expect(owner.calendar.events()).toHaveLength(1);
  }, 60_000);
});

function timesFrom({ startsAt }: BookingView, laterBy: number): [number] {
  return [Date.parse(startsAt) + laterBy];
}
