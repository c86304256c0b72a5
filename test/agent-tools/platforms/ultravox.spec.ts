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
  connection = await aConnection(service, tenant, { platform: 'ultravox' });
});
afterAll(() => service.close());

/** Static and automatic parameters that a tool was set up with. */
const CALL = {
  'x-call-id': '0d6a1f3c-2b7e-4c58-9a41-6f2d8e3b5c70',
  'x-caller-number': CALLER,
  'x-called-number': DIALLED,
};

async function ask(
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${connection.secret}` },
): Promise<Said> {
  const answer = await service.request<Said>(method, `${connection.path}${path}`, {
    headers: { ...CALL, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  expect(answer.status).toBe(200);
  return answer.body;
}

const date = upcoming(3);
const call = (tool: string, args: Record<string, string>) => ask('POST', `/${tool}`, args);

describe('Ultravox', () => {
  it('holds a whole conversation', async () => {
    await converse(service, tenant, { call });
  });

  it('books once, however often it asks', async () => {
    await bookAgainAndAgain(service, tenant, { call });
  });

  it('puts parameters into the body, the query, the path or headers', async () => {
    const inAfternoon = [
      await ask('POST', '/check_availability', { date, time_preference: 'afternoon' }),
      await ask('GET', `/check_availability?date=${date}&time_preference=afternoon`),
      await ask('POST', `/check_availability?time_preference=afternoon`, { date }),
      await ask('GET', `/check_availability/date/${date}/time_preference/afternoon`),
      await ask(
        'POST',
        '/check_availability',
        {},
        {
          'x-api-key': connection.secret,
          date,
          time_preference: 'afternoon',
        },
      ),
      await ask('POST', '', { tool: 'check_availability', date, time_preference: 'afternoon' }),
    ];
    for (const { ok, slots } of inAfternoon) {
      expect(ok).toBe(true);
      expect((slots as { starts_at: string }[]).map(({ starts_at }) => starts_at.slice(0, 13))).toEqual(
        [12, 13, 14, 15, 16].map((hour) => `${date}T${hour}`),
      );
    }
  });

  it('puts words into the path as they are said', async () => {
    const answer = await ask('GET', `/check_availability/date/${date}/time/2%20PM`);
    expect(answer.say).toMatch(/2 PM is free/);
  });

  it('is not misunderstood where a proxy dates the request', async () => {
    const headers = { 'x-api-key': connection.secret, date: 'Tue, 19 Jan 2027 08:12:31 GMT' };
    expect(await ask('POST', '/check_availability', {}, headers)).toMatchObject({
      ok: false,
      code: 'missing_information',
    });
  });

  it('may name the call as any parameter', async () => {
    for (const [path, body] of [
      ['/create_booking', { call_id: 'ultravox-call-1' }],
      ['/create_booking?callId=ultravox-call-1', {}],
    ] as const) {
      const booking = { date, time: '10:00', name: 'Ana Flores', phone: CALLER };
      const answer = await service.request<Said>('POST', `${connection.path}${path}`, {
        key: connection.secret,
        body: { ...booking, ...body },
      });
      const { id } = answer.body['booking'] as { id: string };
      const audit = await service.request<{ items: unknown[] }>('GET', `/api/bookings/${id}/audit`, {
        key: tenant.key,
      });
      expect(audit.body.items[0]).toMatchObject({ callId: 'ultravox-call-1' });
    }
  });

  it.each([
    ['a bearer token', () => ['', { authorization: `Bearer ${connection.secret}` }] as const],
    ['`X-API-Key`', () => ['', { 'x-api-key': connection.secret }] as const],
    ['`api_key` in the query', () => [`?api_key=${connection.secret}`, {}] as const],
  ])('is known by %s', async (_how, sent) => {
    const [query, headers] = sent();
    expect(await ask('POST', `/list_services${query}`, {}, headers)).toMatchObject({ ok: true });
  });
});
