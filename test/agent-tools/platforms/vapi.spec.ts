import { type BinaryToTextEncoding, createHmac } from 'node:crypto';
import { TOOL_SPECIFICATIONS } from '../../../src/agent-tools/tools.js';
import { Vapi } from '../../../src/agent-tools/platforms/vapi.js';
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

let service: TestApp;
let tenant: TestTenant;
let connection: TestConnection;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connection = await aConnection(service, tenant, { platform: 'vapi' });
});
afterAll(() => service.close());

interface Result {
  name: string;
  toolCallId: string;
  result?: string;
  error?: string;
}

/** As Vapi sends them, with what surrounds the calls. */
function toolCalls(lists: object, call: object = {}): object {
  return {
    message: {
      timestamp: Date.now(),
      type: 'tool-calls',
      ...lists,
      call: {
        id: '019ac1f2-6b1e-7aa0-9f2c-3d5b8e7a1c44',
        orgId: '3e0b9a52-8c1d-4f6e-a7b3-5d2f1c9e8a70',
        type: 'inboundPhoneCall',
        status: 'in-progress',
        assistantId: '7c2d4e91-5f3a-4b8c-9e6d-1a0b2c3d4e5f',
        phoneNumberId: '0d1c2b3a-4958-4766-8574-93a2b1c0d9e8',
        customer: { number: CALLER },
        ...call,
      },
      phoneNumber: { id: '0d1c2b3a-4958-4766-8574-93a2b1c0d9e8', number: DIALLED, provider: 'vapi' },
      customer: { number: CALLER },
      assistant: { id: '7c2d4e91-5f3a-4b8c-9e6d-1a0b2c3d4e5f', name: 'Front desk' },
      artifact: { messages: [{ role: 'user', message: 'Do you have anything on Wednesday?', time: 0 }] },
    },
  };
}

const nested = (id: string, name: string, args: unknown) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

