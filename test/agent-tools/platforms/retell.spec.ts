import { createHmac } from 'node:crypto';
import { Retell } from '../../../src/agent-tools/platforms/retell.js';
import { TOOL_SPECIFICATIONS } from '../../../src/agent-tools/tools.js';
import { upcoming } from '../../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../../support/test-app.js';
import { aConnection, type TestConnection } from './connection.js';
import {
  bookAgainAndAgain,
  CALLER,
  converse,
  DIALLED,
  hangUpWhileHolding,
  type Said,
} from './conversation.js';

/** The workspace's, made up. */
const API_KEY = 'key_4f1e9a7c2b8d4e6fa0c3b5d7e9f1';

let service: TestApp;
let tenant: TestTenant;
let connection: TestConnection;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connection = await aConnection(service, tenant, { platform: 'retell', secret: API_KEY });
});
afterAll(() => service.close());

const PHONE_CALL = {
  call_type: 'phone_call',
  call_id: 'call_8c1f0b6de2a94e0c9f3d7a5b1e2c',
  agent_id: 'agent_2a7d41c8e95b3f60',
  agent_version: 3,
  call_status: 'ongoing',
  direction: 'inbound',
  from_number: CALLER,
  to_number: DIALLED,
  metadata: {},
  retell_llm_dynamic_variables: { business_name: 'Acme Dental' },
  start_timestamp: 1_796_051_045_678,
  transcript: 'Agent: Acme Dental, how can I help?\nUser: Do you have anything on Wednesday?',
  transcript_object: [{ role: 'user', content: 'Do you have anything on Wednesday?', words: [] }],
};

