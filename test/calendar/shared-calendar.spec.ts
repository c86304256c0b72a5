import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { ChoosableCalendar } from '../../src/calendar/calendar-list.service.js';
import { eventually } from '../support/eventually.js';
import { at, hoursOf, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, aResource, connectAnother, type ConnectedTenant } from './connected-tenant.js';
import { addEvent, synchronised, timesOf } from './mirror/mirrored.js';

describe('resources that share a calendar, or have their own', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  let resources: string[];
  const date = upcoming(3);

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    resources = [await aResource(service, owner.tenant)];
    for (const name of ['Second chair', 'Third chair']) {
      resources.push(await aResource(service, owner.tenant, name));
    }
    await service.database.query(
      `INSERT INTO service_resource (tenant_id, service_id, resource_id)
       SELECT $1, s.id, r.id FROM service s, resource r WHERE s.tenant_id = $1 AND r.tenant_id = $1 ON CONFLICT DO NOTHING`,
      [owner.id],
    );
    await sync();
  });

  const sync = () => synchronised(service.database, owner.id);
  const instant = (time: string) => Date.parse(at(date, time));
  const book = (time: string, phone: string, resourceId?: string) =>
    service.request<BookingView>('POST', '/api/bookings', {
      key: owner.key,
      body: { startsAt: at(date, time), name: 'Ana', phone, resourceId },
    });
  const hours = async (resourceId?: string) => {
    const query = resourceId === undefined ? '' : `&resourceId=${resourceId}`;
    const { body } = await service.request<Availability>('GET', `/api/availability?date=${date}${query}`, {
      key: owner.key,
    });
    expect(body.calendar.state).toBe('fresh');
    return hoursOf(body.slots);
  };

  it('are booked at the same time, one after the other: three for three, and no fourth', async () => {
    const statuses: number[] = [];
    for (let caller = 0; caller < 4; caller += 1) {
      statuses.push((await book('10:00', `+1415555012${caller}`)).status);
      // The events of those before are not in the way of the next.
      await sync();
      expect((await hours()).includes(10)).toBe(caller < 2);
    }
    expect(statuses).toEqual([201, 201, 201, 409]);
    expect(owner.calendar.events()).toHaveLength(3);
  });

  it('are booked at the same time by callers at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, caller) => book('10:00', `+1415555012${caller}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409]);
  });

  it('are all kept from a time at which the owner has something in the calendar', async () => {
    addEvent(owner.calendar, instant('10:00'), instant('11:00'));
    // Whoever books is told so even before the mirror knows.
    expect((await book('10:00', '+14155550120')).status).toBe(409);
    await sync();
    for (const resourceId of resources) expect(await hours(resourceId)).not.toContain(10);
  });

  it('are free again as soon as a booking is cancelled, even before Google knows', async () => {
    const { body } = await book('10:00', '+14155550120', resources[0]);
    expect(await hours(resources[0])).not.toContain(10);
    service.google.fault({ on: 'events.delete', status: 503, times: Infinity });
    const cancelled = await service.request('POST', `/api/bookings/${body.id}/cancel`, { key: owner.key });
    expect(cancelled.status).toBe(200);
    expect(owner.calendar.events()).toHaveLength(1);
    expect(await hours(resources[0])).toContain(10);
    expect((await book('10:00', '+14155550121', resources[0])).status).toBe(201);
  });

  it('are kept from where the owner has moved a booking’s event to, until that booking has followed', async () => {
    await book('10:00', '+14155550120', resources[0]);
    await sync();
    const [event] = owner.calendar.events();
    owner.calendar.updateEvent(event?.id ?? '', timesOf(instant('14:00'), instant('15:00')));
    expect((await book('14:00', '+14155550121', resources[1])).status).toBe(409);
    await sync();
    await eventually(async () => expect(await hours(resources[0])).toContain(10));
    // From then on it takes the time of its own resource, like any other.
    expect(await hours(resources[0])).not.toContain(14);
    expect(await hours(resources[1])).toContain(14);
    expect((await book('14:00', '+14155550121', resources[1])).status).toBe(201);
  });

  it('are kept from where the owner has moved the event of a booking that cannot follow', async () => {
    await book('10:00', '+14155550120', resources[0]);
    const [event] = owner.calendar.events();
    await book('14:00', '+14155550121', resources[0]);
    await sync();
    expect(await hours(resources[1])).toContain(14);
    owner.calendar.updateEvent(event?.id ?? '', timesOf(instant('14:00'), instant('15:00')));
    await sync();
    for (const resourceId of resources) {
      await eventually(async () => expect(await hours(resourceId)).not.toContain(14));
    }
    expect(await hours(resources[0])).not.toContain(10);
    expect((await book('14:00', '+14155550122', resources[1])).status).toBe(409);
  });

  it('with calendars of their own are kept from a time by those alone, and written to theirs', async () => {
    const email = `second-${owner.email}`;
    const theirs = (await connectAnother(service, owner, email)).calendar();
    const { body } = await service.request<ChoosableCalendar[]>('GET', '/api/tenant-calendar/calendars', {
      key: owner.key,
    });
    const chosen = body.find(({ accountEmail }) => accountEmail === email);
    await service.database.query(
      `INSERT INTO resource_calendar (tenant_id, resource_id, calendar_id, reads_conflicts, writes_bookings)
       VALUES ($1, $2, $3, true, true)`,
      [owner.id, resources[1], chosen?.id],
    );
    addEvent(theirs, instant('11:00'), instant('12:00'));
    addEvent(owner.calendar, instant('13:00'), instant('14:00'));
    // Theirs is not mirrored yet, the owner’s is.
    expect(await hours(resources[1])).toEqual([9, 10, 12, 13, 14, 15, 16]);
    await sync();
    expect(await hours(resources[1])).toEqual([9, 10, 12, 13, 14, 15, 16]);
    expect(await hours(resources[0])).toEqual([9, 10, 11, 12, 14, 15, 16]);
    expect((await book('13:00', '+14155550120', resources[1])).body).toMatchObject({
      calendar: { status: 'synced' },
      meetLink: theirs.events().at(-1)?.hangoutLink,
    });
    expect(theirs.events()).toHaveLength(2);
    expect(owner.calendar.events()).toHaveLength(1);
    expect((await book('11:00', '+14155550121', resources[1])).status).toBe(409);
  });
});
