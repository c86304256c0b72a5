import { createApp } from '../../src/create-app.js';
import { Secret } from '../../src/platform/config/secret.js';
import { aConnectedTenant } from '../calendar/connected-tenant.js';
import { startBlackHole } from '../support/black-hole.js';
import { eventually } from '../support/eventually.js';
import { inject, startTestApp } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';
import { testSettings } from '../support/test-settings.js';

/** What keeps a process from ending by itself, by its kind. */
const held = () => process.getActiveResourcesInfo().sort();

describe('a service that was closed', () => {
  it('leaves no timer, connection or server behind', async () => {
    const before = held();
    const service = await startTestApp();
    await aConnectedTenant(service);
    await service.request('GET', '/health/ready');
    expect(held().length).toBeGreaterThan(before.length);
    await service.close();
    await eventually(() => expect(held()).toEqual(before));
  });

  it('leaves nothing behind where its database had gone away without a word', async () => {
    const before = held();
    const database = await createTestDatabase();
    const network = await startBlackHole(database.serviceUrl);
    const url = new Secret(network.url);
    const app = await createApp(
      testSettings(database, 'http://127.0.0.1:1', { databaseUrl: url, directDatabaseUrl: url }),
    );
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    network.swallow();
    await eventually(async () => {
      expect((await inject(app, 'GET', '/health/ready')).status).toBe(503);
    });
    network.heal();
    await eventually(async () => {
      expect((await inject(app, 'GET', '/health/ready')).status).toBe(200);
    });
    await app.close();
    await network.close();
    await database.drop();
    await eventually(() => expect(held()).toEqual(before));
  }, 60_000);
});
