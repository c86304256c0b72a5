import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type PhoneCall, rest, spoken } from './on-the-phone.js';

const wednesday = coming(3);
const twoPm = { date: wednesday, time: '2 PM' };
const ana = { name: 'Ana Flores', phone: '+14155550123' };

let service: TestApp;
let everything: PhoneCall;
/** For the cleaning only. */
let cleaning: PhoneCall;
/** For Sam only. */
let sam: PhoneCall;

interface Made {
  id: string;
}

beforeAll(async () => {
  service = await startTestApp();
});
afterAll(() => service.close());

beforeEach(async () => {
  const receptionist = await aReceptionist(service);
  everything = receptionist.from(ana.phone);
  const { tenant } = receptionist;
  const make = (path: string, body: object) => rest<Made>(service, tenant, 'POST', path, body);
  const [lee, samsId] = [
    await make('/api/resources', { name: 'Dr. Lee' }),
    await make('/api/resources', { name: 'Sam' }),
  ];
  // The tenant's first service goes to Dr. Lee; both give the cleaning, and only Sam whitens.
  const { items } = await rest<{ items: [Made] }>(service, tenant, 'GET', '/api/services');
  await rest(service, tenant, 'PATCH', `/api/services/${items[0].id}`, {
    name: 'Check-up',
    resourceIds: [lee.id],
  });
  const clean = await make('/api/services', {
    name: 'Cleaning',
    durationMinutes: 60,
    slotStepMinutes: 60,
    resourceIds: [lee.id, samsId.id],
  });
  await make('/api/services', {
    name: 'Whitening',
    durationMinutes: 60,
    slotStepMinutes: 60,
    resourceIds: [samsId.id],
  });
  cleaning = everything.as({ scope: { serviceIds: [clean.id], resourceIds: [] } });
  sam = everything.as({ scope: { serviceIds: [], resourceIds: [samsId.id] } });
});

const slotAt = async (call: PhoneCall, more: object): Promise<string | undefined> =>
  (await call.say('check_availability', { date: wednesday, ...more })).slots?.find(({ starts_at }) =>
    starts_at.includes('T14'),
  )?.slot_id;

describe('a credential for some services', () => {
  it('lists only these', async () => {
    expect((await everything.say('list_services')).services?.map(({ name }) => name)).toEqual([
      'Check-up',
      'Cleaning',
      'Whitening',
    ]);
    expect(await cleaning.say('list_services')).toMatchObject({
      say: 'We offer Cleaning, which takes an hour.',
      services: [{ name: 'Cleaning', duration_minutes: 60, resources: ['Dr. Lee', 'Sam'] }],
      more: 0,
    });
  });

  it('means the first of them where none is said, and knows no other', async () => {
    expect(await cleaning.say('check_availability', { date: wednesday })).toMatchObject({
      service: { name: 'Cleaning' },
    });
    for (const tool of ['check_availability', 'hold_slot', 'create_booking']) {
      expect(await cleaning.say(tool, { ...ana, ...twoPm, service: 'Check-up' })).toMatchObject({
        ok: false,
        code: 'unknown_service',
        say: "I don't know that kind of appointment. We offer Cleaning.",
      });
    }
    await cleaning.say('create_booking', { ...ana, ...twoPm });
    expect(await everything.say('find_booking')).toMatchObject({ bookings: [{ service: 'Cleaning' }] });
  });

  it('takes no slot and no hold of another', async () => {
    const slot_id = await slotAt(everything, { service: 'Check-up' });
    const { hold } = await everything.say('hold_slot', { slot_id });
    for (const tool of ['hold_slot', 'create_booking']) {
      expect(await cleaning.say(tool, { ...ana, slot_id })).toMatchObject({ code: 'unknown_slot' });
    }
    expect(await cleaning.say('create_booking', { ...ana, hold_id: hold?.id })).toMatchObject({
      code: 'unknown_hold',
    });
    expect(await everything.say('create_booking', { ...ana, hold_id: hold?.id })).toMatchObject({ ok: true });
  });

  it('finds, moves and cancels no booking of another', async () => {
    const made = await everything.say('create_booking', { ...ana, ...twoPm, service: 'Check-up' });
    const reference = made.booking?.reference;
    const unknown = { ok: false, code: 'unknown_booking' };
    for (const named of [{}, { reference }]) {
      expect(await cleaning.say('find_booking', named)).toMatchObject(unknown);
      expect(await cleaning.say('cancel_booking', named)).toMatchObject(unknown);
      expect(await cleaning.say('reschedule_booking', { ...named, ...twoPm })).toMatchObject(unknown);
    }
    const slot_id = await slotAt(everything, { service: 'Whitening' });
    expect(await cleaning.say('reschedule_booking', { reference, slot_id })).toMatchObject(unknown);
  });
});

