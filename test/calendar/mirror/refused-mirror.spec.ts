import { SyncLoop } from '../../../src/calendar/mirror/sync-loop.js';
import type { StandInFault } from '../../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../../support/dates.js';
import { eventually } from '../../support/eventually.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { aConnectedTenant, type ConnectedTenant } from '../connected-tenant.js';
import { addEvent, blocksOf, synchronised } from './mirrored.js';

const HOUR = 3_600_000;

describe('the mirror of a calendar that Google refuses', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(3);
  const noon = Date.parse(at(date, '12:00'));

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await synchronised(service.database, owner.id);
    service.google.clearRequests();
  });

  const fault = (wrong: StandInFault) =>
    service.google.fault({ on: 'events.list', account: owner.email, times: Infinity, ...wrong });
  const syncRow = async () => {
    const [row] = await service.database.query<{
      calendarId: string;
      failure: string | null;
      waitSeconds: number;
    }>(
      `SELECT calendar_id AS "calendarId", failure, extract(epoch FROM due_at - now())::float8 AS "waitSeconds"
       FROM calendar_sync WHERE tenant_id = $1 AND lease_until IS NULL`,
      [owner.id],
    );
    return row;
  };
  const failed = async (failure: string) => {
    await service.database.query(`UPDATE calendar_sync SET due_at = now() WHERE tenant_id = $1`, [owner.id]);
    await eventually(async () => expect(await syncRow()).toMatchObject({ failure }));
  };
  const availability = async () =>
    (
      await service.request<{ calendar: { state: string } }>('GET', `/api/availability?date=${date}`, {
        key: owner.key,
      })
    ).body.calendar.state;
  const status = async () =>
    (await service.request('GET', '/api/tenant-calendar/status', { key: owner.key })).body;
  const lists = () =>
    service.google.requests.filter(
      ({ operation, accountEmail }) => operation === 'events.list' && accountEmail === owner.email,
    );

  it.each<[string, StandInFault]>([
    ['forbidden', { on: /^(events\.list|freebusy\.query)$/, status: 403, reason: 'forbidden' }],
    ['calendar_gone', { status: 404 }],
    ['invalid', { status: 400, reason: 'invalid' }],
  ])('%s, is looked at again soon, and at once when Google tells of a change', async (failure, wrong) => {
    fault(wrong);
    await failed(failure);
    expect((await syncRow())?.waitSeconds).toBeLessThan(60);
    // As long as it may become, when nobody tells of anything.
    await service.database.query(
      `UPDATE calendar_sync SET due_at = now() + interval '54 minutes' WHERE tenant_id = $1`,
      [owner.id],
    );
    service.google.clearFaults();
    const event = addEvent(owner.calendar, noon, noon + HOUR);
    const { calendarId } = (await syncRow())!;
    await service.app.get(SyncLoop).request(owner.tenant, calendarId);
    await eventually(async () =>
      expect(await blocksOf(service.database, owner.id)).toMatchObject([{ eventId: event.id }]),
    );
  });

  it('is not asked for more often than every other second, however many changes Google tells of', async () => {
    fault({ status: 404 });
    await failed('calendar_gone');
    const { calendarId } = (await syncRow())!;
    service.google.clearRequests();
    const began = Date.now();
    for (let times = 0; times < 30; times += 1) {
      await service.app.get(SyncLoop).request(owner.tenant, calendarId);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(lists().length).toBeLessThanOrEqual(1 + (Date.now() - began) / 2000);
  });

  it.each(['changes', 'everything'])(
    'whose list of %s loses its place is listed from its beginning',
    async (what) => {
      for (let index = 0; index < 3; index += 1)
        addEvent(owner.calendar, noon + index * HOUR, noon + (index + 1) * HOUR);
      owner.calendar.mostPerPage = 1;
      if (what === 'everything') owner.calendar.expireSyncTokens();
      // The first page is answered, the second refused.
      const answered = what === 'everything' ? 2 : 1;
      service.google.fault({ on: 'events.list', delayMs: 1, times: answered, account: owner.email });
      fault({ status: 400, reason: 'invalid', message: 'Invalid page token value.', times: 1 });
      await synchronised(service.database, owner.id);
      expect(lists().map((request) => request.status)).toContain(400);
      expect(await blocksOf(service.database, owner.id)).toHaveLength(3);
      expect(await syncRow()).toMatchObject({ failure: null });
      owner.calendar.mostPerPage = undefined;
    },
  );

  it('is not called fresh, nor the account connected, until it can be read again', async () => {
    expect(await availability()).toBe('fresh');
    fault({ on: /^(events\.list|freebusy\.query)$/, status: 403, reason: 'forbidden' });
    await failed('forbidden');
    expect(await availability()).toBe('stale');
    expect(await status()).toMatchObject({
      connected: false,
      state: 'needs_reconnect',
      reason: 'forbidden',
      calendars: [{ freshness: 'stale', syncFailure: 'forbidden' }],
    });
    service.google.clearFaults();
    await synchronised(service.database, owner.id);
    expect(await availability()).toBe('fresh');
    expect(await status()).toMatchObject({
      connected: true,
      state: 'connected',
      reason: null,
      calendars: [{ freshness: 'fresh' }],
    });
  });

  it('is not called fresh while Google is away and has told of a change before', async () => {
    fault({ status: 503 });
    await failed('unavailable');
    // What is known is as good as it was a moment ago.
    expect(await availability()).toBe('fresh');
    const { calendarId } = (await syncRow())!;
    await service.app.get(SyncLoop).request(owner.tenant, calendarId);
    expect(await availability()).toBe('stale');
    expect(await status()).toMatchObject({ connected: true, calendars: [{ freshness: 'stale' }] });
  });

  it.each([
    ['admin_policy_enforced', 403],
    ['access_denied', 403],
    ['org_internal', 403],
    ['unauthorized_client', 401],
    ['invalid_rapt', 400],
  ])('by the token endpoint (%s) says that its owner has to connect again, and why', async (reason, code) => {
    service.google.expireAccessTokens(owner.email);
    await service.database.query(
      `UPDATE tenant_google_token SET access_expires_at = now() - interval '1 minute' WHERE tenant_id = $1`,
      [owner.id],
    );
    service.google.fault({ on: 'token', status: code, reason });
    await failed('grant_revoked');
    expect(await status()).toMatchObject({ connected: false, state: 'needs_reconnect', reason });
  });

  it('by details that tell of a missing permission says that its owner has to connect again', async () => {
    fault({ status: 403, reason: 'forbidden', details: ['ACCESS_TOKEN_SCOPE_INSUFFICIENT'] });
    await failed('forbidden_scope');
    expect(await status()).toMatchObject({ state: 'needs_reconnect', reason: 'missing_scope' });
  });
});
