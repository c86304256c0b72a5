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
  connection = await aConnection(service, tenant, { platform: 'openai' });
});
afterAll(() => service.close());

async function post<Body>(body: unknown, path = connection.path): Promise<Body> {
  const answer = await service.request<Body>('POST', path, {
    headers: {
      authorization: `Bearer ${connection.secret}`,
      'content-type': 'application/json',
      'x-caller-number': CALLER,
      'x-called-number': DIALLED,
      'x-call-id': 'rtc_1',
    },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return answer.body;
}

interface ItemOutput {
  type: string;
  call_id: string;
  output: string;
}

/** As an item of a response has it. */
const item = (callId: string, name: string, args: object) => ({
  type: 'function_call',
  id: `fc_${callId}`,
  call_id: callId,
  name,
  arguments: JSON.stringify(args),
  status: 'completed',
});

/** As a message of a chat has it. */
const toolCall = (id: string, name: string, args: object) => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(args) },
});

const date = upcoming(3);
const said = (output: string) => JSON.parse(output) as Said;

describe('OpenAI’s Responses', () => {
  it('hold a whole conversation, item by item', async () => {
    let calls = 0;
    await converse(service, tenant, {
      call: async (tool, args) => {
        const output = await post<ItemOutput>(item(`call_${++calls}`, tool, args));
        expect(output).toEqual({
          type: 'function_call_output',
          call_id: `call_${calls}`,
          output: expect.any(String) as string,
        });
        return said(output.output);
      },
    });
  });

  it('book once, however often they ask', async () => {
    let calls = 0;
    await bookAgainAndAgain(service, tenant, {
      call: async (tool, args) => said((await post<ItemOutput>(item(`call_${++calls}`, tool, args))).output),
    });
  });

  it('have null for what a strict model leaves out', async () => {
    const args = { date, time: null, time_preference: null, service: null, resource: null };
    const { output } = await post<ItemOutput>(item('call_1', 'check_availability', args));
    expect(said(output)).toMatchObject({ ok: true });
  });

  it.each(['a list', 'a whole response'])('have several calls answered in their order: %s', async (form) => {
    const items = [
      { type: 'reasoning', id: 'rs_1', summary: [] },
      item('call_1', 'check_availability', { date }),
      item('call_2', 'send_fax', {}),
      item('call_3', 'list_services', {}),
      item('call_3', 'list_services', {}),
    ];
    const outputs = await post<ItemOutput[]>(form === 'a list' ? items : { id: 'resp_1', output: items });
    expect(outputs.map(({ call_id }) => call_id)).toEqual(['call_1', 'call_2', 'call_3']);
    expect(outputs.map(({ output }) => said(output).ok)).toEqual([true, false, true]);
  });

  it('have every call answered, also where they are too many: the API refuses a response without one', async () => {
    const outputs = await post<ItemOutput[]>(
      Array.from({ length: 25 }, (_, n) => item(`call_${n}`, 'list_services', {})),
    );
    expect(outputs.map(({ call_id }) => call_id)).toEqual(Array.from({ length: 25 }, (_, n) => `call_${n}`));
    expect(outputs.filter(({ output }) => said(output).ok)).toHaveLength(20);
  });

  it('may have the tool in the path', async () => {
    const body = { arguments: JSON.stringify({ date }), call_id: 'call_1' };
    const output = await post<ItemOutput>(body, `${connection.path}/check_availability`);
    expect(output).toMatchObject({ type: 'function_call_output', call_id: 'call_1' });
    expect(said(output.output)).toMatchObject({ ok: true });
  });
});

describe('OpenAI’s Chat Completions', () => {
  const message = () => ({
    role: 'assistant',
    content: null,
    tool_calls: [toolCall('call_1', 'check_availability', { date }), toolCall('call_2', 'list_services', {})],
  });

  it.each([
    ['a message', message],
    ['a completion', () => ({ id: 'chatcmpl_1', choices: [{ index: 0, message: message() }] })],
  ])('get the messages to append: %s', async (_form, body) => {
    const messages = await post<{ role: string; tool_call_id: string; content: string }[]>(body());
    expect(messages.map(({ role, tool_call_id }) => [role, tool_call_id])).toEqual([
      ['tool', 'call_1'],
      ['tool', 'call_2'],
    ]);
    expect(messages.map(({ content }) => said(content).ok)).toEqual([true, true]);
  });

  it('get one message for one call', async () => {
    const answer = await post<{ content: string }>(toolCall('call_1', 'check_availability', { date }));
    expect(answer).toMatchObject({ role: 'tool', tool_call_id: 'call_1' });
    expect(said(answer.content)).toMatchObject({ ok: true });
  });
});

describe('OpenAI’s Realtime', () => {
  it.each([
    [
      'response.function_call_arguments.done',
      () => ({
        type: 'response.function_call_arguments.done',
        event_id: 'event_1',
        item_id: 'item_1',
        call_id: 'call_1',
        name: 'check_availability',
        arguments: JSON.stringify({ date }),
      }),
    ],
    [
      'response.output_item.done',
      () => ({
        type: 'response.output_item.done',
        event_id: 'event_1',
        item: item('call_1', 'check_availability', { date }),
      }),
    ],
  ])('gets the event to send back for %s', async (_type, event) => {
    const answer = await post<{ type: string; item: ItemOutput }>(event());
    expect(answer).toMatchObject({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: 'call_1' },
    });
    expect(said(answer.item.output)).toMatchObject({ ok: true });
  });

  it('gets an event for each call of a response that is done', async () => {
    const output = [item('call_1', 'check_availability', { date }), item('call_2', 'list_services', {})];
    const events = await post<{ item: ItemOutput }[]>({ type: 'response.done', response: { output } });
    expect(events.map(({ item: { call_id } }) => call_id)).toEqual(['call_1', 'call_2']);
  });

  it('may pass on every event', async () => {
    for (const event of [
      { type: 'session.created', session: { id: 'sess_1' } },
      { type: 'response.done', response: { output: [{ type: 'message', role: 'assistant' }] } },
    ]) {
      const answer = await post<object>(event);
      expect(JSON.stringify(answer)).not.toContain('function_call_output');
    }
  });
});

it('whoever passes on no call of a tool is told so in OpenAI’s shape', async () => {
  for (const body of [{}, 'hello', 7, { call_id: 'call_1', arguments: '{"date":' }]) {
    const answer = await post<ItemOutput>(body);
    expect(answer).toMatchObject({ type: 'function_call_output' });
    expect(said(answer.output)).toMatchObject({ ok: false, say: expect.stringMatching(/\S/) as string });
  }
  // Cut off in the midst of it.
  const cut = { ...item('call_1', 'check_availability', {}), arguments: '{"date":"tomo' };
  expect(said((await post<ItemOutput>(cut)).output)).toMatchObject({ ok: false, code: 'invalid_arguments' });
});
