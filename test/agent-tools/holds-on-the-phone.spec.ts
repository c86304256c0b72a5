import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type Heard, type PhoneCall, rest, spoken } from './on-the-phone.js';

const wednesday = coming(3);
const twoPm = { date: wednesday, time: '2 PM' };
const threePm = { date: wednesday, time: '3 PM' };
const ana = { name: 'Ana Flores', phone: '+14155550123' };
const label = `${spoken(wednesday)} at 2 PM`;

let service: TestApp;
let receptionist: PhoneCall;
let call: PhoneCall;
let other: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  receptionist = await aReceptionist(service);
  call = receptionist.from('+14155550123');
  other = receptionist.from('+14155550999');
});
afterAll(() => service.close());

async function liveHolds(): Promise<{ starts_at: Date }[]> {
  return service.database.query(
    `SELECT starts_at FROM booking WHERE tenant_id = $1 AND status = 'held' ORDER BY starts_at`,
    [receptionist.tenant.id],
  );
}

async function bookings(): Promise<unknown[]> {
  return (await rest<{ items: unknown[] }>(service, receptionist.tenant, 'GET', '/api/bookings')).items;
}

const outcome = ({ ok, code, say }: Heard) => ({ ok, code, say });

describe('hold_slot', () => {
  it('keeps a time from others for three minutes', async () => {
    const answer = await call.say('hold_slot', twoPm);
    expect(answer).toMatchObject({
      ok: true,
      say: `I'm holding ${label} for you for the next 3 minutes. Shall I book it?`,
      hold: { starts_at: expect.stringContaining(`${wednesday}T14:00:00`) as string },
    });
    const left = Date.parse(answer.hold?.expires_at ?? '') - Date.now();
    expect(left).toBeGreaterThan(170_000);
    expect(left).toBeLessThanOrEqual(180_000);
    expect(await other.say('create_booking', { ...ana, ...twoPm })).toMatchObject({ code: 'slot_taken' });
    expect((await other.say('check_availability', twoPm)).slots?.map((slot) => slot.label)).not.toContain(
      label,
    );
  });

  it.each([
    [20, 60],
    ['90', 90],
    [86_400, 300],
    ['a while', 180],
  ])('holds for %j seconds as %i', async (seconds, held) => {
    const { hold } = await call.say('hold_slot', { ...twoPm, seconds });
    const left = (Date.parse(hold?.expires_at ?? '') - Date.now()) / 1000;
    expect(left).toBeGreaterThan(held - 5);
    expect(left).toBeLessThanOrEqual(held);
  });

  it('is one hold, however often and at once it is asked for in a call', async () => {
    const five = await Promise.all(Array.from({ length: 5 }, () => call.say('hold_slot', twoPm)));
    const again = await call.say('hold_slot', { slot_id: five[0]?.hold?.slot_id });
    expect(new Set([...five, again].map(({ hold }) => hold?.id)).size).toBe(1);
    expect(new Set(five.map(({ ok }) => ok))).toEqual(new Set([true]));
    expect(await liveHolds()).toHaveLength(1);
  });

  it('is not that of the same call of another credential, nor of another call', async () => {
    await call.say('hold_slot', twoPm);
    expect(await call.by('another').say('create_booking', { ...ana, ...twoPm })).toMatchObject({
      code: 'slot_taken',
    });
    expect(await call.from('+14155550123').say('create_booking', { ...ana, ...twoPm })).toMatchObject({
      code: 'slot_taken',
    });
  });

  it('is one hold for a caller without a call id, too', async () => {
    const anonymousPlatform = receptionist.from('+14155550123', null);
    const [first, second] = [
      await anonymousPlatform.say('hold_slot', twoPm),
      await anonymousPlatform.say('hold_slot', twoPm),
    ];
    expect(second.hold?.id).toBe(first.hold?.id);
  });

  it('does not stand in its own caller’s way', async () => {
    await call.say('hold_slot', twoPm);
    expect((await call.say('check_availability', twoPm)).say).toContain(`${label} is free`);
    expect(await other.say('hold_slot', twoPm)).toMatchObject({ ok: false, code: 'slot_taken' });
  });

  it('gives way to another time that its caller wants instead', async () => {
    await rest(service, receptionist.tenant, 'PATCH', `/api/services/${await onlyService()}`, {
      slotStepMinutes: 30,
    });
    await call.say('hold_slot', twoPm);
    const half = await call.say('hold_slot', { date: wednesday, time: '2:30 PM' });
    expect(half).toMatchObject({ ok: true });
    expect(await liveHolds()).toHaveLength(1);
    expect(await call.say('create_booking', { ...ana, ...twoPm })).toMatchObject({ ok: true });
    expect(await liveHolds()).toEqual([]);
  });

  it('gives way on a day that may have one booking only', async () => {
    await rest(service, receptionist.tenant, 'PATCH', `/api/services/${await onlyService()}`, {
      maxPerDay: 1,
    });
    await call.say('hold_slot', twoPm);
    expect(await other.say('create_booking', { ...ana, ...threePm })).toMatchObject({
      code: 'outside_availability',
    });
    expect(await call.say('create_booking', { ...ana, ...threePm })).toMatchObject({ ok: true });
    expect(await liveHolds()).toEqual([]);
    expect(await bookings()).toHaveLength(1);
  });

  it('keeps three times of one caller at most: the oldest gives way', async () => {
    for (const time of ['9 AM', '10 AM', '11 AM', '1 PM']) {
      expect(await call.say('hold_slot', { date: wednesday, time })).toMatchObject({ ok: true });
    }
    expect(await liveHolds()).toHaveLength(3);
    expect(await other.say('create_booking', { ...ana, date: wednesday, time: '9 AM' })).toMatchObject({
      ok: true,
    });
  });

  it('offers others where the time is taken, and says why it is not offered', async () => {
    await other.say('create_booking', { ...ana, ...twoPm });
    const taken = await call.say('hold_slot', twoPm);
    expect(taken).toMatchObject({ code: 'slot_taken' });
    expect(taken.alternatives).toHaveLength(3);
    expect(await call.say('hold_slot', { date: wednesday, time: '10 PM' })).toMatchObject({
      code: 'outside_availability',
      say: expect.stringContaining('outside our hours') as string,
    });
    expect(await call.say('hold_slot', {})).toMatchObject({ code: 'missing_information' });
  });

  it('says so when the organisation holds as much as it may', async () => {
    await service.database.query(
      `INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
         local_date, source, hold_expires_at)
       SELECT r.tenant_id, gen_random_uuid(), 'H' || n, r.id, s.id, 'held', at, at + interval '1 minute',
         tstzrange(at, at + interval '1 minute'), 'UTC', at::date, 'agent', now() + interval '5 minutes'
       FROM generate_series(1, 100) n, resource r, service s, LATERAL (SELECT timestamptz '2090-01-01' + n * interval '1 hour' AS at) t
       WHERE r.tenant_id = $1 AND s.tenant_id = $1`,
      [receptionist.tenant.id],
    );
    expect(await call.say('hold_slot', twoPm)).toMatchObject({ ok: false, code: 'cannot_hold' });
  });
});

