import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Telnyx } from '../../../src/agent-tools/platforms/telnyx.js';
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

/** As a Telnyx account has them, and shows the public one. */
function anAccount(): { privateKey: KeyObject; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { privateKey, publicKey: bytes.toString('base64') };
}

const account = anAccount();
let service: TestApp;
let tenant: TestTenant;
let connection: TestConnection;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connection = await aConnection(service, tenant, { platform: 'telnyx', secret: account.publicKey });
});
afterAll(() => service.close());

const PRESET = {
  call_control_id: 'v3:u5OAKGEPT3Dx8SZSSDRWEMdNH2OripQhO',
  telnyx_conversation_id: '1f6d6c0e-59a4-4b0c-9d64-6f2b1f0d7a31',
  telnyx_end_user_target: CALLER,
  telnyx_agent_target: DIALLED,
  telnyx_shaken_stir_attestation: 'a',
};
const date = upcoming(3);

function signed(body: string, { key = account.privateKey, offset = 0 } = {}): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000) + offset);
  return {
    'telnyx-timestamp': timestamp,
    'telnyx-signature-ed25519': sign(null, Buffer.from(`${timestamp}|${body}`), key).toString('base64'),
  };
}

async function send<Body = Said>(
  path: string,
  body: unknown,
  { method = 'POST', headers }: { method?: 'GET' | 'POST' | 'PUT'; headers?: object } = {},
) {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return service.request<Body>(method, `${connection.path}${path}`, {
    ...(body === undefined ? {} : { body: text }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(headers ?? signed(text)),
    },
  });
}

const platform = {
  async call(tool: string, args: Record<string, string>): Promise<Said> {
    const { status, body } = await send(`/${tool}`, { ...args, ...PRESET });
    expect(status).toBe(200);
    return body;
  },
};

async function hangUp(): Promise<void> {
  const { call_control_id, telnyx_conversation_id: conversation_id } = PRESET;
  const payload = { call_control_id, conversation_id, assistant_id: 'assistant-2f6b7c1d', duration_sec: 42 };
  const answer = await send('', { data: { event_type: 'call.conversation.ended', payload } });
  expect(answer.status).toBe(200);
}

it('holds a whole conversation', () => converse(service, tenant, platform));
it('books once what it is asked for again and again', () => bookAgainAndAgain(service, tenant, platform));
it('gives back what a caller held who has hung up', () =>
  hangUpWhileHolding(service, tenant, { ...platform, hangUp }));

describe('a webhook tool of Telnyx', () => {
  const args = { date, time_preference: 'morning' };
  const free = { ok: true, say: expect.stringContaining('9 AM') as string };

  it('is named by the path, the query or the body', async () => {
    expect((await send('/check_availability', args)).body).toMatchObject(free);
    expect((await send('?tool=check_availability', args)).body).toMatchObject(free);
    expect((await send('', { ...args, tool: 'check_availability' })).body).toMatchObject(free);
  });

  it('has its arguments in the body, the query or both', async () => {
    const query = new URLSearchParams(args).toString();
    expect((await send(`/check_availability?${query}`, undefined, { method: 'GET' })).body).toMatchObject(
      free,
    );
    expect(
      (await send(`/check_availability?date=${date}`, { time_preference: 'morning' })).body,
    ).toMatchObject(free);
    expect((await send('/check_availability', args, { method: 'PUT' })).body).toMatchObject(free);
  });

  it('knows the caller by the preset fields, wherever they come', async () => {
    await platform.call('create_booking', { date, time: '14:00', name: 'Ana Flores', phone: CALLER });
    expect(await platform.call('find_booking', {})).toMatchObject({ ok: true });
    const query = new URLSearchParams(PRESET).toString();
    expect((await send(`/find_booking?${query}`, undefined, { method: 'GET' })).body).toMatchObject({
      ok: true,
    });
    const headers = { ...signed('{}'), 'x-caller-number': CALLER };
    expect((await send('/find_booking', '{}', { headers })).body).toMatchObject({ ok: true });
  });

  it('knows nobody where the number was not filled in, is no number or is vouched for by nobody', async () => {
    await platform.call('create_booking', { date, time: '14:00', name: 'Ana Flores', phone: CALLER });
    for (const preset of [
      {},
      { ...PRESET, telnyx_end_user_target: '{{telnyx_end_user_target}}' },
      { ...PRESET, telnyx_end_user_target: 'sip:anna@example.com' },
      { ...PRESET, telnyx_shaken_stir_attestation: 'C' },
      { caller_number: CALLER, phone: CALLER },
    ]) {
      expect((await send('/find_booking', preset)).body).toMatchObject({
        ok: false,
        code: 'missing_information',
      });
    }
    const outside = { ...PRESET, telnyx_shaken_stir_attestation: '{{telnyx_shaken_stir_attestation}}' };
    expect((await send('/find_booking', outside)).body).toMatchObject({ ok: true });
  });

  it('has no id of a call where that was not filled in, so that calls are told apart', async () => {
    const unfilled = { ...PRESET, call_control_id: '{{call_control_id}}' };
    const { body } = await send('/create_booking', {
      ...{ date, time: '14:00', name: 'Ana Flores', phone: CALLER },
      ...unfilled,
    });
    const { id } = body['booking'] as { id: string };
    const audit = await service.request<{ items: unknown[] }>('GET', `/api/bookings/${id}/audit`, {
      key: tenant.key,
    });
    expect(audit.body.items[0]).toMatchObject({ callId: PRESET.telnyx_conversation_id });
  });

  it.each([
    ['no JSON', '/check_availability', '{"date":'],
    ['a list', '/check_availability', '[1]'],
    ['no tool', '', '{}'],
    ['an unknown tool', '/order_pizza', '{}'],
  ])('is answered with a sentence where it cannot be read: %s', async (_, path, body) => {
    expect(await send(path, body)).toMatchObject({
      status: 200,
      body: { ok: false, say: expect.stringMatching(/\w+ \w+/) as string },
    });
  });
});

