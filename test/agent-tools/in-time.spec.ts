import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aReceptionist, coming, PhoneCall } from './on-the-phone.js';
import { aConnection } from './platforms/connection.js';

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

describe('a voice platform', () => {
  const ask = (path: string, secret: string, body: object) =>
    service.request('POST', path, { key: secret, body });
  const inbound = { event: 'call_inbound', call_inbound: { from_number: '+14155550123' } };

  it('is told so within two seconds where its connection cannot be looked up', async () => {
    const { path, secret } = await aConnection(service, call.tenant, { platform: 'generic' });
    await locker.query('LOCK TABLE agent_connection IN ACCESS EXCLUSIVE MODE');
    const ms = await took(async () => {
      const answers = await Promise.all([
        ask(`${path}/list_services`, secret, {}),
        ask('/api/agent-tools/list_services', secret, {}),
        service.request('POST', '/mcp', {
          key: secret,
          headers: { accept: 'application/json, text/event-stream' },
          body: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
        }),
      ]);
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect(JSON.stringify(body)).toContain("I'm sorry, that didn't work just now.");
      }
    });
    expect(ms).toBeLessThan(2_000);
    await locker.query('ROLLBACK');
  });

  it('is answered within two seconds when a call begins or ends, from what was known before', async () => {
    const { path, secret } = await aConnection(service, call.tenant, { platform: 'retell' });
    const begin = () => ask(`${path}/inbound`, secret, inbound);
    await begin();
    await new Promise((resolve) => setTimeout(resolve, 5_100)); // so long the organisation need not be looked up again
    const listed = await ask(path, secret, { name: 'list_services', args: {}, call: {} }); // but the connection
    expect(listed.status).toBe(200);
    await locker.query('LOCK TABLE tenant, booking, service IN ACCESS EXCLUSIVE MODE');
    const ms = await took(async () => {
      const answers = await Promise.all([
        begin(),
        ask(`${path}/events`, secret, { event: 'call_ended', call: { call_id: 'call_1' } }),
      ]);
      expect(answers).toMatchObject([
        { status: 200, body: { call_inbound: { dynamic_variables: { business_name: 'Acme Dental' } } } },
        { status: 200, body: { received: true } },
      ]);
    });
    expect(ms).toBeLessThan(2_000);
    await locker.query('ROLLBACK');
  }, 15_000);

  it('is told within two seconds that the tools cannot be listed', async () => {
    const { secret } = await aConnection(service, call.tenant, { platform: 'mcp' });
    await locker.query('LOCK TABLE service IN ACCESS EXCLUSIVE MODE');
    const ms = await took(async () => {
      const { body } = await service.request<string>('POST', '/mcp', {
        key: secret,
        headers: { accept: 'application/json, text/event-stream' },
        body: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      });
      expect(body).toContain('cannot be listed at the moment');
    });
    expect(ms).toBeLessThan(2_000);
    await locker.query('ROLLBACK');
  });
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
