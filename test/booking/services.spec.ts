import { randomUUID } from 'node:crypto';
import type { BookingView } from '../../src/booking/booking.js';
import type { OfferedService } from '../../src/booking/schedule/offered-service.js';
import { at, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf, type Page } from './described-week.js';

describe('services', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  const monday = upcoming(1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
  });

  const add = (body: object) => tenant.ask<OfferedService>('POST', '/api/services', body);
  const change = (id: string, body: unknown) =>
    tenant.ask<OfferedService>('PATCH', `/api/services/${id}`, body);
  const list = async (query = '') =>
    (await tenant.ask<Page<OfferedService>>('GET', `/api/services?${query}`)).body;

  it('are one of sixty minutes to begin with, given by the one resource', async () => {
    const resource = await tenant.firstResource();
    expect(await list()).toEqual({
      items: [
        {
          id: expect.any(String) as string,
          ...{ name: 'Appointment', durationMinutes: 60, slotStepMinutes: 60 },
          ...{ bufferBeforeMinutes: 0, bufferAfterMinutes: 0, minNoticeMinutes: 0, maxAdvanceDays: 365 },
          ...{ maxPerDay: null, resourceIds: [resource.id], description: null, active: true },
          createdAt: expect.any(String) as string,
          updatedAt: expect.any(String) as string,
        },
      ],
      nextCursor: null,
    });
  });

  it('need a name and a duration, and have defaults for the rest', async () => {
    const first = await tenant.firstResource();
    const second = await tenant.addResource();
    await tenant.addResource({ name: 'Away', active: false });
    expect(await add({ name: 'Check-up', durationMinutes: 45 })).toMatchObject({
      status: 201,
      body: {
        ...{ name: 'Check-up', durationMinutes: 45, slotStepMinutes: 45 },
        ...{ bufferBeforeMinutes: 0, bufferAfterMinutes: 0, minNoticeMinutes: 0, maxAdvanceDays: 365 },
        ...{ maxPerDay: null, description: null, active: true },
        resourceIds: [first.id, second.id],
      },
    });
  });

  it('are kept and shown with everything that is said of them', async () => {
    const { id } = await tenant.addResource();
    const said = {
      ...{ name: 'Check-up', durationMinutes: 45, slotStepMinutes: 15, bufferBeforeMinutes: 5 },
      ...{ bufferAfterMinutes: 10, minNoticeMinutes: 120, maxAdvanceDays: 90, maxPerDay: 8 },
      ...{ resourceIds: [id], description: 'For patients\nwho know us.', active: false },
    };
    const added = await add(said);
    expect(added).toMatchObject({ status: 201, body: said });
    expect((await tenant.ask('GET', `/api/services/${added.body.id}`)).body).toEqual(added.body);
    expect((await list()).items.at(-1)).toEqual(added.body);
  });

  it('change only in what is given', async () => {
    const service = await tenant.addService({ maxPerDay: 3, description: 'Once a year.' });
    const changed = await change(service.id, { durationMinutes: 30 });
    expect(changed).toMatchObject({
      status: 200,
      body: { ...service, durationMinutes: 30, updatedAt: expect.anything() as string },
    });
    expect((await change(service.id, {})).body).toMatchObject({ durationMinutes: 30, maxPerDay: 3 });
    const without = await change(service.id, { maxPerDay: null, description: null });
    expect(without.body).toMatchObject({
      maxPerDay: null,
      description: null,
      durationMinutes: 30,
      name: service.name,
    });
  });

  it('keep all of several changes that are made at once', async () => {
    const { id } = await tenant.addService();
    const changes = [
      ...[{ name: 'Long check-up' }, { durationMinutes: 90 }, { bufferAfterMinutes: 20 }, { maxPerDay: 5 }],
      ...[
        { minNoticeMinutes: 30 },
        { maxAdvanceDays: 60 },
        { description: 'Once a year.' },
        { active: false },
      ],
    ];
    await Promise.all(changes.map((body) => change(id, body)));
    const { body } = await tenant.ask('GET', `/api/services/${id}`);
    expect(body).toMatchObject(Object.assign({}, ...changes) as object);
  });

  it.each([
    ['POST', '/api/services', { name: 'Check-up', durationMinutes: 30 }],
    ['POST', '/api/resources', { name: 'Dr. Reyes' }],
    ['PUT', '/api/holidays', { holidays: [{ date: '2031-12-25', name: 'Christmas Day' }] }],
    ['PUT', '/api/working-hours', { weekly: [], overrides: [] }],
  ] as const)(
    'and all else are not found, by %s %s, once the organisation is deleted',
    async (method, path, body) => {
      // Whose key is still believed for a moment.
      await tenant.ask('GET', path);
      await app.database.query('DELETE FROM tenant WHERE id = $1', [tenant.id]);
      expect(await tenant.ask(method, path, body)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    },
  );

  describe('refuse what cannot be, by its name', () => {
    const limits: [field: string, least: number, most: number][] = [
      ['durationMinutes', 1, 1440],
      ['bufferBeforeMinutes', 0, 480],
      ['bufferAfterMinutes', 0, 480],
      ['slotStepMinutes', 1, 1440],
      ['minNoticeMinutes', 0, 525_600],
      ['maxAdvanceDays', 1, 730],
      ['maxPerDay', 1, 1000],
    ];

    it.each(limits)('%s is a whole number from %i to %i', async (field, least, most) => {
      const { id } = await tenant.firstService();
      for (const fitting of [least, most]) {
        expect(await change(id, { [field]: fitting })).toMatchObject({
          status: 200,
          body: { [field]: fitting },
        });
        expect((await add({ name: 'X', durationMinutes: 30, [field]: fitting })).status).toBe(201);
      }
      const wrong = [
        least - 1,
        most + 1,
        -1,
        least + 0.5,
        `${least}`,
        '',
        true,
        [least],
        {},
        1e21,
        2 ** 31,
        1e-7,
      ];
      for (const value of [...wrong, ...(field === 'maxPerDay' ? [] : [null])]) {
        for (const answer of [
          await change(id, { [field]: value }),
          await add({ name: 'X', durationMinutes: 30, [field]: value }),
        ]) {
          expect([value, answer.status, fieldsOf(answer)]).toEqual([value, 400, [field]]);
          expect(answer.body.errors?.[0]?.message).toMatch(/^must /);
        }
      }
    });

    it.each([
      ['name', ['', '   ', '\u200b', '...', null, 5, ['X'], {}, 'x'.repeat(201), 'a\0b']],
      ['description', ['', '  ', 5, ['X'], {}, 'x'.repeat(1001)]],
      ['active', [null, 'true', 1, 0, []]],
      ['resourceIds', [null, '', 'x', ['x'], [5], [null], [[]], {}]],
      ['id', [randomUUID()]],
      ['tenantId', [randomUUID()]],
      ['deletedAt', [null]],
      ['constructor', [{}]],
    ])('%s', async (field, values) => {
      const { id } = await tenant.firstService();
      for (const value of values) {
        for (const answer of [
          await change(id, { [field]: value }),
          await add({ name: 'X', durationMinutes: 30, [field]: value }),
        ]) {
          expect([value, answer.status, fieldsOf(answer)]).toEqual([value, 400, [field]]);
        }
      }
    });

    it.each([
      [{}, ['name', 'durationMinutes']],
      [{ name: 'X' }, ['durationMinutes']],
      [{ durationMinutes: 30 }, ['name']],
    ])('missing: %j', async (body, fields) => {
      const answer = await add(body);
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toEqual(fields.map((field) => ({ field, message: 'is missing' })));
    });

    it('a resource named twice, in capitals too, and more than 200 of them', async () => {
      const { id } = await tenant.firstResource();
      for (const resourceIds of [
        [id, id],
        [id, id.toUpperCase()],
        Array.from({ length: 201 }, () => randomUUID()),
      ]) {
        const answer = await add({ name: 'X', durationMinutes: 30, resourceIds });
        expect([answer.status, fieldsOf(answer)]).toEqual([400, ['resourceIds']]);
      }
    });
  });

  it('take names as one line, and texts at their longest', async () => {
    const { body } = await add({
      name: '  Check\r\n\u202eup 😀 ',
      durationMinutes: 30,
      description: ` ${'é'.repeat(1000)} `,
    });
    expect(body).toMatchObject({ name: 'Check up 😀', description: 'é'.repeat(1000) });
    expect((await add({ name: 'x'.repeat(200), durationMinutes: 30 })).status).toBe(201);
  });

  it('are given only by resources that there are: another tenant’s are as if they were not there', async () => {
    const other = await aDescribedTenant(app);
    const { id: own } = await tenant.firstResource();
    const { id: theirs } = await other.firstResource();
    const { id: deleted } = await tenant.addResource();
    await tenant.ask('DELETE', `/api/resources/${deleted}`);
    const service = await tenant.firstService();
    for (const foreign of [theirs, randomUUID(), deleted]) {
      for (const answer of [
        await add({ name: 'X', durationMinutes: 30, resourceIds: [own, foreign] }),
        await change(service.id, { name: 'Y', resourceIds: [own, foreign] }),
      ]) {
        expect(answer).toMatchObject({
          status: 404,
          body: {
            code: 'not_found',
            detail: 'There is no such resource.',
            errors: [{ field: 'resourceIds[1]', message: 'there is no such resource' }],
          },
        });
      }
    }
    expect((await list()).items).toEqual([service]);
  });

  it('are listed page by page in the order in which they were made', async () => {
    const names = ['Appointment'];
    for (const name of ['B', 'A', 'D', 'C']) names.push((await tenant.addService({ name })).name);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page<OfferedService> = await list(`limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(names);
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'page=2']) {
      const answer = await tenant.ask('GET', `/api/services?${query}`);
      expect([answer.status, fieldsOf(answer)]).toEqual([400, [query.split('=')[0]]]);
    }
  });

  it('are 200 at most, however many are asked for at once', async () => {
    await app.database.query(
      `INSERT INTO service (tenant_id, name, duration_minutes, slot_step_minutes)
       SELECT $1, 'Service', 30, 30 FROM generate_series(1, 196)`,
      [tenant.id],
    );
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => add({ name: 'X', durationMinutes: 30 })),
    );
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 5 }, () => [422, 'limit_reached']),
    );
    await tenant.ask('DELETE', `/api/services/${(await tenant.firstService()).id}`);
    expect((await add({ name: 'X', durationMinutes: 30 })).status).toBe(201);
  });

  describe('are offered', () => {
    it('by their own rules: duration, step, buffers, notice and furthest advance', async () => {
      const { id } = await tenant.addService({ durationMinutes: 90, slotStepMinutes: 120 });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual(['09:00', '11:00', '13:00', '15:00']);
      await tenant.book(at(monday, '11:00'), { serviceId: id });
      await change(id, { bufferBeforeMinutes: 30 });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual(['09:00', '13:00', '15:00']);
      await change(id, { bufferBeforeMinutes: 31 });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual(['09:00', '15:00']);
      await change(id, { bufferAfterMinutes: 31 });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual(['15:00']);
      await change(id, { minNoticeMinutes: 60 * 24 * 14 });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual([]);
      await change(id, { minNoticeMinutes: 0, maxAdvanceDays: 1 });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual([]);
    });

    it('on no day that has as many as it may have', async () => {
      const { id } = await tenant.addService({ maxPerDay: 2 });
      for (const time of ['09:00', '10:00']) {
        expect((await tenant.book(at(monday, time), { serviceId: id })).status).toBe(201);
      }
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual([]);
      await change(id, { maxPerDay: null });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toHaveLength(6);
    });

    it('whenever one of two resources that give them is free', async () => {
      const morning = await tenant.addResource({ name: 'Morning', workingHours: hours('09:00', '12:00') });
      const midday = await tenant.addResource({ name: 'Midday', workingHours: hours('11:00', '14:00') });
      const { id } = await tenant.addService({ resourceIds: [morning.id, midday.id] });
      const offered = () => tenant.offered(monday, `serviceId=${id}`);
      expect(await offered()).toEqual(['09:00', '10:00', '11:00', '12:00', '13:00']);
      const first = await tenant.book(at(monday, '11:00'), { serviceId: id });
      expect(await offered()).toContain('11:00');
      const second = await tenant.book(at(monday, '11:00'), { serviceId: id });
      expect(await offered()).not.toContain('11:00');
      expect(new Set([first.body.resourceId, second.body.resourceId])).toEqual(
        new Set([morning.id, midday.id]),
      );
      const third = await tenant.book(at(monday, '11:00'), { serviceId: id });
      expect(third).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    });

    it('by those who give them, and by nobody else', async () => {
      const { id: first } = await tenant.firstResource();
      const { id: second } = await tenant.addResource();
      const { id } = await tenant.addService({ resourceIds: [second] });
      expect(await tenant.offered(monday, `serviceId=${id}&resourceId=${second}`)).toHaveLength(8);
      const notTheirs = await tenant.ask(
        'GET',
        `/api/availability?date=${monday}&serviceId=${id}&resourceId=${first}`,
      );
      expect(notTheirs.status).toBe(404);
      await change(id, { resourceIds: [first] });
      expect(await tenant.offered(monday, `serviceId=${id}&resourceId=${first}`)).toHaveLength(8);
      expect((await tenant.book(at(monday, '09:00'), { serviceId: id, resourceId: second })).status).toBe(
        404,
      );
    });

    it('at no time where nobody gives them', async () => {
      const { id, resourceIds } = await tenant.addService({ resourceIds: [] });
      expect(resourceIds).toEqual([]);
      expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual([]);
      expect((await tenant.book(at(monday, '09:00'), { serviceId: id })).status).toBe(422);
    });
  });

  describe('that are not active', () => {
    it('stay in the list, and are neither offered nor booked', async () => {
      const { id } = await tenant.addService({ active: false });
      expect((await list()).items.map((service) => service.id)).toContain(id);
      expect((await tenant.ask('GET', `/api/availability?date=${monday}&serviceId=${id}`)).status).toBe(404);
      expect((await tenant.book(at(monday, '09:00'), { serviceId: id })).status).toBe(404);
      await change(id, { active: true });
      expect(await tenant.offered(monday, `serviceId=${id}`)).toHaveLength(8);
    });
  });

  describe('that were deleted', () => {
    it('are gone from the list, and from what is offered, booked and changed', async () => {
      const { id } = await tenant.addService();
      expect((await tenant.ask('DELETE', `/api/services/${id}`)).status).toBe(204);
      expect((await list()).items.map((service) => service.id)).not.toContain(id);
      for (const answer of [
        await tenant.ask('GET', `/api/services/${id}`),
        await change(id, { active: true }),
        await tenant.ask('DELETE', `/api/services/${id}`),
        await tenant.ask('GET', `/api/availability?date=${monday}&serviceId=${id}`),
        await tenant.book(at(monday, '09:00'), { serviceId: id }),
      ]) {
        expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    });

    it('leave the next one to be the first, and nothing to offer where there is none', async () => {
      const { id: first } = await tenant.firstService();
      const { id: second } = await tenant.addService({ durationMinutes: 240 });
      await tenant.ask('DELETE', `/api/services/${first}`);
      expect(await tenant.offered(monday)).toEqual(['09:00', '13:00']);
      await tenant.ask('DELETE', `/api/services/${second}`);
      expect((await tenant.ask('GET', `/api/availability?date=${monday}`)).status).toBe(404);
      expect(await list()).toEqual({ items: [], nextCursor: null });
    });
  });

  it.each([
    ['another duration', { durationMinutes: 240, slotStepMinutes: 240 }],
    ['other buffers', { bufferBeforeMinutes: 0, bufferAfterMinutes: 0 }],
    ['other resources', { resourceIds: [] }],
    ['a limit that is reached already', { maxPerDay: 1 }],
    ['a deactivation', { active: false }],
    ['its deletion', null],
  ])('never touch bookings that were made, by %s', async (_, changes) => {
    const { id } = await tenant.addService({ bufferBeforeMinutes: 30, bufferAfterMinutes: 30 });
    const { body: booking } = await tenant.book(at(monday, '11:00'), { serviceId: id });
    const stored = () =>
      app.database.query('SELECT starts_at, ends_at, blocked, status FROM booking WHERE id = $1', [
        booking.id,
      ]);
    const before = await stored();
    const answer =
      changes === null ? await tenant.ask('DELETE', `/api/services/${id}`) : await change(id, changes);
    expect(answer.status).toBeLessThan(300);
    expect(await stored()).toEqual(before);
    const found = await tenant.ask<BookingView>('GET', `/api/bookings/${booking.id}`);
    expect(found.body).toEqual(booking);
    expect((await tenant.ask<Page<BookingView>>('GET', '/api/bookings')).body.items).toEqual([booking]);
    // Blocked from 10:30 to 12:30, as it was when the booking was made.
    expect(await tenant.offered(monday)).toEqual(['09:00', '13:00', '14:00', '15:00', '16:00']);
  });
});

const hours = (start: string, end: string) => ({
  weekly: [1, 2, 3, 4, 5].map((day) => ({ day, start, end })),
  overrides: [],
});