describe('a webhook of Telnyx', () => {
  const starting = (payload: object = {}) => ({
    data: {
      record_type: 'event',
      id: 'event_5b2f5f0a-8a1c-4e86-8d5b-2f4a7f4d9c10',
      event_type: 'assistant.initialization',
      occurred_at: new Date().toISOString(),
      payload: {
        telnyx_conversation_channel: 'phone_call',
        telnyx_agent_target: DIALLED,
        telnyx_end_user_target: CALLER,
        telnyx_end_user_target_verified: true,
        call_control_id: PRESET.call_control_id,
        assistant_id: 'assistant-2f6b7c1d',
        ...payload,
      },
    },
  });
  interface Started {
    dynamic_variables: Record<string, unknown>;
  }

  it('for an assistant that begins is answered with dynamic variables, within a second', async () => {
    for (const path of ['/init', '']) {
      const began = Date.now();
      const { status, body } = await send<Started>(path, starting());
      expect(Date.now() - began).toBeLessThan(1000);
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(['dynamic_variables']);
      expect(body.dynamic_variables).toMatchObject({ business_name: 'Acme Dental', caller_number: CALLER });
      for (const value of Object.values(body.dynamic_variables)) expect(typeof value).toBe('string');
    }
  });

  it('is not what a tool is called with, whatever is in its body', async () => {
    for (const [path, named] of [
      ['/check_availability', {}],
      ['', { tool: 'check_availability' }],
    ] as const) {
      const { body } = await send(path, { ...PRESET, ...named, date, ...starting({}) });
      expect(body).toMatchObject({ ok: true });
    }
  });

  it('tells the assistant of no caller whom the network does not vouch for', async () => {
    const { body } = await send<Started>('/init', starting({ telnyx_end_user_target_verified: false }));
    expect(body.dynamic_variables).toMatchObject({ business_name: 'Acme Dental', caller_number: '' });
  });

  it.each(['call.conversation.ended', 'call.conversation_insights.generated', 'call.hangup'])(
    'is acknowledged: %s',
    async (event_type) => {
      const { status, body } = await send('', { data: { event_type, payload: {} } });
      expect([status, body]).toEqual([200, { received: true }]);
    },
  );
});

