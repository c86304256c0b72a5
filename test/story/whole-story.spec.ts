import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import { synchronised } from '../calendar/mirror/mirrored.js';
import { at, hoursOf, upcoming } from '../support/dates.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const ana = { name: 'Ana Flores', phone: '+14155550123', purpose: 'Check-up' };

describe('the whole story of one organisation', () => {
  let app: TestApp;
  let acme: TestTenant;
  const wednesday = upcoming(3);
  const owner = 'owner@acme-dental.example';

  beforeAll(async () => {
    app = await startTestApp();
    acme = await aTenant(app);
    app.google.addAccount({ email: owner, timeZone: 'America/New_York' });
  });
  afterAll(() => app.close());

  const freeHours = async () => {
    const { body } = await app.request<Availability>('GET', `/api/availability?date=${wednesday}`, {
      key: acme.key,
    });
    return { hours: hoursOf(body.slots), calendar: body.calendar };
  };

  it('offers the working hours before any calendar is connected', async () => {
    expect(await freeHours()).toEqual({
      hours: [9, 10, 11, 12, 13, 14, 15, 16],
      calendar: { state: 'not_connected', asOf: null },
    });
  });

  it('connects a Google account', async () => {
    const page = await connectGoogle(app, acme, owner);
    expect(page.status).toBe(200);
    expect(page.body).toContain(`Calendar connected – ${owner}`);
    const status = await app.request('GET', '/api/tenant-calendar/status', { key: acme.key });
    expect(status.body).toMatchObject({ connected: true, email: owner, state: 'connected' });
  });

  it('leaves out what Google says is busy', async () => {
    app.google
      .account(owner)
      .calendar()
      .addEvent({
        summary: 'Lunch',
        start: { dateTime: at(wednesday, '12:00') },
        end: { dateTime: at(wednesday, '13:00') },
      });
    await synchronised(app.database, acme.id);
    const { hours, calendar } = await freeHours();
    expect(hours).toEqual([9, 10, 11, 13, 14, 15, 16]);
    expect(calendar).toEqual({ state: 'fresh', asOf: expect.any(String) as string });
  });

  it('books, with a Meet link, and the event is in that account’s calendar', async () => {
    const booked = await app.request<BookingView>('POST', '/api/bookings', {
      key: acme.key,
      body: { startsAt: at(wednesday, '14:00'), ...ana },
    });
    expect(booked.status).toBe(201);
    expect(booked.body).toMatchObject({
      status: 'confirmed',
      startsAt: at(wednesday, '14:00'),
      endsAt: at(wednesday, '15:00'),
      name: 'Ana Flores',
      calendar: { status: 'synced', reason: null },
    });
    expect(booked.body.meetLink).toMatch(/^https:\/\/meet\.google\.com\//);

    const events = app.google.account(owner).calendar().events();
    const event = events.find(({ summary }) => summary?.includes('Ana Flores'));
    expect(events).toHaveLength(2);
    expect(event).toMatchObject({ hangoutLink: booked.body.meetLink });
    expect(Date.parse(event?.start?.dateTime ?? '')).toBe(Date.parse(at(wednesday, '14:00')));
    expect((await freeHours()).hours).toEqual([9, 10, 11, 13, 15, 16]);
  });

  it('refuses a second booking of the slot and offers alternatives that can be had', async () => {
    const refused = await app.request<{ code: string; alternatives: { slotId: string; startsAt: string }[] }>(
      'POST',
      '/api/bookings',
      { key: acme.key, body: { startsAt: at(wednesday, '14:00'), name: 'Ben', phone: '+14155550199' } },
    );
    expect(refused.status).toBe(409);
    expect(refused.body.code).toBe('slot_taken');
    expect(hoursOf(refused.body.alternatives)).toEqual([13, 15, 16]);
    const [alternative] = refused.body.alternatives;
    const booked = await app.request<BookingView>('POST', '/api/bookings', {
      key: acme.key,
      body: { slotId: alternative?.slotId, name: 'Ben', phone: '+14155550199' },
    });
    expect(booked.status).toBe(201);
  });

  it('disconnects, and booking still works', async () => {
    const gone = await app.request('DELETE', '/api/tenant-calendar/disconnect', { key: acme.key });
    expect(gone.status).toBe(204);
    const status = await app.request('GET', '/api/tenant-calendar/status', { key: acme.key });
    expect(status.body).toMatchObject({ connected: false, email: null, state: 'disconnected' });
    const booked = await app.request<BookingView>('POST', '/api/bookings', {
      key: acme.key,
      body: { startsAt: at(wednesday, '10:00'), ...ana },
    });
    expect(booked.status).toBe(201);
    expect(booked.body).toMatchObject({
      status: 'confirmed',
      meetLink: null,
      calendar: { status: 'not_connected' },
    });
    expect((await freeHours()).hours).toEqual([9, 11, 12, 15, 16]);
  });
});
