import { createHmac } from 'node:crypto';
import { upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { aConnection, type TestConnection } from './platforms/connection.js';
import { CALLER, DIALLED, type Said } from './platforms/conversation.js';

const STRANGER = '+14155550199';
const RETELL_KEY = 'key_4f1e9a7c2b8d4e6fa0c3b5d7e9f1';

let service: TestApp;
let tenant: TestTenant;
const connections = new Map<string, TestConnection>();
const date = upcoming(3);

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connections.clear();
});
afterAll(() => service.close());

async function connectionOf(platform: string): Promise<TestConnection> {
  const known = connections.get(platform);
  if (known !== undefined) return known;
  const secret = platform === 'retell' ? { secret: RETELL_KEY } : {};
  const made = await aConnection(service, tenant, { platform, ...secret });
  connections.set(platform, made);
  return made;
}

interface Sent {
  headers?: Record<string, string | string[]>;
  query?: string;
}

/** Sends a text as it is, at a tool's own address. */
async function sendText(platform: string, tool: string, text: string, { headers, query = '' }: Sent = {}) {
  const { path, secret } = await connectionOf(platform);
  const at = Date.now();
  const signed = createHmac('sha256', RETELL_KEY).update(text).update(String(at)).digest('hex');
  const answer = await service.request<Said>('POST', `${path}/${tool}${query}`, {
    headers: {
      'content-type': 'application/json',
      ...(platform === 'retell'
        ? { 'x-retell-signature': `v=${at},d=${signed}` }
        : { authorization: `Bearer ${secret}` }),
      ...headers,
    },
    body: text,
  });
  expect(answer.status).toBe(200);
  return answer.body;
}

const send = (platform: string, tool: string, body: object, sent?: Sent) =>
  sendText(platform, tool, JSON.stringify(body), sent);

async function atVapi(tool: string, args: object) {
  const { path, secret } = await connectionOf('vapi');
  const message = {
    type: 'tool-calls',
    toolCallList: [{ id: 'call_1', type: 'function', function: { name: tool, arguments: args } }],
  };
  const { body } = await service.request<{ results: { result: string }[] }>('POST', path, {
    key: secret,
    body: { message },
  });
  return JSON.parse(body.results[0]?.result ?? '') as Said;
}

async function atOpenAi(tool: string, args: object) {
  const { path, secret } = await connectionOf('openai');
  const item = { type: 'function_call', call_id: 'call_1', name: tool, arguments: JSON.stringify(args) };
  const { body } = await service.request<{ output: string }>('POST', path, { key: secret, body: item });
  return JSON.parse(body.output) as Said;
}

async function atMcp(tool: string, args: object) {
  const params = {
    name: tool,
    arguments: args,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
      call_id: (args as { call_id?: string }).call_id,
    },
  };
  const { body } = await service.request<{ result: { structuredContent: Said } }>('POST', '/mcp', {
    key: tenant.key,
    headers: {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': tool,
    },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
  });
  return body.result.structuredContent;
}

async function withApiKey(tool: string, args: object) {
  const { body } = await service.request<Said>('POST', `/api/agent-tools/${tool}`, {
    key: tenant.key,
    body: args,
  });
  return body;
}

const trailOf = async (answer: Said) => {
  const { id } = (answer['booking'] ?? { id: answer['booking_id'] }) as { id: string };
  const { body } = await service.request<{ items: object[] }>('GET', `/api/bookings/${id}/audit`, {
    key: tenant.key,
  });
  return body.items;
};

