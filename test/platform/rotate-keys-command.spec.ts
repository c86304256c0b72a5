import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET, PUBLIC_URL } from '../support/test-settings.js';
import { aConnectedTenant } from '../calendar/connected-tenant.js';

const OLD_KEY = Buffer.alloc(32, 1).toString('base64');
const NEW_KEY = Buffer.alloc(32, 2).toString('base64');

describe('npm run rotate-keys', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await startTestApp();
    const { key } = await aConnectedTenant(service);
    await service.request('POST', '/api/agent-connections', {
      key,
      body: { platform: 'vapi', name: 'Front desk' },
    });
  });
  afterAll(() => service.close());

  const run = async (keys: string, changes: Record<string, string> = {}) => {
    const child = spawn(process.execPath, ['dist/rotate-keys.js'], {
      env: {
        PATH: process.env['PATH'],
        PUBLIC_URL,
        DATABASE_URL: service.database.serviceUrl,
        ADMIN_API_KEY: ADMIN_KEY,
        TOKEN_ENCRYPTION_KEYS: keys,
        GOOGLE_CLIENT_ID: CLIENT_ID,
        GOOGLE_CLIENT_SECRET: CLIENT_SECRET,
        ...changes,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, output };
  };

  it('encrypts anew, says how much, and fails while a row cannot be opened', async () => {
    expect(await run(`k2:${NEW_KEY},k1:${OLD_KEY}`)).toEqual({
      code: 0,
      output:
        'Key "k2": 1 calendar connections encrypted anew, 0 changed meanwhile.\n' +
        'Key "k2": 1 agent connections encrypted anew, 0 changed meanwhile.\n',
    });
    const unreadable = await run(`k3:${OLD_KEY}`);
    expect(unreadable.code).toBe(1);
    expect(unreadable.output).toMatch(/Tenant [\w-]+, connection [\w-]+: cannot be opened \(unknown key\)/);
    expect(unreadable.output).not.toContain(OLD_KEY);
  });

  it('says which settings are missing, and nothing of their values', async () => {
    const { code, output } = await run('k1:tooshort', { GOOGLE_CLIENT_ID: '' });
    expect(code).toBe(1);
    expect(output).toContain('TOKEN_ENCRYPTION_KEYS');
    expect(output).toContain('GOOGLE_CLIENT_ID');
    expect(output).not.toContain('tooshort');
  });
});
