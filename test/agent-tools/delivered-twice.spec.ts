import type { BookingView } from '../../src/booking/booking.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { Database } from '../../src/platform/database/database.js';
import { Purge } from '../../src/tenant/purge.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type Heard, type PhoneCall, rest, spoken } from './on-the-phone.js';
import { aConnection } from './platforms/connection.js';

/* A platform that delivers a tool call again hears what it heard first, whatever has become of the booking since. */

const wednesday = coming(3);
const ten = { date: wednesday, time: '10 AM', name: 'Ana Flores' };
const booked = `You're booked for ${spoken(wednesday)} at 10 AM. The appointment is under the name Ana Flores.`;
const home = '+14155550123';

let service: TestApp;
let receptionist: PhoneCall;
let call: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  receptionist = await aReceptionist(service);
  call = receptionist.from(home, 'call-1');
});
afterAll(() => service.close());

async function bookings(status = 'confirmed'): Promise<BookingView[]> {
  const path = `/api/bookings?status=${status}`;
  return (await rest<{ items: BookingView[] }>(service, receptionist.tenant, 'GET', path)).items;
}

const identified = (toolCallId: string | null, by = call) => by.as({ toolCallId });
const book = (toolCallId: string | null, wish: object = ten, by = call) =>
  identified(toolCallId, by).say('create_booking', wish);
const told = ({ say, booking }: Heard) => ({ say, booking });

describe('a booking that is delivered again', () => {
  it('is not made again after it was cancelled', async () => {
    const first = await book('tool-1');
    await call.say('cancel_booking');
    expect(told(await book('tool-1'))).toEqual(told(first));
    expect(first.say).toBe(booked);
    expect(await bookings()).toEqual([]);
  });

  it('is not made again after it was moved', async () => {
    const first = await book('tool-1');
    await call.say('reschedule_booking', { date: wednesday, time: '2 PM' });
    expect(told(await book('tool-1'))).toEqual(told(first));
    expect(await bookings()).toHaveLength(1);
  });

  it('does not undo what was corrected since', async () => {
    await book('tool-1', { ...ten, name: 'Anna Flores' });
    await book('tool-2');
    expect(await book('tool-1', { ...ten, name: 'Anna Flores' })).toMatchObject({ ok: true });
    expect(await bookings()).toMatchObject([{ name: 'Ana Flores' }]);
  });

  it('is not made again where it was itself a repetition under another id', async () => {
    await book('tool-1');
    const again = await book('tool-2');
    await call.say('cancel_booking');
    expect(told(await book('tool-2'))).toEqual(told(again));
    expect(await bookings()).toEqual([]);
  });

  it('is not made again from a hold', async () => {
    const { hold } = await call.say('hold_slot', ten);
    const wish = { hold_id: hold?.id, name: 'Ana Flores' };
    const first = await book('tool-1', wish);
    await call.say('cancel_booking');
    expect(told(await book('tool-1', wish))).toEqual(told(first));
    expect(await bookings()).toEqual([]);
  });

  it('waits for the one that is under way', async () => {
    const all = await Promise.all(['tool-1', 'tool-1', 'tool-1', 'tool-1'].map((id) => book(id)));
    for (const each of all) expect(told(each)).toEqual(told(all[0] as Heard));
    await call.say('cancel_booking');
    const later = await Promise.all(['tool-1', 'tool-1', 'tool-1'].map((id) => book(id)));
    for (const each of later) expect(told(each)).toEqual(told(all[0] as Heard));
    expect(await bookings()).toEqual([]);
    expect(await bookings('cancelled')).toHaveLength(1);
  });

  it('is tried again where it was refused', async () => {
    const other = receptionist.from('+14155550999');
    await book(null, { ...ten, name: 'Ben Stone' }, other);
    expect(await book('tool-1')).toMatchObject({ ok: false, code: 'slot_taken' });
    await other.say('cancel_booking');
    expect(await book('tool-1')).toMatchObject({ ok: true, say: booked });
  });
});

