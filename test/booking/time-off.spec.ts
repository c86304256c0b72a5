import { randomUUID } from 'node:crypto';
import type { TimeOffView } from '../../src/booking/schedule/time-off.service.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';
import { at, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf, type Page } from './described-week.js';

describe('time off', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  let resource: string;
  const monday = upcoming(1);
  const tuesday = addDays(monday, 1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
    ({ id: resource } = await tenant.firstResource());
  });

  const path = (id = resource) => `/api/resources/${id}/time-off`;
  const take = (body: unknown, id = resource) => tenant.ask<TimeOffView>('POST', path(id), body);
  const list = async (query = '') => (await tenant.ask<Page<TimeOffView>>('GET', `${path()}?${query}`)).body;

  it('is taken by instants, and shown in the resource’s zone', async () => {
    const answer = await take({
      startsAt: `${monday}T16:30:00Z`,
      endsAt: `${monday}T19:00:00+01:00`,
      reason: ' Dentist ',
    });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        startsAt: at(
          monday,
          new Date(`${monday}T16:30Z`)
            .toLocaleTimeString('de-DE', { timeZone: 'America/New_York' })
            .slice(0, 5),
        ),
        reason: 'Dentist',
      },
    });
    expect(Date.parse(answer.body.endsAt)).toBe(Date.parse(`${monday}T18:00:00Z`));
    expect(await list()).toEqual({ items: [answer.body], nextCursor: null });
  });

  it('is taken by local dates, the last one included', async () => {
    const { body } = await take({ fromDate: monday, toDate: tuesday });
    expect(body).toEqual({
      ...{ id: expect.any(String) as string, reason: null, createdAt: expect.any(String) as string },
      ...{ startsAt: at(monday, '00:00'), endsAt: at(addDays(tuesday, 1), '00:00') },
    });
    expect(await tenant.offered(monday)).toEqual([]);
    expect(await tenant.offered(tuesday)).toEqual([]);
    expect(await tenant.offered(addDays(tuesday, 1))).toHaveLength(8);
  });

  it.each([
    [
      'of 23 hours',
      'America/New_York',
      '2031-03-09',
      '2031-03-09T00:00:00-05:00',
      '2031-03-10T00:00:00-04:00',
    ],
    [
      'of 25 hours',
      'America/New_York',
      '2031-11-02',
      '2031-11-02T00:00:00-04:00',
      '2031-11-03T00:00:00-05:00',
    ],
    [
      'that begin at 01:00',
      'Asia/Beirut',
      '2031-03-30',
      '2031-03-30T01:00:00+03:00',
      '2031-03-31T00:00:00+03:00',
    ],
    [
      'of half an hour more',
      'Australia/Lord_Howe',
      '2031-04-06',
      '2031-04-06T00:00:00+11:00',
      '2031-04-07T00:00:00+10:30',
    ],
  ])('takes whole dates %s', async (_, timezone, date, startsAt, endsAt) => {
    await tenant.ask('PATCH', `/api/resources/${resource}`, { timezone });
    expect(await take({ fromDate: date, toDate: date })).toMatchObject({
      status: 201,
      body: { startsAt, endsAt },
    });
  });

  it('keeps appointments clear of it, and lets buffers lie in it', async () => {
    await take({ startsAt: at(monday, '11:00'), endsAt: at(monday, '13:00') });
    expect(await tenant.offered(monday)).toEqual(['09:00', '10:00', '13:00', '14:00', '15:00', '16:00']);
    const { id } = await tenant.addService({ bufferBeforeMinutes: 30, bufferAfterMinutes: 30 });
    expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual([
      '09:00',
      '10:00',
      '13:00',
      '14:00',
      '15:00',
      '16:00',
    ]);
    const refused = await tenant.book(at(monday, '12:00'));
    expect(refused).toMatchObject({ status: 422, body: { reason: 'outside_hours' } });
    expect((await tenant.book(at(monday, '10:00'))).status).toBe(201);
  });

  it('is one resource’s: another that gives the service is still offered', async () => {
    const { id: second } = await tenant.addResource();
    const { id } = await tenant.addService();
    await take({ fromDate: monday, toDate: monday });
    expect(await tenant.offered(monday, `serviceId=${id}`)).toHaveLength(8);
    const { body } = await tenant.book(at(monday, '09:00'), { serviceId: id });
    expect(body.resourceId).toBe(second);
    await take({ fromDate: monday, toDate: monday }, second);
    expect(await tenant.offered(monday, `serviceId=${id}`)).toEqual([]);
  });

  it('may overlap other time off, and ends when it is deleted', async () => {
    const { body: day } = await take({ fromDate: monday, toDate: monday });
    await take({ startsAt: at(monday, '09:00'), endsAt: at(monday, '12:00') });
    expect((await tenant.ask('DELETE', `${path()}/${day.id}`)).status).toBe(204);
    expect(await tenant.offered(monday)).toEqual(['12:00', '13:00', '14:00', '15:00', '16:00']);
    expect((await tenant.ask('DELETE', `${path()}/${day.id}`)).status).toBe(404);
  });

  it('never touches bookings that were made', async () => {
    const { body: booking } = await tenant.book(at(monday, '11:00'));
    const { body } = await take({ fromDate: monday, toDate: monday });
    expect((await tenant.ask('GET', `/api/bookings/${booking.id}`)).body).toEqual(booking);
    await tenant.ask('DELETE', `${path()}/${body.id}`);
    expect(await tenant.offered(monday)).not.toContain('11:00');
  });

  describe('is refused by name', () => {
    const instants = { startsAt: '2031-01-20T09:00:00Z', endsAt: '2031-01-20T10:00:00Z' };
    const dates = { fromDate: '2031-01-20', toDate: '2031-01-21' };
    it.each<[field: string, body: object]>([
      ['startsAt', {}],
      ['startsAt', { reason: 'Vacation' }],
      ['startsAt', { endsAt: instants.endsAt }],
      ['endsAt', { startsAt: instants.startsAt }],
      ['fromDate', { toDate: dates.toDate }],
      ['toDate', { fromDate: dates.fromDate }],
      ['fromDate', { ...instants, ...dates }],
      ['fromDate', { startsAt: instants.startsAt, fromDate: dates.fromDate }],
      ['toDate', { ...instants, toDate: dates.toDate }],
      ['endsAt', { ...instants, endsAt: instants.startsAt }],
      ['endsAt', { ...instants, endsAt: '2031-01-20T10:00:00+02:00' }],
      ['endsAt', { startsAt: '2031-01-20T09:00:00.0001Z', endsAt: '2031-01-20T09:00:00.0002Z' }],
      ['endsAt', { ...instants, endsAt: '2033-01-20T09:00:01Z' }],
      ['toDate', { ...dates, toDate: '2031-01-19' }],
      ['toDate', { ...dates, toDate: '2033-01-20' }],
      ['startsAt', { ...instants, startsAt: '1999-12-31T23:00:00Z' }],
      ['endsAt', { ...instants, endsAt: '2200-01-01T00:00:00Z' }],
      ...['2031-02-30T09:00:00Z', '2031-01-20T09:00:00', '2031-01-20', 5, null, '', [], {}].map(
        (startsAt): [string, object] => ['startsAt', { ...instants, startsAt }],
      ),
      ...['2031-02-30', '1999-12-31', '2200-01-01', '2031-01-20T00:00:00Z', 5, null, '', [], {}].map(
        (toDate): [string, object] => ['toDate', { ...dates, toDate }],
      ),
      ...['', '  ', 5, [], 'x'.repeat(501)].map((reason): [string, object] => [
        'reason',
        { ...dates, reason },
      ]),
      ['resourceId', { ...dates, resourceId: randomUUID() }],
    ])('%s of %j', async (field, body) => {
      const answer = await take(body);
      expect([answer.status, answer.body.code, fieldsOf(answer)]).toEqual([400, 'invalid_input', [field]]);
      expect((await list()).items).toEqual([]);
    });

    it('a date that the zone went without', async () => {
      await tenant.ask('PATCH', `/api/resources/${resource}`, { timezone: 'Pacific/Apia' });
      const answer = await take({ fromDate: '2011-12-30', toDate: '2011-12-30' });
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['fromDate']]);
      expect((await take({ fromDate: '2011-12-29', toDate: '2011-12-31' })).status).toBe(201);
    });
  });

  it('may last two years, and be as late as there are dates', async () => {
    for (const body of [
      { startsAt: '2031-01-20T09:00:00Z', endsAt: '2033-01-20T09:00:00Z' },
      { fromDate: '2031-01-20', toDate: '2033-01-19' },
      { fromDate: '2199-12-31', toDate: '2199-12-31', reason: 'x'.repeat(500) },
    ]) {
      expect((await take(body)).status).toBe(201);
    }
  });

  it('is listed in the order of its start: what is not over, or what has a part in a range', async () => {
    const dates = ['2031-01-05', '2031-01-03', '2020-01-01', '2031-01-04', '2031-01-03'];
    for (const date of dates) await take({ fromDate: date, toDate: date });
    const days = async (query = '') => (await list(query)).items.map(({ startsAt }) => startsAt.slice(0, 10));
    expect(await days()).toEqual(['2031-01-03', '2031-01-03', '2031-01-04', '2031-01-05']);
    expect(await days('from=2000-01-01T00:00:00Z')).toEqual([
      '2020-01-01',
      ...['2031-01-03', '2031-01-03', '2031-01-04', '2031-01-05'],
    ]);
    const range = (from: string, to: string) =>
      days(`from=${encodeURIComponent(at(from, '00:00'))}&to=${encodeURIComponent(at(to, '00:00'))}`);
    expect(await range('2031-01-04', '2031-01-05')).toEqual(['2031-01-04']);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page<TimeOffView> = await list(`limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual((await list()).items.map(({ id }) => id));
    for (const query of [
      'from=2031-02-30T00:00:00Z',
      'to=x',
      'limit=201',
      'cursor=x',
      'status=x',
      'to=2020-01-01T00:00:00Z',
    ]) {
      const answer = await tenant.ask('GET', `${path()}?${query}`);
      expect([answer.status, fieldsOf(answer)]).toEqual([400, [query.split('=')[0]]]);
    }
  });

  it('is 1,000 entries at most for a resource, however many are asked for at once', async () => {
    await app.database.query(
      `INSERT INTO time_off (tenant_id, resource_id, starts_at, ends_at)
       SELECT $1, $2, '2031-01-01Z', '2031-01-02Z' FROM generate_series(1, 997)`,
      [tenant.id, resource],
    );
    const asked = Array.from({ length: 6 }, () => take({ fromDate: '2031-02-01', toDate: '2031-02-01' }));
    const refused = (await Promise.all(asked)).filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 3 }, () => [422, 'limit_reached']),
    );
    const { id: second } = await tenant.addResource();
    expect((await take({ fromDate: '2031-02-01', toDate: '2031-02-01' }, second)).status).toBe(201);
  });

  it('of a resource that is not there, deleted, or another tenant’s is not found', async () => {
    const other = await aDescribedTenant(app);
    const { id: theirs } = await other.firstResource();
    const { body: theirTimeOff } = await other.ask('POST', path(theirs), {
      fromDate: monday,
      toDate: monday,
    });
    const { id: deleted } = await tenant.addResource();
    const { body: timeOff } = await take({ fromDate: monday, toDate: monday }, deleted);
    await tenant.ask('DELETE', `/api/resources/${deleted}`);
    for (const id of [theirs, deleted, randomUUID(), 'x']) {
      for (const answer of [
        await tenant.ask('GET', path(id)),
        await take({ fromDate: monday, toDate: monday }, id),
        await tenant.ask('DELETE', `${path(id)}/${String(theirTimeOff['id'])}`),
        await tenant.ask('DELETE', `${path(id)}/${timeOff.id}`),
      ]) {
        expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    }
    // Nor by way of a resource that is one's own.
    expect((await tenant.ask('DELETE', `${path()}/${timeOff.id}`)).status).toBe(404);
    expect((await tenant.ask('DELETE', `${path()}/${String(theirTimeOff['id'])}`)).status).toBe(404);
  });
});
