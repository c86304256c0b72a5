import type { Holiday } from '../../src/booking/schedule/holidays.repository.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';
import { at, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf, namesIn } from './described-week.js';

const weekdays = (start: string, end: string, overrides: object[] = []) => ({
  weekly: [1, 2, 3, 4, 5].map((day) => ({ day, start, end })),
  overrides,
});

describe('holidays', () => {
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

  const put = (body: unknown) => tenant.ask<{ holidays: Holiday[] }>('PUT', '/api/holidays', body);
  const close = (...dates: string[]) => put({ holidays: dates.map((date) => ({ date, name: 'Closed' })) });
  const get = async () => (await tenant.ask<{ holidays: Holiday[] }>('GET', '/api/holidays')).body;

  it('are none to begin with', async () => {
    expect(await get()).toEqual({ holidays: [] });
  });

  it('are kept in the order of their dates, and replaced as a whole', async () => {
    const christmas = { date: '2031-12-25', name: 'Christmas Day' };
    const leapDay = { date: '2032-02-29', name: 'Leap day' };
    const answer = await put({ holidays: [leapDay, christmas] });
    expect(answer).toMatchObject({ status: 200, body: { holidays: [christmas, leapDay] } });
    expect(await get()).toEqual({ holidays: [christmas, leapDay] });
    await put({ holidays: [leapDay] });
    expect(await get()).toEqual({ holidays: [leapDay] });
    await put({ holidays: [] });
    expect(await get()).toEqual({ holidays: [] });
  });

  it('are 500 at most', async () => {
    const dates = (count: number) =>
      Array.from({ length: count }, (_, day) =>
        new Date(Date.UTC(2030, 0, 1 + day)).toISOString().slice(0, 10),
      );
    expect((await close(...dates(500))).status).toBe(200);
    const answer = await close(...dates(501));
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['holidays']]);
    expect((await get()).holidays).toHaveLength(500);
  });

  it.each<[field: string, body: object]>([
    ['holidays', {}],
    ['holidays', { holidays: null }],
    ['holidays', { holidays: 'x' }],
    ['holidays', { holidays: [[]] }],
    ['holidays', { holidays: ['2031-12-25'] }],
    ['holidays', { holidays: [null] }],
    ['holidays[0].date', { holidays: [{ name: 'X' }] }],
    ...[
      '2031-02-30',
      '2031-02-29',
      '2031-13-01',
      '1999-12-31',
      '2200-01-01',
      '0000-01-01',
      '',
      '2031-1-1',
      null,
      5,
    ].map((date): [string, object] => ['holidays[0].date', { holidays: [{ date, name: 'X' }] }]),
    ...['', ' ', '\u200b', null, 5, 'x'.repeat(201)].map((name): [string, object] => [
      'holidays[0].name',
      { holidays: [{ date: '2031-12-25', name }] },
    ]),
    ['holidays[0].id', { holidays: [{ date: '2031-12-25', name: 'X', id: 1 }] }],
    ['from', { holidays: [], from: '2031-01-01' }],
    [
      'holidays[2].date',
      { holidays: ['2031-12-25', '2031-12-26', '2031-12-25'].map((date) => ({ date, name: 'X' })) },
    ],
  ])('refuse a wrong %s by its name: %j', async (field, body) => {
    await close('2031-05-01');
    const answer = await put(body);
    expect([answer.status, namesIn(answer, field)]).toEqual([400, [field]]);
    expect((await get()).holidays).toHaveLength(1);
  });

  it('close the organisation on their date, and on no other', async () => {
    await close(monday);
    expect(await tenant.offered(monday)).toEqual([]);
    expect(await tenant.offered(tuesday)).toHaveLength(8);
    const refused = await tenant.book(at(monday, '10:00'));
    expect(refused).toMatchObject({ status: 422, body: { reason: 'outside_hours' } });
    await close();
    expect(await tenant.offered(monday)).toHaveLength(8);
  });

  it('close resources that have hours of their own, too', async () => {
    const { id } = await tenant.firstResource();
    await tenant.ask('PATCH', `/api/resources/${id}`, { workingHours: weekdays('08:00', '20:00') });
    await close(monday);
    expect(await tenant.offered(monday)).toEqual([]);
  });

  it('give way to an override of the hours that apply', async () => {
    const { id } = await tenant.firstResource();
    const open = (start: string, end: string) => [{ date: monday, intervals: [{ start, end }] }];
    await close(monday);
    await tenant.ask('PUT', '/api/working-hours', weekdays('09:00', '17:00', open('10:00', '12:00')));
    expect(await tenant.offered(monday)).toEqual(['10:00', '11:00']);
    // Its own hours apply now, and they say nothing of that date.
    await tenant.ask('PATCH', `/api/resources/${id}`, { workingHours: weekdays('08:00', '20:00') });
    expect(await tenant.offered(monday)).toEqual([]);
    const own = weekdays('08:00', '20:00', open('19:00', '20:00'));
    await tenant.ask('PATCH', `/api/resources/${id}`, { workingHours: own });
    expect(await tenant.offered(monday)).toEqual(['19:00']);
  });

  it('are by the calendar of each resource’s zone, and leave what runs over from the evening before', async () => {
    const { id } = await tenant.firstResource();
    const night = { weekly: [{ day: 1, start: '22:00', end: '02:00' }], overrides: [] };
    await tenant.ask('PATCH', `/api/resources/${id}`, { workingHours: night });
    await close(tuesday);
    expect(await tenant.offered(tuesday)).toEqual(['00:00', '01:00']);
    await close(monday);
    expect(await tenant.offered(tuesday)).toEqual([]);
    // 09:00 on Tuesday in Kathmandu is Monday night in New York.
    const far = { workingHours: weekdays('09:00', '10:00'), timezone: 'Asia/Kathmandu' };
    await tenant.ask('PATCH', `/api/resources/${id}`, far);
    const tuesdayThere = at(tuesday, '09:00', 'Asia/Kathmandu');
    expect((await tenant.book(tuesdayThere)).status).toBe(201);
    await close(tuesday);
    expect(await tenant.book(tuesdayThere)).toMatchObject({ status: 422, body: { reason: 'outside_hours' } });
  });

  it('never touch bookings that were made', async () => {
    const { body: booking } = await tenant.book(at(monday, '11:00'));
    await close(monday);
    expect((await tenant.ask('GET', `/api/bookings/${booking.id}`)).body).toEqual(booking);
    await close();
    expect(await tenant.offered(monday)).not.toContain('11:00');
  });

  it('are each tenant’s own', async () => {
    const other = await aDescribedTenant(app);
    await close(monday);
    expect((await other.ask('GET', '/api/holidays')).body).toEqual({ holidays: [] });
    await other.ask('PUT', '/api/holidays', { holidays: [] });
    expect((await get()).holidays).toHaveLength(1);
  });

  it('are one answer’s or the other’s when two are set at once', async () => {
    const sets = [
      ['2031-01-01', '2031-01-02'],
      ['2031-01-02', '2031-01-03'],
      ['2031-01-01', '2031-01-03'],
      [],
    ];
    const answers = await Promise.all(sets.map((dates) => close(...dates)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(sets).toContainEqual((await get()).holidays.map(({ date }) => date));
  });
});
