import { addDays } from '../../src/booking/engine/zoned-time.js';
import { at, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant } from './described-week.js';

describe('a service with at most three bookings a day', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  let serviceId: string;
  let staff: string[];
  const monday = upcoming(1);
  /** Twenty starts, half an hour apart, between 07:00 and 17:00. */
  const times = Array.from(
    { length: 20 },
    (_, index) => `${String(7 + Math.floor(index / 2)).padStart(2, '0')}:${index % 2 === 0 ? '00' : '30'}`,
  );

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
    const weekly = [1, 2, 3, 4, 5].map((day) => ({ day, start: '07:00', end: '18:00' }));
    await tenant.ask('PUT', '/api/working-hours', { weekly, overrides: [] });
    staff = [(await tenant.addResource({ name: 'Ada' })).id, (await tenant.addResource({ name: 'Ben' })).id];
    const rules = { durationMinutes: 30, slotStepMinutes: 30, maxPerDay: 3 };
    serviceId = (await tenant.addService({ ...rules, resourceIds: staff })).id;
  });

  const book = (date: string, time: string, body: object = {}) =>
    tenant.book(at(date, time), { serviceId, ...body });
  const hold = (date: string, time: string, ttlSeconds = 120) =>
    tenant.ask<{ id: string }>('POST', '/api/holds', { startsAt: at(date, time), serviceId, ttlSeconds });

  it('takes three of twenty callers at once, and offers the others other days', async () => {
    const answers = await Promise.all(times.map((time) => book(monday, time)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect({ ...body, status }).toMatchObject({
        status: 422,
        code: 'outside_availability',
        reason: 'day_full',
      });
      const { alternatives } = body as unknown as { alternatives: { startsAt: string }[] };
      expect(alternatives).toHaveLength(3);
      expect(alternatives.map(({ startsAt }) => startsAt.slice(0, 10))).not.toContain(monday);
    }
    expect(await tenant.offered(monday, `serviceId=${serviceId}`)).toEqual([]);
  });

  it('is full that day, and not closed, where one of its resources does not work then', async () => {
    const weekly = [{ day: 2, start: '09:00', end: '17:00' }];
    const body = { workingHours: { weekly, overrides: [] } };
    await tenant.ask('PATCH', `/api/resources/${staff[0]}`, body);
    for (const time of times.slice(0, 3)) expect((await book(monday, time)).status).toBe(201);
    expect(await book(monday, '12:00')).toMatchObject({ status: 422, body: { reason: 'day_full' } });
  });

  it('takes one more for each that is cancelled, and none for one that took place', async () => {
    const made = await Promise.all(times.slice(0, 3).map((time) => book(monday, time)));
    expect((await book(monday, '12:00')).status).toBe(422);
    await tenant.ask('POST', `/api/bookings/${made[0]!.body.id}/complete`);
    expect((await book(monday, '12:00')).status).toBe(422);
    await tenant.ask('POST', `/api/bookings/${made[1]!.body.id}/cancel`, {});
    const answers = await Promise.all(times.slice(8).map((time) => book(monday, time)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('counts holds while they last, and those that were booked for good', async () => {
    const [held] = [await hold(monday, '09:00'), await book(monday, '10:00')];
    const short = await hold(monday, '11:00', 1);
    expect([held.status, short.status]).toEqual([201, 201]);
    expect((await hold(monday, '12:00')).body).toMatchObject({
      code: 'outside_availability',
      reason: 'day_full',
    });
    expect((await book(monday, '12:00')).status).toBe(422);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await book(monday, '12:00')).status).toBe(201);
    expect((await book(monday, '13:00')).status).toBe(422);
    // The one that has run out was not counted any more, so it cannot be made to count again.
    const wish = { startsAt: undefined, serviceId: undefined, holdId: short.body.id };
    expect((await book(monday, '11:00', wish)).body).toMatchObject({ reason: 'day_full' });
    const own = { startsAt: undefined, serviceId: undefined, holdId: held.body.id };
    expect((await book(monday, '09:00', own)).status).toBe(201);
    expect((await book(monday, '13:00')).status).toBe(422);
  });

  it('counts a hold that is being booked at the very moment at which it runs out', async () => {
    await tenant.ask('PATCH', `/api/services/${serviceId}`, { maxPerDay: 1 });
    const { body: held } = await hold(monday, '09:00', 1);
    // Keeps the transaction that books the hold from ending until the hold would have run out.
    const slow = app.database.query(
      'BEGIN; LOCK TABLE event_write IN EXCLUSIVE MODE; SELECT pg_sleep(2); COMMIT',
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const booking = book(monday, '09:00', { startsAt: undefined, serviceId: undefined, holdId: held.id });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const answers = await Promise.all([booking, book(monday, '12:00'), hold(monday, '13:00')]);
    await slow;
    expect(answers.map(({ status }) => status)).toEqual([201, 422, 422]);
  });

  it('does not count a booking against itself when it is moved, but does count it where it goes', async () => {
    const tuesday = addDays(monday, 1);
    const made = await Promise.all(times.slice(0, 3).map((time) => book(monday, time)));
    const { body: other } = await book(tuesday, '09:00');
    const move = (id: string, date: string, time: string) =>
      tenant.ask('POST', `/api/bookings/${id}/reschedule`, { startsAt: at(date, time) });
    expect((await move(made[0]!.body.id, monday, '15:00')).status).toBe(200);
    expect(await move(other.id, monday, '16:00')).toMatchObject({
      status: 422,
      body: { reason: 'day_full' },
    });
    expect((await move(made[0]!.body.id, tuesday, '15:00')).status).toBe(200);
    expect((await move(other.id, monday, '16:00')).status).toBe(200);
  });

  it('counts by the date where each resource is', async () => {
    const { id: far } = await tenant.addResource({ name: 'Cem', timezone: 'Asia/Tokyo' });
    const rules = { durationMinutes: 30, slotStepMinutes: 30, maxPerDay: 1, resourceIds: [staff[0], far] };
    const { id } = await tenant.addService(rules);
    // 17:00 on Monday in New York is Tuesday morning in Tokyo.
    const evening = await book(monday, '17:00', { serviceId: id, resourceId: staff[0] });
    const abroad = await tenant.book(at(addDays(monday, 1), '07:30', 'Asia/Tokyo'), {
      serviceId: id,
      resourceId: far,
    });
    expect([evening.status, abroad.status]).toEqual([201, 201]);
    const again = await book(addDays(monday, 1), '09:00', { serviceId: id, resourceId: staff[0] });
    expect(again.body).toMatchObject({ reason: 'day_full' });
    const abroadAgain = await tenant.book(at(addDays(monday, 2), '07:30', 'Asia/Tokyo'), {
      serviceId: id,
      resourceId: far,
    });
    expect(abroadAgain.status).toBe(201);
  });

  it('leaves other services alone', async () => {
    await Promise.all(times.slice(0, 3).map((time) => book(monday, time)));
    expect((await tenant.book(at(monday, '12:00'))).status).toBe(201);
  });

  it('tells an agent who repeats what filled the day of the booking there is', async () => {
    await tenant.ask('PATCH', `/api/services/${serviceId}`, { maxPerDay: 1 });
    const say = () =>
      tenant.ask<{ ok: boolean; booking: { id: string } }>('POST', '/api/agent-tools/create_booking', {
        ...{ date: monday, time: '10:00', service: 'Check-up', name: 'Ana Flores', phone: '+14155550100' },
      });
    const first = await say();
    expect(first.body).toMatchObject({ ok: true });
    expect((await say()).body.booking.id).toBe(first.body.booking.id);
  });
});
