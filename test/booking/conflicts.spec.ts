import type { BookingView } from '../../src/booking/booking.js';
import type { ConflictPage, ConflictView } from '../../src/booking/conflicts/conflicts.service.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';
import { addEvent, blocksOf, timesOf } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { ownersDay } from './owners-day.js';

describe('conflicts with Google Calendar', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(2);
  const { sync, instant, book, get, eventOf, moveEvent, conflicts, trail } = ownersDay(date, () => ({
    service,
    owner,
  }));

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await sync();
  });

  describe('come of an event over a booking, which', () => {
    it('is recorded as a conflict, and is over when the event is gone', async () => {
      const booking = await book('10:00');
      const event = addEvent(owner.calendar, instant('10:30'), instant('11:30'), {
        summary: 'Dentist myself',
      });
      addEvent(owner.calendar, instant('14:00'), instant('15:00'));
      await sync();
      expect(await conflicts()).toMatchObject([
        {
          kind: 'event_over_booking',
          reason: null,
          booking: { id: booking.id },
          event: { id: event.id, startsAt: at(date, '10:30'), endsAt: at(date, '11:30') },
          actions: ['dismiss', 'cancel_booking'],
        },
      ]);
      expect((await get(booking.id)).status).toBe('confirmed');
      owner.calendar.updateEvent(event.id, timesOf(instant('15:00'), instant('16:00')));
      await sync();
      expect(await conflicts()).toEqual([]);
      expect(await conflicts('resolved')).toMatchObject([{ resolution: 'cleared', actions: [] }]);
      owner.calendar.updateEvent(event.id, timesOf(instant('09:30'), instant('10:30')));
      await sync();
      expect(await conflicts()).toMatchObject([{ event: { startsAt: at(date, '09:30') } }]);
    });

    it('is found also where the event was there when the booking was made unseen', async () => {
      service.google.fault({ on: 'events.list', status: 503, account: owner.email, times: Infinity });
      addEvent(owner.calendar, instant('10:00'), instant('11:00'));
      const booked = await service.request<BookingView>('POST', '/api/bookings', {
        key: owner.key,
        body: { startsAt: at(date, '10:00'), name: 'Ana Flores', phone: '+14155550123' },
      });
      expect(booked.status).toBe(201);
      service.google.clearFaults();
      await sync();
      expect(await conflicts()).toMatchObject([{ booking: { id: booked.body.id } }]);
    });

    it('is found when an account is connected in which something is over bookings already', async () => {
      const booking = await book('10:00');
      const other = service.google.addAccount({ email: `other-${owner.email}`, timeZone: 'UTC' });
      addEvent(other.calendar(), instant('10:00'), instant('10:15'));
      await connectGoogle(service, owner, other.email);
      await sync();
      expect(await conflicts()).toMatchObject([{ booking: { id: booking.id } }]);
    });

    it('is no conflict with a booking that is cancelled, nor before or after one', async () => {
      const booking = await book('10:00');
      addEvent(owner.calendar, instant('09:00'), instant('10:00'));
      addEvent(owner.calendar, instant('11:00'), instant('12:00'));
      const over = addEvent(owner.calendar, instant('10:00'), instant('11:00'));
      await sync();
      expect((await conflicts()).map(({ event }) => event.id)).toEqual([over.id]);
      await service.request('POST', `/api/bookings/${booking.id}/cancel`, { key: owner.key, body: {} });
      expect(await conflicts()).toEqual([]);
      await sync();
      expect(await conflicts('resolved')).toMatchObject([{ resolution: 'cleared' }]);
    });
  });

  describe('are decided by the dashboard', () => {
    const resolve = (id: string, action: string, key = owner.key) =>
      service.request<ConflictView>('POST', `/api/conflicts/${id}/resolve`, { key, body: { action } });
    const movedOnto = async () => {
      const first = await book('10:00');
      const second = await book('13:00', { phone: '+14155550199' });
      moveEvent(first, '13:00', '14:00');
      await sync();
      await eventually(async () => expect(await conflicts()).toHaveLength(1));
      const [conflict] = await conflicts();
      return { first, second, conflict: conflict! };
    };

    it('keep_booking: the event goes back to where the booking is', async () => {
      const { first, conflict } = await movedOnto();
      expect(await resolve(conflict.id, 'keep_booking')).toMatchObject({
        status: 200,
        body: { resolution: 'booking_kept', actions: [] },
      });
      await eventually(() => expect(Date.parse(eventOf(first).start?.dateTime ?? '')).toBe(instant('10:00')));
      expect(await get(first.id)).toMatchObject({ calendar: { status: 'synced', reason: null } });
      await sync();
      expect(await conflicts()).toEqual([]);
      expect(await blocksOf(service.database, owner.id)).toEqual([]);
    });

    it('accept_event: the booking moves to it once that is free, and not before', async () => {
      const { first, second, conflict } = await movedOnto();
      expect(await resolve(conflict.id, 'accept_event')).toMatchObject({
        status: 409,
        body: { code: 'slot_taken' },
      });
      await service.request('POST', `/api/bookings/${second.id}/cancel`, { key: owner.key, body: {} });
      expect(await resolve(conflict.id, 'accept_event')).toMatchObject({
        status: 200,
        body: { resolution: 'event_accepted', booking: { startsAt: at(date, '13:00') } },
      });
      await eventually(async () =>
        expect(await get(first.id)).toMatchObject({
          startsAt: at(date, '13:00'),
          calendar: { status: 'synced', reason: null },
        }),
      );
      await sync();
      expect(await blocksOf(service.database, owner.id)).toEqual([]);
    });

    it('cancel_booking: it is cancelled, and its event goes', async () => {
      const { first, conflict } = await movedOnto();
      expect(await resolve(conflict.id, 'cancel_booking')).toMatchObject({
        status: 200,
        body: { resolution: 'booking_cancelled' },
      });
      expect(await get(first.id)).toMatchObject({ status: 'cancelled' });
      await eventually(() => expect(owner.calendar.events()).toHaveLength(1));
    });

    it('dismiss: it stays as it is, and is not brought up again', async () => {
      await book('10:00');
      const event = addEvent(owner.calendar, instant('10:30'), instant('11:30'));
      await sync();
      const [conflict] = await conflicts();
      expect(await resolve(conflict!.id, 'dismiss')).toMatchObject({
        status: 200,
        body: { resolution: 'dismissed' },
      });
      expect(await resolve(conflict!.id, 'dismiss')).toMatchObject({ status: 200 });
      owner.calendar.updateEvent(event.id, { summary: 'Still there' });
      await sync();
      expect(await conflicts()).toEqual([]);
      expect(await resolve(conflict!.id, 'cancel_booking')).toMatchObject({
        status: 409,
        body: { code: 'conflict' },
      });
      // At another time, it is another matter.
      owner.calendar.updateEvent(event.id, timesOf(instant('10:00'), instant('10:30')));
      await sync();
      expect(await conflicts()).toHaveLength(1);
    });

    it('by one of two who decide at once', async () => {
      const { first, second, conflict } = await movedOnto();
      await service.request('POST', `/api/bookings/${second.id}/cancel`, { key: owner.key, body: {} });
      const actions = ['accept_event', 'accept_event', 'keep_booking', 'dismiss'];
      const answers = await Promise.all(actions.map((action) => resolve(conflict.id, action)));
      const [decided] = await conflicts('resolved');
      expect(answers.map(({ status }) => status)).toEqual(
        actions.map((action) =>
          ({
            accept_event: 'event_accepted',
            keep_booking: 'booking_kept',
            dismiss: 'dismissed',
          })[action] === decided?.resolution
            ? 200
            : 409,
        ),
      );
      const isMoved = decided?.resolution === 'event_accepted';
      expect((await get(first.id)).startsAt).toBe(at(date, isMoved ? '13:00' : '10:00'));
      const moves = (await trail(first.id)).filter(({ action }) => action === 'rescheduled');
      expect(moves).toHaveLength(isMoved ? 1 : 0);
    });

    it('refuses what does not fit, and what is not there or another organisation’s', async () => {
      await book('10:00');
      addEvent(owner.calendar, instant('10:30'), instant('11:30'));
      await sync();
      const [conflict] = await conflicts();
      for (const action of ['keep_booking', 'accept_event']) {
        expect(await resolve(conflict!.id, action)).toMatchObject({
          status: 400,
          body: { code: 'invalid_input', errors: [{ field: 'action' }] },
        });
      }
      expect(await resolve(conflict!.id, 'explode')).toMatchObject({ status: 400 });
      const neighbour = await aConnectedTenant(service);
      for (const id of [conflict!.id, 'nothing', '00000000-0000-4000-8000-000000000000']) {
        expect(await resolve(id, 'dismiss', neighbour.key)).toMatchObject({ status: 404 });
      }
      const theirs = await service.request<ConflictPage>('GET', '/api/conflicts', { key: neighbour.key });
      expect(theirs.body.items).toEqual([]);
    });

    it('lists them page by page, the oldest first', async () => {
      for (const time of ['09:00', '10:00', '11:00'])
        await book(time, { phone: `+1415555${time.slice(0, 2)}00` });
      addEvent(owner.calendar, instant('09:00'), instant('12:00'));
      await sync();
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: ConflictPage = (
          await service.request<ConflictPage>(
            'GET',
            `/api/conflicts?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
            { key: owner.key },
          )
        ).body;
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(new Set(seen).size).toBe(3);
      expect(await conflicts()).toHaveLength(3);
      expect(await service.request('GET', '/api/conflicts?cursor=none', { key: owner.key })).toMatchObject({
        status: 400,
      });
    });
  });

  it('are undone by nothing that disconnecting and connecting again does', async () => {
    const booking = await book('10:00');
    addEvent(owner.calendar, instant('10:00'), instant('11:00'));
    await sync();
    expect(await conflicts()).toHaveLength(1);
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    expect(await conflicts()).toEqual([]);
    await connectGoogle(service, owner, owner.email);
    await sync();
    await eventually(async () => expect(await conflicts()).toHaveLength(1));
    expect(owner.calendar.events()).toHaveLength(2);
    expect(await get(booking.id)).toMatchObject({ status: 'confirmed', calendar: { status: 'synced' } });
  });
});
