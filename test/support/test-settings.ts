import { Secret } from '../../src/platform/config/secret.js';
import type { Settings } from '../../src/platform/config/settings.js';
import type { TestDatabase } from './test-database.js';

export const ADMIN_KEY = 'admin-key-for-tests-only-0123456789';
export const CLIENT_ID = 'test-client.apps.googleusercontent.com';
export const CLIENT_SECRET = 'test-client-secret';
export const PUBLIC_URL = 'http://calendar.test';

/** Settings as `readSettings` would make them, with waits short enough for tests. */
export function testSettings(
  database: Pick<TestDatabase, 'serviceUrl'>,
  googleEndpoint: string,
  changes: Partial<Settings> = {},
): Settings {
  return {
    port: 0,
    host: '127.0.0.1',
    publicUrl: PUBLIC_URL,
    dataDir: '.data',
    databaseUrl: new Secret(database.serviceUrl),
    directDatabaseUrl: new Secret(database.serviceUrl),
    adminApiKey: new Secret(ADMIN_KEY),
    tokenEncryptionKeys: [{ id: 'k1', key: new Secret(Buffer.alloc(32, 1).toString('base64')) }],
    google: {
      clientId: CLIENT_ID,
      clientSecret: new Secret(CLIENT_SECRET),
      redirectUri: `${PUBLIC_URL}/api/tenant-calendar/callback`,
      webhookUrl: null,
      endpoint: googleEndpoint,
    },
    dashboardOrigins: ['https://dashboard.test'],
    dashboardJwt: null,
    logLevel: 'silent',
    rateLimitPerMinute: 0,
    maxEventLoopDelayMs: 0,
    trustedProxies: 0,
    calendarBudgetMs: 2000,
    calendarAttemptMs: 3000,
    calendarRetryMs: 200,
    calendarPollMs: 300_000,
    shutdownDelayMs: 0,
    databaseWaitMs: 0,
    jobPollIntervalMs: 500,
    ...changes,
  };
}
