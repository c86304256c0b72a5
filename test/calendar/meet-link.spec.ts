import { EventWriter } from '../../src/calendar/event-writer.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { CLIENT_ID, CLIENT_SECRET, testSettings } from '../support/test-settings.js';
import { aConnectedTenant, want } from './connected-tenant.js';

interface SlowMeet {
  service: TestApp;
  google: GoogleStandIn;
  close(): Promise<void>;
}

/** A service whose Google makes conferences slowly: so many reads see them as pending. */
async function startWithPendingReads(meetPendingReads: number): Promise<SlowMeet> {
  const google = await GoogleStandIn.start({
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    meetPendingReads,
  });
  const { google: settings } = testSettings({ serviceUrl: '' }, google.origin);
  const started = await startTestApp({ google: settings });
  return {
    service: { ...started, google },
    google,
    close: async () => {
      await started.close();
      await google.stop();
    },
  };
}

describe('a Meet link that is not there at once', () => {
  let slow: SlowMeet;
  afterEach(() => slow.close());

  it('is waited for, for a moment', async () => {
    slow = await startWithPendingReads(1);
    const { service } = slow;
    const { tenant, calendar } = await aConnectedTenant(service);
    const state = await service.app
      .get(EventWriter)
      .writeNow(tenant, await want(service, tenant), Deadline.in(3000));
    expect(state).toMatchObject({ status: 'synced', reason: null });
    expect(state.meetLink).toBe(calendar.events()[0]?.hangoutLink);
  });

  it('is looked for by jobs until it is there, and the state says so meanwhile', async () => {
    slow = await startWithPendingReads(6);
    const { service } = slow;
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
