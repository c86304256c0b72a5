import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { eventually } from '../support/eventually.js';
import { startService, type ServiceProcess } from '../support/service-process.js';
import { aTenant, connectGoogle } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

const JWT_SECRET = 'dashboard-jwt-secret-for-tests-0123456789';
const ENCRYPTION_KEY = randomBytes(32).toString('base64');

/** Secrets are planted wherever one can be, and everything the process prints at its most talkative is searched. */
describe('what the service prints at trace level', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let service: ServiceProcess;
  const planted = new Map<string, string>();

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    service = await startService(database, google.origin, {
      LOG_LEVEL: 'trace',
      TOKEN_ENCRYPTION_KEYS: `k1:${ENCRYPTION_KEY}`,
      DASHBOARD_JWT_SECRET: JWT_SECRET,
      DASHBOARD_JWT_ISSUER: 'https://dashboard.test',
      DASHBOARD_JWT_AUDIENCE: 'receptionist-calendar',
      RATE_LIMIT_PER_MINUTE: '1000',
    });
    planted.set('the admin key', ADMIN_KEY);
    planted.set('the client secret', CLIENT_SECRET);
    planted.set('the encryption key', ENCRYPTION_KEY);
    planted.set('the JWT secret', JWT_SECRET);
    planted.set('the database password', decodeURIComponent(new URL(database.serviceUrl).password));
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await google.stop();
    await database.drop();
  });

  it('holds no secret and no word of a caller, after connecting, booking and every kind of failure', async () => {
    const tenant = await aTenant(service);
    planted.set('an API key', tenant.key);
    const body = {
      name: 'Planted Caller',
      phone: '+15005550006',
      email: 'planted.caller@example.com',
      purpose: 'planted-purpose-of-the-call',
    };
    for (const value of Object.values(body)) planted.set(`the caller's ${value}`, value);

    // Connecting, well and badly.
    const { body: start } = await service.request<{ authUrl: string }>(
      'GET',
      '/api/tenant-calendar/auth-url',
      {
        key: tenant.key,
      },
    );
    const asked = new URL(start.authUrl).searchParams;
    planted.set('an OAuth state', asked.get('state') ?? '');
    await connectGoogle({ request: service.request, google }, tenant, 'owner@example.com');
    planted.set('an OAuth code', '4/0Aplanted-code-planted-code');
    await service.request(
      'GET',
      `/api/tenant-calendar/callback?code=4/0Aplanted-code-planted-code&state=${asked.get('state')}`,
    );
    await service.request(
      'GET',
      '/api/tenant-calendar/callback?code=4/0Aplanted-code-planted-code&state=made-up-planted-state',
    );
    planted.set('a made-up state', 'made-up-planted-state');

    // Booking, well and badly.
    const { body: found } = await service.request<{ slots: { slotId: string }[] }>(
      'GET',
      '/api/availability',
      {
        key: tenant.key,
      },
    );
    const slotId = found.slots[0]?.slotId;
    expect(slotId).toBeDefined();
    const idempotencyKey = 'planted-idempotency-key';
    planted.set('an idempotency key', idempotencyKey);
    const headers = { 'idempotency-key': idempotencyKey };
    const booked = await service.request('POST', '/api/bookings', {
      key: tenant.key,
      headers,
      body: { ...body, slotId },
    });
    expect(booked.status).toBe(201);
    await service.request('POST', '/api/bookings', {
      key: tenant.key,
      headers,
      body: { ...body, slotId, purpose: 'x' },
    });
    await service.request('POST', '/api/bookings', { key: tenant.key, body: { ...body, slotId } });
    await service.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { ...body, phone: 'planted-bad-phone' },
    });
    planted.set('a bad phone number', 'planted-bad-phone');
    await service.request('POST', '/api/agent-tools/create_booking', {
      key: tenant.key,
      body: { ...body, slot_id: slotId },
    });
    await service.request('GET', `/api/bookings?phone=${encodeURIComponent(body.phone)}`, {
      key: tenant.key,
    });

    // Credentials that are refused: in their place and where they do not belong.
    const jwt = await new SignJWT({ tenant_id: tenant.id })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('https://dashboard.test')
      .setAudience('receptionist-calendar')
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(JWT_SECRET));
    planted.set('a JWT', jwt);
    planted.set('a stolen key', `rcal_0123456789ab_${'s'.repeat(43)}`);
    for (const key of [jwt, `${jwt}x`, planted.get('a stolen key') ?? '']) {
      await service.request('GET', '/api/bookings', { key });
      await service.request('GET', `/api/bookings?access_token=${key}&key=${key}`);
      await service.request('GET', `/${key}/x`);
      await service.request('POST', '/api/bookings', {
        key,
        headers: { cookie: `session=${key}` },
        body: { [key]: key },
      });
    }

    // A voice platform whose key is in the address, rightly and wrongly.
    const connection = await service.request<{ id: string; secret: string }>(
      'POST',
      '/api/agent-connections',
      {
        key: tenant.key,
        body: { platform: 'ultravox', name: 'Front desk' },
      },
    );
    planted.set('a connection’s secret', connection.body.secret);
    planted.set('a wrong key in the address', 'planted-key-in-the-address');
    const tool = `/api/voice/ultravox/${connection.body.id}/check_availability`;
    for (const key of [connection.body.secret, 'planted-key-in-the-address']) {
      await service.request('POST', `${tool}?api_key=${key}&phone=${encodeURIComponent(body.phone)}`, {
        body: 'planted-purpose-of-the-call',
      });
    }

    // The database refuses and goes away.
    await database.query(
      'ALTER TABLE booking ADD CONSTRAINT planted CHECK (customer_name IS NULL) NOT VALID',
    );
    const refused = await service.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { ...body, slotId: found.slots[3]?.slotId },
    });
    expect(refused.status).toBe(503);
    await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
      new URL(database.serviceUrl).username,
    ]);
    await service.request('GET', '/api/bookings', { key: tenant.key });
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: tenant.key });

    const output = service.output();
    expect(output).toContain('Answered a request');
    expect(output).toContain('A request failed unexpectedly');
    const shown = [...planted]
      .filter(([, secret]) => secret !== '' && output.includes(secret))
      .map(([name]) => name);
    expect(shown).toEqual([]);
    expect(output).not.toMatch(
      /ya29\.a0|1\/\/0[\w-]{20}|4\/0A[\w-]{20}|rcal_[0-9a-f]{12}_|eyJ[\w-]{10,}\.eyJ/,
    );
  }, 60_000);

  it('is one JSON object a line, with the id of the request', async () => {
    await service.request('GET', '/nowhere', { headers: { 'x-request-id': 'find-me-again' } });
    await eventually(() => {
      const entries = service
        .output()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(entries.find(({ requestId }) => requestId === 'find-me-again')).toMatchObject({
        level: 'info',
        method: 'GET',
        route: null,
        status: 404,
      });
    });
  });
});
