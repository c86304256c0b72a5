import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/create-app.js';
import { PLATFORM_NAMES } from '../../src/agent-tools/platforms/platforms.js';
import { Secret } from '../../src/platform/config/secret.js';
import { Draining } from '../../src/platform/http/draining.js';
import { startBlackHole, type BlackHole } from '../support/black-hole.js';
import { eventually } from '../support/eventually.js';
import { aTenant, inject, type TestApp, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, testSettings } from '../support/test-settings.js';
import { addressOf, connectMcp, REVISIONS } from './mcp-client.js';
import { aConnection, type TestConnection } from './platforms/connection.js';

const UNKNOWN_KEY = `rcal_${'0'.repeat(12)}_${'k'.repeat(43)}`;
const UNKNOWN_CONNECTION = '7d0f2a54-4c1e-4b7c-9a55-0d6b8f3f2e11';
/** What is promised is half of it. */
const CEILING_MS = 8_000;
const ENGLISH = /sorry/i;
const SPANISH = /lo siento|disculp|perd/i;

const vapiCall = {
  message: {
    type: 'tool-calls',
    toolCallList: [
      { id: 'call_7', function: { name: 'check_availability', arguments: { date: 'tomorrow' } } },
    ],
  },
};

describe('an agent that asks a service which cannot answer', () => {
  let database: TestDatabase;
  let network: BlackHole;
  let app: NestFastifyApplication;
  let request: TestApp['request'];
  let tenant: TestTenant;
  let vapi: TestConnection;
  let mcpAddress: URL;

  beforeAll(async () => {
    database = await createTestDatabase();
    network = await startBlackHole(database.serviceUrl);
    const url = new Secret(network.url);
    app = await createApp(
      testSettings(database, 'http://127.0.0.1:1', { databaseUrl: url, directDatabaseUrl: url }),
    );
    mcpAddress = await addressOf(app);
    request = (method, path, options) => inject(app, method, path, options);
    tenant = await aTenant({ request });
    await request('PATCH', `/api/admin/tenants/${tenant.id}`, { key: ADMIN_KEY, body: { locale: 'es-MX' } });
    vapi = await aConnection({ request }, tenant, { platform: 'vapi' });
    // Both were in use a moment ago.
    expect((await askVapi()).body).toHaveProperty('results');
    expect((await askTool(tenant.key)).body['ok']).toBe(true);
  }, 60_000);
  afterAll(async () => {
    network.heal();
    await app.close();
    await network.close();
    await database.drop();
  });

  const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    const startedAt = performance.now();
    const result = await work;
    expect(performance.now() - startedAt).toBeLessThan(CEILING_MS);
    return result;
  };
  const askVapi = () =>
    inTime(
      request('POST', vapi.path, {
        key: vapi.secret,
        headers: { 'content-type': 'application/json' },
        body: vapiCall,
      }),
    );
  const askTool = (key: string) =>
    inTime(request('POST', '/api/agent-tools/check_availability', { key, body: { date: 'tomorrow' } }));

  /** What holds while the service cannot answer, whatever keeps it. */
  const everyoneHearsASentence = () => {
    it('a voice platform: in its own shape, by the id of its call, in the language of the organisation', async () => {
      const { status, body } = await askVapi();
      expect(status).toBe(200);
      expect(body).toEqual({
        results: [
          {
            name: 'check_availability',
            toolCallId: 'call_7',
            error: expect.stringMatching(SPANISH) as string,
          },
        ],
      });
    });

    // MCP is not spoken at these addresses.
    it.each(PLATFORM_NAMES.filter((name) => name !== 'mcp'))(
      'a connection of %s that nobody knows: 200, and nothing of anybody',
      async (name) => {
        const { status, body } = await inTime(
          request('POST', `/api/voice/${name}/${UNKNOWN_CONNECTION}/check_availability`, {
            key: 'made-up',
            body: name === 'vapi' ? vapiCall : { date: 'tomorrow', name: 'check_availability', args: {} },
          }),
        );
        expect(status).toBe(200);
        expect(JSON.stringify(body)).toMatch(ENGLISH);
        expect(JSON.stringify(body)).not.toMatch(/database|unavailable at|problem:|New_York|Acme/);
      },
    );

    it('a tool with a key that was in use: in the language and time of the organisation', async () => {
      const { status, body } = await askTool(tenant.key);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...{ ok: false, code: 'unavailable', timezone: 'America/New_York' },
        say: expect.stringMatching(SPANISH) as string,
      });
    });

    it('a tool with a key that is not known: a sentence, and nothing else', async () => {
      const { status, body } = await askTool(UNKNOWN_KEY);
      expect(status).toBe(200);
      expect(body).toEqual({ ok: false, code: 'unavailable', say: expect.stringMatching(ENGLISH) as string });
    });

    it.each(REVISIONS)(
      'an MCP client of revision %s, with a key that is known and one that is not',
      async (revision) => {
        for (const [key, language] of [
          [tenant.key, SPANISH],
          [UNKNOWN_KEY, ENGLISH],
        ] as const) {
          const client = await inTime(connectMcp(mcpAddress, revision, { authorization: `Bearer ${key}` }));
          const called = client.callTool({ name: 'check_availability', arguments: { date: 'tomorrow' } });
          const { structuredContent, isError } = await inTime(called);
          expect(isError).toBe(true);
          expect(structuredContent).toMatchObject({
            ...{ ok: false, code: 'unavailable' },
            say: expect.stringMatching(language) as string,
          });
          await client.close();
        }
      },
    );

    it('a dashboard: 503 with a time to come back', async () => {
      for (const key of [tenant.key, UNKNOWN_KEY]) {
        const { status, body, headers } = await inTime(request('GET', '/api/bookings', { key }));
        expect([status, body['code']]).toEqual([503, 'unavailable']);
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      }
    });
  };

  describe('because its database is away', () => {
    beforeAll(() => network.swallow());
    afterAll(async () => {
      network.heal();
      await eventually(async () => expect((await request('GET', '/health/ready')).status).toBe(200), 30_000);
    }, 40_000);
    everyoneHearsASentence();

    it('still refuses a wrong secret of a connection that it knows', async () => {
      const { status } = await request('POST', vapi.path, { key: 'wrong', body: vapiCall });
      expect(status).toBe(401);
    });
  });

  describe('that is back', () => {
    it('is answered as before, and a key that was revoked meanwhile is refused', async () => {
      expect((await askTool(tenant.key)).body['ok']).toBe(true);
      await database.query(`DELETE FROM api_key WHERE tenant_id = $1`, [tenant.id]);
      await eventually(async () => expect((await askTool(tenant.key)).status).toBe(401));
      const { body } = await request<{ key: string }>('POST', `/api/admin/tenants/${tenant.id}/api-keys`, {
        key: ADMIN_KEY,
        body: { name: 'another', scopes: ['dashboard', 'agent'] },
      });
      tenant = { ...tenant, key: body.key };
      expect((await askTool(tenant.key)).body['ok']).toBe(true);
    });
  });

  describe('because it is stopping', () => {
    beforeAll(() => app.get(Draining).refuse());
    everyoneHearsASentence();
  });
});
