import { setTimeout as sleep } from 'node:timers/promises';
import { aConnection, type TestConnection } from '../agent-tools/platforms/connection.js';
import { eventually } from '../support/eventually.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

describe('an instance that does not keep up with its requests', () => {
  let service: TestApp;
  let tenant: TestTenant;
  let vapi: TestConnection;
  let isBusy = false;
  let busy: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    // Nothing that a test does by itself takes so long, and every round of the work below takes longer.
    service = await startTestApp({ maxEventLoopDelayMs: 150 });
    tenant = await aTenant(service);
    vapi = await aConnection(service, tenant, { platform: 'vapi' });
    isBusy = true;
    busy = keepBusy();
    await eventually(async () => expect((await rest()).status).toBe(503), 30_000);
  }, 60_000);
  afterAll(async () => {
    isBusy = false;
    await busy;
    await service.close();
  });

  async function keepBusy(): Promise<void> {
    while (isBusy) {
      const until = performance.now() + 600;
      while (performance.now() < until);
      await sleep(1);
    }
  }

  const rest = () => service.request('GET', '/api/services', { key: tenant.key });

  it('tells clients when to come again', async () => {
    const { status, body, headers } = await rest();
    expect([status, body['code']]).toEqual([503, 'unavailable']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('tells callers a sentence, in whatever way their agent came in', async () => {
    const tool = await service.request('POST', '/api/agent-tools/check_availability', {
      key: tenant.key,
      body: { date: 'tomorrow' },
    });
    expect(tool.status).toBe(200);
    expect(tool.body).toMatchObject({ ok: false, say: expect.stringMatching(/sorry/i) });

    const toolCall = { id: 'call_1', function: { name: 'check_availability', arguments: {} } };
    const voice = await service.request('POST', vapi.path, {
      key: vapi.secret,
      body: { message: { type: 'tool-calls', toolCallList: [toolCall] } },
    });
    expect(voice.status).toBe(200);
    expect(voice.body).toMatchObject({
      results: [{ toolCallId: 'call_1', error: expect.stringMatching(/sorry/i) }],
    });

    const mcp = await service.request('POST', '/mcp', {
      key: tenant.key,
      headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' },
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'check_availability', arguments: { date: 'tomorrow' } },
      },
    });
    expect(mcp.status).toBe(200);
    expect(JSON.stringify(mcp.body)).toMatch(/sorry/i);
  });

  it('still says that it lives', async () => {
    expect((await service.request('GET', '/health/live')).status).toBe(200);
  });

  it('answers again once it keeps up', async () => {
    isBusy = false;
    await busy;
    await eventually(async () => expect((await rest()).status).toBe(200), 30_000);
  }, 40_000);
});