describe('Telnyx is let in', () => {
  const body = JSON.stringify({ note: 'déjà – "vu"', ...PRESET }, null, 1);
  const status = async (headers: object, text = body) =>
    (await send('/get_business_info', text, { headers })).status;

  it('by its signature within five minutes, to both sides', async () => {
    for (const offset of [0, -295, 295]) expect(await status(signed(body, { offset }))).toBe(200);
  });

  it('not otherwise: what we know of it is public', async () => {
    const right = signed(body);
    const other = anAccount();
    const { publicKey } = account;
    const twice = (text = '') => `${text}, ${text}`;
    const refused: [string, object, string?][] = [
      ['nothing', {}],
      ['the public key as a bearer', { authorization: `Bearer ${publicKey}` }],
      ['the public key as an API key', { 'x-api-key': publicKey }],
      ['another account', signed(body, { key: other.privateKey })],
      ['a stale time', signed(body, { offset: -302 })],
      ['a future time', signed(body, { offset: 303 })],
      ['another time', { ...right, 'telnyx-timestamp': String(Math.floor(Date.now() / 1000) + 7) }],
      ['no time', { 'telnyx-signature-ed25519': right['telnyx-signature-ed25519'] }],
      ['no signature', { 'telnyx-timestamp': right['telnyx-timestamp'] }],
      ['two signatures', { ...right, 'telnyx-signature-ed25519': twice(right['telnyx-signature-ed25519']) }],
      [
        'a short signature',
        { ...right, 'telnyx-signature-ed25519': right['telnyx-signature-ed25519']?.slice(4) },
      ],
      ['another body', right, JSON.stringify(JSON.parse(body))],
    ];
    for (const [what, headers, text] of refused) {
      expect([what, await status(headers, text)]).toEqual([what, 401]);
    }
    for (const path of ['/api/agent-tools/list_services', '/mcp']) {
      expect((await service.request('POST', path, { key: publicKey, body: {} })).status).toBe(401);
    }
    const elsewhere = await aConnection(service, await aTenant(service), {
      platform: 'telnyx',
      secret: other.publicKey,
    });
    const answer = await service.request('POST', `${elsewhere.path}/get_business_info`, {
      body,
      headers: { 'content-type': 'application/json', ...right },
    });
    expect(answer.status).toBe(401);
  });

  it('only with a public key that can be one', async () => {
    for (const [secret, field] of [
      [undefined, 'secret'],
      ['not-a-key-at-all', 'secret'],
      [Buffer.alloc(31, 7).toString('base64'), 'secret'],
      [Buffer.alloc(33, 7).toString('base64'), 'secret'],
      [account.publicKey.replace('=', ''), 'secret'],
    ] as const) {
      const made = await service.request('POST', '/api/agent-connections', {
        key: tenant.key,
        body: { platform: 'telnyx', name: 'x', secret },
      });
      expect(made).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    }
    const rotated = await service.request('POST', `/api/agent-connections/${connection.id}/rotate`, {
      key: tenant.key,
      body: {},
    });
    expect(rotated.status).toBe(400);
  });

  it('with a public key as OpenSSL writes it', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const secret = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    connection = await aConnection(service, tenant, { platform: 'telnyx', secret });
    expect(await status(signed(body, { key: privateKey }))).toBe(200);
    expect(await status(signed(body))).toBe(401);
  });

  it('with a new key and, for a while, with the one before', async () => {
    const next = anAccount();
    await service.request('POST', `/api/agent-connections/${connection.id}/rotate`, {
      key: tenant.key,
      body: { secret: next.publicKey },
    });
    expect(await status(signed(body))).toBe(200);
    expect(await status(signed(body, { key: next.privateKey }))).toBe(200);
  });
});

it('defines the tools as Telnyx’ API takes them', () => {
  const url = 'https://c.example/api/voice/telnyx/1';
  const [first] = new Telnyx().define(TOOL_SPECIFICATIONS, { url, secret: 's3' });
  expect(first).toEqual({
    type: 'webhook',
    timeout_ms: 5_000,
    webhook: {
      name: 'check_availability',
      description: expect.any(String) as string,
      url: `${url}/check_availability`,
      method: 'POST',
      headers: [
        { name: 'X-Caller-Number', value: '{{telnyx_end_user_target}}' },
        { name: 'X-Called-Number', value: '{{telnyx_agent_target}}' },
        { name: 'X-Call-Id', value: '{{call_control_id}}' },
        { name: 'X-Conversation-Id', value: '{{telnyx_conversation_id}}' },
        { name: 'X-Caller-Attestation', value: '{{telnyx_shaken_stir_attestation}}' },
      ],
      body_parameters: {
        type: 'object',
        properties: expect.objectContaining({
          date: { type: 'string', description: expect.any(String) as string },
        }) as object,
        required: expect.any(Array) as string[],
      },
    },
  });
});
