import { randomUUID } from 'node:crypto';
import { eventIdOf } from '../../src/calendar/event-id.js';
import { ownersDay } from '../booking/owners-day.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, connectAnother, type ConnectedTenant } from './connected-tenant.js';
import { timesOf } from './mirror/mirrored.js';

describe('an event in the calendar that its booking does not want', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(3);
  const day = ownersDay(date, () => ({ service, owner }));

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
    await day.sync();
  });

  const cancel = (id: string) => service.request('POST', `/api/bookings/${id}/cancel`, { key: owner.key });
  const settled = async (id: string) => {
    await eventually(async () => {
      const rows = await service.database.query<{ state: string }>(
        `SELECT state FROM event_write WHERE booking_id = $1 AND lease_until IS NULL`,
        [id],
      );
      expect(rows).toEqual([{ state: 'synced' }]);
    });
  };
  /** As `events.insert` would make it for this booking. */
  const insert = (bookingId: string, attempt: number, time: string) =>
    owner.calendar.addEvent({
      id: eventIdOf(bookingId, attempt),
      summary: 'Consultation: Ana Flores',
      ...timesOf(day.instant(time), day.instant(time) + 3_600_000),
      extendedProperties: { private: { receptionistTenant: owner.id, receptionistBooking: bookingId } },
    });
  const live = () => owner.calendar.events().map(({ id }) => id);
  const strays = () => service.database.query('SELECT event_id FROM event_stray');

  it('is removed when Google carries out an insert long after it timed out', async () => {
    service.google.fault({ on: 'events.insert', status: 503, times: Infinity, account: owner.email });
    const { body } = await service.request<{ id: string }>('POST', '/api/bookings', {
      key: owner.key,
      body: { startsAt: at(date, '10:00'), name: 'Ana Flores', phone: '+14155550123' },
    });
    expect((await cancel(body.id)).status).toBe(200);
    service.google.clearFaults();
    await settled(body.id);
    // The minute for which it is waited for has passed.
    await service.database.query(`UPDATE event_write SET failure = NULL WHERE booking_id = $1`, [body.id]);
    const { id } = insert(body.id, 0, '10:00');
    await day.sync();
    await eventually(async () => {
      expect(live()).not.toContain(id);
      expect(await day.free()).toContain(10);
      expect(await strays()).toEqual([]);
    });
  });

  it('is removed, and its time is free, however often it is brought back after a cancellation', async () => {
    const booking = await day.book('10:00');
    const { id } = day.eventOf(booking);
    await cancel(booking.id);
    await settled(booking.id);
    for (let times = 0; times < 2; times += 1) {
      owner.calendar.updateEvent(id, { status: 'confirmed' });
      await day.sync();
      await eventually(async () => {
        expect(live()).not.toContain(id);
        expect(await day.free()).toContain(10);
      });
    }
  });

  it('is removed when it was answered with nothing that it is', async () => {
    const booking = await day.book('10:00');
    service.google.fault({ on: 'events.delete', status: 200, body: '', account: owner.email });
    await cancel(booking.id);
    await eventually(() => expect(live()).toEqual([]));
    await settled(booking.id);
  });

  it('is the one of two that goes when its owner restores an event after a new one was made', async () => {
    const booking = await day.book('10:00');
    const first = day.eventOf(booking).id;
    owner.calendar.deleteEvent(first);
    await service.request('POST', `/api/bookings/${booking.id}/reschedule`, {
      key: owner.key,
      body: { startsAt: at(date, '14:00') },
    });
    await settled(booking.id);
    const [second] = live();
    expect(second).not.toBe(first);
    await day.sync();
    owner.calendar.updateEvent(first, { status: 'confirmed' });
    await day.sync();
    await eventually(() => expect(live()).toEqual([second]));
    await day.sync();
    expect(await day.get(booking.id)).toMatchObject({
      status: 'confirmed',
      startsAt: at(date, '14:00'),
      calendar: { status: 'synced' },
    });
    await eventually(async () => expect(await day.free()).toContain(10));
  });

  it('is tried again where it could not be removed', async () => {
    const booking = await day.book('10:00');
    const { id } = day.eventOf(booking);
    await cancel(booking.id);
    await settled(booking.id);
    service.google.fault({ on: 'events.delete', status: 503, times: 6, account: owner.email });
    owner.calendar.updateEvent(id, { status: 'confirmed' });
    await day.sync();
    await eventually(() => expect(live()).toEqual([]), 30_000);
  });

  it('stays and blocks where its booking is not known', async () => {
    const { id } = insert(randomUUID(), 0, '10:00');
    await day.sync();
    await day.sync();
    expect(live()).toEqual([id]);
    expect(await day.free()).not.toContain(10);
    expect(day.writes()).toEqual([]);
  });

  it('stays where its owner has moved it to another calendar', async () => {
    const booking = await day.book('10:00');
    const event = day.eventOf(booking);
    const other = await connectAnother(service, owner, `second-${owner.email}`);
    await service.database.query(
      `UPDATE calendar SET reads_conflicts = true WHERE tenant_id = $1 AND google_id = 'primary'`,
      [owner.id],
    );
    owner.calendar.deleteEvent(event.id);
    const { id, start, end, extendedProperties } = event;
    other.calendar().addEvent({ id, start: start!, end: end!, extendedProperties });
    await day.sync();
    await eventually(async () => expect((await day.get(booking.id)).status).toBe('cancelled'), 60_000);
    await day.sync();
    expect(
      other
        .calendar()
        .events()
        .map((kept) => kept.id),
    ).toEqual([id]);
  });
});
