import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { freePort, send, Workbench } from './started.js';

describe('npm start with settings that are set', () => {
  const bench = new Workbench();
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await bench.clear();
    await database.drop();
  });

  it('takes them, starts nothing in their place, and prints no secret among them', async () => {
    const folder = bench.folder();
    const settings = {
      DATABASE_URL: database.serviceUrl,
      DIRECT_DATABASE_URL: database.ownerUrl,
      ADMIN_API_KEY: 'an-admin-key-of-the-persons-own',
      GOOGLE_CLIENT_ID: 'mine.apps.googleusercontent.com',
      GOOGLE_CLIENT_SECRET: 'a-client-secret-of-the-persons-own',
      PUBLIC_URL: 'https://calendar.example.com',
    };
    const started = await bench.start(folder, await freePort(), settings).up();
    expect(existsSync(join(folder, 'postgresql'))).toBe(false);
    expect(existsSync(join(folder, 'google-stand-in.json'))).toBe(false);
    expect(Object.keys(keptSecrets(folder))).toEqual(['TOKEN_ENCRYPTION_KEYS']);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    for (const secret of [
      settings.ADMIN_API_KEY,
      settings.GOOGLE_CLIENT_SECRET,
      new URL(database.serviceUrl).password,
    ]) {
      expect(started.output).not.toContain(secret);
    }
    expect(started.output).toContain('https://calendar.example.com/api/tenant-calendar/callback');

    const { authUrl } = await send<{ authUrl: string }>(started.requests()[0]!);
    const start = new URL(authUrl);
    expect(start.href).toContain('https://calendar.example.com/api/tenant-calendar/start?');
    const here = `http://localhost:${started.port}${start.pathname}${start.search}`;
    const { headers } = await fetch(here, { redirect: 'manual' });
    expect(headers.get('set-cookie')).toMatch(/^__Host-/);
    const consent = new URL(headers.get('location') ?? '');
    expect(consent.origin).toBe('https://accounts.google.com');
    expect(consent.searchParams.get('client_id')).toBe(settings.GOOGLE_CLIENT_ID);

    const tenants = await database.query<{ name: string }>('SELECT name FROM tenant');
    expect(tenants).toEqual([{ name: 'Acme Dental' }]);
    const asAdmin = await fetch(`http://localhost:${started.port}/api/admin/tenants`, {
      headers: { authorization: `Bearer ${settings.ADMIN_API_KEY}` },
    });
    expect(asAdmin.status).toBe(200);
    expect(await started.signal('SIGINT')).toBe(0);

    // The demo tenant is kept, and one whose key was revoked gets a new one.
    await database.query('DELETE FROM api_key');
    const again = await bench.start(folder, await freePort(), settings).up();
    expect(again.printed('id')).toBe(started.printed('id'));
    expect(again.printed('API key')).not.toBe(started.printed('API key'));
    expect(await database.query('SELECT name FROM tenant')).toHaveLength(1);
  });

  it('says that a role may not migrate, and which setting takes one that may', async () => {
    const fresh = await createTestDatabase();
    const started = bench.start(bench.folder(), await freePort(), { DATABASE_URL: fresh.serviceUrl });
    expect(await started.exited).toBe(1);
    expect(started.output).toMatch(
      /^The database could not be migrated: .*permission denied.*DIRECT_DATABASE_URL/,
    );
    await fresh.drop();
  });

  it('refuses DIRECT_DATABASE_URL alone', async () => {
    const started = bench.start(bench.folder(), await freePort(), { DIRECT_DATABASE_URL: database.ownerUrl });
    expect(await started.exited).toBe(1);
    expect(started.output).toMatch(/^DIRECT_DATABASE_URL is set but DATABASE_URL is not\./);
  });
});

function keptSecrets(folder: string): Record<string, string> {
  return JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as Record<string, string>;
}