describe('other calls that are delivered again', () => {
  it('do not move a booking back', async () => {
    await book('tool-1');
    const move = (toolCallId: string, time: string) =>
      identified(toolCallId).say('reschedule_booking', { date: wednesday, time });
    const first = await move('tool-2', '1 PM');
    await move('tool-3', '2 PM');
    expect(told(await move('tool-2', '1 PM'))).toEqual(told(first));
    expect((await call.say('find_booking')).say).toContain('2 PM');
  });

  it('do not cancel the next booking', async () => {
    await book('tool-1');
    const first = await identified('tool-2').say('cancel_booking');
    await book('tool-3', { ...ten, time: '3 PM' });
    expect((await identified('tool-2').say('cancel_booking')).say).toBe(first.say);
    expect(await bookings()).toHaveLength(1);
  });

  it('are read anew where they change nothing', async () => {
    const look = () => identified('tool-1').say('check_availability', { date: wednesday, time: '10 AM' });
    expect((await look()).ok).toBe(true);
    await book('tool-2');
    expect((await look()).slots?.map(({ starts_at: at }) => at.slice(11, 16))).not.toContain('10:00');
  });
});

describe('what is no second delivery', () => {
  it.each([
    ['another tool-call id', () => book('tool-2')],
    ['no tool-call id', () => book(null)],
    ['an empty tool-call id', () => book('')],
    ['another conversation', () => book('tool-1', ten, receptionist.from(home, 'call-2'))],
    ['another credential', () => book('tool-1', ten, call.by('another key'))],
    ['another name', () => book('tool-1', { ...ten, name: 'Ava Flores' })],
    ['another time', () => book('tool-1', { ...ten, time: '11 AM' })],
  ])('%s books again after a cancellation', async (_what, again) => {
    await book('tool-1');
    await call.say('cancel_booking');
    expect(await again()).toMatchObject({ ok: true });
    expect(await bookings()).toHaveLength(1);
  });

  it('is a call without a conversation', async () => {
    const nowhere = receptionist.from(home, null);
    await book('tool-1', ten, nowhere);
    await nowhere.say('cancel_booking');
    await book('tool-1', ten, nowhere);
    expect(await bookings()).toHaveLength(1);
  });

  it('is an id among the arguments', async () => {
    const invented = { ...ten, tool_call_id: 'tool-1', toolCallId: 'tool-1', 'X-Tool-Call-Id': 'tool-1' };
    await call.say('create_booking', invented);
    await call.say('cancel_booking');
    await call.say('create_booking', invented);
    expect(await bookings()).toHaveLength(1);
  });

  it('is the same id after a quarter of an hour', async () => {
    await book('tool-1');
    await call.say('cancel_booking');
    await inTenant("UPDATE tool_answer SET begun_at = begun_at - interval '16 minutes'");
    await book('tool-1');
    expect(await bookings()).toHaveLength(1);
  });
});

describe('what is kept of it', () => {
  it('is no obstacle where the process died in the midst of the call', async () => {
    await book('tool-1');
    await call.say('cancel_booking');
    await inTenant(
      "UPDATE tool_answer SET answer = NULL, begun_at = clock_timestamp() - interval '1.5 seconds'",
    );
    expect(await book('tool-1')).toMatchObject({ ok: true });
    expect(await bookings()).toHaveLength(1);
  });

  it('is gone after an hour', async () => {
    await book('tool-1');
    const kept = () => inTenant('SELECT key FROM tool_answer');
    await service.app.get(Purge).purge();
    expect(await kept()).toHaveLength(1);
    await service.app.get(Purge).purge(new Date(Date.now() + 61 * 60_000));
    expect(await kept()).toEqual([]);
  });

  it('is seen by no other organisation', async () => {
    await book('tool-1');
    const { tenant } = await aReceptionist(service);
    const seen = await service.app
      .get(Database)
      .inTenant(asTenantId(tenant.id), (sql) => sql.query('SELECT key FROM tool_answer'));
    expect(seen).toEqual([]);
  });
});

