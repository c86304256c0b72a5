import { upcoming } from '../../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../../support/test-app.js';
import { aConnection, type TestConnection } from './connection.js';
import { bookAgainAndAgain, CALLER, converse, DIALLED, type Said } from './conversation.js';

let service: TestApp;
let tenant: TestTenant;
let connection: TestConnection;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connection = await aConnection(service, tenant, { platform: 'generic' });
});
afterAll(() => service.close());

const CALL = { 'x-caller-number': CALLER, 'x-called-number': DIALLED, 'x-call-id': 'room-7' };

async function post(path: string, body: unknown, headers: Record<string, string> = CALL): Promise<Said> {
  const answer = await service.request<Said>('POST', path, {
    headers: { authorization: `Bearer ${connection.secret}`, ...headers },
    body,
  });
  expect(answer.status).toBe(200);
  return answer.body;
}

const date = upcoming(3);

describe('a server of one’s own', () => {
  it('holds a whole conversation at an address for each tool', async () => {
    await converse(service, tenant, { call: (tool, args) => post(`${connection.path}/${tool}`, args) });
  });

  it('holds it at the address of the connection too, with the tool’s name beside the arguments', async () => {
    await converse(service, tenant, {
      call: (tool, args) => post(connection.path, { name: tool, arguments: args }),
    });
  });

  it('holds it at the addresses that a tenant’s key opens, with the connection’s secret', async () => {
    await converse(service, tenant, { call: (tool, args) => post(`/api/agent-tools/${tool}`, args) });
  });

  it('books once, however often it asks', async () => {
    await bookAgainAndAgain(service, tenant, {
      call: (tool, args) => post(`${connection.path}/${tool}`, args),
    });
  });

  it.each([
    ['flat', { date }],
    ['with an argument that LiveKit adds', { date, lk_agents_confirm_duplicate: false }],
    ['in `arguments`', { arguments: { date } }],
    ['in `arguments`, as JSON text', { arguments: JSON.stringify({ date }) }],
    ['in `args`', { args: { date } }],
    ['in `parameters`', { parameters: { date } }],
    [
      'in camel case, with nothing in the others',
      { Date: date, timePreference: 'morning', time: null, service: '' },
    ],
    ['with templates that were not filled in', { date, time: '{{time}}', service: '<service>' }],
  ])('sends the arguments %s', async (_how, body) => {
    const { ok, slots } = await post(`${connection.path}/check_availability`, body);
    expect(ok).toBe(true);
    expect(slots).not.toHaveLength(0);
  });

  it.each([
    ['`name` and `arguments`', { name: 'check_availability', arguments: { date } }],
    ['`tool` and `args`', { tool: 'checkAvailability', args: { date } }],
    ['`tool` beside flat arguments', { tool: 'check_availability', date }],
  ])('names the tool in the body: %s', async (_how, body) => {
    expect(await post(connection.path, body)).toMatchObject({ ok: true, timezone: 'America/New_York' });
  });

  it('takes the customer’s name for the customer’s where the path names the tool', async () => {
    const answer = await post(`${connection.path}/create_booking`, {
      date,
      time: '10:00',
      name: 'Ana Flores',
      phone: CALLER,
    });
    expect(answer).toMatchObject({ ok: true, say: expect.stringContaining('Ana Flores') as string });
  });

  it('takes a name beside `tool` for the customer’s', async () => {
    const booking = { date, time: '10:00', name: 'Ana Flores', phone: CALLER };
    const answer = await post(connection.path, { tool: 'create_booking', ...booking });
    expect(answer).toMatchObject({ ok: true, say: expect.stringContaining('Ana Flores') as string });
  });

  it('may send the key in `X-API-Key`, and arguments in the query', async () => {
    const { status, body } = await service.request<Said>(
      'GET',
      `${connection.path}/check_availability?date=${date}`,
      { headers: { 'x-api-key': connection.secret } },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true });
  });

  it('is told of nobody’s booking but the caller’s, whatever number is among the arguments', async () => {
    await post(`${connection.path}/create_booking`, {
      date,
      time: '10:00',
      name: 'Ana Flores',
      phone: CALLER,
    });
    const stranger = { ...CALL, 'x-caller-number': '+14155550199' };
    const asked = { caller_number: CALLER, phone: CALLER, from: CALLER, phone_number: CALLER };
    expect(await post(`${connection.path}/find_booking`, asked, stranger)).toMatchObject({ ok: false });
    expect(await post(`${connection.path}/find_booking`, {})).toMatchObject({ ok: true });
  });

  it('has the call’s id in the audit trail', async () => {
    const { booking } = await post(`${connection.path}/create_booking`, {
      date,
      time: '10:00',
      name: 'Ana Flores',
      phone: CALLER,
    });
    const { id } = booking as { id: string };
    const { body } = await service.request<{ items: unknown[] }>('GET', `/api/bookings/${id}/audit`, {
      key: tenant.key,
    });
    expect(body.items[0]).toMatchObject({ callId: 'room-7' });
  });

  it('is told where it names no tool that there is', async () => {
    for (const body of [{}, { name: 'send_fax', arguments: {} }, { arguments: { date } }, [], 'hello', 7]) {
      const answer = await post(connection.path, JSON.stringify(body), {
        'content-type': 'application/json',
      });
      expect(answer).toMatchObject({ ok: false, code: 'unknown_tool' });
      expect(answer.say).toMatch(/\S/);
    }
  });
});
