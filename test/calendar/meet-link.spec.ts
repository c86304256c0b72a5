import { EventWriter } from '../../src/calendar/event-writer.js';
import { createApp } from '../../src/create-app.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';
import { aConnectedTenant, want } from './connected-tenant.js';

/** A service whose Google makes conferences slowly: so many reads see them as pending. */
async function startWithPendingReads(meetPendingReads: number): Promise<TestApp> {
  const service = await startTestApp();
  const google = await GoogleStandIn.start({
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    meetPendingReads,
  });
  await service.app.close();
  const settings = { ...service.settings, google: { ...service.settings.google, endpoint: google.origin } };
  const app = await createApp(settings);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const closeFirst = service.google;
  return {
    ...service,
    app,
    google,
    settings,
    request: async (method, path, { key, body, headers } = {}) => {
      const answer = await app.inject({
        method,
        url: path,
        headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const isJson = String(answer.headers['content-type'] ?? '').includes('json');
      return {
        status: answer.statusCode,
        body: isJson ? answer.json() : (answer.body as never),
        headers: answer.headers,
      };
    },
    close: async () => {
      await app.close();
      await Promise.all([google.stop(), closeFirst.stop()]);
      await service.database.drop();
    },
  };
}

describe('a Meet link that is not there at once', () => {
  let service: TestApp;
  afterEach(() => service.close());

  it('is waited for, for a moment', async () => {
    service = await startWithPendingReads(1);
    const { tenant, calendar } = await aConnectedTenant(service);
    const state = await service.app
      .get(EventWriter)
      .writeNow(tenant, await want(service, tenant), Deadline.in(3000));
    expect(state).toMatchObject({ status: 'synced', reason: null });
    expect(state.meetLink).toBe(calendar.events()[0]?.hangoutLink);
  });

  it('is looked for by jobs until it is there, and the state says so meanwhile', async () => {
    service = await startWithPendingReads(6);
    const { tenant, calendar } = await aConnectedTenant(service);
    const writer = service.app.get(EventWriter);
    const bookingId = await want(service, tenant);
    expect(await writer.writeNow(tenant, bookingId, Deadline.in(3000))).toMatchObject({
      status: 'synced',
      reason: 'meet_link_pending',
      meetLink: null,
    });
    await eventually(async () => {
      const state = (await writer.states(tenant, [bookingId])).get(bookingId);
      expect(state).toMatchObject({ status: 'synced', reason: null });
      expect(state?.meetLink).toMatch(/^https:\/\/meet\.google\.com\//);
    }, 20_000);
    expect(calendar.events()).toHaveLength(1);
  }, 40_000);
});
