import type { Availability } from '../../src/booking/availability/availability.service.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';
import { at, upcoming } from '../support/dates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant } from './described-week.js';

const HOURS = ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00'];

describe('a service that several can give', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  let serviceId: string;
  /** Three. */
  let staff: string[];
  const monday = upcoming(1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
    staff = [];
    for (const name of ['Ada', 'Ben', 'Cem']) staff.push((await tenant.addResource({ name })).id);
    serviceId = (await tenant.addService({ resourceIds: staff })).id;
  });

  const bookedBy = async (resourceId: string): Promise<number> => {
    const [row] = await app.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM booking WHERE tenant_id = $1 AND resource_id = $2 AND status = 'confirmed'`,
      [tenant.id, resourceId],
    );
    return row!.n;
  };
  const shares = () => Promise.all(staff.map(bookedBy));
  const slotAt = async (startsAt: string, query = ''): Promise<string> => {
    const { body } = await tenant.ask<Availability>(
      'GET',
      `/api/availability?date=${startsAt.slice(0, 10)}&serviceId=${serviceId}&${query}`,
    );
    return body.slots.find((slot) => slot.startsAt === startsAt)!.slotId;
  };

  it.each([
    ['by the start', async (startsAt: string) => Promise.resolve({ startsAt, serviceId })],
    ['by the same slot', async (startsAt: string) => ({ slotId: await slotAt(startsAt) })],
  ])('is booked by as many of nine callers at once as there are resources, %s', async (_how, naming) => {
    const wish = await naming(at(monday, '10:00'));
    const answers = await Promise.all(
      Array.from({ length: 9 }, () => tenant.book(at(monday, '10:00'), { startsAt: undefined, ...wish })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      201,
      201,
      ...Array<number>(6).fill(409),
    ]);
    expect(new Set(answers.flatMap(({ status, body }) => (status === 201 ? [body.resourceId] : [])))).toEqual(
      new Set(staff),
    );
    const refused = answers.find(({ status }) => status === 409)!.body as { alternatives?: object[] };
    expect(refused).toMatchObject({ code: 'slot_taken' });
    expect(refused.alternatives).toHaveLength(3);
  });

  it('is booked by as many of nine agents’ callers at once as there are resources', async () => {
    const slot_id = await slotAt(at(monday, '10:00'));
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, index) =>
        tenant.ask<{ ok: boolean }>('POST', '/api/agent-tools/create_booking', {
          slot_id,
          name: 'Ana Flores',
          phone: `+1415555010${index}`,
        }),
      ),
    );
    expect(answers.filter(({ body }) => body.ok)).toHaveLength(3);
    expect(answers.filter(({ body }) => body.code === 'slot_taken')).toHaveLength(6);
    expect(await shares()).toEqual([1, 1, 1]);
  });

  it('gives one agent who says it several times at once one booking', async () => {
    const slot_id = await slotAt(at(monday, '10:00'));
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        tenant.ask<{ ok: boolean; booking: { id: string } }>('POST', '/api/agent-tools/create_booking', {
          slot_id,
          name: 'Ana Flores',
          phone: '+14155550100',
        }),
      ),
    );
    expect(new Set(answers.map(({ body }) => body.booking.id)).size).toBe(1);
  });

  it('is shared evenly: twelve bookings of different times of a week at once, four each', async () => {
    const times = [0, 1, 2].flatMap((day) => HOURS.slice(0, 4).map((time) => at(addDays(monday, day), time)));
    const answers = await Promise.all(times.map((startsAt) => tenant.book(startsAt, { serviceId })));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    expect(await shares()).toEqual([4, 4, 4]);
  });

  it('evens out what was booked with somebody in particular', async () => {
    for (const time of HOURS.slice(0, 3)) {
      await tenant.book(at(monday, time), { serviceId, resourceId: staff[0] });
    }
    const tuesday = addDays(monday, 1);
    for (const time of HOURS.slice(0, 6)) await tenant.book(at(tuesday, time), { serviceId });
    expect(await shares()).toEqual([3, 3, 3]);
  });

  it('counts from Monday to Sunday where the organisation is', async () => {
    // 09:00 on Monday in Auckland is Sunday in UTC.
    const there = await aDescribedTenant(app, 'Pacific/Auckland');
    const zone = 'Pacific/Auckland';
    const own: string[] = [];
    for (const name of ['Ada', 'Ben']) own.push((await there.addResource({ name })).id);
    const service = await there.addService({ resourceIds: own });
    const first = addDays(upcoming(1, zone), 7);
    const nextWeek = addDays(first, 7);
    const firstBooked = await there.book(at(first, '09:00', zone), {
      serviceId: service.id,
      resourceId: own[0],
    });
    expect(firstBooked.status).toBe(201);
    // Ada is busier in the first week only; in the next nobody is, and Ada and Ben were never assigned.
    const sameWeek = await there.book(at(addDays(first, 4), '16:00', zone), { serviceId: service.id });
    expect(sameWeek.body.resourceId).toBe(own[1]);
    const [later, again] = [
      await there.book(at(nextWeek, '09:00', zone), { serviceId: service.id }),
      await there.book(at(addDays(nextWeek, 4), '16:00', zone), { serviceId: service.id }),
    ];
    expect([later.body.resourceId, again.body.resourceId]).toEqual([own[0], own[1]]);
  });

  it('goes round: with one booking a week, each is assigned in turn', async () => {
    const givers: string[] = [];
    for (let week = 0; week < 6; week += 1) {
      const { body } = await tenant.book(at(addDays(monday, 7 * week), '10:00'), { serviceId });
      givers.push(body.resourceId);
    }
    expect(new Set(givers.slice(0, 3))).toEqual(new Set(staff));
    expect(givers.slice(3)).toEqual(givers.slice(0, 3));
  });

  it('does not count what was cancelled', async () => {
    const { body } = await tenant.book(at(monday, '09:00'), { serviceId });
    await tenant.ask('POST', `/api/bookings/${body.id}/cancel`, {});
    await tenant.book(at(monday, '10:00'), { serviceId });
    await tenant.book(at(monday, '11:00'), { serviceId });
    await tenant.book(at(monday, '12:00'), { serviceId });
    expect(await shares()).toEqual([1, 1, 1]);
  });

  it('is given by the one who was asked for, or not at all', async () => {
    const slotId = await slotAt(at(monday, '10:00'), `resourceId=${staff[1]}`);
    const wish = { startsAt: undefined, slotId };
    expect((await tenant.book('', wish)).body.resourceId).toBe(staff[1]);
    expect((await tenant.book('', wish)).status).toBe(409);
    expect(await shares()).toEqual([0, 1, 0]);
  });

  it('refuses whoever loses to somebody beside the locks: the constraint has the last word', async () => {
    const startsAt = at(monday, '10:00');
    const { body: other } = await tenant.book(at(monday, '16:00'), { serviceId, resourceId: staff[0] });
    // Not seen by anybody yet when the choice is made, and there when the booking is to be inserted.
    const beside = app.database.query(
      `BEGIN;
       INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
         local_date, customer_name, phone, source)
       SELECT tenant_id, 'BESIDE', resource_id, service_id, status, '${startsAt}', '${startsAt}'::timestamptz + '1 hour',
         tstzrange('${startsAt}', '${startsAt}'::timestamptz + '1 hour'), timezone, local_date, customer_name, phone, source
       FROM booking WHERE id = '${other.id}';
       SELECT pg_sleep(1);
       COMMIT`,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [refused] = await Promise.all([tenant.book(startsAt, { serviceId, resourceId: staff[0] }), beside]);
    expect(refused).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    expect((await tenant.book(startsAt, { serviceId })).status).toBe(201);
  });
});
