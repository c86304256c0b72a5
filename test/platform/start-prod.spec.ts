import { startService } from '../support/service-process.js';
import { createTestDatabase } from '../support/test-database.js';

describe('npm run start:prod', () => {
  it('leaves no service behind when npm is told to end', async () => {
    const database = await createTestDatabase();
    const npm = ['npm', 'run', '--silent', 'start:prod'] as const;
    const service = await startService(database, 'http://127.0.0.1:1', {}, npm);
    try {
      await service.stop();
      // npm may be gone a moment before what it started.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await expect(service.request('GET', '/health/live')).rejects.toThrow();
    } finally {
      service.sweep();
    }
    await database.drop();
  }, 60_000);
});
