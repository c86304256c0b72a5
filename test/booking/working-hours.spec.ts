import type { WorkingHours } from '../../src/booking/engine/working-hours.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';
import { at, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant, namesIn } from './described-week.js';

const threeHours = () => ['09', '10', '11'].map((hour) => ({ start: `${hour}:00`, end: `${hour}:30` }));

describe('the tenant’s working hours', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  const monday = upcoming(1);
  const tuesday = addDays(monday, 1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
  });

  const put = (body: unknown) => tenant.ask<WorkingHours>('PUT', '/api/working-hours', body);
  const get = async () => (await tenant.ask<WorkingHours>('GET', '/api/working-hours')).body;

  it('are Monday to Friday, 09:00 to 17:00, until they are set', async () => {
    const weekly = [1, 2, 3, 4, 5].map((day) => ({ day, start: '09:00', end: '17:00' }));
    expect(await get()).toEqual({ weekly, overrides: [] });
  });

  it('are replaced as a whole, and no overrides are none', async () => {
    const hours = {
      weekly: [{ day: 6, start: '10:00', end: '24:00' }],
      overrides: [{ date: '2031-12-24', intervals: [{ start: '10:00', end: '12:00' }] }],
    };
    expect(await put(hours)).toMatchObject({ status: 200, body: hours });
    expect(await get()).toEqual(hours);
    expect(await put({ weekly: [] })).toMatchObject({ status: 200, body: { weekly: [], overrides: [] } });
    expect(await get()).toEqual({ weekly: [], overrides: [] });
    expect(await tenant.offered(monday)).toEqual([]);
  });

  it('have several intervals a day, past midnight included, in whatever order they are given', async () => {
    await put({
      weekly: [
        { day: 1, start: '22:30', end: '01:30' },
        { day: 1, start: '13:30', end: '15:30' },
        { day: 1, start: '09:00', end: '10:00' },
      ],
    });
    expect(await tenant.offered(monday)).toEqual(['09:00', '13:30', '14:30', '22:30', '23:30']);
    expect(await tenant.offered(tuesday)).toEqual(['00:30']);
  });

  it('are other ones, or none, on the dates of overrides', async () => {
    const weekly = [1, 2].map((day) => ({ day, start: '09:00', end: '11:00' }));
    const overrides = [
      { date: monday, intervals: [] },
      {
        date: tuesday,
        intervals: [
          { start: '18:00', end: '19:00' },
          { start: '07:00', end: '08:00' },
        ],
      },
      { date: addDays(monday, 2), intervals: [{ start: '12:00', end: '13:00' }] },
    ];
    await put({ weekly, overrides });
    expect(await tenant.offered(monday)).toEqual([]);
    expect(await tenant.offered(tuesday)).toEqual(['07:00', '18:00']);
    expect(await tenant.offered(addDays(monday, 2))).toEqual(['12:00']);
    expect(await tenant.offered(addDays(monday, 7))).toEqual(['09:00', '10:00']);
  });

  it('never touch bookings that were made', async () => {
    const { body: booking } = await tenant.book(at(monday, '11:00'));
    const before = await get();
    await put({ weekly: [] });
    expect((await tenant.ask('GET', `/api/bookings/${booking.id}`)).body).toEqual(booking);
    await put(before);
    expect(await tenant.offered(monday)).not.toContain('11:00');
  });

  const week = (...intervals: [day: unknown, start: unknown, end: unknown][]) => ({
    weekly: intervals.map(([day, start, end]) => ({ day, start, end })),
  });
  const dated = (date: unknown, intervals: unknown = []) => ({
    weekly: [],
    overrides: [{ date, intervals }],
  });
  const many = <Item>(count: number, item: (index: number) => Item) =>
    Array.from({ length: count }, (_, i) => item(i));
  const day = (index: number) => new Date(Date.UTC(2030, 0, 1 + index)).toISOString().slice(0, 10);

  it.each([
    [
      'weekly',
      [
        {},
        { weekly: null },
        { weekly: 'x' },
        { weekly: {} },
        { weekly: [[]] },
        { weekly: [5] },
        { weekly: [null] },
      ],
    ],
    ['weekly', [{ weekly: many(169, () => ({ day: 1, start: '09:00', end: '10:00' })) }]],
    ['weekly[0].day', [0, 8, -1, 1.5, '1', null, [1]].map((number) => week([number, '09:00', '10:00']))],
    [
      'weekly[0].start',
      ['24:00', '9:00', '09:60', '-1:00', '', 9, null, ['09:00']].map((time) => week([1, time, '10:00'])),
    ],
    ['weekly[0].end', ['24:01', '25:00', '17', '', 17, null].map((time) => week([1, '09:00', time]))],
    ['weekly[0].end', [week([1, '09:00', '09:00'])]],
    [
      'weekly[1].start',
      [
        week([1, '09:00', '12:00'], [1, '11:59', '13:00']),
        week([7, '22:00', '02:00'], [1, '01:00', '03:00']),
      ],
    ],
    ['weekly[0].break', [{ weekly: [{ day: 1, start: '09:00', end: '10:00', break: true }] }]],
    [
      'overrides',
      [
        { weekly: [], overrides: null },
        { weekly: [], overrides: {} },
        { weekly: [], overrides: [[]] },
      ],
    ],
    ['overrides', [{ weekly: [], overrides: many(1001, (index) => ({ date: day(index), intervals: [] })) }]],
    [
      'overrides',
      [{ weekly: [], overrides: many(1000, (index) => ({ date: day(index), intervals: threeHours() })) }],
    ],
    [
      'overrides[0].date',
      ['2031-02-30', '2031-02-29', '1999-12-31', '2200-01-01', '0000-01-01', '', null, 5].map((date) =>
        dated(date),
      ),
    ],
    [
      'overrides[0].intervals',
      [null, 'x', [[]], [null], many(25, () => ({ start: '09:00', end: '10:00' }))].map((intervals) =>
        dated('2031-01-01', intervals),
      ),
    ],
    ['overrides[0].intervals[0].start', [dated('2031-01-01', [{ start: '24:00', end: '10:00' }])]],
    ['overrides[0].intervals[0].day', [dated('2031-01-01', [{ day: 1, start: '09:00', end: '10:00' }])]],
    [
      'overrides[1].date',
      [{ weekly: [], overrides: many(2, () => ({ date: '2031-01-01', intervals: [] })) }],
    ],
    ['holidays', [{ weekly: [], holidays: [] }]],
  ])('refuse a wrong %s by its name', async (field, bodies) => {
    const before = await get();
    for (const body of bodies) {
      const answer = await put(body);
      const asked = JSON.stringify(body).slice(0, 200);
      expect([asked, answer.status, namesIn(answer, field)]).toEqual([asked, 400, [field]]);
    }
    expect(await get()).toEqual(before);
  });
});