async function inTenant(sql: string): Promise<object[]> {
  return service.app.get(Database).inTenant(asTenantId(receptionist.tenant.id), (it) => it.query(sql));
}

describe('on the platforms', () => {
  interface Sent {
    path: string;
    headers?: Record<string, string>;
    body: object;
  }
  type Send = (tool: string, toolCallId: string, args: object) => Sent;

  const senders: Record<string, Send> = {
    vapi: (name, id, args) => ({
      path: '',
      body: {
        message: {
          type: 'tool-calls',
          call: { id: 'call-1', customer: { number: home } },
          toolCallList: [{ id, type: 'function', function: { name, arguments: args } }],
        },
      },
    }),
    openai: (name, call_id, args) => ({
      path: '',
      headers: { 'x-call-id': 'call-1', 'x-caller-number': home },
      body: { type: 'function_call', name, call_id, arguments: JSON.stringify(args) },
    }),
    generic: (tool, id, args) => ({
      path: `/${tool}`,
      headers: { 'x-call-id': 'call-1', 'x-caller-number': home, 'x-tool-call-id': id },
      body: args,
    }),
  };

  it.each(Object.keys(senders))('%s', async (platform) => {
    const { path, secret } = await aConnection(service, receptionist.tenant, { platform });
    const send = async (tool: string, id: string, args: object) => {
      const sent = (senders[platform] as Send)(tool, id, args);
      const answer = await service.request<object>('POST', `${path}${sent.path}`, {
        headers: { authorization: `Bearer ${secret}`, ...sent.headers },
        body: sent.body,
      });
      return JSON.stringify(answer.body);
    };
    const first = await send('create_booking', 'tool-1', ten);
    expect(first).toContain(booked);
    expect(await send('cancel_booking', 'tool-2', {})).toMatch(/cancel/i);
    expect(await send('create_booking', 'tool-1', ten)).toContain(booked);
    expect(await bookings()).toEqual([]);
    expect(await send('create_booking', 'tool-3', ten)).toContain(booked);
    expect(await bookings()).toHaveLength(1);
  });

  const headers = { 'x-call-id': 'call-1', 'x-caller-number': home };

  it('an API key', async () => {
    const { key } = receptionist.tenant;
    const byKey = async (tool: string, body: object, id: string) =>
      service.request<Heard>('POST', `/api/agent-tools/${tool}`, {
        key,
        headers: { ...headers, 'x-tool-call-id': id },
        body,
      });
    await byKey('create_booking', ten, 'tool-1');
    await byKey('cancel_booking', {}, 'tool-2');
    expect((await byKey('create_booking', ten, 'tool-1')).body.say).toBe(booked);
    expect(await bookings()).toEqual([]);
  });

  it('MCP, by a header and not by the id of the message', async () => {
    const { key } = receptionist.tenant;
    const byMcp = async (name: string, args: object, id: string) =>
      JSON.stringify(
        (
          await service.request<object>('POST', '/mcp', {
            key,
            headers: {
              ...headers,
              'x-tool-call-id': id,
              accept: 'application/json, text/event-stream',
              'mcp-protocol-version': '2025-06-18',
            },
            body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
          })
        ).body,
      );
    await byMcp('create_booking', ten, 'tool-3');
    expect(await bookings()).toHaveLength(1);
    expect(await byMcp('cancel_booking', {}, 'tool-4')).toMatch(/cancel/i);
    expect(await byMcp('create_booking', ten, 'tool-3')).toContain(booked);
    expect(await bookings()).toEqual([]);
    await byMcp('create_booking', ten, 'tool-5');
    expect(await bookings()).toHaveLength(1);
  });
});
