import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aReceptionist, coming, PhoneCall } from './on-the-phone.js';

const wednesday = coming(3);
const twoPm = { date: wednesday, time: '2 PM' };

let service: TestApp;
let call: PhoneCall;
let locker: pg.Client;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  call = (await aReceptionist(service)).from('+14155550123');
  locker = new pg.Client({ connectionString: service.database.ownerUrl });
  await locker.connect();
  await locker.query('BEGIN');
});
afterEach(() => locker.end());
afterAll(() => service.close());

async function took(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

describe('every tool', () => {
  it.each([
    'check_availability',
    'create_booking',
    'hold_slot',
    'find_booking',
    'reschedule_booking',
    'cancel_booking',
    'list_services',
    'get_business_info',
  ])('answers within two seconds while the database waits for a lock: %s', async (tool) => {
    const wish = { name: 'Ana Flores', ...twoPm };
    await call.say('create_booking', { ...wish, time: '9 AM' });
    await locker.query('LOCK TABLE booking, service, working_hours IN ACCESS EXCLUSIVE MODE');
    const ms = await took(async () => {
      expect(await call.say(tool, wish)).toMatchObject({
        ok: false,
        code: 'unavailable',
        say: "I'm sorry, that didn't work just now. May I try again in a moment, or take a message?",
        timezone: 'America/New_York',
      });
    });
    expect(ms).toBeGreaterThan(1_500);
    expect(ms).toBeLessThan(2_000);
    await locker.query('ROLLBACK');
  });

  it('answers in the language that is known of the organisation or of the credential', async () => {
    const { tenant } = call;
    await service.request('PATCH', `/api/admin/tenants/${tenant.id}`, {
      key: ADMIN_KEY,
      body: { locale: 'es-MX' },
    });
    expect((await call.say('list_services')).say).toContain('Ofrecemos');
    await new Promise((resolve) => setTimeout(resolve, 5_100)); // so long the organisation need not be looked up again
    await locker.query('LOCK TABLE tenant IN ACCESS EXCLUSIVE MODE');
    const unknown = new PhoneCall(service, { ...tenant, id: randomUUID() }).as({ locale: 'es-MX' });
    const ms = await took(async () => {
      const answers = await Promise.all([call, unknown].map((each) => each.say('list_services')));
      expect(answers.map(({ say }) => say)).toEqual(
        answers.map(() => expect.stringContaining('no ha funcionado') as string),
      );
      expect(answers[0]).toMatchObject({ code: 'unavailable', timezone: 'America/New_York' });
    });
    expect(ms).toBeLessThan(2_000);
    await locker.query('ROLLBACK');
  }, 15_000);
});

describe('what takes too long', () => {
  it('goes on by itself, and asking again is answered with it', async () => {
    const wish = { name: 'Ana Flores', ...twoPm };
    await locker.query('LOCK TABLE event_write IN ACCESS EXCLUSIVE MODE');
    expect(await call.say('create_booking', wish)).toMatchObject({ code: 'unavailable' });
    await locker.query('ROLLBACK');
    await eventually(async () => {
      const answers = [await call.say('create_booking', wish), await call.say('find_booking')];
      expect(answers).toMatchObject([{ ok: true }, { ok: true, bookings: [{ name: 'Ana Flores' }] }]);
    });
  });
});