describe('a conversation that a model names among the arguments, where the platform reports none', () => {
  it.each<[string, (tool: string, args: object) => Promise<Said>]>([
    ['an API key', withApiKey],
    ['MCP', atMcp],
    ['OpenAI', atOpenAi],
    ['Vapi without a call', atVapi],
    ['a program of one’s own', (tool, args) => send('generic', tool, args)],
    ['Ultravox', (tool, args) => send('ultravox', tool, args)],
    ['ElevenLabs', (tool, args) => send('elevenlabs', tool, args)],
    ['Synthflow', (tool, args) => send('synthflow', tool, args)],
    ['Bland', (tool, args) => send('bland', tool, { input: args })],
    ['Bland, with arguments beside each other', (tool, args) => send('bland', tool, args)],
    ['Retell, with the arguments alone', (tool, args) => send('retell', tool, args)],
    [
      'Retell, with arguments in the shape of its envelope',
      (tool, args) => send('retell', tool, { args, call: { call_id: 'call-a', from_number: CALLER } }),
    ],
  ])('is nobody’s over %s: what another caller holds stays theirs', async (_platform, call) => {
    const claim = { call_id: 'call-a', conversation_id: 'call-a' };
    const time = { date, time: '10:00' };
    expect(await call('hold_slot', { ...time, ...claim })).toMatchObject({ ok: true });
    const taken = await call('create_booking', { ...time, ...claim, name: 'Leo Hall', phone: STRANGER });
    expect(taken).toMatchObject({ ok: false, code: 'slot_taken' });
    const other = await call('create_booking', {
      date,
      time: '14:00',
      ...claim,
      name: 'Leo Hall',
      phone: STRANGER,
    });
    expect(other).toMatchObject({ ok: true });
    expect(await trailOf(other)).toMatchObject([{ callId: 'call-a', callIdFrom: 'argument' }]);
  });

  it('is a note only beside the conversation that the platform reports', async () => {
    const headers = { 'x-call-id': 'room-7' };
    const args = { date, time: '10:00', call_id: 'made up', name: 'Ana Flores', phone: CALLER };
    const booked = await send('generic', 'create_booking', args, { headers });
    expect(await trailOf(booked)).toMatchObject([{ callId: 'room-7', callIdFrom: 'platform' }]);
  });
});

