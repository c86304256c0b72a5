import { inspect } from 'node:util';
import { readSettings, SettingsError } from '../../src/platform/config/read-settings.js';

const complete = {
  PUBLIC_URL: 'https://calendar.example.com/',
  DATABASE_URL: 'postgres://service:hunter2-db@db/receptionist',
  ADMIN_API_KEY: 'hunter2-admin-key-of-24-chars',
  TOKEN_ENCRYPTION_KEYS: `k2:${Buffer.alloc(32, 2).toString('base64')}, k1:${Buffer.alloc(32, 1).toString('base64')}`,
  GOOGLE_CLIENT_ID: 'client',
  GOOGLE_CLIENT_SECRET: 'hunter2-client',
};

describe('settings', () => {
  function problemsOf(environment: Record<string, string>): Record<string, string> {
    try {
      readSettings(environment);
      return {};
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      for (const shown of [error.message, inspect(error), JSON.stringify(error), String(error.stack)]) {
        expect(shown).not.toContain('hunter2');
      }
      return Object.fromEntries(error.problems.map(({ name, problem }) => [name, problem]));
    }
  }

  it('have sensible defaults', () => {
    expect(readSettings(complete)).toMatchObject({
      port: 5000,
      publicUrl: 'https://calendar.example.com',
      google: {
        redirectUri: 'https://calendar.example.com/api/tenant-calendar/callback',
        webhookUrl: null,
        endpoint: null,
      },
      logLevel: 'info',
      rateLimitPerMinute: 6000,
      maxEventLoopDelayMs: 1000,
      trustedProxies: 0,
      calendarBudgetMs: 2000,
      calendarPollMs: 300_000,
    });
  });

  it('that are missing are all named at once', () => {
    expect(problemsOf({})).toEqual(
      Object.fromEntries(Object.keys(complete).map((name) => [name, 'is missing'])),
    );
  });

  it('that are wrong are all named at once, without what they hold', () => {
    const problems = problemsOf({
      ...complete,
      PORT: 'hunter2',
      PUBLIC_URL: 'hunter2',
      DATABASE_URL: 'mysql://hunter2@db',
      ADMIN_API_KEY: 'hunter2',
      TOKEN_ENCRYPTION_KEYS: 'k1:hunter2',
      GOOGLE_WEBHOOK_URL: 'http://hunter2.example.com',
      DASHBOARD_URL: 'hunter2',
      DASHBOARD_JWT_SECRET: 'hunter2',
      LOG_LEVEL: 'hunter2',
      RATE_LIMIT_PER_MINUTE: '-1',
      CALENDAR_BUDGET_MS: '2.5',
      CALENDAR_POLL_MS: '10',
    });
    expect(Object.keys(problems).sort()).toEqual([
      'ADMIN_API_KEY',
      'CALENDAR_BUDGET_MS',
      'CALENDAR_POLL_MS',
      'DASHBOARD_JWT_AUDIENCE',
      'DASHBOARD_JWT_ISSUER',
      'DASHBOARD_JWT_SECRET',
      'DASHBOARD_URL',
      'DATABASE_URL',
      'GOOGLE_WEBHOOK_URL',
      'LOG_LEVEL',
      'PORT',
      'PUBLIC_URL',
      'RATE_LIMIT_PER_MINUTE',
      'TOKEN_ENCRYPTION_KEYS',
    ]);
  });

  it('that are empty count as missing', () => {
    expect(problemsOf({ ...complete, GOOGLE_CLIENT_ID: '  ', PORT: '' })).toEqual({
      GOOGLE_CLIENT_ID: 'is missing',
    });
  });

  it('refuse a key id that comes twice', () => {
    const key = Buffer.alloc(32, 1).toString('base64');
    expect(problemsOf({ ...complete, TOKEN_ENCRYPTION_KEYS: `k1:${key},k1:${key}` })).toEqual({
      TOKEN_ENCRYPTION_KEYS: 'entry 2 repeats the key id of an earlier one',
    });
  });

  it('are frozen and never print a secret', () => {
    const settings = readSettings(complete);
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.google)).toBe(true);
    for (const shown of [
      inspect(settings, { depth: 9 }),
      JSON.stringify(settings),
      String(settings.adminApiKey),
    ]) {
      expect(shown).not.toMatch(/hunter2|AQEBAQ/);
    }
    expect(settings.adminApiKey.reveal()).toBe(complete.ADMIN_API_KEY);
  });
});
