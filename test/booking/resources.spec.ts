import { randomUUID } from 'node:crypto';
import { BookableRepository } from '../../src/booking/schedule/bookable.repository.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { DescribedResource } from '../../src/booking/schedule/described-resource.js';
import type { OfferedService } from '../../src/booking/schedule/offered-service.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { at, upcoming } from '../support/dates.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf, namesIn, type Page } from './described-week.js';

const weekdays = (start: string, end: string) => ({
  weekly: [1, 2, 3, 4, 5].map((day) => ({ day, start, end })),
  overrides: [] as object[],
});

describe('resources', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  const monday = upcoming(1);
  const tuesday = addDays(monday, 1);

  beforeAll(async () => {
    app = await startTestApp();
    app.google.addAccount({ email: 'owner@acme.example', timeZone: 'America/New_York' });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
  });

  const add = (body: unknown) => tenant.ask<DescribedResource>('POST', '/api/resources', body);
  const change = (id: string, body: unknown) =>
    tenant.ask<DescribedResource>('PATCH', `/api/resources/${id}`, body);
  const remove = (id: string) => tenant.ask('DELETE', `/api/resources/${id}`);
  const list = async (query = '') =>
    (await tenant.ask<Page<DescribedResource>>('GET', `/api/resources?${query}`)).body;
  /** What can be booked with this resource alone. */
  const offeredBy = async (id: string, date = monday) => {
    const service = await tenant.firstService();
    await tenant.ask('PATCH', `/api/services/${service.id}`, { resourceIds: [id] });
    return tenant.offered(date);
  };

  it('are one to begin with, with the tenant’s zone, hours and calendar', async () => {
    expect(await list()).toEqual({
      items: [
        {
          id: expect.any(String) as string,
          ...{ name: 'Calendar', timezone: null, workingHours: null, calendars: null, active: true },
          createdAt: expect.any(String) as string,
          updatedAt: expect.any(String) as string,
        },
      ],
      nextCursor: null,
    });
  });

  it('need a name only', async () => {
    expect(await add({ name: 'Dr. Reyes' })).toMatchObject({
      status: 201,
      body: { name: 'Dr. Reyes', timezone: null, workingHours: null, calendars: null, active: true },
    });
  });

  it('are kept and shown with everything that is said of them', async () => {
    const said = {
      ...{ name: 'Room 2', timezone: 'Australia/Lord_Howe', active: false },
      workingHours: {
        weekly: [
          { day: 1, start: '08:00', end: '12:00' },
          { day: 1, start: '13:00', end: '24:00' },
          { day: 5, start: '22:00', end: '02:00' },
        ],
        overrides: [{ date: '2031-12-24', intervals: [{ start: '10:00', end: '12:00' }] }],
      },
    };
    const added = await add(said);
    expect(added).toMatchObject({ status: 201, body: said });
    expect((await tenant.ask('GET', `/api/resources/${added.body.id}`)).body).toEqual(added.body);
    expect((await list()).items.at(-1)).toEqual(added.body);
  });

  it('change only in what is given, and null goes back to what is the tenant’s', async () => {
    const hours = weekdays('10:00', '12:00');
    const { id } = await tenant.addResource({ timezone: 'America/Chicago', workingHours: hours });
    expect((await change(id, { name: 'Dr. Okafor' })).body).toMatchObject({
      ...{ name: 'Dr. Okafor', timezone: 'America/Chicago', workingHours: hours, active: true },
    });
    expect((await change(id, {})).body).toMatchObject({ name: 'Dr. Okafor', workingHours: hours });
    const back = await change(id, { timezone: null, workingHours: null });
    expect(back.body).toMatchObject({ name: 'Dr. Okafor', timezone: null, workingHours: null });
  });

  it.each([
    ['name', ['', '  ', '\u200b', null, 5, ['X'], {}, 'x'.repeat(201)]],
    ['timezone', ['', 'Mars/Olympus', '+02:00', 'PST', 'america/new_york', 5, [], {}]],
    ['active', [null, 'true', 1]],
    ['workingHours', ['', 5, [], [weekdays('09:00', '17:00')], true]],
    ['workingHours.weekly', [{}, { weekly: null }, { weekly: {} }, { weekly: [[]] }, { weekly: [null] }]],
    [
      'workingHours.overrides',
      [
        { weekly: [], overrides: null },
        { weekly: [], overrides: [5] },
      ],
    ],
    ['workingHours.holidays', [{ weekly: [], holidays: [] }]],
    ['workingHours.weekly[0].day', [{ weekly: [{ day: 0, start: '09:00', end: '10:00' }] }]],
    ['workingHours.weekly[0].start', [{ weekly: [{ day: 1, start: '24:00', end: '10:00' }] }]],
    ['workingHours.weekly[0].end', [{ weekly: [{ day: 1, start: '09:00', end: '09:00' }] }]],
    [
      'workingHours.weekly[1].start',
      [weekdays('08:00', '09:00'), weekdays('00:00', '01:00')].map(overlapping),
    ],
    [
      'workingHours.overrides[0].date',
      ['2031-02-30', '1999-12-31', '2200-01-01', '0000-01-01', 5].map(overriding),
    ],
    ['calendars', ['', 5, [], { read: [], write: null }]],
    [
      'calendars.read',
      [
        { write: null },
        { read: null, write: null },
        { read: 'x', write: null },
        { read: ['x'], write: null },
      ],
    ],
    ['calendars.write', [{ read: [] }, { read: [], write: 5 }, { read: [], write: 'x' }]],
    ['id', [randomUUID()]],
    ['tenantId', [randomUUID()]],
  ])('refuse a wrong %s by its name', async (name, values) => {
    const { id, ...before } = await tenant.firstResource();
    const [field = ''] = name.split(/[.[]/);
    for (const value of values) {
      const body = { [field]: value };
      for (const answer of [await change(id, body), await add({ name: 'X', ...body })]) {
        expect([value, answer.status, namesIn(answer, name)]).toEqual([value, 400, [name]]);
      }
    }
    expect((await list()).items).toEqual([{ id, ...before }]);
  });

  it('take hours of a hundred and sixty-eight intervals and a thousand dates, and no more', async () => {
    const { id } = await tenant.firstResource();
    const week = Array.from({ length: 168 }, (_, hour) => ({
      day: 1 + Math.floor(hour / 24),
      start: `${String(hour % 24).padStart(2, '0')}:00`,
      end: `${String((hour % 24) + 1).padStart(2, '0')}:00`,
    }));
    const dates = (count: number, intervals: object[] = []) =>
      Array.from({ length: count }, (_, day) => ({
        date: new Date(Date.UTC(2030, 0, 1 + day)).toISOString().slice(0, 10),
        intervals,
      }));
    const intervals = [1, 2, 3].map((hour) => ({ start: `0${hour}:00`, end: `0${hour}:30` }));
    expect((await change(id, { workingHours: { weekly: week, overrides: dates(1000) } })).status).toBe(200);
    for (const [workingHours, field] of [
      [{ weekly: [...week, week[0]], overrides: [] }, 'workingHours.weekly'],
      [{ weekly: [], overrides: dates(1001) }, 'workingHours.overrides'],
      [{ weekly: [], overrides: dates(1000, intervals) }, 'workingHours.overrides'],
      [
        {
          weekly: [],
          overrides: dates(
            1,
            [...week.slice(0, 24), ...intervals].map(({ start, end }) => ({ start, end })),
          ),
        },
        'workingHours.overrides[0].intervals',
      ],
    ] as const) {
      const answer = await change(id, { workingHours });
      expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
    }
  });

  it('are listed page by page in the order in which they were made', async () => {
    const names = ['Calendar'];
    for (const name of ['B', 'A', 'C']) names.push((await tenant.addResource({ name })).name);
    const first = await list('limit=3');
    const second = await list(`limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(names);
    expect(second.nextCursor).toBeNull();
    for (const query of ['limit=0', 'limit=201', 'cursor=x', 'page=2']) {
      const answer = await tenant.ask('GET', `/api/resources?${query}`);
      expect([answer.status, fieldsOf(answer)]).toEqual([400, [query.split('=')[0]]]);
    }
  });

  it('are 200 at most, however many are asked for at once', async () => {
    await app.database.query(
      `INSERT INTO resource (tenant_id, name) SELECT $1, 'Room' FROM generate_series(1, 196)`,
      [tenant.id],
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => add({ name: 'X' })));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 5 }, () => [422, 'limit_reached']),
    );
    await remove((await tenant.firstResource()).id);
    expect((await add({ name: 'X' })).status).toBe(201);
  });

  describe('are booked', () => {
    it('in their own hours, or in the tenant’s where they have none', async () => {
      const { id } = await tenant.addResource({ workingHours: weekdays('14:00', '16:00') });
      expect(await offeredBy(id)).toEqual(['14:00', '15:00']);
      await tenant.ask('PUT', '/api/working-hours', weekdays('10:00', '11:00'));
      expect(await offeredBy(id)).toEqual(['14:00', '15:00']);
      await change(id, { workingHours: null });
      expect(await offeredBy(id)).toEqual(['10:00']);
    });

    it('in several intervals a day, past midnight too', async () => {
      const { id } = await tenant.addResource({
        workingHours: {
          weekly: [
            { day: 1, start: '09:00', end: '10:00' },
            { day: 1, start: '11:30', end: '12:30' },
            { day: 1, start: '22:00', end: '02:00' },
          ],
        },
      });
      expect(await offeredBy(id)).toEqual(['09:00', '11:30', '22:00', '23:00']);
      expect(await offeredBy(id, tuesday)).toEqual(['00:00', '01:00']);
    });

    it('in their own overrides, and in the tenant’s only where their hours are the tenant’s', async () => {
      const closed = { ...weekdays('09:00', '11:00'), overrides: [{ date: monday, intervals: [] }] };
      const { id } = await tenant.addResource({ workingHours: weekdays('09:00', '11:00') });
      await tenant.ask('PUT', '/api/working-hours', closed);
      expect(await offeredBy(id)).toEqual(['09:00', '10:00']);
      await change(id, { workingHours: closed });
      expect(await offeredBy(id)).toEqual([]);
      await change(id, { workingHours: null });
      expect(await offeredBy(id)).toEqual([]);
      expect(await offeredBy(id, tuesday)).toEqual(['09:00', '10:00']);
    });

    it('by the clock of their own zone, or else of the tenant’s', async () => {
      const { id } = await tenant.addResource({ timezone: 'America/Los_Angeles' });
      await offeredBy(id);
      const { body } = await tenant.ask<{ slots: { startsAt: string }[] }>(
        'GET',
        `/api/availability?date=${monday}`,
      );
      expect(body.slots[0]?.startsAt).toBe(at(monday, '09:00', 'America/Los_Angeles'));
      const booked = await tenant.book(at(monday, '09:00', 'America/Los_Angeles'));
      expect(booked.body).toMatchObject({
        timezone: 'America/Los_Angeles',
        startsAt: body.slots[0]?.startsAt,
      });
      await change(id, { timezone: null });
      // The booking holds noon in New York.
      expect(await offeredBy(id)).toEqual(['09:00', '10:00', '11:00', '13:00', '14:00', '15:00', '16:00']);
    });

    it('by no service until one names them', async () => {
      const { id } = await tenant.addResource();
      expect((await tenant.firstService()).resourceIds).not.toContain(id);
      expect((await tenant.ask('GET', `/api/availability?date=${monday}&resourceId=${id}`)).status).toBe(404);
      expect(await offeredBy(id)).toHaveLength(8);
    });
  });

  describe('with calendars of their own', () => {
    let calendar: string;
    beforeEach(async () => {
      await connectGoogle(app, tenant, 'owner@acme.example');
      const [row] = await app.database.query<{ id: string }>('SELECT id FROM calendar WHERE tenant_id = $1', [
        tenant.id,
      ]);
      calendar = row?.id ?? '';
    });

    it('show which, and go back to the default', async () => {
      const chosen = { read: [calendar], write: calendar };
      const added = await add({ name: 'Dr. Reyes', calendars: chosen });
      expect(added).toMatchObject({ status: 201, body: { calendars: chosen } });
      expect((await list()).items.map(({ calendars }) => calendars)).toEqual([null, chosen]);
      const { id } = added.body;
      expect((await change(id, { name: 'Dr. Okafor' })).body.calendars).toEqual(chosen);
      expect(
        (await change(id, { calendars: { read: [calendar], write: null } })).body.calendars?.write,
      ).toBeNull();
      expect((await change(id, { calendars: null })).body.calendars).toBeNull();
    });

    it('are refused as a whole where one is not the tenant’s', async () => {
      const other = await aDescribedTenant(app);
      await connectGoogle(app, other, 'owner@acme.example');
      const [theirs] = await app.database.query<{ id: string }>(
        'SELECT id FROM calendar WHERE tenant_id = $1',
        [other.id],
      );
      const before = (await list()).items;
      for (const foreign of [theirs?.id ?? '', randomUUID()]) {
        const body = {
          name: 'Half',
          active: false,
          calendars: { read: [calendar, foreign], write: foreign },
        };
        for (const answer of [await add(body), await change(before[0]?.id ?? '', body)]) {
          expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
          expect(fieldsOf(answer)).toEqual(['calendars.read[1]', 'calendars.write']);
        }
      }
      expect((await list()).items).toEqual(before);
    });
  });

  describe('that are not active', () => {
    it('stay in the list, and are neither offered nor booked', async () => {
      const { id } = await tenant.firstResource();
      await change(id, { active: false });
      expect((await list()).items).toMatchObject([{ id, active: false }]);
      expect(await tenant.offered(monday)).toEqual([]);
      expect((await tenant.book(at(monday, '09:00'), { resourceId: id })).status).toBe(404);
      await change(id, { active: true });
      expect(await tenant.offered(monday)).toHaveLength(8);
    });
  });

  describe('that were deleted', () => {
    it('are gone from the list, from services, and from what is offered, booked and changed', async () => {
      const { id: first } = await tenant.firstResource();
      const { id } = await tenant.addResource();
      const service = await tenant.addService();
      expect(service.resourceIds).toEqual([first, id]);
      expect((await remove(id)).status).toBe(204);
      expect((await list()).items.map((resource) => resource.id)).toEqual([first]);
      const { body } = await tenant.ask<OfferedService>('GET', `/api/services/${service.id}`);
      expect(body.resourceIds).toEqual([first]);
      const giving = 'SELECT FROM service_resource WHERE tenant_id = $1 AND resource_id = $2';
      expect(await app.database.query(giving, [tenant.id, id])).toEqual([]);
      const asked = `date=${monday}&serviceId=${service.id}&resourceId=${id}`;
      for (const answer of [
        await tenant.ask('GET', `/api/resources/${id}`),
        await change(id, { active: true }),
        await remove(id),
        await tenant.ask('GET', `/api/availability?${asked}`),
        await tenant.book(at(monday, '09:00'), { serviceId: service.id, resourceId: id }),
      ]) {
        expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
      expect((await tenant.addService()).resourceIds).toEqual([first]);
    });

    it('can be the last: then nothing is offered', async () => {
      await remove((await tenant.firstResource()).id);
      expect(await tenant.offered(monday)).toEqual([]);
      expect(await list()).toEqual({ items: [], nextCursor: null });
    });

    it('leave their events in the calendar', async () => {
      const own = await aDescribedTenant(app);
      const email = 'events@acme.example';
      app.google.addAccount({ email, timeZone: 'America/New_York' });
      await connectGoogle(app, own, email);
      const { body } = await own.book(at(monday, '11:00'));
      const event = () => app.google.account(email).calendar().events();
      expect(event()).toHaveLength(1);
      expect((await own.ask('DELETE', `/api/resources/${body.resourceId}`)).status).toBe(204);
      expect(event()).toMatchObject([{ status: 'confirmed' }]);
      // And can still be cancelled, which takes the event away.
      expect((await own.ask('POST', `/api/bookings/${body.id}/cancel`, {})).status).toBe(200);
      expect(event().filter(({ status }) => status !== 'cancelled')).toEqual([]);
    });
  });

  it.each([
    ['other hours', { workingHours: weekdays('20:00', '21:00') }],
    ['another zone', { timezone: 'Asia/Kathmandu' }],
    ['a deactivation', { active: false }],
    ['its deletion', null],
  ])('never touch bookings that were made, by %s', async (_, changes) => {
    const { id } = await tenant.firstResource();
    const service = await tenant.addService({
      bufferBeforeMinutes: 30,
      bufferAfterMinutes: 30,
      resourceIds: [id],
    });
    const { body: booking } = await tenant.book(at(monday, '11:00'), { serviceId: service.id });
    const stored = () =>
      app.database.query('SELECT starts_at, ends_at, blocked, timezone, status FROM booking WHERE id = $1', [
        booking.id,
      ]);
    const before = await stored();
    const answer = changes === null ? await remove(id) : await change(id, changes);
    expect(answer.status).toBeLessThan(300);
    expect(await stored()).toEqual(before);
    expect((await tenant.ask<BookingView>('GET', `/api/bookings/${booking.id}`)).body).toEqual(booking);
    if (changes === null) return;
    await change(id, { workingHours: null, timezone: null, active: true });
    // Blocked from 10:30 to 12:30, as it was when the booking was made.
    expect(await tenant.offered(monday)).toEqual(['09:00', '13:00', '14:00', '15:00', '16:00']);
  });

  it('and services are named to agents only where they can be booked, with the text that is for the agent', async () => {
    const bookables = app.app.get(BookableRepository);
    const { id: first } = await tenant.firstResource();
    const idle = await tenant.addResource({ name: 'Idle' });
    const away = await tenant.addResource({ name: 'Away', active: false });
    await tenant.addService({ name: 'Known', description: 'For patients who know us.' });
    await tenant.addService({ name: 'Nobody', resourceIds: [] });
    await tenant.addService({ name: 'Theirs', resourceIds: [away.id] });
    await tenant.addService({ name: 'Paused', resourceIds: [idle.id], active: false });
    const gone = await tenant.addService({ name: 'Gone' });
    await tenant.ask('DELETE', `/api/services/${gone.id}`);
    const services = await bookables.listServices(asTenantId(tenant.id));
    expect(services.map(({ name, description }) => [name, description])).toEqual([
      ['Appointment', null],
      ['Known', 'For patients who know us.'],
    ]);
    const named = async () => (await bookables.listResources(asTenantId(tenant.id))).map(({ name }) => name);
    expect(await named()).toEqual(['Calendar', 'Idle']);
    await remove(first);
    expect(await named()).toEqual(['Idle']);
  });

  it('are listed in smaller pages where many have dates with hours of their own', async () => {
    const overrides = Array.from({ length: 1000 }, (_, day) => ({
      date: addDays(monday, day),
      intervals: [{ start: '09:00', end: '12:00' }],
    }));
    for (const name of ['One', 'Two', 'Three', 'Four']) {
      expect((await add({ name, workingHours: { weekly: [], overrides } })).status).toBe(201);
    }
    const pages: string[][] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<DescribedResource> = await list(`limit=200${cursor && `&cursor=${cursor}`}`);
      pages.push(page.items.map(({ name }) => name));
      for (const { name, workingHours } of page.items) {
        if (name !== 'Calendar') expect(workingHours?.overrides).toEqual(overrides);
      }
      cursor = page.nextCursor;
    }
    expect(pages).toEqual([
      ['Calendar', 'One', 'Two'],
      ['Three', 'Four'],
    ]);
  });
});

/** With an hour that overlaps the first. */
function overlapping(hours: ReturnType<typeof weekdays>): object {
  const [first, ...others] = hours.weekly;
  return { weekly: [first, first, ...others] };
}

function overriding(date: unknown): object {
  return { weekly: [], overrides: [{ date, intervals: [] }] };
}
