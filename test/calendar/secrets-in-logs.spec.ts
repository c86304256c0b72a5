import { TokenCipher } from '../../src/platform/encryption/token-cipher.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { startService } from '../support/service-process.js';
import { aTenant, ownersBrowser } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET, testSettings } from '../support/test-settings.js';

describe('what the service prints while calendars are connected, used and in trouble', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  });
  afterAll(async () => {
    await google.stop();
    await database.drop();
  });

  it('holds no token, code, state, verifier or secret, even at the most talkative level', async () => {
    const service = await startService(database, google.origin, {
      LOG_LEVEL: 'trace',
      CALENDAR_ATTEMPT_MS: '1500',
    });
    const tenant = await aTenant(service);
    const email = 'owner@acme.example';
    google.addAccount({ email });
    const cipher = new TokenCipher(testSettings(database, google.origin));
    const secrets = new Set([CLIENT_SECRET, tenant.key]);
    const noteTokens = async (): Promise<void> => {
      const rows = await database.query<Record<'id' | 'access_token' | 'refresh_token', string>>(
        `SELECT connection_id AS id, access_token, refresh_token FROM tenant_google_token`,
      );
      for (const row of rows) {
        const place = { tenant: tenant.id, connection: row.id };
        for (const field of ['access_token', 'refresh_token'] as const) {
          secrets.add(row[field]);
          secrets.add(cipher.decrypt(row[field], { ...place, field }).reveal());
        }
      }
    };
    const connect = async (change: (path: string) => string = (path) => path): Promise<number> => {
      const { body } = await service.request<{ authUrl: string }>(
        'GET',
        '/api/tenant-calendar/auth-url',
        tenant,
      );
      const browser = ownersBrowser(service);
      const back = await browser.consent(body.authUrl, { email });
      for (const value of new URL(back).searchParams.values()) if (value.length > 20) secrets.add(value);
      secrets.delete(new URL(back).searchParams.get('scope') ?? '');
      const answer = await browser.finish(change(back));
      await noteTokens();
      return answer.status;
    };
    const book = (time: string) =>
      service.request('POST', '/api/bookings', {
        key: tenant.key,
        body: { startsAt: at(upcoming(3), time), name: 'Ana Flores', phone: '+14155550123' },
      });

    google.fault({ on: 'token', status: 500 });
    expect(await connect()).toBe(503);
    expect(await connect((path) => path.replace('code=4', 'code=5'))).toBe(400);
    expect(await connect()).toBe(200);
    for (const [index, fault] of [
      { status: 503, times: 9 },
      { status: 401, times: 2 },
      { status: 403, reason: 'insufficientPermissions' },
    ].entries()) {
      google.fault({ on: 'events.insert', ...fault });
      expect((await book(`1${index}:00`)).status).toBe(201);
      google.clearFaults();
      expect(await connect()).toBe(200);
    }
    google.revokeGrant(email);
    google.expireAccessTokens(email);
    expect((await book('14:00')).status).toBe(201);
    await service.request('DELETE', '/api/tenant-calendar/disconnect', tenant);
    expect(await service.stop()).toBe(0);

    const output = service.output();
    expect(secrets.size).toBeGreaterThan(15);
    // It did print what an operator needs to know.
    expect(output).toContain('An event could not be brought to what its booking wants');
    for (const secret of secrets) {
      expect(output).not.toContain(secret);
      expect(output).not.toContain(encodeURIComponent(secret));
    }
    expect(output).not.toMatch(/ya29\.|1\/\/0|v1\.k1\./);
    expect(output).not.toContain(email);
    expect(output).not.toContain('Ana Flores');
  }, 60_000);
});
