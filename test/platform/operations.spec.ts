import { aTenant, startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';

describe('operating the service', () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());

  it('is alive and ready', async () => {
    const live = await service.request('GET', '/health/live');
    expect([live.status, live.body]).toEqual([200, { status: 'live' }]);
    const ready = await service.request('GET', '/health/ready');
    expect([ready.status, ready.body]).toEqual([
      200,
      {
        status: 'ready',
        checks: { database: 'ok', writes: 'ok', migrations: 'ok', jobs: 'ok' },
        clock: expect.objectContaining({ state: 'ok' }) as object,
      },
    ]);
    expect(ready.headers['cache-control']).toBe('no-store');
  });

  describe('by its metrics', () => {
    const scrape = async (headers: Record<string, string> = {}) => {
      const { status, body } = await service.request('GET', '/metrics', { headers });
      return { status, text: body as unknown as string };
    };

    it('shows them to the holder of the admin key and to a scraper on the same machine', async () => {
      expect((await scrape({ authorization: `Bearer ${ADMIN_KEY}` })).status).toBe(200);
      expect((await scrape()).status).toBe(200);
    });

    it.each([
      ['a wrong key', { authorization: 'Bearer wrong' }],
      ['a key of another kind', { authorization: `Basic ${ADMIN_KEY}` }],
      ['what a proxy on the same machine passes on', { 'x-forwarded-for': '203.0.113.9' }],
      ['what a proxy passes on in the standard way', { forwarded: 'for=203.0.113.9' }],
    ])('refuses %s', async (_name, headers) => {
      expect((await scrape(headers)).status).toBe(401);
    });

    it('counts requests by the route as declared, so that ids and unknown paths make no new series', async () => {
      await service.request('GET', '/api/admin/tenants/6f9619ff-8b86-4011-b42d-00c04fc964ff', {
        key: ADMIN_KEY,
      });
      await service.request('GET', '/no/such/path?phone=5551234567');
      const { text } = await scrape();
      expect(text).toMatch(
        /http_request_duration_seconds_count\{method="GET",route="unknown",status="404"\} \d/,
      );
      expect(text).toMatch(/route="\/api\/admin\/tenants\/:id"/);
      expect(text).not.toMatch(/6f9619ff|5551234567/);
    });

    it('shows the database connections and the jobs that wait', async () => {
      await service.database.query(
        `INSERT INTO pgboss.job (name, data, created_on, start_after)
         SELECT name, '{}', now() - interval '90 s', now() - interval '90 s' FROM pgboss.queue LIMIT 1`,
      );
      const { text } = await scrape();
      expect(text).toMatch(/db_pool_connections\{pool="transactions",state="total"\} \d/);
      expect(text).toMatch(/db_pool_connections\{pool="answers",state="waiting"\} 0/);
      const [, age] = /job_queue_oldest_waiting_seconds\{queue="[^"]+"\} ([\d.]+)/.exec(text) ?? [];
      expect(Number(age)).toBeGreaterThan(60);
    });

    it('goes on showing the others while the database is away', async () => {
      const away = await startTestApp();
      await away.database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`);
      expect((await away.request('GET', '/metrics')).status).toBe(200);
      await away.close();
    });
  });

  it('serves Swagger UI and the document to everybody', async () => {
    const page = await service.request('GET', '/api/docs');
    expect(page.status).toBe(200);
    expect(String(page.headers['content-type'])).toContain('text/html');
    const script = await service.request('GET', '/api/docs/swagger-ui-bundle.js');
    expect(script.status).toBe(200);
    const document = await service.request<{ openapi: string }>('GET', '/api/docs-json');
    expect(document.body.openapi).toMatch(/^3\./);
  });

  it('sends security headers, and a policy that Swagger UI lives under', async () => {
    const { headers } = await service.request('GET', '/api/docs');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).toContain("script-src 'self' 'unsafe-inline'");
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
  });

  it('lets the dashboard of the settings in across origins, and no other', async () => {
    const preflight = (origin: string) =>
      service.app.inject({
        method: 'OPTIONS',
        url: '/api/bookings',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      });
    const allowed = await preflight('https://dashboard.test');
    expect(allowed.headers['access-control-allow-origin']).toBe('https://dashboard.test');
    const refused = await preflight('https://elsewhere.test');
    expect(refused.headers['access-control-allow-origin']).not.toBe('https://elsewhere.test');
    expect(refused.headers['access-control-allow-origin']).not.toBe('*');
  });
});

describe('an agent tool', () => {
  it.each([
    ['half a document', '{"date":', 'application/json'],
    ['plain text', 'tomorrow please', 'text/plain'],
    ['a form', 'date=tomorrow', 'application/x-www-form-urlencoded'],
    ['a member named __proto__', '{"__proto__":{"date":"x"}}', 'application/json'],
    ['a thousand brackets', '['.repeat(1000), 'application/json'],
  ])('answers 200 with a sentence to a body that is %s', async (_name, payload, type) => {
    const service = await startTestApp();
    const { key } = await aTenant(service);
    const answer = await service.app.inject({
      method: 'POST',
      url: '/api/agent-tools/check_availability',
      headers: { authorization: `Bearer ${key}`, 'content-type': type },
      payload,
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ ok: false, say: expect.stringMatching(/\w/) as string });
    await service.close();
  });
});
