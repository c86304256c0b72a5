import { randomUUID } from 'node:crypto';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const PER_MINUTE = 100;

/** Of the whole service: who is let in is decided by its own guards, before what is counted here. */
describe('the limits of the service', () => {
  let service: TestApp;
  let tenant: TestTenant;

  beforeEach(async () => {
    service = await startTestApp({ rateLimitPerMinute: PER_MINUTE, trustedProxies: 1 });
    tenant = await aTenant(service);
  });
  afterEach(() => service.close());

  const status = async (
    method: 'GET' | 'POST',
    path: string,
    address: string,
    headers: Record<string, string> = {},
  ) => (await service.request(method, path, { headers: { 'x-forwarded-for': address, ...headers } })).status;

  it('count a wrong key that a public route did not mind', async () => {
    const address = '203.0.113.1';
    const found: number[] = [];
    for (let i = 0; i < 70; i += 1) {
      const wrong = { authorization: `Bearer rcal_${'0'.repeat(12)}_${String(i).padStart(43, 'k')}` };
      const open = await status('POST', '/api/google/notifications', address, wrong);
      expect(open).toBe(i < 60 ? 204 : 429);
      found.push(await status('GET', '/api/services', address, wrong));
    }
    expect(found.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 401));
    expect(found.slice(60).every((one) => one === 429)).toBe(true);
    // Others behind the same address are not made to suffer once their key is known.
    const right = { authorization: `Bearer ${tenant.key}` };
    expect(await status('GET', '/api/services', '203.0.113.2', right)).toBe(200);
    expect(await status('GET', '/api/services', address, right)).toBe(200);
  });

  it('give nobody another budget for headers that are made up', async () => {
    const found: number[] = [];
    for (let i = 0; i < PER_MINUTE + 10; i += 1) {
      const made = {
        authorization: `Bearer ${randomUUID()}`,
        'x-api-key': randomUUID(),
        'x-vapi-secret': randomUUID(),
      };
      found.push(await status('GET', '/api/docs-json', '203.0.113.3', made));
    }
    expect(found.filter((one) => one === 200)).toHaveLength(PER_MINUTE);
    expect(found.filter((one) => one === 429)).toHaveLength(10);
  });

  it('count one key once, however its scheme is written and wherever it comes from', async () => {
    const schemes = ['Bearer', 'bearer', 'BEARER'];
    const found: number[] = [];
    for (let i = 0; i < PER_MINUTE + 10; i += 1) {
      const headers = { authorization: `${schemes[i % 3] ?? ''} ${tenant.key}` };
      found.push(await status('GET', '/api/services', `203.0.113.${4 + (i % 5)}`, headers));
    }
    expect(found.filter((one) => one === 200)).toHaveLength(PER_MINUTE);
    expect(found.filter((one) => one === 429)).toHaveLength(10);
  });
});
