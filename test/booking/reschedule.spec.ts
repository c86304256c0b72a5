import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { AuditPage } from '../../src/booking/audit.service.js';
import type { HoldView } from '../../src/booking/hold.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { type Answer, connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf } from './described-week.js';

describe('moving a booking', () => {
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

  const move = (id: string, body: object) =>
    tenant.ask<BookingView>('POST', `/api/bookings/${id}/reschedule`, body);
  const to = (id: string, time: string, date = monday) => move(id, { startsAt: at(date, time) });
  const booked = async (time: string, body: object = {}): Promise<BookingView> => {
    const answer = await tenant.book(at(monday, time), body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const get = async (id: string) => (await tenant.ask<BookingView>('GET', `/api/bookings/${id}`)).body;
  const slotAt = async (startsAt: string, query = ''): Promise<string> => {
    const { body } = await tenant.ask<Availability>(
      'GET',
      `/api/availability?date=${startsAt.slice(0, 10)}&${query}`,
    );
    return body.slots.find((slot) => slot.startsAt === startsAt)!.slotId;
  };
  const auditOf = async (id: string) =>
    (await tenant.ask<AuditPage>('GET', `/api/bookings/${id}/audit`)).body.items;
  const alternativesIn = ({ body }: Answer<unknown>): { startsAt: string; slotId: string }[] =>
    (body as { alternatives: { startsAt: string; slotId: string }[] }).alternatives;

  it('takes the new time and gives back the old one', async () => {
    const before = await booked('10:00');
    const moved = await to(before.id, '14:00');
    expect(moved).toMatchObject({ status: 200 });
    expect(moved.body).toEqual({ ...before, startsAt: at(monday, '14:00'), endsAt: at(monday, '15:00') });
    expect(await get(before.id)).toEqual(moved.body);
    const offered = await tenant.offered(monday);
    expect(offered).toContain('10:00');
    expect(offered).not.toContain('14:00');
  });

  it('goes by a slot that was offered as well', async () => {
    const { id } = await booked('10:00');
    const moved = await move(id, { slotId: await slotAt(at(monday, '15:00')) });
    expect(moved.body.startsAt).toBe(at(monday, '15:00'));
  });

  it('keeps the old time when somebody else has the new one, and offers others', async () => {
    const before = await booked('10:00');
    await booked('14:00');
    const refused = await to(before.id, '14:00');
    expect(refused).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
    expect(alternativesIn(refused).map(({ startsAt }) => startsAt)).toContain(at(monday, '15:00'));
    expect(await get(before.id)).toEqual(before);
    expect(await tenant.offered(monday)).not.toContain('10:00');
    expect((await auditOf(before.id)).map(({ action }) => action)).toEqual(['created']);
    const instead = alternativesIn(refused)[0]!;
    expect((await move(before.id, { slotId: instead.slotId })).body.startsAt).toBe(instead.startsAt);
  });

  it.each([
    ['outside_hours', '03:00'],
    ['off_grid', '14:30'],
  ])('keeps the old time when the new one is not offered: %s', async (reason, time) => {
    const before = await booked('10:00');
    expect(await to(before.id, time)).toMatchObject({
      status: 422,
      body: { code: 'outside_availability', reason },
    });
    expect(await get(before.id)).toEqual(before);
  });

  it('does not stand in its own way: half an hour later, for an hour’s appointment', async () => {
    const { id: serviceId } = await tenant.addService({ slotStepMinutes: 30, bufferAfterMinutes: 30 });
    const { id } = await booked('10:00', { serviceId });
    expect((await to(id, '10:30')).status).toBe(200);
    expect((await to(id, '10:00')).status).toBe(200);
    expect(await tenant.offered(monday, `serviceId=${serviceId}`)).toContain('11:30');
  });

  it('names its own time among the alternatives, too', async () => {
    const { id: serviceId } = await tenant.addService({ slotStepMinutes: 30 });
    const { id } = await booked('10:00', { serviceId });
    await booked('11:00', { serviceId });
    const refused = await to(id, '10:30');
    expect(refused.status).toBe(409);
    expect(alternativesIn(refused).map(({ startsAt }) => startsAt)).toContain(at(monday, '09:30'));
  });

  it('changes nothing where it is already', async () => {
    const before = await booked('10:00');
    await tenant.ask('PUT', '/api/working-hours', { weekly: [], overrides: [] });
    for (const there of [
      { startsAt: at(monday, '10:00') },
      { startsAt: new Date(at(monday, '10:00')).toISOString(), resourceId: before.resourceId },
    ]) {
      expect(await move(before.id, there)).toMatchObject({ status: 200, body: before });
    }
    expect((await auditOf(before.id)).map(({ action }) => action)).toEqual(['created']);
  });

  describe('of a service that several give', () => {
    let staff: string[];
    let serviceId: string;

    beforeEach(async () => {
      staff = [];
      for (const name of ['Ada', 'Ben']) staff.push((await tenant.addResource({ name })).id);
      serviceId = (await tenant.addService({ resourceIds: staff })).id;
    });

    it('keeps the resource if it is free', async () => {
      for (const resourceId of staff) {
        const { id } = await booked('10:00', { serviceId, resourceId });
        expect((await to(id, '14:00')).body.resourceId).toBe(resourceId);
      }
    });

    it('goes to another resource if its own is taken', async () => {
      await booked('14:00', { serviceId, resourceId: staff[0] });
      const { id } = await booked('10:00', { serviceId, resourceId: staff[0] });
      const moved = await to(id, '14:00');
      expect(moved.body).toMatchObject({ resourceId: staff[1], startsAt: at(monday, '14:00') });
      expect((await auditOf(id)).at(-1)?.changes['resourceId']).toEqual({ from: staff[0], to: staff[1] });
    });

    it('goes to the resource that is asked for, at another time or the same, or not at all', async () => {
      const { id } = await booked('10:00', { serviceId, resourceId: staff[0] });
      const startsAt = at(monday, '10:00');
      expect((await move(id, { startsAt, resourceId: staff[1] })).body.resourceId).toBe(staff[1]);
      await booked('14:00', { serviceId, resourceId: staff[0] });
      const refused = await move(id, { startsAt: at(monday, '14:00'), resourceId: staff[0] });
      expect(refused.status).toBe(409);
      const slotId = await slotAt(at(monday, '15:00'), `serviceId=${serviceId}&resourceId=${staff[0]}`);
      expect((await move(id, { slotId })).body.resourceId).toBe(staff[0]);
    });

    it('is in the zone of the resource that gives it', async () => {
      await tenant.ask('PATCH', `/api/resources/${staff[1]}`, { timezone: 'America/Chicago' });
      const { id } = await booked('10:00', { serviceId, resourceId: staff[0] });
      const { body } = await move(id, { startsAt: at(monday, '11:00'), resourceId: staff[1] });
      expect(body).toMatchObject({
        timezone: 'America/Chicago',
        startsAt: at(monday, '10:00', 'America/Chicago'),
      });
    });
  });

  describe('is refused by name', () => {
    it('for a slot of another service', async () => {
      const { id } = await booked('10:00');
      const other = await tenant.addService();
      const slotId = await slotAt(at(monday, '14:00'), `serviceId=${other.id}`);
      expect(fieldsOf(await move(id, { slotId }))).toEqual(['slotId']);
    });

    it('for a resource that does not give the service, or is not there', async () => {
      const { id } = await booked('10:00');
      const other = await tenant.addResource();
      await tenant.addService({ resourceIds: [other.id] });
      const theirs = await (await aDescribedTenant(app)).firstResource();
      for (const resourceId of [other.id, theirs.id, '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11']) {
        const answer = await move(id, { startsAt: at(monday, '14:00'), resourceId });
        expect(answer.status).toBe(400);
        expect(fieldsOf(answer)).toEqual(['resourceId']);
      }
    });

    it.each([
      ['startsAt', {}],
      ['startsAt', { startsAt: '2027-02-30T10:00:00Z' }],
      ['startsAt', { startsAt: '2027-01-20T10:00:00Z', slotId: 'x' }],
      ['slotId', { slotId: 'x' }],
      ['resourceId', { startsAt: '2027-01-20T10:00:00Z', resourceId: 'x' }],
      ['serviceId', { startsAt: '2027-01-20T10:00:00Z', serviceId: 'x' }],
    ])('for a wrong %s', async (field, body) => {
      const { id } = await booked('10:00');
      const answer = await move(id, body);
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toContain(field);
    });
  });

  it('is for one whose time has passed, too', async () => {
    const { id } = await booked('10:00');
    await app.database.query(
      `UPDATE booking SET starts_at = starts_at - interval '60 days', ends_at = ends_at - interval '60 days',
         blocked = tstzrange(starts_at - interval '60 days', ends_at - interval '60 days') WHERE id = $1`,
      [id],
    );
    expect(await to(id, '14:00')).toMatchObject({ status: 200, body: { startsAt: at(monday, '14:00') } });
  });

  it('is for what nothing came of yet', async () => {
    for (const [change, code] of [
      ['cancel', 422],
      ['complete', 422],
      ['no-show', 422],
    ] as const) {
      const { id } = await booked('10:00');
      await tenant.ask('POST', `/api/bookings/${id}/${change}`, change === 'cancel' ? {} : undefined);
      expect(await to(id, '14:00')).toMatchObject({ status: code, body: { code: 'booking_not_changeable' } });
    }
    const { body: held } = await tenant.ask<HoldView>('POST', '/api/holds', {
      startsAt: at(monday, '12:00'),
    });
    expect((await to(held.id, '14:00')).status).toBe(404);
  });

  it('goes by the rules there are: not of a service that is not offered any more', async () => {
    const service = await tenant.addService();
    const { id, resourceId } = await booked('10:00', { serviceId: service.id });
    await tenant.ask('DELETE', `/api/services/${service.id}`);
    for (const body of [{}, { resourceId }]) {
      expect(await move(id, { startsAt: at(monday, '14:00'), ...body })).toMatchObject({
        status: 422,
        body: { code: 'booking_not_changeable' },
      });
    }
    expect((await to(id, '10:00')).status).toBe(200);
  });

  describe('to a time that is held', () => {
    const hold = async (time: string, body: object = {}, date = monday): Promise<HoldView> => {
      const answer = await tenant.ask<HoldView>('POST', '/api/holds', { startsAt: at(date, time), ...body });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    };
    const hasRunOut = () => new Promise((resolve) => setTimeout(resolve, 1_050));
    const bookHold = (holdId: string) =>
      tenant.ask<BookingView>('POST', '/api/bookings', { holdId, name: 'Bo', phone: '+14155550199' });
    const release = (holdId: string) => tenant.ask('DELETE', `/api/holds/${holdId}`);
    const statuses = async () =>
      (
        await app.database.query<{ status: string }>(
          'SELECT status FROM booking WHERE tenant_id = $1 ORDER BY status',
          [tenant.id],
        )
      ).map(({ status }) => status);
    const actionsOf = async (id: string) => (await auditOf(id)).map(({ action }) => action);
    /** That a move was refused, and neither the booking nor the hold is any different. */
    const expectBothKept = async (before: BookingView, held: HoldView): Promise<void> => {
      expect(await get(before.id)).toEqual(before);
      expect(await actionsOf(before.id)).toEqual(['created']);
      expect(await actionsOf(held.id)).toEqual(['held']);
      expect(await tenant.book(held.startsAt, { resourceId: held.resourceId })).toMatchObject({
        status: 409,
        body: { code: 'slot_taken' },
      });
    };

    it.each([
      ['by the hold alone', () => ({})],
      ['with the same start', () => ({ startsAt: at(monday, '14:00') })],
      [
        'with the same start in another offset',
        () => ({ startsAt: new Date(at(monday, '14:00')).toISOString() }),
      ],
      ['with the slot that was held', ({ slotId }: HoldView) => ({ slotId })],
      ['with the resource', ({ resourceId }: HoldView) => ({ resourceId })],
    ])('takes the place of the hold: %s', async (_how, said) => {
      const before = await booked('10:00');
      const held = await hold('14:00');
      const moved = await move(before.id, { holdId: held.id, ...said(held) });
      expect(moved).toMatchObject({ status: 200 });
      expect(moved.body).toEqual({ ...before, startsAt: at(monday, '14:00'), endsAt: at(monday, '15:00') });
      expect(await statuses()).toEqual(['confirmed']);
      const offered = await tenant.offered(monday);
      expect(offered).toContain('10:00');
      expect(offered).not.toContain('14:00');
    });

    it('is in the trail of both: what became of the hold, and where the booking went', async () => {
      const { id } = await booked('10:00');
      const held = await hold('14:00');
      await move(id, { holdId: held.id });
      expect((await auditOf(held.id)).slice(1)).toMatchObject([
        {
          action: 'released',
          changes: { status: { from: 'held', to: null }, usedByBookingId: { from: null, to: id } },
        },
      ]);
      expect((await auditOf(id)).slice(1)).toMatchObject([
        {
          action: 'rescheduled',
          changes: { startsAt: { to: new Date(at(monday, '14:00')).toISOString() } },
        },
      ]);
    });

    it('goes to the resource that was held, in its zone', async () => {
      const [ada, ben] = [
        await tenant.addResource({ name: 'Ada' }),
        await tenant.addResource({ name: 'Ben', timezone: 'America/Chicago' }),
      ];
      const { id: serviceId } = await tenant.addService({ resourceIds: [ada.id, ben.id] });
      const { id } = await booked('10:00', { serviceId, resourceId: ada.id });
      const held = await hold('14:00', { serviceId, resourceId: ben.id });
      const { body } = await move(id, { holdId: held.id });
      expect(body).toMatchObject({
        resourceId: ben.id,
        timezone: 'America/Chicago',
        startsAt: at(monday, '13:00', 'America/Chicago'),
      });
      expect((await auditOf(id)).at(-1)?.changes['resourceId']).toEqual({ from: ada.id, to: ben.id });
      // The same start with another resource.
      const back = await hold('14:00', { serviceId, resourceId: ada.id });
      expect((await move(id, { holdId: back.id })).body.resourceId).toBe(ada.id);
    });

    it('is not counted twice: one a day, on both days', async () => {
      const { id: serviceId } = await tenant.addService({ maxPerDay: 1 });
      const tuesday = addDays(monday, 1);
      const { id } = await booked('10:00', { serviceId });
      const held = await hold('10:00', { serviceId }, tuesday);
      expect((await move(id, { holdId: held.id })).body.startsAt).toBe(at(tuesday, '10:00'));
      expect((await tenant.book(at(tuesday, '12:00'), { serviceId })).body).toMatchObject({
        reason: 'day_full',
      });
      expect((await tenant.book(at(monday, '12:00'), { serviceId })).status).toBe(201);
    });

    it('is not asked again for hours, notice, steps and limits, as a hold that is booked is not', async () => {
      const { id: serviceId } = await tenant.addService({ maxPerDay: 3 });
      const { id } = await booked('10:00', { serviceId });
      const held = await hold('14:00', { serviceId });
      await tenant.ask('PUT', '/api/working-hours', { weekly: [], overrides: [] });
      const rules = { minNoticeMinutes: 525_600, slotStepMinutes: 7, maxPerDay: 1 };
      await tenant.ask('PATCH', `/api/services/${serviceId}`, rules);
      expect((await move(id, { holdId: held.id })).status).toBe(200);
    });

    it('counts for good when the hold runs out at that very moment', async () => {
      const { id: serviceId } = await tenant.addService({ maxPerDay: 1 });
      const tuesday = addDays(monday, 1);
      const { id } = await booked('10:00', { serviceId });
      const held = await hold('10:00', { serviceId, ttlSeconds: 1 }, tuesday);
      // Keeps the transaction of the move from ending until the hold would have run out.
      const slow = app.database.query(
        'BEGIN; LOCK TABLE event_write IN EXCLUSIVE MODE; SELECT pg_sleep(2); COMMIT',
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      const moving = move(id, { holdId: held.id });
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const answers = await Promise.all([
        moving,
        tenant.book(at(tuesday, '12:00'), { serviceId }),
        tenant.book(at(tuesday, '10:00')),
      ]);
      await slow;
      expect(answers.map(({ status }) => status)).toEqual([200, 422, 409]);
    });

    it('is the same when it is said again, and refused to everybody else', async () => {
      const { id } = await booked('10:00');
      const other = await booked('11:00');
      const held = await hold('14:00');
      const first = await move(id, { holdId: held.id });
      expect(await move(id, { holdId: held.id })).toMatchObject({ status: 200, body: first.body });
      expect(fieldsOf(await move(id, { holdId: held.id, startsAt: at(monday, '15:00') }))).toEqual([
        'startsAt',
      ]);
      expect(await actionsOf(id)).toEqual(['created', 'rescheduled']);
      for (const answer of [
        await move(other.id, { holdId: held.id }),
        await move(other.id, { holdId: held.id, startsAt: at(monday, '14:00') }),
        await bookHold(held.id),
        await release(held.id),
      ]) {
        expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
      }
      await to(id, '15:00');
      expect(await move(id, { holdId: held.id })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    });

    describe('refuses, and keeps both', () => {
      it.each([
        ['startsAt', () => ({ startsAt: at(monday, '15:00') })],
        ['slotId', async () => ({ slotId: await slotAt(at(monday, '15:00')) })],
        ['resourceId', async () => ({ resourceId: (await tenant.addResource()).id })],
        ['startsAt', ({ slotId }: HoldView) => ({ slotId, startsAt: at(monday, '14:00') })],
        ['holdId', () => ({ holdId: 'x' })],
      ])('another %s by its name', async (field, naming) => {
        const before = await booked('10:00');
        const held = await hold('14:00');
        const answer = await move(before.id, { holdId: held.id, ...(await naming(held)) });
        expect(answer.status).toBe(400);
        expect(fieldsOf(answer)).toEqual([field]);
        await expectBothKept(before, held);
      });

      it('a hold of another service, also one that has run out or was released', async () => {
        const { id: serviceId } = await tenant.addService();
        const before = await booked('10:00');
        const held = await hold('14:00', { serviceId });
        expect(fieldsOf(await move(before.id, { holdId: held.id }))).toEqual(['holdId']);
        await expectBothKept(before, held);
        const late = await hold('15:00', { serviceId, ttlSeconds: 1 });
        await release(held.id);
        await hasRunOut();
        for (const { id: holdId, startsAt } of [held, late])
          expect(fieldsOf(await move(before.id, { holdId, startsAt }))).toEqual(['holdId']);
      });

      it('a hold that there never was, or that is another organisation’s', async () => {
        const before = await booked('10:00');
        const other = await booked('11:00');
        const neighbour = await aDescribedTenant(app);
        const startsAt = at(monday, '14:00');
        const theirs = await neighbour.ask<HoldView>('POST', '/api/holds', { startsAt });
        for (const holdId of [theirs.body.id, other.id, before.id, '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11']) {
          for (const said of [{}, { startsAt }])
            expect(await move(before.id, { holdId, ...said })).toMatchObject({
              status: 404,
              body: { code: 'not_found' },
            });
        }
        const held = await hold('15:00');
        expect((await move(theirs.body.id, { holdId: held.id })).status).toBe(404);
        await expectBothKept(before, held);
      });

      it('a hold that has been booked', async () => {
        const before = await booked('10:00');
        const held = await hold('14:00');
        await bookHold(held.id);
        for (const id of [before.id, held.id])
          expect(await move(id, { holdId: held.id })).toMatchObject({
            status: 409,
            body: { code: 'conflict' },
          });
        expect(await get(before.id)).toEqual(before);
      });

      it('a booking that is over', async () => {
        const { id } = await booked('10:00');
        await tenant.ask('POST', `/api/bookings/${id}/cancel`, {});
        const held = await hold('14:00');
        expect(await move(id, { holdId: held.id })).toMatchObject({
          status: 422,
          body: { code: 'booking_not_changeable' },
        });
        expect((await bookHold(held.id)).status).toBe(201);
      });

      it('a service that is not offered any more, or a resource that does not give it', async () => {
        const [ada, ben] = [
          await tenant.addResource({ name: 'Ada' }),
          await tenant.addResource({ name: 'Ben' }),
        ];
        const { id: serviceId } = await tenant.addService({ resourceIds: [ada.id, ben.id] });
        const { id } = await booked('10:00', { serviceId, resourceId: ada.id });
        const { id: holdId } = await hold('14:00', { serviceId, resourceId: ben.id });
        await tenant.ask('PATCH', `/api/services/${serviceId}`, { resourceIds: [ada.id] });
        expect(fieldsOf(await move(id, { holdId }))).toEqual(['holdId']);
        await tenant.ask('DELETE', `/api/services/${serviceId}`);
        expect(await move(id, { holdId })).toMatchObject({
          status: 422,
          body: { code: 'booking_not_changeable' },
        });
        expect(await actionsOf(holdId)).toEqual(['held']);
      });

      it('what the database does not take in the end', async () => {
        const before = await booked('10:00');
        const held = await hold('14:00');
        await app.database.query(
          `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
           CREATE TRIGGER refusing BEFORE UPDATE ON event_write FOR EACH ROW EXECUTE FUNCTION refuse()`,
        );
        try {
          expect((await move(before.id, { holdId: held.id })).status).toBe(503);
        } finally {
          await app.database.query('DROP TRIGGER refusing ON event_write; DROP FUNCTION refuse()');
        }
        await expectBothKept(before, held);
        expect((await move(before.id, { holdId: held.id })).status).toBe(200);
      });
    });

    describe('when the hold has run out', () => {
      it('goes to its time and resource if they are still free', async () => {
        const { id } = await booked('10:00');
        const held = await hold('14:00', { ttlSeconds: 1 });
        await hasRunOut();
        const moved = await move(id, { holdId: held.id });
        expect(moved).toMatchObject({ status: 200, body: { startsAt: at(monday, '14:00') } });
        expect(await statuses()).toEqual(['confirmed']);
      });

      it('keeps the old time if somebody else has it, or the rules have changed', async () => {
        const before = await booked('10:00');
        const held = await hold('14:00', { ttlSeconds: 1 });
        const late = await hold('15:00', { ttlSeconds: 1 });
        await hasRunOut();
        expect(fieldsOf(await move(before.id, { holdId: held.id, startsAt: at(monday, '16:00') }))).toEqual([
          'startsAt',
        ]);
        await booked('15:00');
        const weekly = [{ day: 1, start: '09:00', end: '12:00' }];
        await tenant.ask('PUT', '/api/working-hours', { weekly, overrides: [] });
        expect(await move(before.id, { holdId: held.id })).toMatchObject({
          status: 422,
          body: { code: 'outside_availability', reason: 'outside_hours' },
        });
        // The booking has taken the place of the hold's row, so it is not known any more which time was meant.
        expect(await move(before.id, { holdId: late.id })).toMatchObject({
          status: 409,
          body: { code: 'hold_expired' },
        });
        expect(await get(before.id)).toEqual(before);
        expect((await move(before.id, { holdId: late.id, startsAt: at(monday, '11:00') })).status).toBe(200);
      });

      it('names the hold where its resource does not give the service any more', async () => {
        const [ada, ben] = [
          await tenant.addResource({ name: 'Ada' }),
          await tenant.addResource({ name: 'Ben' }),
        ];
        const { id: serviceId } = await tenant.addService({ resourceIds: [ada.id, ben.id] });
        const { id } = await booked('10:00', { serviceId, resourceId: ada.id });
        const held = await hold('14:00', { serviceId, resourceId: ben.id, ttlSeconds: 1 });
        await tenant.ask('PATCH', `/api/services/${serviceId}`, { resourceIds: [ada.id] });
        await hasRunOut();
        expect(fieldsOf(await move(id, { holdId: held.id }))).toEqual(['holdId']);
        expect((await move(id, { holdId: held.id, startsAt: held.startsAt })).body.resourceId).toBe(ada.id);
      });
    });

    describe('at once with others', () => {
      it('lets one of two bookings have it, and keeps the other', async () => {
        for (let round = 0; round < 5; round += 1) {
          const [first, second] = [await booked('10:00'), await booked('11:00')];
          const { id: holdId } = await hold('14:00');
          const answers = await Promise.all([first, second].map(({ id }) => move(id, { holdId })));
          expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
          expect(answers.find(({ status }) => status === 409)?.body.code).toBe('conflict');
          const starts = [(await get(first.id)).startsAt, (await get(second.id)).startsAt].sort();
          expect([
            [first.startsAt, at(monday, '14:00')],
            [second.startsAt, at(monday, '14:00')],
          ]).toContainEqual(starts);
          for (const { id } of [first, second]) await tenant.ask('POST', `/api/bookings/${id}/cancel`, {});
        }
      });

      it('moves once when the same is said many times', async () => {
        const { id } = await booked('10:00');
        const { id: holdId } = await hold('14:00');
        const answers = await Promise.all(Array.from({ length: 6 }, () => move(id, { holdId })));
        expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
        expect(await actionsOf(id)).toEqual(['created', 'rescheduled']);
      });

      it('is moved to or booked, never both, and nobody has its time between', async () => {
        for (let round = 0; round < 8; round += 1) {
          const { id } = await booked('10:00');
          const { id: holdId } = await hold('14:00');
          const both = [() => move(id, { holdId }), () => bookHold(holdId)];
          const answers = await Promise.all([
            ...(round % 2 === 0 ? both : both.reverse()).map((request) => request()),
            ...Array.from({ length: 3 }, () => tenant.book(at(monday, '14:00'))),
          ]);
          expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
          expect(answers.slice(0, 2).map(({ body }) => body.code)).toContain('conflict');
          expect(answers.slice(2).map(({ body }) => body.code)).toEqual(Array(3).fill('slot_taken'));
          for (const made of [id, holdId]) await tenant.ask('POST', `/api/bookings/${made}/cancel`, {});
        }
      });

      it('is moved to or released, never both', async () => {
        for (let round = 0; round < 5; round += 1) {
          const { id } = await booked('10:00');
          const { id: holdId } = await hold('14:00');
          const [moved, released] = await Promise.all([move(id, { holdId }), release(holdId)]);
          expect([
            [200, 409],
            [409, 204],
          ]).toContainEqual([moved.status, released.status]);
          expect((await get(id)).startsAt).toBe(at(monday, moved.status === 200 ? '14:00' : '10:00'));
          await tenant.ask('POST', `/api/bookings/${id}/cancel`, {});
        }
      });
    });
  });

  describe('at once with others', () => {
    it('lets one of those who want the new time have it', async () => {
      const [first, second] = [await booked('09:00'), await booked('10:00')];
      const answers = await Promise.all([
        to(first.id, '14:00'),
        tenant.book(at(monday, '14:00')),
        to(second.id, '14:00'),
        tenant.book(at(monday, '14:00')),
        tenant.ask('POST', '/api/holds', { startsAt: at(monday, '14:00') }),
      ]);
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(4);
      const [row] = await app.database.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM booking WHERE tenant_id = $1 AND starts_at = $2`,
        [tenant.id, at(monday, '14:00')],
      );
      expect(row?.n).toBe(1);
    });

    it('ends where one of two moves of the same booking went', async () => {
      const { id } = await booked('10:00');
      const answers = await Promise.all([to(id, '13:00'), to(id, '14:00'), to(id, '15:00')]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      const { startsAt } = await get(id);
      const history = (await auditOf(id)).filter(({ action }) => action === 'rescheduled');
      expect(history).toHaveLength(3);
      // Each went on from where the one before had left it.
      const steps = history.map(({ changes }) => changes['startsAt']!);
      expect(steps.map(({ from }) => from).slice(1)).toEqual(steps.map((step) => step.to).slice(0, -1));
      expect(Date.parse(steps.at(-1)!.to!)).toBe(Date.parse(startsAt));
      expect(await tenant.offered(monday)).toHaveLength(7);
    });

    it('lets two who want to change places through only if there is room at each moment', async () => {
      const [first, second] = [await booked('10:00'), await booked('11:00')];
      const answers = await Promise.all([to(first.id, '11:00'), to(second.id, '10:00')]);
      expect(answers.map(({ status }) => status)).toEqual([409, 409]);
      expect([(await get(first.id)).startsAt, (await get(second.id)).startsAt]).toEqual([
        first.startsAt,
        second.startsAt,
      ]);
    });

    it('is cancelled in the end if it is cancelled at the same time', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { id } = await booked('10:00');
        const [moved, cancelled] = await Promise.all([
          to(id, '14:00'),
          tenant.ask('POST', `/api/bookings/${id}/cancel`, {}),
        ]);
        expect([200, 422]).toContain(moved.status);
        expect(cancelled.status).toBe(200);
        expect((await get(id)).status).toBe('cancelled');
        expect(await tenant.offered(monday)).toHaveLength(8);
      }
    });

    it('never waits for each other in a circle: many of many, among three resources', async () => {
      const staff: string[] = [];
      for (const name of ['Ada', 'Ben', 'Cem']) staff.push((await tenant.addResource({ name })).id);
      const { id: serviceId } = await tenant.addService({ resourceIds: staff, maxPerDay: 30 });
      const made = await Promise.all(
        ['09:00', '09:00', '10:00', '10:00', '11:00', '11:00'].map((time) => booked(time, { serviceId })),
      );
      const hours = ['12:00', '13:00', '14:00', '15:00'];
      const held = await Promise.all(
        ['12:00', '14:00', '16:00'].map((time) =>
          tenant.ask<HoldView>('POST', '/api/holds', { startsAt: at(monday, time), serviceId }),
        ),
      );
      const answers = await Promise.all([
        ...made.flatMap(({ id }, index) => hours.map((_, n) => to(id, hours[(index + n) % hours.length]!))),
        ...hours.map((time) => tenant.book(at(monday, time), { serviceId })),
        ...hours.map((time) =>
          tenant.ask('POST', '/api/holds', { startsAt: at(monday, time), serviceId, ttlSeconds: 1 }),
        ),
        ...made.slice(0, 2).map(({ id }) => tenant.ask('POST', `/api/bookings/${id}/cancel`, {})),
        ...made.map(({ id }, index) => move(id, { holdId: held[index % held.length]!.body.id })),
        ...held.map(({ body }) =>
          tenant.ask('POST', '/api/bookings', { holdId: body.id, name: 'Bo', phone: '+14155550199' }),
        ),
      ]);
      for (const { status } of answers) expect([200, 201, 409, 422]).toContain(status);
      const overlapping = await app.database.query(
        `SELECT 1 FROM booking a JOIN booking b ON a.tenant_id = b.tenant_id AND a.resource_id = b.resource_id
           AND a.blocked && b.blocked AND a.id < b.id
         WHERE a.tenant_id = $1 AND a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')`,
        [tenant.id],
      );
      expect(overlapping).toEqual([]);
      const [server] = await app.database.query<{ deadlocks: number }>(
        `SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`,
      );
      expect(server?.deadlocks).toBe(0);
    });
  });

  describe('with a connected calendar', () => {
    let email: string;

    beforeEach(async () => {
      email = `owner-${tenant.id}@acme.example`;
      app.google.addAccount({ email, timeZone: 'America/New_York' });
      await connectGoogle(app, tenant, email);
    });
    afterEach(() => app.google.clearFaults());

    const events = () =>
      app.google
        .account(email)
        .calendar()
        .events()
        .filter(({ status }) => status !== 'cancelled');
    const ownersEvent = (from: string, until: string) =>
      app.google
        .account(email)
        .calendar()
        .addEvent({ start: { dateTime: at(monday, from) }, end: { dateTime: at(monday, until) } });

    it('moves the event, and its Meet link stays', async () => {
      const before = await booked('10:00');
      expect(before.meetLink).toMatch(/^https:/);
      const moved = await to(before.id, '14:00');
      expect(moved.body).toMatchObject({ meetLink: before.meetLink, calendar: { status: 'synced' } });
      const [event, ...others] = events();
      expect(others).toEqual([]);
      expect(event).toMatchObject({ hangoutLink: before.meetLink });
      expect(Date.parse(event?.start?.dateTime ?? '')).toBe(Date.parse(at(monday, '14:00')));
    });

    it('does not write to the calendar where nothing changes', async () => {
      const { id } = await booked('10:00');
      app.google.clearRequests();
      expect((await to(id, '10:00')).status).toBe(200);
      expect(app.google.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    });

    it('is not kept from a time by its own event, but by others', async () => {
      const { id: serviceId } = await tenant.addService({ slotStepMinutes: 30 });
      const { id } = await booked('10:00', { serviceId });
      expect((await to(id, '10:30')).status).toBe(200);
      ownersEvent('12:00', '12:30');
      expect((await to(id, '11:00')).status).toBe(200);
      const refused = await to(id, '11:30');
      expect(refused.status).toBe(409);
      expect(alternativesIn(refused).map(({ startsAt }) => startsAt)).toContain(at(monday, '10:30'));
    });

    it('goes back to where it was while its event could not be moved yet', async () => {
      const { id } = await booked('10:00');
      app.google.fault({ on: /^events\.(update|patch)$/, status: 503, times: Infinity });
      expect((await to(id, '14:00')).body.calendar.status).toBe('pending');
      expect((await to(id, '10:00')).status).toBe(200);
      expect((await tenant.book(at(monday, '14:00'))).status).toBe(201);
      app.google.clearFaults();
      await eventually(async () => expect((await get(id)).calendar.status).toBe('synced'));
      expect(
        events()
          .map(({ start }) => Date.parse(start?.dateTime ?? ''))
          .sort(),
      ).toEqual([Date.parse(at(monday, '10:00')), Date.parse(at(monday, '14:00'))]);
    });

    it('goes to a time that is held unless the owner is busy then, and the event goes with it', async () => {
      const before = await booked('10:00');
      const held = await tenant.ask<HoldView>('POST', '/api/holds', { startsAt: at(monday, '14:00') });
      ownersEvent('14:30', '14:45');
      const refused = await move(before.id, { holdId: held.body.id });
      expect(refused).toMatchObject({ status: 409, body: { code: 'slot_taken' } });
      expect(alternativesIn(refused)).toHaveLength(3);
      expect((await get(before.id)).startsAt).toBe(before.startsAt);
      const other = await tenant.ask<HoldView>('POST', '/api/holds', { startsAt: at(monday, '15:00') });
      const moved = await move(before.id, { holdId: other.body.id });
      expect(moved.body).toMatchObject({ meetLink: before.meetLink, calendar: { status: 'synced' } });
      expect(events().map(({ start }) => Date.parse(start?.dateTime ?? ''))).toContain(
        Date.parse(at(monday, '15:00')),
      );
    });

    it('answers within the budget while Google hangs, and the event follows', async () => {
      const { id } = await booked('10:00');
      app.google.fault({ on: /./, hang: true, times: Infinity });
      const started = performance.now();
      const moved = await to(id, '14:00', addDays(monday, 1));
      expect(moved).toMatchObject({ status: 200, body: { calendar: { status: 'pending' } } });
      expect(performance.now() - started).toBeLessThan(app.settings.calendarBudgetMs + 1_500);
      app.google.clearFaults();
      await eventually(async () => expect((await get(id)).calendar.status).toBe('synced'));
      expect(Date.parse(events()[0]?.start?.dateTime ?? '')).toBe(
        Date.parse(at(addDays(monday, 1), '14:00')),
      );
    });
  });
});