describe('what a request says of its call', () => {
  /** By its own fields, each platform where they share an object with what the model fills in. */
  const FLAT = {
    elevenlabs: {
      caller: 'system__caller_id',
      dialled: 'system__called_number',
      id: 'system__conversation_id',
    },
    synthflow: { caller: 'user_phone_number', dialled: 'to_phone_number', id: 'call_id' },
    bland: { caller: 'phone_number', dialled: 'to', id: 'call_id' },
  } as const;
  const platforms = Object.entries(FLAT);

  const knows = async (platform: string, body: object | string, sent?: Sent) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { ok, code } = await sendText(platform, 'find_booking', text, sent);
    return ok ? 'the customer' : code;
  };
  beforeEach(async () => {
    await withApiKey('create_booking', { date, time: '10:00', name: 'Ana Flores', phone: CALLER });
  });

  it.each(platforms)(
    'is in its headers before its query, and there before its body: %s',
    async (platform, { caller }) => {
      const inBody = { [caller]: CALLER };
      expect(await knows(platform, inBody)).toBe('the customer');
      const query = `?${caller}=${encodeURIComponent(STRANGER)}`;
      expect(await knows(platform, inBody, { query })).toBe('unknown_booking');
      const headers = { 'x-caller-number': CALLER };
      expect(await knows(platform, { [caller]: STRANGER }, { query, headers })).toBe('the customer');
    },
  );

  it.each(platforms)(
    'is not completed from the body where headers leave the number out: %s',
    async (platform, { caller }) => {
      for (const withheld of [{}, { 'x-caller-number': '' }, { 'x-caller-number': 'anonymous' }] as Record<
        string,
        string
      >[]) {
        const headers = { 'x-call-id': 'call-1', 'x-called-number': DIALLED, ...withheld };
        expect(await knows(platform, { [caller]: CALLER }, { headers })).toBe('missing_information');
      }
    },
  );

  it.each(platforms)(
    'is in the body where the platform did not fill in the headers: %s',
    async (platform, { caller }) => {
      const headers = { 'x-caller-number': `{{${caller}}}`, 'x-call-id': `<call_id>` };
      expect(await knows(platform, { [caller]: CALLER }, { headers })).toBe('the customer');
    },
  );

  it.each(platforms)(
    'is not believed where a name occurs twice in the body: %s',
    async (platform, { caller }) => {
      const own = `"${caller}":"${STRANGER}"`;
      for (const text of [
        `{${own},"reference":"x","${caller}":"${CALLER}"}`,
        `{"${caller}":"${CALLER}",${own}}`,
        `{${own},"\\u00${caller.charCodeAt(0).toString(16)}${caller.slice(1)}":"${CALLER}"}`,
        `{${own},"input":{"date":"x"},"${caller}":"${CALLER}"}`,
        `{${own},"input":{"reference":"a","reference":"b"}}`,
      ]) {
        expect(await knows(platform, text)).toBe('ambiguous_request');
      }
    },
  );

  it.each(platforms)(
    'is not believed where a name is spelled two ways and says two things: %s',
    async (platform, { caller }) => {
      const camel = caller.replace(/_+(.)/g, (_, next: string) => next.toUpperCase());
      expect(await knows(platform, { [caller]: STRANGER, [camel]: CALLER })).toBe('ambiguous_request');
      expect(await knows(platform, { [caller]: CALLER, [camel]: CALLER })).toBe('the customer');
    },
  );

  it.each(platforms)(
    'is not believed where a name occurs twice in the query: %s',
    async (platform, { caller }) => {
      const number = encodeURIComponent(CALLER);
      const query = `?${caller}=${number}&${caller}=${number}`;
      expect(await knows(platform, {}, { query })).toBe('ambiguous_request');
      // Nor where the headers would count before it: somebody has tried.
      const headers = { 'x-caller-number': CALLER };
      expect(await knows(platform, {}, { query, headers })).toBe('ambiguous_request');
    },
  );

  it.each([...platforms.map(([platform]) => platform), 'generic', 'ultravox'])(
    'is not believed where a header came twice: %s',
    async (platform) => {
      for (const name of ['x-caller-number', 'x-called-number', 'x-call-id']) {
        const headers = { 'x-caller-number': CALLER, [name]: [CALLER, CALLER] };
        expect(await knows(platform, {}, { headers })).toBe('ambiguous_request');
      }
    },
  );

  it('is not taken out of a text that is no JSON body', async () => {
    // Refused as JSON for its prototype, and JSON within JSON.
    const hostile = `{"__proto__":{},"user_phone_number":"${STRANGER}","user_phone_number":"${CALLER}"}`;
    for (const text of [hostile, JSON.stringify(`{"user_phone_number":"${CALLER}"}`)]) {
      expect(await knows('synthflow', text)).not.toBe('the customer');
    }
  });

  it('is refused with a sentence that names the field, and nothing is done', async () => {
    const text = `{"user_phone_number":"${CALLER}","user_phone_number":"${STRANGER}","date":"${date}","time":"14:00","name":"Leo Hall"}`;
    expect(await sendText('synthflow', 'create_booking', text)).toMatchObject({
      ok: false,
      say: expect.stringMatching(/\S/) as string,
      fields: ['user_phone_number'],
    });
    const { body } = await service.request<{ items: object[] }>('GET', '/api/bookings', { key: tenant.key });
    expect(body.items).toHaveLength(1);
  });

  it('is not believed with an API key either, where a header came twice', async () => {
    const headers = { 'x-caller-number': [CALLER, CALLER] } as unknown as Record<string, string>;
    const { body } = await service.request('POST', '/api/agent-tools/find_booking', {
      ...{ key: tenant.key, headers, body: {} },
    });
    expect(body).toMatchObject({ ok: false, code: 'ambiguous_request' });
  });
});

it('refuses a body of REST in which a name occurs twice', async () => {
  const { status, body } = await service.request('POST', '/api/bookings', {
    key: tenant.key,
    headers: { 'content-type': 'application/json' },
    body: `{"name":"Ana Flores","phone":"${CALLER}","phone":"${STRANGER}"}`,
  });
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { code: 'malformed_request', detail: 'The body has the member "phone" twice in one object.' },
  });
});
