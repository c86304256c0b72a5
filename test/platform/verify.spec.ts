import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { aTenant, connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';
import { Secret } from '../../src/platform/config/secret.js';

const KEY = randomBytes(32).toString('base64');

describe('npm run verify', () => {
  let service: TestApp;
  let origin: string;
  beforeAll(async () => {
    service = await startTestApp({ tokenEncryptionKeys: [{ id: 'k1', key: new Secret(KEY) }] });
    await service.app.listen(0, '127.0.0.1');
    origin = `http://127.0.0.1:${(service.app.getHttpServer().address() as AddressInfo).port}`;
    await connectGoogle(service, await aTenant(service), 'owner@example.com');
  });
  afterAll(() => service.close());

  async function verify(changes: Record<string, string> = {}) {
    const environment: Record<string, string> = {
      PUBLIC_URL: origin,
      DATABASE_URL: service.database.serviceUrl,
      ADMIN_API_KEY: ADMIN_KEY,
      TOKEN_ENCRYPTION_KEYS: `k1:${KEY}`,
      GOOGLE_CLIENT_ID: CLIENT_ID,
      GOOGLE_CLIENT_SECRET: CLIENT_SECRET,
      GOOGLE_ENDPOINT: service.google.origin,
      ...changes,
    };
    const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
      execFile(process.execPath, ['dist/verify.js'], { env: environment }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
    for (const secret of [
      KEY,
      ADMIN_KEY,
      environment['GOOGLE_CLIENT_SECRET'] ?? '',
      passwordOf(environment['DATABASE_URL']),
    ]) {
      if (secret !== '') expect(output).not.toContain(secret);
    }
    const failed = output.split('\n').filter((line) => line.startsWith('✗'));
    return { code, output, failed };
  }

  it('finds a sound deployment sound', async () => {
    const { code, output, failed } = await verify();
    expect(failed).toEqual([]);
    expect(code).toBe(0);
    expect(output).toMatch(/^✓ stored secrets of calendar connections: all 1 can be read$/m);
    expect(output).toMatch(
      /^✓ webhooks: GOOGLE_WEBHOOK_URL is not set: calendars are looked at every few minutes$/m,
    );
    expect(output).toContain('All is well.');
  });

  it('names every setting that is missing or wrong at once', async () => {
    const { code, failed, output } = await verify({
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      ADMIN_API_KEY: 'hunter2',
      TOKEN_ENCRYPTION_KEYS: 'k1:hunter2',
      GOOGLE_CLIENT_ID: '',
    });
    expect(code).toBe(1);
    expect(failed.map((line) => /^✗ (\w+):/.exec(line)?.[1]).sort()).toEqual([
      'ADMIN_API_KEY',
      'DATABASE_URL',
      'GOOGLE_CLIENT_ID',
      'TOKEN_ENCRYPTION_KEYS',
    ]);
    expect(output).not.toContain('hunter2');
  });

  it('still checks Google when the database cannot be reached', async () => {
    const { code, failed, output } = await verify({
      DATABASE_URL: 'postgres://service:hunter2hunter2@127.0.0.1:1/x',
    });
    expect(code).toBe(1);
    expect(failed).toEqual([expect.stringMatching(/^✗ database: cannot be reached \(ECONNREFUSED\)/)]);
    expect(output).toContain('✓ Google client');
  });

  it('refuses a login that owns the tables', async () => {
    const { failed } = await verify({ DATABASE_URL: service.database.ownerUrl });
    expect(failed).toContainEqual(
      expect.stringMatching(/^✗ login role: .*owns .*api_key, audit_entry, booking, /),
    );
  });

  it('names by how much the clock of this machine is off', async () => {
    const { code, failed } = await verify({
      NODE_OPTIONS: `--import=${pathToFileURL('test/support/shifted-clock.mjs').href}`,
      CLOCK_SHIFT_MS: '-300000',
    });
    expect(failed).toEqual([expect.stringMatching(/^✗ clock: this machine is 300 s behind the database$/)]);
    expect(code).toBe(1);
  });

  it('sees a wrong client secret', async () => {
    const { failed, code } = await verify({ GOOGLE_CLIENT_SECRET: 'another-secret' });
    expect(failed).toEqual([expect.stringMatching(/^✗ Google client: .*invalid_client/)]);
    expect(code).toBe(1);
  });

  it('sees a redirect address that is not https or leads elsewhere', async () => {
    const plain = await verify({
      GOOGLE_REDIRECT_URI: 'http://calendar.example.com/api/tenant-calendar/callback',
    });
    expect(plain.failed).toContainEqual(expect.stringMatching(/^✗ redirect address: must be https/));
    const elsewhere = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    const other = await verify({ PUBLIC_URL: `http://127.0.0.1:${port}` });
    expect(other.failed).toContainEqual(
      expect.stringMatching(/^✗ redirect address: .*something else answers, with 404/),
    );
    elsewhere.close();
  });

  it('sees tokens that can no longer be read', async () => {
    const { failed } = await verify({ TOKEN_ENCRYPTION_KEYS: `k2:${randomBytes(32).toString('base64')}` });
    expect(failed).toEqual([
      expect.stringMatching(/^✗ stored secrets of calendar connections: .*1 under the unknown key "k1"/),
    ]);
  });

  it('sees a key that nobody drew at random', async () => {
    const { failed } = await verify({
      TOKEN_ENCRYPTION_KEYS: `k1:${KEY},zero:${Buffer.alloc(32).toString('base64')}`,
    });
    expect(failed).toEqual([expect.stringMatching(/^✗ encryption keys: key "zero" is not random/)]);
  });

  it('sees policies that a restore has lost', async () => {
    await service.database.query('DROP POLICY own_tenant ON booking');
    const { failed, code } = await verify();
    await service.database.query(
      `CREATE POLICY own_tenant ON booking TO receptionist_tenant
       USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())`,
    );
    expect(failed).toEqual([
      expect.stringMatching(/^✗ row-level security: policies are missing on booking$/),
    ]);
    expect(code).toBe(1);
  });

  it('sees row-level security that was taken away, in the catalogue and by trying', async () => {
    await service.database.query('ALTER TABLE booking NO FORCE ROW LEVEL SECURITY');
    const notForced = await verify();
    await service.database.query('ALTER TABLE booking FORCE ROW LEVEL SECURITY');
    expect(notForced.failed).toEqual([
      expect.stringMatching(/^✗ row-level security: not enabled and forced on booking/),
    ]);
    await service.database.query('CREATE POLICY oops ON api_key TO receptionist_tenant USING (true)');
    await service.database.query('GRANT SELECT ON api_key TO receptionist_tenant');
    const seesAll = await verify();
    await service.database.query(
      'DROP POLICY oops ON api_key; REVOKE SELECT ON api_key FROM receptionist_tenant',
    );
    expect(seesAll.failed).toEqual([expect.stringMatching(/^✗ tenants apart: .*sees rows of api_key/)]);
  });

  it('names migrations that are missing', async () => {
    await service.database.query('UPDATE _prisma_migrations SET finished_at = NULL');
    const { failed, output } = await verify();
    await service.database.query('UPDATE _prisma_migrations SET finished_at = now()');
    expect(failed).toContainEqual(expect.stringMatching(/^✗ migrations: pending: \d{14}_\w+/));
    expect(output).toContain('npm run migrate');
  });
});

function passwordOf(url = ''): string {
  return URL.parse(url)?.password ?? '';
}
