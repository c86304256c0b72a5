import fc from 'fast-check';
import type { BookingView } from '../../src/booking/booking.js';
import { Database } from '../../src/platform/database/database.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type Heard, type PhoneCall, rest, spoken } from './on-the-phone.js';

/* Two people who share a phone both get an appointment, and one who says it twice gets one, corrected by what is said last. */

const wednesday = coming(3);
const ten = { date: wednesday, time: '10 AM' };
const label = `${spoken(wednesday)} at 10 AM`;
const home = '+14155550123';

let service: TestApp;
let receptionist: PhoneCall;
let call: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  receptionist = await aReceptionist(service);
  call = receptionist.from(home);
});
afterAll(() => service.close());

/** Another person gives the only service as well. */
async function alsoFree(...names: string[]): Promise<void> {
  const { tenant } = receptionist;
  const { items: services } = await rest<{ items: [{ id: string; resourceIds: string[] }] }>(
    service,
    tenant,
    'GET',
    '/api/services',
  );
  const { id, resourceIds } = services[0];
  for (const name of names) {
    resourceIds.push((await rest<{ id: string }>(service, tenant, 'POST', '/api/resources', { name })).id);
  }
  await rest(service, tenant, 'PATCH', `/api/services/${id}`, { resourceIds });
}

async function bookings(): Promise<BookingView[]> {
  const path = '/api/bookings?status=confirmed';
  return (await rest<{ items: BookingView[] }>(service, receptionist.tenant, 'GET', path)).items;
}

const names = async () => (await bookings()).map(({ name }) => name).sort();
const book = (by: PhoneCall, name: string, wish: object = ten) => by.say('create_booking', { name, ...wish });
const bookedFor = (name: string) => ({
  ok: true,
  say: `You're booked for ${label}. The appointment is under the name ${name}.`,
});

describe('two people at the same time with one number', () => {
  beforeEach(() => alsoFree('Bea'));

  it('are both booked in one call', async () => {
    const [leo, ava] = [await book(call, 'Leo Hall'), await book(call, 'Ava Hall')];
    expect(leo).toMatchObject(bookedFor('Leo Hall'));
    expect(ava).toMatchObject(bookedFor('Ava Hall'));
    expect(ava.booking?.reference).not.toBe(leo.booking?.reference);
    expect(await names()).toEqual(['Ava Hall', 'Leo Hall']);
  });

  it('are both booked at once, in two calls', async () => {
    const both = await Promise.all([book(call, 'Leo Hall'), book(receptionist.from(home), 'Ava Hall')]);
    expect(both).toMatchObject([bookedFor('Leo Hall'), bookedFor('Ava Hall')]);
    expect(await names()).toEqual(['Ava Hall', 'Leo Hall']);
  });

  it.each(['Ina Flores', 'Eva Flores', 'Ana Torres'])(
    'are two, however near the names are: %s',
    async (other) => {
      for (const by of [call, receptionist.from(null)]) {
        const phone = by === call ? {} : { phone: '+14155550999' };
        const at = { date: wednesday, time: by === call ? '10 AM' : '11 AM', ...phone };
        await book(by, 'Ana Flores', at);
        expect(await book(by, other, at)).toMatchObject({ ok: true });
      }
      expect(await names()).toEqual(
        [...Array<string>(2).fill('Ana Flores'), ...Array<string>(2).fill(other)].sort(),
      );
    },
  );

  it('are both booked by two holds, of two calls', async () => {
    const other = receptionist.from(home);
    const [first, second] = [await call.say('hold_slot', ten), await other.say('hold_slot', ten)];
    expect(await book(call, 'Leo Hall', { hold_id: first.hold?.id })).toMatchObject(bookedFor('Leo Hall'));
    expect(await book(other, 'Ava Hall', { hold_id: second.hold?.id })).toMatchObject(bookedFor('Ava Hall'));
    expect(await names()).toEqual(['Ava Hall', 'Leo Hall']);
  });

  it('are both booked by two holds of one call, each with somebody', async () => {
    const [first, second] = [
      await call.say('hold_slot', { ...ten, resource: 'Bea' }),
      await call.say('hold_slot', { ...ten, resource: await firstResource() }),
    ];
    expect(await book(call, 'Leo Hall', { hold_id: first.hold?.id })).toMatchObject(bookedFor('Leo Hall'));
    expect(await book(receptionist.from(null), 'Ben Stone', { ...ten, phone: '+14155550999' })).toMatchObject(
      {
        code: 'slot_taken',
      },
    );
    expect(await book(call, 'Ava Hall', { hold_id: second.hold?.id })).toMatchObject(bookedFor('Ava Hall'));
    expect(await names()).toEqual(['Ava Hall', 'Leo Hall']);
  });

  it('are both booked where the second is said with the hold that the first has used', async () => {
    const { hold } = await call.say('hold_slot', ten);
    expect(await book(call, 'Leo Hall')).toMatchObject(bookedFor('Leo Hall'));
    expect(await book(call, 'Ava Hall', { hold_id: hold?.id })).toMatchObject(bookedFor('Ava Hall'));
    expect(await book(call, 'Leo Hall', { hold_id: hold?.id })).toMatchObject(bookedFor('Leo Hall'));
    expect(await names()).toEqual(['Ava Hall', 'Leo Hall']);
  });

  it('are not told that the second is booked where only one is free', async () => {
    await book(receptionist.from(null), 'Ben Stone', { ...ten, phone: '+14155550999' });
    await book(call, 'Leo Hall');
    const refused = await book(call, 'Ava Hall');
    expect(refused).toMatchObject({
      ok: false,
      code: 'slot_taken',
      say:
        `You already have an appointment on ${label}, under the name Leo Hall. ` +
        'Is that the one you mean, or would you like another time?',
    });
    expect(refused.alternatives).toHaveLength(3);
  });
});