describe('a credential for some resources', () => {
  it('lists what they give, and means the first of it', async () => {
    expect((await sam.say('list_services')).services).toMatchObject([
      { name: 'Cleaning', resources: ['Sam'] },
      { name: 'Whitening', resources: ['Sam'] },
    ]);
    expect(await sam.say('check_availability', { date: wednesday })).toMatchObject({
      service: { name: 'Cleaning' },
    });
    expect(await sam.say('check_availability', { date: wednesday, service: 'Check-up' })).toMatchObject({
      code: 'unknown_service',
    });
    expect(await sam.say('check_availability', { date: wednesday, resource: 'Dr. Lee' })).toMatchObject({
      code: 'unknown_resource',
      say: "I couldn't find who or what you asked for. There is Sam.",
    });
  });

  it.each(['hold_slot', 'create_booking'])('has their time only: %s', async (tool) => {
    expect(await sam.say(tool, { ...ana, ...twoPm })).toMatchObject({ ok: true });
    // Dr. Lee could give it still.
    const other = sam.from('+14155550999');
    const taken = await other.say(tool, { name: 'Ben Stone', phone: '+14155550999', ...twoPm });
    expect(taken).toMatchObject({ ok: false, code: 'slot_taken' });
    expect((await other.say('check_availability', twoPm)).slots?.map(({ label }) => label)).not.toContain(
      `${spoken(wednesday)} at 2 PM`,
    );
    expect(taken.alternatives?.map(({ starts_at }) => starts_at.slice(11, 16))).not.toContain('14:00');
    expect(
      await everything.from('+14155550777').say('check_availability', { ...twoPm, service: 'Cleaning' }),
    ).toMatchObject({ say: `Yes, ${spoken(wednesday)} at 2 PM is free.` });
  });

  it('takes a slot of anybody as theirs, and none of somebody else', async () => {
    const anybodys = await slotAt(everything, { service: 'Cleaning' });
    const lees = await slotAt(everything, { service: 'Cleaning', resource: 'Dr. Lee' });
    const checkUp = await slotAt(everything, { service: 'Check-up' });
    for (const slot_id of [lees, checkUp]) {
      expect(await sam.say('create_booking', { ...ana, slot_id })).toMatchObject({ code: 'unknown_slot' });
    }
    expect(await sam.say('create_booking', { ...ana, slot_id: anybodys })).toMatchObject({ ok: true });
    expect(await sam.say('find_booking')).toMatchObject({ bookings: [{ resource: 'Sam' }] });
  });

  it('moves within them, and touches no booking of others', async () => {
    await everything.say('create_booking', { ...ana, ...twoPm, service: 'Cleaning', resource: 'Dr. Lee' });
    expect(await sam.say('find_booking')).toMatchObject({ code: 'unknown_booking' });
    const made = await sam.say('create_booking', { ...ana, date: wednesday, time: '9 AM' });
    const { reference } = made.booking ?? {};
    await everything.from('+14155550999').say('create_booking', {
      name: 'Ben Stone',
      date: wednesday,
      time: '11 AM',
      service: 'Whitening',
    });
    // Sam is taken then, and Dr. Lee is not to be had.
    expect(await sam.say('reschedule_booking', { reference, date: wednesday, time: '11 AM' })).toMatchObject({
      code: 'slot_taken',
    });
    expect(await sam.say('reschedule_booking', { date: wednesday, time: '3 PM' })).toMatchObject({
      ok: true,
    });
    expect(await sam.say('find_booking')).toMatchObject({ bookings: [{ resource: 'Sam' }] });
    expect(await sam.say('cancel_booking')).toMatchObject({ ok: true });
  });

  it('has nothing where they are no more', async () => {
    const gone = everything.as({
      scope: { serviceIds: [], resourceIds: ['7d7f2f0e-64a1-4a2f-9a64-0b9c6c1d2e3f'] },
    });
    for (const tool of ['list_services', 'check_availability', 'create_booking', 'hold_slot']) {
      expect(await gone.say(tool, { ...ana, ...twoPm })).toMatchObject({
        ok: false,
        code: 'unknown_service',
      });
    }
  });
});
