import type { BookingView } from '../../src/booking/booking.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';
import { blocksOf, timesOf } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { ownersDay } from './owners-day.js';

const HOUR = 3_600_000;

describe('what the owner does in Google Calendar', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(2);
  const { sync, instant, book, get, eventOf, moveEvent, free, conflicts, writes, trail } = ownersDay(
    date,
    () => ({ service, owner }),
  );

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await sync();
  });

  describe('moving the event of a booking', () => {
    it('moves the booking, and writes nothing back', async () => {
      const booking = await book('10:00');
      service.google.clearRequests();
      moveEvent(booking, '13:30', '14:45');
      await sync();
      await eventually(async () =>
        expect(await get(booking.id)).toMatchObject({
          status: 'confirmed',
          startsAt: at(date, '13:30'),
          endsAt: at(date, '14:45'),
          calendar: { status: 'synced', reason: null },
        }),
      );
      expect(await free()).toEqual([9, 10, 11, 12, 15, 16]);
      await sync();
      await sync();
      expect(writes()).toEqual([]);
      expect(await conflicts()).toEqual([]);
      expect((await get(booking.id)).meetLink).toBe(booking.meetLink);
      expect((await trail(booking.id)).at(-1)).toMatchObject({
        action: 'rescheduled',
        actor: { kind: 'system', id: 'google_calendar' },
      });
    });

    it('is not asked about hours, notice or limits: the owner decides', async () => {
      const booking = await book('10:00');
      moveEvent(booking, '21:00', '22:00');
      await sync();
      await eventually(async () => expect((await get(booking.id)).startsAt).toBe(at(date, '21:00')));
    });

    it('keeps the buffers that the booking has', async () => {
      await service.database.query(
        'UPDATE service SET buffer_before_minutes = 30, buffer_after_minutes = 15 WHERE tenant_id = $1',
        [owner.id],
      );
      const booking = await book('10:00');
      moveEvent(booking, '13:00', '14:00');
      await sync();
      await eventually(async () => {
        const [row] = await service.database.query<{ from: Date; to: Date }>(
          `SELECT lower(blocked) AS "from", upper(blocked) AS "to" FROM booking WHERE id = $1`,
          [booking.id],
        );
        expect(row).toEqual({ from: new Date(instant('12:30')), to: new Date(instant('14:15')) });
      });
    });

    it('can be undone, and done again', async () => {
      const booking = await book('10:00');
      for (const time of ['13:00', '10:00', '15:00']) {
        moveEvent(booking, time, `${Number(time.slice(0, 2)) + 1}:00`);
        await sync();
        await eventually(async () => expect((await get(booking.id)).startsAt).toBe(at(date, time)));
      }
    });

    it('to where another booking is leaves the booking, and is shown as a conflict', async () => {
      const first = await book('10:00');
      const second = await book('13:00', { phone: '+14155550199' });
      moveEvent(first, '13:30', '14:30');
      await sync();
      await eventually(async () =>
        expect(await get(first.id)).toMatchObject({
          startsAt: at(date, '10:00'),
          calendar: { status: 'failed', reason: 'in_conflict' },
        }),
      );
      expect(await conflicts()).toMatchObject([
        {
          kind: 'booking_event_moved',
          reason: 'booked',
          booking: { id: first.id, reference: first.reference, startsAt: at(date, '10:00') },
          event: { id: eventOf(first).id, startsAt: at(date, '13:30'), endsAt: at(date, '14:30') },
          actions: ['dismiss', 'cancel_booking', 'keep_booking', 'accept_event'],
          resolution: null,
        },
      ]);
      // Where its event is, nobody is booked, either.
      expect(await free()).toEqual([9, 11, 12, 15, 16]);
      await service.request('POST', `/api/bookings/${second.id}/cancel`, { key: owner.key, body: {} });
      expect(await free()).toEqual([9, 11, 12, 15, 16]);
    });

    it('to where somebody holds a time waits for a decision as well', async () => {
      const booking = await book('10:00');
      const hold = await service.request('POST', '/api/holds', {
        key: owner.key,
        body: { startsAt: at(date, '13:00') },
      });
      expect(hold.status).toBe(201);
      moveEvent(booking, '13:00', '14:00');
      await sync();
      await eventually(async () => expect(await conflicts()).toHaveLength(1));
      expect((await get(booking.id)).startsAt).toBe(at(date, '10:00'));
    });

    it('to where a hold has run out moves the booking', async () => {
      const booking = await book('10:00');
      await service.request('POST', '/api/holds', { key: owner.key, body: { startsAt: at(date, '13:00') } });
      await service.database.query(
        `UPDATE booking SET hold_expires_at = now() - interval '1 second' WHERE tenant_id = $1 AND status = 'held'`,
        [owner.id],
      );
      moveEvent(booking, '13:00', '14:00');
      await sync();
      await eventually(async () => expect((await get(booking.id)).startsAt).toBe(at(date, '13:00')));
    });

    it.each<[string, () => object]>([
      ['several days', () => ({ start: { date, dateTime: null }, end: { date: later(3), dateTime: null } })],
      ['no time at all', () => timesOf(instant('13:00'), instant('13:00'))],
    ])('to %s cannot be followed', async (_, times) => {
      const booking = await book('10:00');
      owner.calendar.updateEvent(eventOf(booking).id, times());
      await sync();
      await eventually(async () => expect(await conflicts()).toMatchObject([{ reason: 'not_a_time' }]));
      expect((await get(booking.id)).startsAt).toBe(at(date, '10:00'));
    });

    it('to a whole day cannot be followed: nobody books a day by ticking a box', async () => {
      const booking = await book('10:00');
      owner.calendar.updateEvent(eventOf(booking).id, {
        start: { date, dateTime: null },
        end: { date: later(1), dateTime: null },
      } as object);
      await sync();
      await eventually(async () => expect(await conflicts()).toMatchObject([{ reason: 'not_a_time' }]));
      expect(await get(booking.id)).toMatchObject({
        startsAt: at(date, '10:00'),
        calendar: { status: 'failed', reason: 'in_conflict' },
      });
      const [conflict] = await conflicts();
      const accepted = await service.request('POST', `/api/conflicts/${conflict!.id}/resolve`, {
        key: owner.key,
        body: { action: 'accept_event' },
      });
      expect(accepted.status).toBe(409);
      const kept = await service.request('POST', `/api/conflicts/${conflict!.id}/resolve`, {
        key: owner.key,
        body: { action: 'keep_booking' },
      });
      expect(kept.status).toBe(200);
      expect(Date.parse(eventOf(booking).start?.dateTime ?? '')).toBe(instant('10:00'));
    });

    it('to as long as the longest day moves the booking; longer is nothing that a booking can be', async () => {
      const booking = await book('10:00');
      const lasting = (hours: number) =>
        owner.calendar.updateEvent(
          eventOf(booking).id,
          timesOf(instant('00:00'), instant('00:00') + hours * HOUR),
        );
      // The day on which the clock is set back.
      lasting(25);
      await sync();
      await eventually(async () => expect((await get(booking.id)).endsAt).toBe(at(later(1), '01:00')));
      lasting(26);
      await sync();
      await eventually(async () => expect(await conflicts()).toMatchObject([{ reason: 'not_a_time' }]));
      expect((await get(booking.id)).endsAt).toBe(at(later(1), '01:00'));
    });

    it('is followed by what the caller changes later: the later change counts', async () => {
      const booking = await book('10:00');
      moveEvent(booking, '13:00', '14:00');
      await sync();
      await eventually(async () => expect((await get(booking.id)).startsAt).toBe(at(date, '13:00')));
      const moved = await service.request<BookingView>('POST', `/api/bookings/${booking.id}/reschedule`, {
        key: owner.key,
        body: { startsAt: at(date, '15:00') },
      });
      expect(moved).toMatchObject({ status: 200, body: { calendar: { status: 'synced' } } });
      expect(Date.parse(eventOf(booking).start?.dateTime ?? '')).toBe(instant('15:00'));
      await sync();
      expect((await get(booking.id)).startsAt).toBe(at(date, '15:00'));
    });

    it('before the caller moved the booking, and unseen until then, makes way for the later change', async () => {
      const booking = await book('10:00');
      await pause();
      moveEvent(booking, '13:00', '14:00');
      await pause();
      const moved = await service.request<BookingView>('POST', `/api/bookings/${booking.id}/reschedule`, {
        key: owner.key,
        body: { startsAt: at(date, '15:00') },
      });
      expect(moved).toMatchObject({ status: 200, body: { startsAt: at(date, '15:00') } });
      // It was noticed, and not just written over.
      expect(writes().map(({ status }) => status)).toContain(412);
      await eventually(() =>
        expect(Date.parse(eventOf(booking).start?.dateTime ?? '')).toBe(instant('15:00')),
      );
      await sync();
      expect((await get(booking.id)).startsAt).toBe(at(date, '15:00'));
    });

    it('after the caller moved the booking, while Google could not be written to, counts', async () => {
      const booking = await book('10:00');
      service.google.fault({ on: 'events.patch', status: 503, account: owner.email, times: Infinity });
      await service.request('POST', `/api/bookings/${booking.id}/reschedule`, {
        key: owner.key,
        body: { startsAt: at(date, '15:00') },
      });
      await pause();
      moveEvent(booking, '13:00', '14:00');
      service.google.clearFaults();
      await eventually(async () =>
        expect(await get(booking.id)).toMatchObject({
          startsAt: at(date, '13:00'),
          calendar: { status: 'synced' },
        }),
      );
      await sync();
      expect(Date.parse(eventOf(booking).start?.dateTime ?? '')).toBe(instant('13:00'));
    });

    it.each(['before', 'after'])(
      '%s the booking was corrected otherwise, unseen until then, counts as well',
      async (when) => {
        const booking = await book('10:00');
        const correct = () =>
          service.request('PATCH', `/api/bookings/${booking.id}`, {
            key: owner.key,
            body: { name: 'Anna Flores' },
          });
        if (when === 'after') {
          service.google.fault({ on: 'events.patch', status: 503, account: owner.email, times: Infinity });
          await correct();
        }
        await pause();
        moveEvent(booking, '13:00', '14:00');
        await pause();
        if (when === 'before') await correct();
        service.google.clearFaults();
        await eventually(async () =>
          expect(await get(booking.id)).toMatchObject({
            startsAt: at(date, '13:00'),
            name: 'Anna Flores',
            calendar: { status: 'synced', reason: null },
          }),
        );
        await eventually(() => expect(eventOf(booking).summary).toBe('Appointment: Anna Flores'));
        expect(Date.parse(eventOf(booking).start?.dateTime ?? '')).toBe(instant('13:00'));
        await sync();
        expect(await blocksOf(service.database, owner.id)).toEqual([]);
      },
    );

    it('does nothing to a booking that is over', async () => {
      const booking = await book('10:00');
      await service.request('POST', `/api/bookings/${booking.id}/complete`, { key: owner.key });
      moveEvent(booking, '13:00', '14:00');
      await sync();
      await eventually(async () =>
        expect(await blocksOf(service.database, owner.id)).toMatchObject([
          { start: new Date(instant('13:00')).toISOString() },
        ]),
      );
      expect(await get(booking.id)).toMatchObject({ status: 'completed', startsAt: at(date, '10:00') });
      expect(await conflicts()).toEqual([]);
    });
  });

  describe('deleting the event of a booking', () => {
    it('cancels the booking, says why, and frees its time', async () => {
      const booking = await book('10:00');
      service.google.clearRequests();
      owner.calendar.deleteEvent(eventOf(booking).id);
      await sync();
      await eventually(async () =>
        expect(await get(booking.id)).toMatchObject({
          status: 'cancelled',
          cancelReason: 'Its event was deleted in Google Calendar.',
          meetLink: null,
          calendar: { status: 'synced' },
        }),
      );
      expect(await free()).toContain(10);
      await sync();
      expect(writes()).toEqual([]);
      expect(owner.calendar.events()).toEqual([]);
      expect((await trail(booking.id)).at(-1)).toMatchObject({
        action: 'cancelled',
        actor: { kind: 'system', id: 'google_calendar' },
      });
    });

    it('is seen also where Google has forgotten our place in its changes', async () => {
      const booking = await book('10:00');
      owner.calendar.deleteEvent(eventOf(booking).id);
      owner.calendar.expireSyncTokens();
      await sync();
      await eventually(async () => expect((await get(booking.id)).status).toBe('cancelled'));
    });

    it('does nothing to a booking that took place', async () => {
      const booking = await book('10:00');
      await service.database.query(
        `UPDATE booking SET starts_at = was, ends_at = was + interval '1 hour', blocked = tstzrange(was, was + interval '1 hour')
         FROM (SELECT date_trunc('hour', now()) - interval '2 hours') past (was) WHERE id = $1`,
        [booking.id],
      );
      owner.calendar.deleteEvent(eventOf(booking).id);
      await sync();
      await eventually(async () =>
        expect(await get(booking.id)).toMatchObject({
          status: 'confirmed',
          calendar: { status: 'synced', reason: 'event_deleted' },
        }),
      );
    });

    it('while the account was not connected is not taken for a cancellation: the event is put back', async () => {
      const booking = await book('10:00');
      await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
      await pause();
      owner.calendar.deleteEvent(eventOf(booking).id);
      await pause();
      await connectGoogle(service, owner, owner.email);
      await eventually(() => expect(owner.calendar.events()).toHaveLength(1));
      await sync();
      expect(await get(booking.id)).toMatchObject({ status: 'confirmed', calendar: { status: 'synced' } });
      expect(owner.calendar.events()).toHaveLength(1);
    });

    it.each([0, 1])(
      'with the whole calendar cancels nothing, and is said (after %d failures)',
      async (failures) => {
        const account = service.google.account(owner.email);
        const room = account.addCalendar({ summary: 'Room', timeZone: 'UTC' });
        const { body: listed } = await service.request<{ id: string; summary: string }[]>(
          'GET',
          '/api/tenant-calendar/calendars',
          { key: owner.key },
        );
        const id = listed.find(({ summary }) => summary === 'Room')?.id;
        const { body: resources } = await service.request<{ items: { id: string }[] }>(
          'GET',
          '/api/resources',
          {
            key: owner.key,
          },
        );
        await service.request('PATCH', `/api/resources/${resources.items[0]!.id}`, {
          key: owner.key,
          body: { calendars: { read: [id], write: id } },
        });
        const booking = await book('10:00');
        expect(room.events()).toHaveLength(1);
        await sync();
        room.delete();
        await service.database.query(
          `UPDATE calendar_sync SET due_at = now(), requested_at = clock_timestamp(), failures = $2,
           failure = CASE WHEN $2 > 0 THEN 'unavailable' END, failing_since = CASE WHEN $2 > 0 THEN now() END
         WHERE tenant_id = $1`,
          [owner.id, failures],
        );
        await eventually(async () =>
          expect(await get(booking.id)).toMatchObject({
            status: 'confirmed',
            calendar: { status: 'pending', reason: 'calendar_gone' },
          }),
        );
        const { body: stuck } = await service.request<{ items: { bookingId: string }[] }>(
          'GET',
          '/api/admin/calendar-writes?state=pending',
          { key: ADMIN_KEY },
        );
        expect(stuck.items.map(({ bookingId }) => bookingId)).toContain(booking.id);
      },
    );

    it('after the caller moved the booking, while Google could not be written to, counts', async () => {
      const booking = await book('10:00');
      service.google.fault({ on: 'events.patch', status: 503, account: owner.email, times: Infinity });
      await service.request('POST', `/api/bookings/${booking.id}/reschedule`, {
        key: owner.key,
        body: { startsAt: at(date, '15:00') },
      });
      await pause();
      owner.calendar.deleteEvent(eventOf(booking).id);
      service.google.clearFaults();
      await eventually(async () => expect((await get(booking.id)).status).toBe('cancelled'));
      expect(owner.calendar.events()).toEqual([]);
    });
  });

  it('to titles, descriptions and guests is left alone, also when the booking is moved later', async () => {
    const booking = await book('10:00');
    owner.calendar.updateEvent(eventOf(booking).id, {
      summary: 'Ana, bring the X-rays',
      description: 'See the notes.',
      colorId: '7',
      attendees: [{ email: 'colleague@acme.example' }],
    });
    service.google.clearRequests();
    await sync();
    await sync();
    expect(writes()).toEqual([]);
    expect(await get(booking.id)).toMatchObject({
      startsAt: at(date, '10:00'),
      name: 'Ana Flores',
      calendar: { status: 'synced' },
    });
    const moved = await service.request('POST', `/api/bookings/${booking.id}/reschedule`, {
      key: owner.key,
      body: { startsAt: at(date, '15:00') },
    });
    expect(moved.status).toBe(200);
    await eventually(() => expect(Date.parse(eventOf(booking).start?.dateTime ?? '')).toBe(instant('15:00')));
    expect(eventOf(booking)).toMatchObject({
      summary: 'Ana, bring the X-rays',
      description: 'See the notes.',
      colorId: '7',
      attendees: [{ email: 'colleague@acme.example' }],
      hangoutLink: booking.meetLink,
    });
  });

  it('does not come back as an echo of our own writes', async () => {
    const booking = await book('10:00');
    for (const time of ['11:00', '12:00']) {
      await service.request('POST', `/api/bookings/${booking.id}/reschedule`, {
        key: owner.key,
        body: { startsAt: at(date, time) },
      });
    }
    service.google.clearRequests();
    await sync();
    await sync();
    await pause(500);
    const operations = service.google.requests
      .filter(({ accountEmail }) => accountEmail === owner.email)
      .map(({ operation }) => operation);
    expect(new Set(operations)).toEqual(new Set(['events.list']));
    expect((await get(booking.id)).startsAt).toBe(at(date, '12:00'));
  });

  function later(days: number): string {
    return new Date(Date.parse(date) + days * 24 * HOUR).toISOString().slice(0, 10);
  }
});

/** Long enough for Google's clock and ours to tell the two changes apart. */
function pause(milliseconds = 30): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