function signature(body: string, { key = API_KEY, at = Date.now() } = {}): string {
  return `v=${at},d=${createHmac('sha256', key).update(body).update(String(at)).digest('hex')}`;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

async function send(
  path: string,
  body: unknown,
  { method = 'POST', headers }: { method?: Method; headers?: Record<string, string> } = {},
) {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return service.request<Said>(method, `${connection.path}${path}`, {
    ...(body === undefined ? {} : { body: text }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(headers ?? { 'x-retell-signature': signature(text) }),
    },
  });
}

const envelope = (name: string, args: object, call: object = PHONE_CALL) => ({ call, name, args });

const platform = {
  async call(tool: string, args: Record<string, string>): Promise<Said> {
    const { status, body } = await send('', envelope(tool, args));
    expect(status).toBe(200);
    return body;
  },
};
const date = upcoming(3);

async function bookForAna(): Promise<void> {
  const args = { date, time: '14:00', name: 'Ana Flores', phone: CALLER };
  expect(await platform.call('create_booking', args)).toMatchObject({ ok: true });
}

async function hangUp(): Promise<void> {
  const call = { ...PHONE_CALL, call_status: 'ended', disconnection_reason: 'user_hangup' };
  expect((await send('/events', { event: 'call_ended', call })).status).toBe(200);
}

it('holds a whole conversation', () => converse(service, tenant, platform));
it('books once what it is asked for again and again', () => bookAgainAndAgain(service, tenant, platform));
it('gives back what a caller held who has hung up', () =>
  hangUpWhileHolding(service, tenant, { ...platform, hangUp }));

describe('a custom function of Retell', () => {
  it('is called with an envelope, at the connection’s address or the function’s own', async () => {
    for (const path of ['', '/check_availability', '/checkAvailability']) {
      const { body } = await send(path, envelope('check_availability', { date, time_preference: 'morning' }));
      expect(body).toMatchObject({ ok: true, say: expect.stringContaining('9 AM') as string });
    }
  });

  it('is called with its arguments alone, also where one is called `name`', async () => {
    const args = { date, time: '14:00', name: 'Ana Flores', phone: CALLER };
    const { body } = await send('/create_booking', args);
    expect(body).toMatchObject({ ok: true, say: expect.stringContaining('Ana Flores') as string });
  });

  it.each(['GET', 'DELETE'] as const)('is called without a body, by %s', async (method) => {
    const path = `/check_availability?date=${date}&time_preference=morning`;
    const { body } = await send(path, undefined, { method });
    expect(body).toMatchObject({ ok: true, say: expect.stringContaining('9 AM') as string });
  });

  it.each(['PUT', 'PATCH'] as const)('is called by %s', async (method) => {
    const { body } = await send('', envelope('check_availability', { date }), { method });
    expect(body).toMatchObject({ ok: true });
  });

  it('is answered with the tool’s answer, flat and below Retell’s limit', async () => {
    const { body: services } = await service.request<{ items: [{ id: string }] }>('GET', '/api/services', {
      key: tenant.key,
    });
    await service.request('PATCH', `/api/services/${services.items[0].id}`, {
      key: tenant.key,
      body: { durationMinutes: 5, slotStepMinutes: 5 },
    });
    const answer = await platform.call('check_availability', { date });
    expect(answer).toMatchObject({ ok: true, slots: expect.any(Array) as unknown[] });
    expect(JSON.stringify(answer).length).toBeLessThan(15_000);
  });

  it('knows who calls, and who is called', async () => {
    await bookForAna();
    const find = async (call: object) => (await send('', envelope('find_booking', {}, call))).body;
    expect(await find(PHONE_CALL)).toMatchObject({ ok: true });
    const outbound = { ...PHONE_CALL, direction: 'outbound', from_number: DIALLED, to_number: CALLER };
    expect(await find(outbound)).toMatchObject({ ok: true });
    expect(await find({ ...PHONE_CALL, from_number: '+14155550199' })).toMatchObject({ ok: false });
    const { call_id, agent_id, call_status } = PHONE_CALL;
    const webCall = { call_type: 'web_call', call_id, agent_id, call_status, access_token: 'made-up' };
    expect(await find(webCall)).toMatchObject({ ok: false, code: 'missing_information' });
  });

  it('does not believe a model about the number, at an address whose body a model writes', async () => {
    await bookForAna();
    const forged = envelope('find_booking', {}, { ...PHONE_CALL });
    expect((await send('/find_booking', forged)).body).toMatchObject({
      ok: false,
      code: 'missing_information',
    });
    const asArguments = { from_number: CALLER, caller: CALLER, call: PHONE_CALL };
    expect((await send('/find_booking', asArguments)).body).toMatchObject({ ok: false });
    const headers = { 'x-retell-signature': signature('{}'), 'x-caller-number': CALLER };
    expect((await send('/find_booking', '{}', { headers })).body).toMatchObject({ ok: true });
    const unfilled = { 'x-retell-signature': signature('{}'), 'x-caller-number': '{{user_number}}' };
    expect((await send('/find_booking', '{}', { headers: unfilled })).body).toMatchObject({ ok: false });
  });

  it.each([
    ['no JSON', '{"name":'],
    ['a list', '[1]'],
    ['an object of nothing known', '{"a":1}'],
    ['an unknown function', JSON.stringify(envelope('order_pizza', {}))],
    ['arguments that are none', '{"name":"check_availability","args":"soon","call":[]}'],
  ])('is answered with a sentence where it cannot be read: %s', async (_, body) => {
    const answer = await send('', body);
    expect(answer).toMatchObject({
      status: 200,
      body: { ok: false, say: expect.stringMatching(/\w+ \w+/) as string },
    });
  });
});

describe('a webhook of Retell', () => {
  it('for an inbound call is answered with what the agent should know, all of it text', async () => {
    const event = {
      event: 'call_inbound',
      call_inbound: { agent_id: PHONE_CALL.agent_id, from_number: CALLER, to_number: DIALLED },
    };
    for (const path of ['/inbound', '']) {
      const { status, body } = await send(path, event);
      expect(status).toBe(200);
      const { call_inbound } = body as unknown as {
        call_inbound: { dynamic_variables: Record<string, unknown>; metadata: object };
      };
      expect(call_inbound.metadata).toEqual({});
      expect(call_inbound.dynamic_variables).toMatchObject({ business_name: 'Acme Dental' });
      for (const value of Object.values(call_inbound.dynamic_variables)) expect(typeof value).toBe('string');
    }
  });

  it.each(['call_started', 'call_ended', 'call_analyzed', 'transcript_updated'])(
    'is acknowledged: %s',
    async (event) => {
      const { status, body } = await send('/events', {
        event,
        call: { ...PHONE_CALL, call_status: 'ended' },
      });
      expect([status, body]).toEqual([200, { received: true }]);
    },
  );

  it('is the connection’s own address for it', () => {
    expect(connection.webhooks).toEqual([
      { event: 'inbound call', url: `${connection.url}/inbound` },
      { event: 'call events', url: `${connection.url}/events` },
    ]);
  });
});

describe('Retell is let in', () => {
  const body = JSON.stringify(envelope('get_business_info', { note: 'déjà – "vu"' }), null, 1);
  const status = async (headers: Record<string, string>, text = body) =>
    (await send('', text, { headers })).status;

  it('by its signature, or by a secret in a header that was set up', async () => {
    expect(await status({ 'x-retell-signature': signature(body) })).toBe(200);
    const [past, ahead] = [Date.now() - 290_000, Date.now() + 290_000];
    for (const at of [past, ahead]) {
      expect(await status({ 'x-retell-signature': signature(body, { at }) })).toBe(200);
    }
    expect(await status({ authorization: `Bearer ${API_KEY}`, 'x-retell-signature': 'v=1,d=0' })).toBe(200);
    expect(await status({ 'x-api-key': API_KEY })).toBe(200);
  });

  it('by its signature only where the secret could be guessed', async () => {
    const key = 'retell-2026';
    const weak = await aConnection(service, await aTenant(service), { platform: 'retell', secret: key });
    const status = async (headers: Record<string, string>) =>
      (await service.request('POST', weak.path, { body: JSON.parse(body) as object, headers })).status;
    expect(await status({ authorization: `Bearer ${key}` })).toBe(401);
    expect(await status({ 'x-api-key': key })).toBe(401);
    const text = JSON.stringify(JSON.parse(body));
    expect(await status({ 'x-retell-signature': signature(text, { key }) })).toBe(200);
  });

  it('not otherwise, and is not told why', async () => {
    const right = signature(body);
    const minutes = (count: number) => signature(body, { at: Date.now() + count * 60_000 });
    const other = await aConnection(service, await aTenant(service), {
      platform: 'retell',
      secret: 'key_of_another_workspace_0123456789',
    });
    const refused: [string, Record<string, string>, string?][] = [
      ['nothing', {}],
      ['a wrong key', { 'x-retell-signature': signature(body, { key: 'key_wrong_0123' }) }],
      ['another body', { 'x-retell-signature': right }, JSON.stringify(JSON.parse(body))],
      ['a stale time', { 'x-retell-signature': minutes(-5.1) }],
      ['a future time', { 'x-retell-signature': minutes(5.1) }],
      ['another time', { 'x-retell-signature': right.replace(/^v=\d+/, `v=${Date.now() + 1}`) }],
      ['no time', { 'x-retell-signature': right.replace(/^v=\d+,/, '') }],
      ['two signatures', { 'x-retell-signature': `${right}, ${right}` }],
      ['another case of the parts', { 'x-retell-signature': right.split(',').reverse().join(',') }],
      ['a wrong secret', { authorization: 'Bearer key_wrong_0123' }],
    ];
    for (const [what, headers, text] of refused) {
      const answer = await send('', text ?? body, { headers });
      expect([what, answer.status]).toEqual([what, 401]);
      expect(answer.body).toMatchObject({
        code: 'unauthenticated',
        detail: 'The request does not come from a connection of this address.',
      });
    }
    const elsewhere = await service.request('POST', other.path, {
      body,
      headers: { 'content-type': 'application/json', 'x-retell-signature': right },
    });
    expect(elsewhere.status).toBe(401);
  });
});

it('defines the tools as Retell’s API takes them', () => {
  const url = 'https://c.example/api/voice/retell/1';
  const [first] = new Retell().define(TOOL_SPECIFICATIONS, { url, secret: 's3' });
  expect(first).toEqual({
    type: 'custom',
    name: 'check_availability',
    description: expect.any(String) as string,
    url,
    method: 'POST',
    headers: {
      Authorization: 'Bearer s3',
      'X-Caller-Number': '{{user_number}}',
      'X-Called-Number': '{{agent_number}}',
      'X-Call-Id': '{{call_id}}',
    },
    parameters: {
      type: 'object',
      properties: expect.objectContaining({
        date: { type: 'string', description: expect.any(String) as string },
      }) as object,
      required: expect.any(Array) as string[],
    },
    args_at_root: false,
    speak_during_execution: false,
    speak_after_execution: true,
    timeout_ms: 10_000,
    max_retry: 1,
  });
});
