import { eventually } from '../support/eventually.js';
import { startService } from '../support/service-process.js';
import { aTenant } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';

describe('SIGTERM behind a load balancer', () => {
  it('is told by readiness first, while requests on new connections are answered as before', async () => {
    const database = await createTestDatabase();
    const service = await startService(database, 'http://127.0.0.1:1', { SHUTDOWN_DELAY_MS: '4000' });
    const tenant = await aTenant(service);
    const stopped = service.stop();
    await eventually(async () => {
      const ready = await service.request('GET', '/health/ready');
      expect([ready.status, ready.body['detail']]).toEqual([503, 'This instance is shutting down.']);
    }, 3_000);
    const { status, headers } = await service.request('GET', '/api/bookings', { key: tenant.key });
    expect(status).toBe(200);
    // So that the balancer's next request goes to another instance.
    expect(headers['connection']).toBe('close');
    expect(await stopped).toBe(0);
    await database.drop();
  }, 60_000);
});