describe('a wish that is said twice', () => {
  const spellings = ['Leo Hall', 'leo hall', 'Leo  Hall', 'LEO HALL.', 'Hall, Leo', 'Léo Hall'];

  beforeEach(() => alsoFree('Bea', 'Cleo'));

  it('is one booking however the name is written, at once and again later', async () => {
    const answers = await Promise.all(spellings.map((name) => book(call, name)));
    answers.push(await book(call, 'leo hall'), await book(receptionist.from(home), 'LEO HALL'));
    expect(new Set(answers.map(({ ok, booking }) => `${ok} ${booking?.reference}`)).size).toBe(1);
    expect(await bookings()).toHaveLength(1);
  });

  it('is one booking by whatever way: its time, its slot, its hold', async () => {
    const { hold } = await call.say('hold_slot', ten);
    const ways = [{ hold_id: hold?.id }, ten, { slot_id: hold?.slot_id }, { hold_id: hold?.id, ...ten }];
    const answers = await Promise.all([...ways, ...ways].map((way) => book(call, 'Leo Hall', way)));
    expect(new Set(answers.map(({ booking }) => booking?.reference)).size).toBe(1);
    expect(await bookings()).toHaveLength(1);
  });

  it('is one booking where the number is given otherwise in the same call, which is the one to reach them at', async () => {
    const first = await book(call, 'Leo Hall');
    const second = await book(call, 'Leo Hall', { ...ten, phone: '+1 415 555 0188' });
    expect(second).toMatchObject({ ok: true, booking: { reference: first.booking?.reference } });
    const third = await book(call, 'Leo Hall', { ...ten, email: 'leo@example.com', phone: 'this number' });
    expect(third).toMatchObject({ booking: { reference: first.booking?.reference } });
    expect(await bookings()).toMatchObject([
      { name: 'Leo Hall', phone: '+14155550188', email: 'leo@example.com' },
    ]);
  });

  it('is as many bookings as there are people, in whatever order and spelling and however many at once', async () => {
    const people = [
      ['Leo Hall', 'leo hall', 'Hall, Leo', 'LEO  HALL'],
      ['Ava Hall', 'ava hall', 'Áva Hall'],
      ['Ina Hall', 'ina  hall', 'Ina Hall.'],
    ];
    const wish = fc.record({
      person: fc.nat(2),
      spelling: fc.nat(3),
      way: fc.constantFrom('one call', 'another call', 'given'),
    });
    let hour = 9;
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 2, maxLength: 8 }), async (wishes) => {
        const time = { date: coming(2), time: `${hour}:00` };
        hour += 1;
        const calls = {
          'one call': call,
          'another call': receptionist.from(home),
          given: receptionist.from(null),
        };
        const answers = await Promise.all(
          wishes.map(({ person, spelling, way }) => {
            const said = people[person] ?? [];
            return book(calls[way], said[spelling % said.length] ?? '', { ...time, phone: home });
          }),
        );
        expect(answers.filter(({ ok }) => !ok)).toEqual([]);
        const made = new Map<number, Set<string | undefined>>();
        for (const [index, { person }] of wishes.entries()) {
          made.set(person, (made.get(person) ?? new Set()).add(answers[index]?.booking?.reference));
        }
        expect([...made.values()].map(({ size }) => size)).toEqual([...made.values()].map(() => 1));
        expect(new Set(answers.map(({ booking }) => booking?.reference)).size).toBe(made.size);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});

describe('what is said otherwise the second time', () => {
  const corrected = (name: string) => ({
    ok: true,
    say: `I've corrected your appointment on ${label}. It is under the name ${name}.`,
  });
  const details = { ...ten, email: 'ana@example.com', purpose: 'Check-up' };

  it('corrects e-mail, purpose and the spelling of the name, and is in the trail', async () => {
    await alsoFree('Bea');
    const first = await book(call, 'Ana Flores');
    expect(await book(call, 'Ana Flores', details)).toMatchObject(corrected('Ana Flores'));
    expect(await book(call, 'Anna Flores', ten)).toMatchObject(corrected('Anna Flores'));
    expect(await book(call, 'anna flores', details)).toMatchObject(bookedFor('Anna Flores'));
    const [booking, ...others] = await bookings();
    expect(others).toEqual([]);
    expect(booking).toMatchObject({
      reference: first.booking?.reference,
      name: 'Anna Flores',
      email: 'ana@example.com',
      purpose: 'Check-up',
    });
    const trail = await rest<{ items: { action: string; changes: object }[] }>(
      service,
      receptionist.tenant,
      'GET',
      `/api/bookings/${booking?.id ?? ''}/audit`,
    );
    expect(trail.items.map(({ action }) => action)).toEqual(['created', 'edited', 'edited']);
  });

  it('is in the event in Google as well', async () => {
    const email = 'owner@acme.example';
    service.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(service, receptionist.tenant, email);
    await book(call, 'Ana Flores');
    await book(call, 'Anna Flores', details);
    await eventually(() => {
      const events = service.google.account(email).calendar().events();
      expect(events).toHaveLength(1);
      expect(events[0]?.summary).toContain('Anna Flores');
      expect(events[0]?.description).toContain('E-mail: ana@example.com');
      expect(events[0]?.description).toContain('Purpose: Check-up');
      return Promise.resolve();
    });
  });

  it('puts another name to a hold that is booked, and says so', async () => {
    await alsoFree('Bea');
    const { hold } = await call.say('hold_slot', ten);
    await book(call, 'Leo Hall', { hold_id: hold?.id });
    expect(await book(call, 'Ava Hall', { hold_id: hold?.id })).toMatchObject({
      ok: true,
      say: `The appointment on ${label} is now under the name Ava Hall instead of Leo Hall.`,
    });
    expect(await names()).toEqual(['Ava Hall']);
    expect(await book(call, 'Leo Hall')).toMatchObject(bookedFor('Leo Hall'));
    expect(await names()).toEqual(['Ava Hall', 'Leo Hall']);
  });

  it('counts from the number that calls at any time', async () => {
    await book(call, 'Ana Flores');
    await service.database.query(
      `UPDATE booking SET created_at = created_at - interval '3 days' WHERE tenant_id = $1`,
      [receptionist.tenant.id],
    );
    expect(await book(receptionist.from(home), 'Ana Flores', details)).toMatchObject(corrected('Ana Flores'));
  });

  it('counts where the platform tells no conversations apart, for half an hour', async () => {
    const given = { phone: home };
    await book(receptionist, 'Ana Flores', { ...ten, ...given });
    expect(await book(receptionist, 'Ana Flores', { ...details, ...given })).toMatchObject(
      corrected('Ana Flores'),
    );
    await service.database.query(
      `UPDATE booking SET created_at = created_at - interval '31 minutes' WHERE tenant_id = $1`,
      [receptionist.tenant.id],
    );
    const late = { ...ten, ...given, email: 'eve@example.com' };
    expect((await book(receptionist, 'Ana Flores', late)).say).toContain(
      "I couldn't change its other details",
    );
    expect(await bookings()).toMatchObject([{ email: 'ana@example.com' }]);
  });

  it('changes nothing for whoever only knows name and number', async () => {
    await book(call, 'Ana Flores', details);
    const stranger = receptionist.from('+14155550777');
    const claim = { ...ten, phone: home };
    expect(await book(stranger, 'Ana Flores', { ...claim, email: 'eve@example.com' })).toMatchObject({
      ok: true,
      say: `You're booked for ${label}, under the name Ana Flores. I couldn't change its other details.`,
    });
    expect(await book(stranger, 'Anna Flores', claim)).toMatchObject({ code: 'slot_taken' });
    expect(await bookings()).toMatchObject([{ name: 'Ana Flores', email: 'ana@example.com' }]);
  });

  it('is a booking of its own where the one that was meant is cancelled at that moment', async () => {
    const { booking } = await book(call, 'Ana Flores');
    const database = service.app.get(Database);
    const tenant = asTenantId(receptionist.tenant.id);
    const again = await database.inTenant(tenant, async (sql) => {
      const locked = 'SELECT FROM booking WHERE tenant_id = $1 AND id = $2 FOR UPDATE';
      await sql.query(locked, [tenant, booking?.id]);
      const correction = book(call, 'Anna Flores');
      await eventually(async () => {
        const waiting = await service.database.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        expect(waiting).toHaveLength(1);
      });
      await sql.query(
        `UPDATE booking SET status = 'cancelled', cancelled_at = now() WHERE tenant_id = $1 AND id = $2`,
        [tenant, booking?.id],
      );
      return { correction };
    });
    expect(await again.correction).toMatchObject(bookedFor('Anna Flores'));
    expect(await names()).toEqual(['Anna Flores']);
  });

  it('is said in Spanish, too', async () => {
    const spanish = call.as({ locale: 'es-MX' });
    await book(spanish, 'Ana Flores');
    expect((await book(spanish, 'Anna Flores')).say).toMatch(
      /^He corregido su cita del .*a nombre de Anna Flores\.$/,
    );
  });
});

describe('a connection that is confined to one person', () => {
  it('is not told of an appointment with another by a repeated wish', async () => {
    await alsoFree('Bea');
    const { items } = await rest<{ items: { id: string; name: string }[] }>(
      service,
      receptionist.tenant,
      'GET',
      '/api/resources',
    );
    const ids = items.map(({ id }) => id);
    const only = (index: number): PhoneCall =>
      receptionist.from(home).as({ scope: { serviceIds: [], resourceIds: [ids[index] ?? ''] } });
    const first: Heard = await book(only(0), 'Ana Flores');
    const second = await book(only(1), 'Ana Flores');
    expect(second).toMatchObject({ ok: true });
    expect(second.booking?.reference).not.toBe(first.booking?.reference);
  });
});

async function firstResource(): Promise<string> {
  const { items } = await rest<{ items: [{ name: string }] }>(
    service,
    receptionist.tenant,
    'GET',
    '/api/resources',
  );
  return items[0].name;
}