async function onlyService(): Promise<string> {
  const { items } = await rest<{ items: [{ id: string }] }>(
    service,
    receptionist.tenant,
    'GET',
    '/api/services',
  );
  return items[0].id;
}

describe('booking what was held', () => {
  it.each([
    ['by its id', ({ hold }: Heard) => ({ hold_id: hold?.id })],
    ['by its id where the slot’s belongs', ({ hold }: Heard) => ({ slot_id: hold?.id })],
    ['by its id and its slot', ({ hold }: Heard) => ({ hold_id: hold?.id, slot_id: hold?.slot_id })],
    ['by its slot', ({ hold }: Heard) => ({ slot_id: hold?.slot_id })],
    ['by date and time', () => twoPm],
  ])('goes %s, five times at once and again later', async (_, time) => {
    const held = await call.say('hold_slot', twoPm);
    const wish = { ...ana, ...time(held) };
    const five = await Promise.all(Array.from({ length: 5 }, () => call.say('create_booking', wish)));
    const later = await call.say('create_booking', wish);
    expect(new Set([...five, later].map((answer) => JSON.stringify(outcome(answer))))).toEqual(
      new Set([
        JSON.stringify({
          ok: true,
          say: `You're booked for ${label}. The appointment is under the name Ana Flores.`,
        }),
      ]),
    );
    expect(await bookings()).toHaveLength(1);
    expect(await liveHolds()).toEqual([]);
  });

  it('is the same booking by the slot first and by the hold then', async () => {
    const { hold } = await call.say('hold_slot', twoPm);
    const first = await call.say('create_booking', { ...ana, slot_id: hold?.slot_id });
    const second = await call.say('create_booking', { ...ana, hold_id: hold?.id });
    expect(second).toMatchObject({ ok: true, booking: { reference: first.booking?.reference } });
    expect(await bookings()).toHaveLength(1);
  });

  it('goes by the time that is said where it is another than the hold’s', async () => {
    const { hold } = await call.say('hold_slot', twoPm);
    expect(await call.say('create_booking', { ...ana, hold_id: hold?.id, ...threePm })).toMatchObject({
      ok: true,
      booking: { starts_at: expect.stringContaining('T15:00') as string },
    });
  });

  it('holds what the rules would refuse by now', async () => {
    await call.say('hold_slot', twoPm);
    await rest(service, receptionist.tenant, 'PATCH', `/api/services/${await onlyService()}`, {
      minNoticeMinutes: 30 * 24 * 60,
    });
    expect(await other.say('create_booking', { ...ana, ...threePm })).toMatchObject({
      code: 'outside_availability',
    });
    expect(await call.say('hold_slot', twoPm)).toMatchObject({ ok: true });
    expect(await call.say('create_booking', { ...ana, ...twoPm })).toMatchObject({ ok: true });
  });

  it.each([
    ['made up', 'hold-1'],
    ['nobody’s', '7d7f2f0e-64a1-4a2f-9a64-0b9c6c1d2e3f'],
  ])('knows no hold that is %s, but goes on by the time beside it', async (_, hold) => {
    expect(await call.say('create_booking', { ...ana, hold_id: hold })).toMatchObject({
      ok: false,
      code: 'unknown_hold',
    });
    expect(await call.say('create_booking', { ...ana, hold_id: hold, ...twoPm })).toMatchObject({ ok: true });
  });

  it('knows no hold of another organisation', async () => {
    const stranger = (await aReceptionist(service)).from('+14155550123');
    const { hold } = await stranger.say('hold_slot', twoPm);
    expect(await call.say('create_booking', { ...ana, hold_id: hold?.id })).toMatchObject({
      code: 'unknown_hold',
    });
  });

  it('leaves nothing when the caller hangs up', async () => {
    await call.say('hold_slot', twoPm);
    await service.database.query(
      `UPDATE booking SET hold_expires_at = now() - interval '1 second' WHERE tenant_id = $1`,
      [receptionist.tenant.id],
    );
    expect(await other.say('create_booking', { ...ana, ...twoPm })).toMatchObject({ ok: true });
    expect(await liveHolds()).toEqual([]);
  });

  it('tries the time of a hold that has run out, and offers others where it is gone', async () => {
    const { hold } = await call.say('hold_slot', twoPm);
    await call.say('hold_slot', threePm);
    await service.database.query(
      `UPDATE booking SET hold_expires_at = now() - interval '1 second' WHERE tenant_id = $1`,
      [receptionist.tenant.id],
    );
    await other.say('create_booking', { name: 'Ben Stone', ...twoPm });
    const gone = await call.say('create_booking', { ...ana, hold_id: hold?.id });
    expect(gone).toMatchObject({
      code: 'slot_taken',
      say: expect.stringContaining(`I'm sorry, ${label} is already taken.`) as string,
    });
    expect(gone.alternatives).toHaveLength(3);
    await other.say('cancel_booking');
    expect(await call.say('create_booking', { ...ana, hold_id: hold?.id })).toMatchObject({
      ok: true,
      say: expect.stringContaining(label) as string,
    });
  });

  it('asks for name and number, and takes the number that calls', async () => {
    const { hold } = await call.say('hold_slot', twoPm);
    expect(await call.say('create_booking', { hold_id: hold?.id })).toMatchObject({
      code: 'missing_information',
      missing: ['name'],
    });
    const withheld = call.from(null);
    expect(await withheld.say('create_booking', { hold_id: hold?.id })).toMatchObject({
      missing: ['name', 'phone'],
    });
    await call.say('create_booking', { hold_id: hold?.id, name: 'Ana Flores', phone: 'the one I call from' });
    await call.say('create_booking', { ...threePm, name: 'Ana Flores', phone: '415 555 0188' });
    expect(await bookings()).toMatchObject([
      { phone: '+14155550123', name: 'Ana Flores' },
      { phone: '+14155550188', name: 'Ana Flores' },
    ]);
  });
});
