import { createHmac } from 'node:crypto';
import { ElevenLabs } from '../../../src/agent-tools/platforms/elevenlabs.js';
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

/** Of the post-call webhook, made up. */
const WEBHOOK_SECRET = 'wsec_5d1c9e7a3b8f4e2d6c0a';

let service: TestApp;
let tenant: TestTenant;
let connection: TestConnection;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connection = await aConnection(service, tenant, { platform: 'elevenlabs', webhookSecret: WEBHOOK_SECRET });
});
afterAll(() => service.close());

/** What ElevenLabs fills into the properties that are set up so. */
const SYSTEM = {
  system__conversation_id: 'conv_7401kc2v9m3xe5tr8h1j6q0bnd4w',
  system__caller_id: CALLER,
  system__called_number: DIALLED,
};
const date = upcoming(3);

async function send<Body = Said>(
  path: string,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${connection.secret}` },
  method: 'GET' | 'POST' | 'PUT' = 'POST',
) {
  return service.request<Body>(method, `${connection.path}${path}`, {
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
}

const platform = {
  async call(tool: string, args: Record<string, string>): Promise<Said> {
    const { status, body } = await send(`/${tool}`, { ...args, ...SYSTEM });
    expect(status).toBe(200);
    return body;
  },
};

async function hangUp(): Promise<void> {
  const t = Math.floor(Date.now() / 1000);
  const { system__conversation_id: conversation_id } = SYSTEM;
  const body = JSON.stringify({ type: 'post_call_transcription', data: { conversation_id, status: 'done' } });
  const v0 = createHmac('sha256', WEBHOOK_SECRET).update(`${t}.${body}`).digest('hex');
  const answer = await send('/post-call', body, { 'elevenlabs-signature': `t=${t},v0=${v0}` });
  expect(answer.status).toBe(200);
}

it('holds a whole conversation', () => converse(service, tenant, platform));
it('books once what it is asked for again and again', () => bookAgainAndAgain(service, tenant, platform));
it('gives back what a caller held who has hung up', () =>
  hangUpWhileHolding(service, tenant, { ...platform, hangUp }));

describe('a server tool of ElevenLabs', () => {
  it('is called at its own address, with its properties alone', async () => {
    const { body } = await send('/check_availability', { date, time_preference: 'morning' });
    expect(body).toMatchObject({ ok: true, say: expect.stringContaining('9 AM') as string });
    const query = new URLSearchParams({ date, time_preference: 'morning', ...SYSTEM }).toString();
    const got = await send(`/check_availability?${query}`, undefined, undefined, 'GET');
    expect(got.body).toMatchObject({ ok: true, say: expect.stringContaining('9 AM') as string });
  });

  it('takes what was left empty as left out', async () => {
    const { body } = await send('/check_availability', {
      date,
      time_preference: null,
      service: '',
      ...SYSTEM,
    });
    expect(body).toMatchObject({ ok: true });
  });

  it('knows the caller by the system’s properties, or by headers that hold them', async () => {
    await platform.call('create_booking', { date, time: '14:00', name: 'Ana Flores', phone: CALLER });
    expect(await platform.call('find_booking', {})).toMatchObject({ ok: true });
    const authorization = `Bearer ${connection.secret}`;
    const inHeaders = await send('/find_booking', {}, { authorization, 'x-caller-number': CALLER });
    expect(inHeaders.body).toMatchObject({ ok: true });
    for (const nobody of [
      {},
      { ...SYSTEM, system__caller_id: '' },
      { ...SYSTEM, system__caller_id: null },
      { ...SYSTEM, system__caller_id: '{{system__caller_id}}' },
      { caller_id: CALLER, phone: CALLER, caller: CALLER },
    ]) {
      expect((await send('/find_booking', nobody)).body).toMatchObject({
        ok: false,
        code: 'missing_information',
      });
    }
  });

  it('leaves its conversation in the audit trail', async () => {
    const { booking } = await platform.call('create_booking', {
      date,
      time: '14:00',
      name: 'Ana Flores',
      phone: CALLER,
    });
    const { body } = await service.request<{ items: unknown[] }>(
      'GET',
      `/api/bookings/${(booking as { id: string }).id}/audit`,
      { key: tenant.key },
    );
    expect(body.items[0]).toMatchObject({ callId: SYSTEM.system__conversation_id });
  });

  it.each([
    ['no JSON', '/check_availability', '{"date":'],
    ['a list', '/check_availability', '[1]'],
    ['no tool', '', '{}'],
    ['an unknown tool', '/order_pizza', '{}'],
  ])('is answered with a sentence where it cannot be read: %s', async (_, path, body) => {
    const answer = await send(path, body);
    expect(answer).toMatchObject({
      status: 200,
      body: { ok: false, say: expect.stringMatching(/\w+ \w+/) as string },
    });
  });
});

describe('a webhook of ElevenLabs', () => {
  it('for a conversation that begins is answered with dynamic variables, all of them text', async () => {
    const { status, body } = await send<{ type: string; dynamic_variables: Record<string, unknown> }>(
      '/conversation-init',
      {
        caller_id: CALLER,
        agent_id: 'agent_3701kc2v9m3xe5tr8h1j',
        called_number: DIALLED,
        call_sid: 'CA0123456789abcdef0123456789abcdef',
      },
    );
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['dynamic_variables', 'type']);
    expect(body.type).toBe('conversation_initiation_client_data');
    expect(body.dynamic_variables).toMatchObject({ business_name: 'Acme Dental' });
    for (const value of Object.values(body.dynamic_variables)) expect(typeof value).toBe('string');
  });

  it('for a conversation that begins is answered even where it says nothing', async () => {
    for (const body of ['{}', '[]', 'nothing', '']) {
      expect((await send('/conversation-init', body)).body).toMatchObject({
        type: 'conversation_initiation_client_data',
      });
    }
  });

  it('is the connection’s own address for it', () => {
    expect(connection.webhooks.map(({ url }) => url)).toEqual([
      `${connection.url}/conversation-init`,
      `${connection.url}/post-call`,
    ]);
  });
});

describe('the webhook after a call', () => {
  const body = JSON.stringify(
    {
      type: 'post_call_transcription',
      event_timestamp: 1_796_051_045,
      data: {
        agent_id: 'agent_3701kc2v9m3xe5tr8h1j',
        conversation_id: SYSTEM.system__conversation_id,
        status: 'done',
        transcript: [{ role: 'agent', message: 'Löwen Dental, how can I help?', time_in_call_secs: 0 }],
        metadata: { phone_call: { external_number: CALLER, agent_number: DIALLED, direction: 'inbound' } },
      },
    },
    null,
    1,
  );
  const sign = ({ secret = WEBHOOK_SECRET, offset = 0 } = {}) => {
    const t = Math.floor(Date.now() / 1000) + offset;
    return `t=${t},v0=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
  };
  const status = async (headers: Record<string, string>, path = '/post-call', text = body) =>
    (await send(path, text, headers)).status;

  it('is let in by its signature and acknowledged', async () => {
    const answer = await send('/post-call', body, { 'elevenlabs-signature': sign() });
    expect([answer.status, answer.body]).toEqual([200, { received: true }]);
  });

  it('is let in no other way', async () => {
    const right = sign();
    const refused: [string, Record<string, string>, string?, string?][] = [
      ['nothing', {}],
      ['the secret of tools', { authorization: `Bearer ${connection.secret}` }],
      ['the secret of webhooks itself', { authorization: `Bearer ${WEBHOOK_SECRET}` }],
      ['the secret of tools as the key', { 'elevenlabs-signature': sign({ secret: connection.secret }) }],
      ['a stale time', { 'elevenlabs-signature': sign({ offset: -301 }) }],
      ['a future time', { 'elevenlabs-signature': sign({ offset: 302 }) }],
      ['another body', { 'elevenlabs-signature': right }, '/post-call', JSON.stringify(JSON.parse(body))],
      ['two signatures', { 'elevenlabs-signature': `${right}, ${right}` }],
      ['the address of a tool', { 'elevenlabs-signature': right }, '/find_booking'],
      ['the address of the other webhook', { 'elevenlabs-signature': right }, '/conversation-init'],
    ];
    for (const [what, headers, path, text] of refused) {
      expect([what, await status(headers, path, text)]).toEqual([what, 401]);
    }
  });

  it('is not let in where its secret is not known', async () => {
    const other = await aConnection(service, tenant, { platform: 'elevenlabs' });
    for (const headers of [
      { 'elevenlabs-signature': sign() },
      { authorization: `Bearer ${other.secret}` },
    ] as Record<string, string>[]) {
      const answer = await service.request('POST', `${other.path}/post-call`, {
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      expect(answer.status).toBe(401);
    }
  });
});

