import { createHmac, randomUUID } from 'node:crypto';
import { createApp } from '../../src/create-app.js';
import { aTenant, inject, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

let service: TestApp;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  other = await aTenant(service);
});
afterAll(() => service.close());

interface Connection {
  id: string;
  url: string;
  secret?: string;
  [field: string]: unknown;
}

async function make(body: object, key = tenant.key) {
  return service.request<Connection>('POST', '/api/agent-connections', { key, body });
}

async function connect(body: object = { platform: 'vapi', name: 'Front desk' }, key = tenant.key) {
  const { status, body: connection } = await make(body, key);
  expect(status).toBe(201);
  return connection as Connection & { secret: string };
}

/** A tool call as Vapi makes it; 200 when the connection lets it in. */
async function statusOf(of: { id: string }, secret: string, instance = service.app): Promise<number> {
  return (await callAs(of, secret, instance)).status;
}

async function callAs({ id }: { id: string }, secret: string, instance = service.app) {
  const message = {
    type: 'tool-calls',
    toolCallList: [{ id: 'call_1', function: { name: 'list_services', arguments: {} } }],
  };
  return inject(instance, 'POST', `/api/voice/vapi/${id}`, { key: secret, body: { message } });
}

describe('an agent connection', () => {
  it('has the address and the secret to paste into the platform', async () => {
    const connection = await connect();
    expect(connection).toMatchObject({
      platform: 'vapi',
      name: 'Front desk',
      url: `${service.settings.publicUrl}/api/voice/vapi/${connection.id}`,
      serviceIds: [],
      resourceIds: [],
      locale: null,
      rotatedAt: null,
      lastUsedAt: null,
    });
    expect(connection.secret).toMatch(/^rcac_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
    expect(await statusOf(connection, connection.secret)).toBe(200);
  });

  it('shows its secret only once', async () => {
    const { id, secret } = await connect();
    for (const path of ['/api/agent-connections', `/api/agent-connections/${id}`]) {
      const { status, body } = await service.request('GET', path, { key: tenant.key });
      expect(status).toBe(200);
      expect(JSON.stringify(body)).toContain(id);
      expect(JSON.stringify(body)).not.toContain(secret);
    }
  });

  it('is stored so that its secret cannot be read, nor moved to another connection', async () => {
    const [mine, theirs] = [await connect(), await connect(undefined, other.key)];
    const rows = await service.database.query<{ secret: string }>(
      'SELECT secret FROM agent_connection WHERE id = $1',
      [mine.id],
    );
    expect(rows[0]?.secret).toMatch(/^v1\./);
    await service.database.query('UPDATE agent_connection SET secret = $1 WHERE id = $2', [
      rows[0]?.secret,
      theirs.id,
    ]);
    // A secret that does not open is our fault: the caller hears the apology, whoever asked, and nobody is let in.
    for (const secret of [mine.secret, theirs.secret, 'wrong']) {
      const { status, body } = await callAs(theirs, secret);
      expect(status).toBe(200);
      expect(body).toEqual({
        results: [{ toolCallId: 'call_1', name: 'list_services', error: expect.stringMatching(/sorry/i) }],
      });
    }
    const [used] = await service.database.query<{ last_used_at: Date | null }>(
      'SELECT last_used_at FROM agent_connection WHERE id = $1',
      [theirs.id],
    );
    expect(used).toEqual({ last_used_at: null });
  });

  it('lets nobody in with a wrong secret, with that of another connection or tenant, or at an address that is none', async () => {
    const [mine, second, theirs] = [await connect(), await connect(), await connect(undefined, other.key)];
    for (const [id, secret] of [
      [mine.id, 'wrong'],
      [mine.id, second.secret],
      [mine.id, theirs.secret],
      [theirs.id, mine.secret],
      [randomUUID(), mine.secret],
      ['no-id', mine.secret],
    ] as const) {
      expect(await statusOf({ id }, secret)).toBe(401);
    }
    const answer = await service.request('POST', `/api/voice/retell/${mine.id}`, {
      key: mine.secret,
      body: {},
    });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'unauthenticated' });
    expect(JSON.stringify(answer.body)).not.toContain('vapi');
  });

  it('opens the agent tools and MCP with its secret alone, and nothing else', async () => {
    const { secret } = await connect();
    const tool = await service.request('POST', '/api/agent-tools/list_services', { key: secret, body: {} });
    expect(tool.status).toBe(200);
    for (const path of ['/api/bookings', '/api/agent-connections', '/api/services', '/api/admin/tenants']) {
      expect((await service.request('GET', path, { key: secret })).status).toBe(403);
    }
  });

  it('gets a new secret, and keeps the one before for as long as is asked', async () => {
    const first = await connect();
    const rotate = async (body?: object) =>
      (
        await service.request<Connection>('POST', `/api/agent-connections/${first.id}/rotate`, {
          key: tenant.key,
          ...(body === undefined ? {} : { body }),
        })
      ).body as Connection & { secret: string };
    const second = await rotate();
    expect(second.previousSecretUntil).toEqual(expect.any(String));
    expect(await statusOf(first, first.secret)).toBe(200);
    expect(await statusOf(first, second.secret)).toBe(200);
    const third = await rotate({ keepPreviousSeconds: 0 });
    expect(third.previousSecretUntil).toBeNull();
    expect(await statusOf(first, first.secret)).toBe(401);
    expect(await statusOf(first, second.secret)).toBe(401);
    expect(await statusOf(first, third.secret)).toBe(200);
  });

  it('lets the one before in no longer than was said', async () => {
    const first = await connect();
    await service.request('POST', `/api/agent-connections/${first.id}/rotate`, {
      key: tenant.key,
      body: { keepPreviousSeconds: 600 },
    });
    await service.database.query(
      `UPDATE agent_connection SET previous_secret_until = now() - interval '1 second' WHERE id = $1`,
      [first.id],
    );
    expect(await statusOf(first, first.secret)).toBe(401);
  });

  it('lets the one before in to the moment, however often it is used', async () => {
    const first = await connect();
    await service.request('POST', `/api/agent-connections/${first.id}/rotate`, {
      key: tenant.key,
      body: { keepPreviousSeconds: 1 },
    });
    expect(await statusOf(first, first.secret)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await statusOf(first, first.secret)).toBe(401);
  });

  it('lets nobody in at another instance five seconds after it was deleted, however busy it is', async () => {
    const connection = await connect();
    const elsewhere = await createApp(service.settings);
    try {
      await elsewhere.init();
      await elsewhere.getHttpAdapter().getInstance().ready();
      const there = () => statusOf(connection, connection.secret, elsewhere);
      expect(await there()).toBe(200);
      await service.request('DELETE', `/api/agent-connections/${connection.id}`, { key: tenant.key });
      const from = performance.now();
      while ((await there()) === 200) {
        expect(performance.now() - from).toBeLessThan(5_100);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await there()).toBe(401);
    } finally {
      await elsewhere.close();
    }
  });

  it('speaks and offers as it was changed at once, however lately it was used', async () => {
    const { id, secret } = await connect();
    const services = async () =>
      (await service.request('POST', '/api/agent-tools/list_services', { key: secret, body: {} })).body[
        'say'
      ];
    expect(await services()).toContain('We offer');
    const { body: whitening } = await service.request<{ id: string }>('POST', '/api/services', {
      key: tenant.key,
      body: { name: 'Blanqueamiento', durationMinutes: 30 },
    });
    const changed = await service.request('PATCH', `/api/agent-connections/${id}`, {
      key: tenant.key,
      body: { locale: 'es-MX', serviceIds: [whitening.id] },
    });
    expect(changed.status).toBe(200);
    expect(await services()).toMatch(/^Ofrecemos Blanqueamiento\b/);
  });

  it('is changed, and is deleted for good', async () => {
    const { id, secret } = await connect();
    const path = `/api/agent-connections/${id}`;
    const changed = await service.request('PATCH', path, {
      key: tenant.key,
      body: { name: 'Night', locale: 'es-mx' },
    });
    expect(changed.body).toMatchObject({ name: 'Night', locale: 'es-MX', platform: 'vapi' });
    // At once here, although it was used a moment ago and is remembered for five seconds.
    expect(await statusOf({ id }, secret)).toBe(200);
    expect((await service.request('DELETE', path, { key: tenant.key })).status).toBe(204);
    expect(await statusOf({ id }, secret)).toBe(401);
    expect((await service.request('GET', path, { key: tenant.key })).status).toBe(404);
    expect((await service.request('DELETE', path, { key: tenant.key })).status).toBe(404);
  });

  it('runs no tool for a request that hears no answer', async () => {
    const { id, secret } = await connect({ platform: 'generic', name: 'Front desk' });
    const url = `/api/voice/generic/${id}/list_services`;
    const ask = async (method: 'HEAD' | 'GET') =>
      (await service.app.inject({ method, url, headers: { authorization: `Bearer ${secret}` } })).statusCode;
    expect(await ask('GET')).toBe(200);
    expect(await ask('HEAD')).toBe(401);
  });

  it('is given the secret of its webhooks once the platform shows it, and keeps its own', async () => {
    const { id, secret } = await connect({ platform: 'elevenlabs', name: 'Front desk' });
    const path = `/api/agent-connections/${id}`;
    const webhookSecret = 'wsec_0123456789abcdef';
    const postCall = async () => {
      const body = JSON.stringify({ type: 'post_call_transcription', data: { conversation_id: 'conv_1' } });
      const time = Math.floor(Date.now() / 1000);
      const digest = createHmac('sha256', webhookSecret).update(`${time}.${body}`).digest('hex');
      const headers = {
        'elevenlabs-signature': `t=${time},v0=${digest}`,
        'content-type': 'application/json',
      };
      return (await service.request('POST', `/api/voice/elevenlabs/${id}/post-call`, { headers, body }))
        .status;
    };
    expect(await postCall()).toBe(401);
    const changed = await service.request('PATCH', path, { key: tenant.key, body: { webhookSecret } });
    expect(changed.status).toBe(200);
    expect(JSON.stringify(changed.body)).not.toContain(webhookSecret);
    expect(await postCall()).toBe(200);
    const tool = `/api/voice/elevenlabs/${id}/list_services`;
    expect((await service.request('POST', tool, { key: secret, body: {} })).status).toBe(200);
    const vapi = await connect();
    const refused = await service.request('PATCH', `/api/agent-connections/${vapi.id}`, {
      key: tenant.key,
      body: { webhookSecret },
    });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'webhookSecret' }] } });
  });

  it('is another tenant’s secret', async () => {
    const { id } = await connect();
    const path = `/api/agent-connections/${id}`;
    for (const [method, at, body] of [
      ['GET', path, undefined],
      ['PATCH', path, { name: 'Mine' }],
      ['POST', `${path}/rotate`, {}],
      ['DELETE', path, undefined],
    ] as const) {
      expect((await service.request(method, at, { key: other.key, body })).status).toBe(404);
    }
    const { body } = await service.request<{ items: unknown[] }>('GET', '/api/agent-connections', {
      key: other.key,
    });
    expect(body.items).toEqual([]);
  });

  it('goes with its tenant', async () => {
    const connection = await connect();
    expect(await statusOf(connection, connection.secret)).toBe(200);
    await service.request('DELETE', `/api/admin/tenants/${tenant.id}`, {
      key: service.settings.adminApiKey.reveal(),
    });
    expect(await statusOf(connection, connection.secret)).toBe(401);
  });

  it('says by name what is wrong with what it is made of', async () => {
    for (const [body, field] of [
      [{ platform: 'telegraph', name: 'x' }, 'platform'],
      [{ platform: 'vapi' }, 'name'],
      [{ platform: 'vapi', name: 'x', secret: 'short' }, 'secret'],
      [{ platform: 'vapi', name: 'x', secret: 'with a space in it' }, 'secret'],
      [{ platform: 'vapi', name: 'x', secret: 'hunter2-hunter2' }, 'secret'],
      [{ platform: 'generic', name: 'x', secret: 'a'.repeat(64) }, 'secret'],
      [{ platform: 'generic', name: 'x', secret: 'password-12'.repeat(4) }, 'secret'],
      [{ platform: 'vapi', name: 'x', webhookSecret: 'not-used-here' }, 'webhookSecret'],
      [{ platform: 'vapi', name: 'x', locale: 'not a tag' }, 'locale'],
      [{ platform: 'vapi', name: 'x', serviceIds: ['7'] }, 'serviceIds'],
      [{ platform: 'vapi', name: 'x', colour: 'red' }, 'colour'],
    ] as const) {
      const { status, body: problem } = await make(body);
      expect(status).toBe(400);
      expect(problem).toMatchObject({ errors: [{ field: expect.stringContaining(field) as string }] });
    }
  });

  it('is confined to services and resources of its own tenant only', async () => {
    const { body } = await service.request<{ items: [{ id: string }] }>('GET', '/api/services', {
      key: other.key,
    });
    const { status, body: problem } = await make({
      platform: 'vapi',
      name: 'x',
      serviceIds: [body.items[0].id],
    });
    expect(status).toBe(404);
    expect(problem).toMatchObject({ errors: [{ field: 'serviceIds[0]' }] });
  });

  it('is known by name in the audit trail of what it booked', async () => {
    const connection = await connect();
    const { body: answer } = await service.request<{ results: [{ result: string }] }>(
      'POST',
      `/api/voice/vapi/${connection.id}`,
      {
        key: connection.secret,
        body: {
          message: {
            type: 'tool-calls',
            call: { id: 'vapi-call-1', customer: { number: '+14155550123' } },
            toolCallList: [
              {
                id: 't1',
                function: {
                  name: 'create_booking',
                  arguments: {
                    date: 'next Wednesday',
                    time: '14:00',
                    name: 'Ana Flores',
                    phone: '+14155550123',
                  },
                },
              },
            ],
          },
        },
      },
    );
    const { booking } = JSON.parse(answer.results[0].result) as { booking: { id: string } };
    const { body } = await service.request<{ items: unknown[] }>('GET', `/api/bookings/${booking.id}/audit`, {
      key: tenant.key,
    });
    expect(body.items[0]).toMatchObject({
      actor: { kind: 'agent_connection', id: connection.id, name: 'Front desk' },
      callId: 'vapi-call-1',
      callIdFrom: 'platform',
    });
  });
});
