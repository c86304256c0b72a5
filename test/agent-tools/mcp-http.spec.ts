import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { ADMIN_KEY, PUBLIC_URL } from '../support/test-settings.js';
import { upcoming } from '../support/dates.js';

let service: TestApp;
let tenant: TestTenant;

beforeAll(async () => {
  service = await startTestApp({ logLevel: 'silent' });
  tenant = await aTenant(service);
});
afterAll(() => service.close());

interface JsonRpc {
  id: number | null;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
  code?: string;
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'by-hand', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A request of revision 2026-07-28 by hand, to get wrong what the official client gets right. */
function send(
  method: string,
  params: Record<string, unknown> = {},
  { headers = {}, key = tenant.key }: { headers?: Record<string, string>; key?: string } = {},
) {
  return service.request<JsonRpc>('POST', '/mcp', {
    key,
    body: { jsonrpc: '2.0', id: 7, method, params: { ...params, _meta: META } },
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {}),
      ...headers,
    },
  });
}

function sendText(payload: string, headers: Record<string, string> = {}) {
  return service.app.inject({
    method: 'POST',
    url: '/mcp',
    payload,
    headers: {
      authorization: `Bearer ${tenant.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
  });
}

const wednesday = upcoming(3);
const LOOK = { name: 'check_availability', arguments: { date: wednesday } };

describe('who may ask', () => {
  async function keyWith(scopes: string[]): Promise<string> {
    const { body } = await service.request<{ key: string }>(
      'POST',
      `/api/admin/tenants/${tenant.id}/api-keys`,
      { key: ADMIN_KEY, body: { name: 'other', scopes } },
    );
    return body.key;
  }

  it('nobody without a credential, nor with a wrong one; the challenge says which', async () => {
    const without = await service.request('POST', '/mcp', {
      body: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
    expect(without).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(without.headers['www-authenticate']).toBe('Bearer realm="receptionist-calendar"');
    const wrong = await send('tools/list', {}, { key: `${tenant.key}x` });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(wrong.headers['www-authenticate']).toMatch(/error="invalid_token"/);
    expect((await service.request('GET', '/mcp')).status).toBe(401);
  });

  it('a key with the scope "agent", not one for the dashboard alone, nor the admin', async () => {
    expect((await send('tools/list', {}, { key: await keyWith(['agent']) })).status).toBe(200);
    for (const key of [await keyWith(['dashboard']), ADMIN_KEY]) {
      const refused = await send('tools/list', {}, { key });
      expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    }
  });

  it.each([undefined, PUBLIC_URL, 'https://dashboard.test'])('a page of the origin %s', async (origin) => {
    const { status } = await send('tools/list', {}, { headers: origin === undefined ? {} : { origin } });
    expect(status).toBe(200);
  });

  it.each([
    'https://evil.test',
    'null',
    'http://dashboard.test',
    'https://dashboard.test.evil.test',
    'https://dashboard.test:8443',
    'http://localhost',
  ])('no page of the origin %s, whatever its credential', async (origin) => {
    const refused = await send('tools/list', {}, { headers: { origin } });
    expect(refused).toMatchObject({ status: 403, body: { code: 'origin_not_allowed', instance: '/mcp' } });
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it("a browser's preflight lets the dashboard send the headers of MCP", async () => {
    const { headers } = await service.app.inject({
      method: 'OPTIONS',
      url: '/mcp',
      headers: { origin: 'https://dashboard.test', 'access-control-request-method': 'POST' },
    });
    expect(headers['access-control-allow-origin']).toBe('https://dashboard.test');
    const allowed = String(headers['access-control-allow-headers']).toLowerCase().split(/, */);
    expect(allowed).toEqual(
      expect.arrayContaining([
        ...['authorization', 'content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name'],
      ]),
    );
  });
});

describe("each tenant's list", () => {
  const enumOf = (answer: { body: JsonRpc }, argument: string): unknown => {
    const [tool] = answer.body.result?.['tools'] as { inputSchema: { properties: Record<string, object> } }[];
    return (tool?.inputSchema.properties[argument] as { enum?: string[] }).enum;
  };

  it('names the services and people that it has, and no others', async () => {
    const [dentist, barber] = [await aTenant(service), await aTenant(service)];
    const { body: resources } = await service.request<{ items: [{ id: string; name: string }] }>(
      'GET',
      '/api/resources',
      { key: dentist.key },
    );
    const [{ id, name }] = resources.items;
    await service.request('POST', '/api/services', {
      key: dentist.key,
      body: { name: 'Root canal', durationMinutes: 90, resourceIds: [id] },
    });
    const ofDentist = await send('tools/list', {}, { key: dentist.key });
    expect(enumOf(ofDentist, 'service')).toEqual(['Appointment', 'Root canal']);
    expect(enumOf(ofDentist, 'resource')).toEqual([name]);
    expect(enumOf(await send('tools/list', {}, { key: barber.key }), 'service')).toEqual(['Appointment']);
  });

  it('names what an agent connection is made for, and nothing else', async () => {
    const clinic = await aTenant(service);
    const { body: resources } = await service.request<{ items: [{ id: string }] }>('GET', '/api/resources', {
      key: clinic.key,
    });
    const { body: cleaning } = await service.request<{ id: string }>('POST', '/api/services', {
      key: clinic.key,
      body: { name: 'Cleaning', durationMinutes: 30, resourceIds: [resources.items[0].id] },
    });
    const connection = await service.request<{ secret: string }>('POST', '/api/agent-connections', {
      key: clinic.key,
      body: { platform: 'vapi', name: 'Front desk', serviceIds: [cleaning.id] },
    });
    expect(connection.status).toBe(201);
    const list = await send('tools/list', {}, { key: connection.body.secret });
    expect(enumOf(list, 'service')).toEqual(['Cleaning']);
  });

  it('names none rather than more than a model would read', async () => {
    const many = await aTenant(service);
    const { body } = await service.request<{ items: [{ id: string }] }>('GET', '/api/resources', {
      key: many.key,
    });
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        service.request('POST', '/api/services', {
          key: many.key,
          body: { name: `Service ${n}`, durationMinutes: 30, resourceIds: [body.items[0].id] },
        }),
      ),
    );
    expect(enumOf(await send('tools/list', {}, { key: many.key }), 'service')).toBeUndefined();
  });

  it('may be kept by nobody but the client: it belongs to the credential', async () => {
    const { body } = await send('tools/list');
    expect(body.result).toMatchObject({ cacheScope: 'private' });
  });
});

describe('the protocol', () => {
  it('answers like every other route: security headers and the id of the request', async () => {
    const { status, headers } = await send('tools/list', {}, { headers: { 'x-request-id': 'mcp-test-1' } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'x-request-id': 'mcp-test-1',
      'x-content-type-options': 'nosniff',
      'content-type': expect.stringMatching(/^application\/json/) as string,
    });
  });

  it.each([
    ['another method', { 'mcp-method': 'tools/list' }],
    ['another tool', { 'mcp-name': 'create_booking' }],
    ['another revision', { 'mcp-protocol-version': '2025-06-18' }],
  ])('refuses a header that names %s than the body', async (_what, headers) => {
    const refused = await send('tools/call', LOOK, { headers });
    expect(refused).toMatchObject({ status: 400, body: { id: 7, error: { code: -32020 } } });
  });

  it('refuses a request of the present revision without its headers', async () => {
    const refused = await service.request<JsonRpc>('POST', '/mcp', {
      key: tenant.key,
      body: { jsonrpc: '2.0', id: 7, method: 'tools/list', params: { _meta: META } },
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: -32020 } } });
  });

  it('names the revisions there are to a client that asks for another', async () => {
    const params = { _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } };
    const refused = await service.request<JsonRpc>('POST', '/mcp', {
      key: tenant.key,
      body: { jsonrpc: '2.0', id: 7, method: 'tools/list', params },
      headers: { 'mcp-protocol-version': '2031-01-01', 'mcp-method': 'tools/list' },
    });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { data: { supported: expect.arrayContaining(['2026-07-28']) as string[] } } },
    });
  });

  it('knows no method but its own, in either revision', async () => {
    expect(await send('tools/forget')).toMatchObject({ status: 404, body: { error: { code: -32601 } } });
    const older = await sendText('{"jsonrpc":"2.0","id":1,"method":"resources/list"}');
    expect([older.statusCode, older.body]).toEqual([200, expect.stringContaining('"code":-32601')]);
  });

  it('ends at once a subscription to changes that are never told', async () => {
    const { status, body } = await send('subscriptions/listen', {
      notifications: { toolsListChanged: true },
    });
    expect(status).toBe(200);
    expect(body).toMatch(/"id":7,"result"/);
  });

  it.each(['GET', 'DELETE'] as const)('has no session to %s', async (method) => {
    const { status, headers, body } = await service.request<JsonRpc>(method, '/mcp', {
      key: tenant.key,
      headers: { accept: 'text/event-stream', 'mcp-session-id': 'made-up' },
    });
    expect([status, headers['allow'], body.error?.code]).toEqual([405, 'POST', -32000]);
  });

  it('takes a notification without a word', async () => {
    const { statusCode, body } = await sendText(
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    );
    expect([statusCode, body]).toEqual([202, '']);
  });

  it.each([
    ['no JSON', '{"jsonrpc":'],
    ['nothing', ''],
    ['null', 'null'],
    ['a text', '"tools/list"'],
    ['a number', '7'],
    ['an empty object', '{}'],
    ['no method', '{"jsonrpc":"2.0","id":1}'],
    ['arguments that are none', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1]}'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]'],
    ['an empty batch', '[]'],
    ['deep nesting', `${'['.repeat(4000)}${']'.repeat(4000)}`],
    ['a prototype', '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{"a":1}}}'],
  ])('refuses %s as a request that cannot be read', async (_what, payload) => {
    const { statusCode } = await sendText(payload);
    expect(statusCode).toBe(400);
  });

  it('refuses a body that is no JSON by its type', async () => {
    expect((await sendText('a=1', { 'content-type': 'application/x-www-form-urlencoded' })).statusCode).toBe(
      415,
    );
  });

  it('reads a body of nearly 64 KiB and refuses a larger one', async () => {
    const transcript = (length: number) => ({ ...LOOK.arguments, transcript: 'x'.repeat(length) });
    const long = await send('tools/call', { ...LOOK, arguments: transcript(64_000) });
    expect(long).toMatchObject({ status: 200, body: { result: { structuredContent: { ok: true } } } });
    const longer = await send('tools/call', { ...LOOK, arguments: transcript(64 * 1024) });
    expect(longer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });
});

describe('what the platform tells of the call', () => {
  it('stands in the audit trail; what a model claims does not', async () => {
    const booked = await send(
      'tools/call',
      {
        name: 'create_booking',
        arguments: {
          date: wednesday,
          time: '11:00',
          name: 'Ana Flores',
          phone: '(415) 555-0123',
          call_id: 'made up by the model',
        },
      },
      { headers: { 'x-call-id': 'call-42', 'x-caller-number': '+14155550123' } },
    );
    const { booking } = (booked.body.result as { structuredContent: { booking: { id: string } } })
      .structuredContent;
    const { body } = await service.request('GET', `/api/bookings/${booking.id}/audit`, { key: tenant.key });
    expect(JSON.stringify(body)).toContain('call-42');
    expect(JSON.stringify(body)).not.toContain('made up');
  });
});