async function send(body: unknown, headers: Record<string, string> = { 'x-vapi-secret': connection.secret }) {
  return service.request<{ results: Result[] }>('POST', connection.path, {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function results(body: unknown): Promise<Result[]> {
  const answer = await send(body);
  expect(answer.status).toBe(200);
  return answer.body.results;
}

function said({ result = '{}' }: Result): Said {
  return JSON.parse(result) as Said;
}

let calls = 0;
const platform = {
  async call(tool: string, args: Record<string, string>): Promise<Said> {
    const id = `call_${++calls}`;
    const [only] = await results(toolCalls({ toolCallList: [nested(id, tool, args)] }));
    expect(only).toMatchObject({ name: tool, toolCallId: id });
    return said(only!);
  },
};

async function hangUp(): Promise<void> {
  const body = toolCalls({ status: 'ended', endedReason: 'customer-ended-call' }) as { message: object };
  expect((await send({ message: { ...body.message, type: 'status-update' } })).status).toBe(200);
}

it('holds a whole conversation', () => converse(service, tenant, platform));
it('books once what it is asked for again and again', () => bookAgainAndAgain(service, tenant, platform));
it('gives back what a caller held who has hung up', () =>
  hangUpWhileHolding(service, tenant, { ...platform, hangUp }));

describe('a tool call of Vapi', () => {
  const date = upcoming(3);
  const args = { date };
  it.each([
    ['with its arguments as an object', { toolCallList: [nested('c1', 'check_availability', args)] }],
    [
      'with its arguments as JSON text',
      { toolCallList: [nested('c1', 'check_availability', JSON.stringify(args))] },
    ],
    ['by the SDK’s older name of the list', { toolCalls: [nested('c1', 'check_availability', args)] }],
    [
      'beside the tool it calls',
      {
        toolWithToolCallList: [
          {
            type: 'function',
            name: 'check_availability',
            parameters: { type: 'object' },
            server: { url: 'https://calendar.example.com' },
            messages: [],
            toolCall: nested('c1', 'check_availability', args),
          },
        ],
      },
    ],
    ['flat', { toolCallList: [{ id: 'c1', name: 'check_availability', arguments: args }] }],
    ['flat, with parameters', { toolCallList: [{ id: 'c1', name: 'check_availability', parameters: args }] }],
    [
      'with static parameters beside its arguments',
      {
        toolCallList: [
          {
            id: 'c1',
            name: 'check_availability',
            parameters: { date },
            arguments: '{"time_preference":"morning"}',
          },
        ],
      },
    ],
    [
      'in all three lists',
      {
        toolCallList: [nested('c1', 'check_availability', args)],
        toolCalls: [nested('c1', 'check_availability', args)],
        toolWithToolCallList: [{ toolCall: nested('c1', 'check_availability', args) }],
      },
    ],
  ])('is understood %s', async (_, lists) => {
    const answers = await results(toolCalls(lists));
    expect(answers).toEqual([
      { name: 'check_availability', toolCallId: 'c1', result: expect.not.stringMatching(/[\r\n]/) as string },
    ]);
    expect(said(answers[0]!)).toMatchObject({ ok: true, say: expect.stringContaining('9 AM') as string });
  });

  it('is run once, though several lists hold it', async () => {
    const book = nested('c1', 'create_booking', { date, time: '14:00', name: 'Ana Flores', phone: CALLER });
    const other = nested('c2', 'create_booking', {
      date,
      time: '15:00',
      name: 'Ben Ortiz',
      phone: '+14155550187',
    });
    const answers = await results(
      toolCalls({
        toolCallList: [book],
        toolCalls: [book, other],
        toolWithToolCallList: [{ toolCall: other }],
      }),
    );
    expect(answers.map(({ toolCallId }) => toolCallId)).toEqual(['c1', 'c2']);
    const { body } = await service.request<{ items: unknown[] }>('GET', '/api/bookings', { key: tenant.key });
    expect(body.items).toHaveLength(2);
  });

  it('does not spoil others that come with it, whatever is wrong with it', async () => {
    const answers = await results(
      toolCalls({
        toolCallList: [
          nested('c1', 'check_availability', args),
          nested('c2', 'order_pizza', {}),
          nested('c3', 'create_booking', '{"date":'),
          { name: 'check_availability', arguments: args },
          { id: 'c5' },
          'nonsense',
          nested('c6', 'create_booking', { date, time: '11:00', name: 'Ana Flores', phone: CALLER }),
        ],
      }),
    );
    expect(answers.map(({ name, toolCallId }) => [name, toolCallId])).toEqual([
      ['check_availability', 'c1'],
      ['order_pizza', 'c2'],
      ['create_booking', 'c3'],
      ['check_availability', ''],
      ['', 'c5'],
      ['create_booking', 'c6'],
    ]);
    expect(answers.map((answer) => said(answer).ok)).toEqual([true, false, false, true, false, true]);
    for (const answer of answers) expect(said(answer).say).toMatch(/\S/);
  });

  it('does not spoil others that come with it when it breaks on our side', async () => {
    const rename = (from: string, to: string) =>
      service.database.query(`ALTER FUNCTION ${from} RENAME TO ${to}`);
    await rename('availability_snapshot', 'availability_snapshot_hidden');
    try {
      const [broken, fine] = await results(
        toolCalls({
          toolCallList: [nested('c1', 'check_availability', args), nested('c2', 'list_services', {})],
        }),
      );
      expect(broken).toEqual({
        name: 'check_availability',
        toolCallId: 'c1',
        error: expect.stringMatching(/didn't work/),
      });
      expect(said(fine!)).toMatchObject({ ok: true });
    } finally {
      await rename('availability_snapshot_hidden', 'availability_snapshot');
    }
  });

  it('is told so when it is one of too many', async () => {
    const many = Array.from({ length: 23 }, (_, index) => nested(`c${index}`, 'get_business_info', {}));
    const answers = await results(toolCalls({ toolCallList: many }));
    expect(answers.map(({ toolCallId }) => toolCallId)).toEqual(many.map(({ id }) => id));
    expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(20);
    for (const { error, result } of answers.slice(20)) {
      expect(result).toBeUndefined();
      expect(error).toMatch(/again/);
    }
  });

  it('is answered briefly, with times over the whole day', async () => {
    const { body } = await service.request<{ items: [{ id: string }] }>('GET', '/api/services', {
      key: tenant.key,
    });
    await service.request('PATCH', `/api/services/${body.items[0].id}`, {
      key: tenant.key,
      body: { durationMinutes: 10, slotStepMinutes: 10 },
    });
    const [only] = await results(toolCalls({ toolCallList: [nested('c1', 'check_availability', args)] }));
    expect(only!.result!.length).toBeLessThanOrEqual(6000);
    const { slots, more } = said(only!) as unknown as { slots: { starts_at: string }[]; more: number };
    expect(slots.length + more).toBe(48);
    expect(slots[0]!.starts_at).toContain('T09:00');
    expect(Number(slots.at(-1)!.starts_at.slice(11, 13))).toBeGreaterThanOrEqual(16);
  });

  it('knows the caller by what Vapi says, never by what the model says', async () => {
    await platform.call('create_booking', { date, time: '14:00', name: 'Ana Flores', phone: CALLER });
    const ask = async (call: object, message: object) => {
      const body = toolCalls(
        { toolCallList: [nested('c9', 'find_booking', { caller: CALLER, phone: CALLER })] },
        call,
      );
      Object.assign((body as { message: object }).message, message);
      return said((await results(body))[0]!);
    };
    expect(await ask({}, {})).toMatchObject({ ok: true });
    expect(await ask({ customer: undefined }, {})).toMatchObject({ ok: true });
    expect(await ask({}, { customer: undefined })).toMatchObject({ ok: true });
    expect(await ask({ type: 'webCall', customer: undefined }, { customer: undefined })).toMatchObject({
      ok: false,
      code: 'missing_information',
    });
    const stranger = { number: '+14155550199' };
    expect(await ask({ customer: stranger }, { customer: stranger })).toMatchObject({ ok: false });
  });
});

describe('whatever else Vapi sends', () => {
  it.each([
    'status-update',
    'end-of-call-report',
    'conversation-update',
    'speech-update',
    'hang',
    'assistant-request',
  ])('is acknowledged: %s', async (type) => {
    const answer = await send({ message: { type, status: 'ended', call: { id: 'c' } } });
    expect(answer).toMatchObject({ status: 200, body: { received: true } });
  });

  it.each([
    ['no JSON', '{"message":'],
    ['a list', '[1]'],
    ['nothing', ''],
    ['no message', '{"message":7}'],
    ['no calls', '{"message":{"type":"tool-calls","toolCallList":{"a":1}}}'],
    ['a prototype', '{"__proto__":{"message":{}}}'],
  ])('is answered with a sentence where it cannot be read: %s', async (_, body) => {
    const [only] = await results(body);
    expect(said(only!)).toMatchObject({ ok: false, say: expect.stringMatching(/\w+ \w+/) as string });
  });
});

describe('Vapi is let in', () => {
  const body = JSON.stringify(
    toolCalls({ toolCallList: [nested('c1', 'get_business_info', { note: 'déjà – "vu"' })] }),
    null,
    1,
  );
  const sign = (
    { secret = connection.secret, time = String(Math.floor(Date.now() / 1000)) } = {},
    { encoding = 'hex', algorithm = 'sha256' }: { encoding?: BinaryToTextEncoding; algorithm?: string } = {},
  ): string => createHmac(algorithm, secret).update(`${time}.${body}`).digest(encoding);
  const status = async (headers: Record<string, string>, text = body) => (await send(text, headers)).status;
  const seconds = (offset = 0) => String(Math.floor(Date.now() / 1000) + offset);

  it('by a bearer token or its older header', async () => {
    expect(await status({ authorization: `Bearer ${connection.secret}` })).toBe(200);
    expect(await status({ 'x-vapi-secret': connection.secret })).toBe(200);
  });

  it('by a signature in every form that can be configured', async () => {
    const time = seconds();
    const milliseconds = String(Date.now());
    expect(await status({ 'x-signature': sign({ time }), 'x-timestamp': time })).toBe(200);
    expect(await status({ 'x-signature': `sha256=${sign({ time })}`, 'x-timestamp': time })).toBe(200);
    expect(await status({ 'x-signature': sign({ time: milliseconds }), 'x-timestamp': milliseconds })).toBe(
      200,
    );
    for (const algorithm of ['sha256', 'sha512', 'sha1']) {
      const signature = sign({ time }, { encoding: 'base64', algorithm });
      expect(await status({ 'x-signature': signature, 'x-timestamp': time })).toBe(200);
    }
  });

  it('not otherwise, and is not told why', async () => {
    const time = seconds();
    const [stale, future] = [seconds(-301), seconds(302)];
    const signature = sign({ time });
    const other = await aConnection(service, await aTenant(service), { platform: 'vapi' });
    const refused: [string, Record<string, string>, string?][] = [
      ['nothing', {}],
      ['a wrong secret', { 'x-vapi-secret': 'wrong' }],
      ['an empty one', { 'x-vapi-secret': '', authorization: 'Bearer ' }],
      ['another tenant’s', { authorization: `Bearer ${other.secret}` }],
      ['the tenant’s key', { authorization: `Bearer ${tenant.key}` }],
      ['the secret twice', { 'x-vapi-secret': `${connection.secret}, ${connection.secret}` }],
      ['no time', { 'x-signature': signature }],
      ['another time', { 'x-signature': signature, 'x-timestamp': seconds(5) }],
      ['a stale one', { 'x-signature': sign({ time: stale }), 'x-timestamp': stale }],
      ['a future one', { 'x-signature': sign({ time: future }), 'x-timestamp': future }],
      ['a signature twice', { 'x-signature': `${signature}, ${signature}`, 'x-timestamp': time }],
      ['half a signature', { 'x-signature': signature.slice(0, 40), 'x-timestamp': time }],
      ['a wrong key', { 'x-signature': sign({ time, secret: other.secret }), 'x-timestamp': time }],
      ['another body', { 'x-signature': signature, 'x-timestamp': time }, JSON.stringify(JSON.parse(body))],
    ];
    for (const [what, headers, text] of refused) {
      const answer = await send(text ?? body, headers);
      expect([what, answer.status]).toEqual([what, 401]);
      expect(answer.body).toMatchObject({
        code: 'unauthenticated',
        detail: 'The request does not come from a connection of this address.',
      });
    }
    const elsewhere = await service.request('POST', other.path, {
      body,
      headers: { 'content-type': 'application/json', 'x-signature': signature, 'x-timestamp': time },
    });
    expect(elsewhere.status).toBe(401);
  });
});

describe('a body', () => {
  /** With a transcript that makes it exactly so long. */
  const ofSize = (bytes: number) => {
    const around = toolCalls({ toolCallList: [nested('c1', 'get_business_info', {})] }) as {
      message: { artifact: { transcript?: string } };
    };
    around.message.artifact.transcript = '';
    const missing = bytes - Buffer.byteLength(JSON.stringify(around));
    around.message.artifact.transcript = 'User: hello. '.repeat(missing).slice(0, missing);
    return JSON.stringify(around);
  };

  it('of one mebibyte with a long transcript is read', async () => {
    const body = ofSize(1024 * 1024);
    expect(Buffer.byteLength(body)).toBe(1024 * 1024);
    expect(said((await results(body))[0]!)).toMatchObject({ ok: true });
  });

  it('of more is refused', async () => {
    expect(await send(ofSize(1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
  });
});

it('defines the tools as Vapi’s API takes them', () => {
  const defined = new Vapi().define(TOOL_SPECIFICATIONS, {
    url: 'https://c.example/api/voice/vapi/1',
    secret: 's3',
  });
  expect(defined).toHaveLength(TOOL_SPECIFICATIONS.length);
  expect(defined[0]).toEqual({
    type: 'function',
    async: false,
    function: {
      name: 'check_availability',
      description: expect.any(String) as string,
      parameters: {
        type: 'object',
        properties: expect.objectContaining({
          date: { type: 'string', description: expect.any(String) as string },
        }) as object,
        required: expect.any(Array) as string[],
      },
    },
    server: {
      url: 'https://c.example/api/voice/vapi/1',
      timeoutSeconds: 20,
      headers: { Authorization: 'Bearer s3' },
    },
  });
});
