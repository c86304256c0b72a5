import type { Client } from '@modelcontextprotocol/client';
import { createApp } from '../../src/create-app.js';
import { upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { addressOf, connectMcp, REVISIONS, structured, textOf } from './mcp-client.js';

let service: TestApp;
let address: URL;
let tenant: TestTenant;

beforeAll(async () => {
  service = await startTestApp();
  address = await addressOf(service.app);
});
beforeEach(async () => {
  tenant = await aTenant(service);
});
afterAll(() => service.close());

const wednesday = upcoming(3);
const ana = { name: 'Ana Flores', phone: '(415) 555-0123' };

describe.each(REVISIONS)('the official client, revision %s', (revision) => {
  let client: Client;
  beforeEach(async () => {
    client = await connectMcp(address, revision, { authorization: `Bearer ${tenant.key}` });
  });
  afterEach(() => client.close());

  const call = (name: string, given: Record<string, unknown>) => client.callTool({ name, arguments: given });

  it('learns whom it talks to, and how the tools are to be used', () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'receptionist-calendar', version: '0.1.0' });
    expect(client.getServerCapabilities()).toEqual({ tools: {} });
    expect(client.getInstructions()).toMatch(/check_availability before you offer a time/);
    expect(client.getInstructions()).toMatch(/"say"/);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
  });

  it('finds every tool with its arguments, and what calling it means', async () => {
    const { tools } = await client.listTools();
    const { body } = await service.request<{ tools: { name: string; readOnly: boolean }[] }>(
      'GET',
      '/api/agent-tools/definitions',
      { key: tenant.key },
    );
    expect(tools.map(({ name }) => name)).toEqual(body.tools.map(({ name }) => name));
    for (const { name, readOnly } of body.tools) {
      expect(tools.find((tool) => tool.name === name)?.annotations?.readOnlyHint).toBe(readOnly);
    }
    const [look] = tools;
    expect(look).toMatchObject({
      name: 'check_availability',
      title: 'Check availability',
      description: expect.stringMatching(/free/) as string,
      inputSchema: {
        type: 'object',
        properties: { date: { type: 'string' }, time_preference: { type: 'string' } },
        required: ['date'],
      },
      annotations: {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    });
  });

  it('asks for times and books one; asked again the same, it is told of the same booking', async () => {
    const offer = structured(await call('check_availability', { date: wednesday }));
    expect(offer).toMatchObject({ ok: true, say: expect.stringMatching(/9 AM, 12 PM and 4 PM/) as string });
    const slot = { slot_id: offer.slots?.[0]?.slot_id, ...ana };
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => call('create_booking', slot)));
    const booked = structured(first!);
    expect(booked).toMatchObject({ ok: true, say: expect.stringMatching(/Ana Flores/) as string });
    const again = await call('create_booking', slot);
    for (const other of [...others, again]) {
      expect(structured(other).booking?.id).toBe(booked.booking?.id);
      expect(other.isError ?? false).toBe(false);
    }
    const { body } = await service.request<{ items: unknown[] }>('GET', '/api/bookings', { key: tenant.key });
    expect(body.items).toHaveLength(1);
  });

  it('has the whole answer in the text too, for clients that look at nothing else', async () => {
    const answer = await call('check_availability', { date: wednesday });
    expect(JSON.parse(textOf(answer))).toEqual(answer.structuredContent);
    expect(structured(answer).slots).toHaveLength(8);
  });

  it('tells of a time that is taken as of any other news', async () => {
    const slot = { date: wednesday, time: '10:00' };
    await call('create_booking', { ...slot, ...ana });
    const taken = await call('create_booking', { ...slot, name: 'Ben Okafor', phone: '415 555 0199' });
    expect(structured(taken)).toMatchObject({ ok: false, code: 'slot_taken' });
    expect(taken.isError ?? false).toBe(false);
  });

  it('asks the caller for what is missing', async () => {
    const answer = await call('create_booking', { date: wednesday, time: '10:00' });
    expect(structured(answer)).toMatchObject({ ok: false, code: 'missing_information' });
    expect(answer.isError ?? false).toBe(false);
  });

  it('takes arguments as models send them: null, in camel case, and some that no tool has', async () => {
    const answer = await call('check_availability', {
      date: wednesday,
      timePreference: 'morning',
      service: null,
      lk_agents_confirm_duplicate: true,
    });
    expect(structured(answer).slots?.map(({ starts_at }) => starts_at.slice(11, 13))).toEqual([
      '09',
      '10',
      '11',
    ]);
  });

  it('says to the model that its arguments were wrong, without failing', async () => {
    const answer = await call('create_booking', {
      date: wednesday,
      time: '10:00',
      name: { first: 'Ana', last: 'Flores' },
      phone: '+14155550123',
    });
    expect(answer.isError).toBe(true);
    expect(structured(answer)).toMatchObject({
      ok: false,
      code: 'invalid_arguments',
      fields: ['name'],
      say: expect.stringMatching(/\S/) as string,
    });
  });

  it('is refused a tool that there is not by the code of JSON-RPC', async () => {
    await expect(call('delete_everything', {})).rejects.toMatchObject({ code: -32602 });
  });

  it('is told nothing of what went wrong inside', async () => {
    const broken = await startTestApp();
    try {
      const { key } = await aTenant(broken);
      const at = await connectMcp(await addressOf(broken.app), revision, { authorization: `Bearer ${key}` });
      await at.listTools();
      await broken.database.drop();
      const failed = await at.callTool({ name: 'check_availability', arguments: { date: wednesday } });
      expect(failed).toMatchObject({ isError: true, structuredContent: { ok: false, code: 'unavailable' } });
      const listing = await at.listTools().catch((error: unknown) => error);
      expect(String(listing)).toMatch(/cannot be listed at the moment/);
    } finally {
      await broken.close().catch(() => undefined);
    }
  });
});

describe.each(REVISIONS)('any instance, revision %s', (revision) => {
  it('answers the next request of a client that another one greeted', async () => {
    const other = await createApp(service.settings);
    try {
      const addresses = [address, await addressOf(other)];
      const asked: string[] = [];
      const client = await connectMcp(
        address,
        revision,
        { authorization: `Bearer ${tenant.key}` },
        async (input, init) => {
          const next = addresses[asked.length % 2]!;
          const answer = await fetch(next, init);
          asked.push(next.port);
          expect(answer.headers.get('mcp-session-id')).toBeNull();
          return answer;
        },
      );
      const { tools } = await client.listTools();
      expect(tools.length).toBeGreaterThan(1);
      for (let i = 0; i < 3; i++) {
        const answer = await client.callTool({ name: 'check_availability', arguments: { date: wednesday } });
        expect(structured(answer).ok).toBe(true);
      }
      expect(new Set(asked).size).toBe(2);
      await client.close();
    } finally {
      await other.close();
    }
  });
});