describe('ElevenLabs is let in', () => {
  it('by the secret in a header, and not otherwise', async () => {
    const other = await aConnection(service, await aTenant(service), { platform: 'elevenlabs' });
    const status = async (headers: Record<string, string>) =>
      (await send('/get_business_info', {}, headers)).status;
    expect(await status({ authorization: `Bearer ${connection.secret}` })).toBe(200);
    expect(await status({ 'x-api-key': connection.secret })).toBe(200);
    for (const headers of [
      {},
      { authorization: `Basic ${connection.secret}` },
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${other.secret}` },
      { authorization: `Bearer ${tenant.key}` },
      { 'x-api-key': `${connection.secret}, ${connection.secret}` },
    ] as Record<string, string>[]) {
      expect(await status(headers)).toBe(401);
    }
  });
});

it('defines the tools as ElevenLabs’ API takes them', () => {
  const url = 'https://c.example/api/voice/elevenlabs/1';
  const [first] = new ElevenLabs().define(TOOL_SPECIFICATIONS, { url, secret: 's3' });
  expect(first).toEqual({
    type: 'webhook',
    name: 'check_availability',
    description: expect.any(String) as string,
    response_timeout_secs: 20,
    api_schema: {
      url: `${url}/check_availability`,
      method: 'POST',
      request_headers: {
        Authorization: 'Bearer s3',
        'X-Caller-Number': { variable_name: 'system__caller_id' },
        'X-Called-Number': { variable_name: 'system__called_number' },
        'X-Call-Id': { variable_name: 'system__conversation_id' },
      },
      request_body_schema: {
        type: 'object',
        properties: expect.objectContaining({
          date: { type: 'string', description: expect.any(String) as string },
        }) as object,
        required: expect.any(Array) as string[],
      },
    },
  });
});
