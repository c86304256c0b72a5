import { Database } from '../../src/platform/database/database.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, ownersBrowser, startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, someContent, unwant, want, type ConnectedTenant } from './connected-tenant.js';
import { addEvent, synchronised } from './mirror/mirrored.js';

describe('connecting again, and disconnecting', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  let other: string;
  let others = 0;

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 1000, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    others += 1;
    other = `other${others}@acme.example`;
    service.google.addAccount({ email: other });
    service.google.clearRequests();
  });

  const writer = () => service.app.get(EventWriter);
  const write = async (bookingId: string) => writer().writeNow(owner.tenant, bookingId, Deadline.in(3000));
  const stateOf = async (bookingId: string) =>
    (await writer().states(owner.tenant, [bookingId])).get(bookingId);
  const status = async () =>
    (await service.request('GET', '/api/tenant-calendar/status', { key: owner.key })).body;
  const disconnect = () => service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
  const rows = async (table: string) => {
    const found = await service.database.query<{ count: number }>(
      `SELECT count(*)::int FROM ${table} WHERE tenant_id = $1`,
      [owner.id],
    );
    return found[0]?.count;
  };
  /** What the owner has in the calendar, as far as it is known here. */
  const readSomething = async () => {
    addEvent(owner.calendar, Date.now() + 3_600_000, Date.now() + 7_200_000);
    await synchronised(service.database, owner.id);
    expect(await rows('busy_block')).toBe(1);
  };
  const liveGrants = (email: string) =>
    service.google.requests.filter(
      ({ operation, accountEmail }) => operation === 'revoke' && accountEmail === email,
    );

  it('takes up the same connection for the same account, and its events stay as they are', async () => {
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({ status: 'synced' });
    expect((await connectGoogle(service, owner, owner.email)).status).toBe(200);
    expect(await rows('calendar_connection')).toBe(1);
    expect(await rows('tenant_google_token')).toBe(1);
    expect(liveGrants(owner.email)).toEqual([]);
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    expect(owner.calendar.events()).toEqual([]);
  });

  it('replaces one account by another: its grant is revoked, its tokens and what was read of it are gone', async () => {
    await readSomething();
    expect((await connectGoogle(service, owner, other)).status).toBe(200);
    expect(await status()).toMatchObject({ connected: true, email: other });
    expect(await rows('tenant_google_token')).toBe(1);
    expect(await rows('busy_block')).toBe(0);
    // Of the new account there is as little, and it is what is mirrored from now on.
    await synchronised(service.database, owner.id);
    expect(await rows('busy_block')).toBe(0);
    const mirrored = await service.database.query(
      `SELECT c.account_email AS email FROM calendar_sync s JOIN calendar k ON k.id = s.calendar_id
       JOIN calendar_connection c ON c.id = k.connection_id WHERE s.tenant_id = $1`,
      [owner.id],
    );
    expect(mirrored).toEqual([{ email: other }]);
    const states = await service.database.query(
      `SELECT state, account_email FROM calendar_connection WHERE tenant_id = $1 ORDER BY connected_at`,
      [owner.id],
    );
    expect(states).toEqual([
      { state: 'disconnected', account_email: null },
      { state: 'connected', account_email: other },
    ]);
    await eventually(() => expect(liveGrants(owner.email)).toHaveLength(1));
  });

  it('writes the bookings to come to the new account’s calendar, and leaves those that are over', async () => {
    const upcoming = await want(service, owner.tenant);
    const over = await want(service, owner.tenant, someContent({ days: -7 }));
    await write(upcoming);
    await write(over);
    expect(owner.calendar.events()).toHaveLength(2);
    await connectGoogle(service, owner, other);
    const calendar = service.google.account(other).calendar();
    await eventually(async () => {
      expect(await stateOf(upcoming)).toMatchObject({ status: 'synced' });
      expect(calendar.events()).toHaveLength(1);
    });
    expect((await stateOf(upcoming))?.meetLink).toBe(calendar.events()[0]?.hangoutLink);
  });

  it('makes no second event when the first account comes back', async () => {
    const bookingId = await want(service, owner.tenant);
    await write(bookingId);
    for (const email of [other, owner.email]) {
      await connectGoogle(service, owner, email);
      const calendar = service.google.account(email).calendar();
      await eventually(async () => {
        expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' });
        expect((await stateOf(bookingId))?.htmlLink).toContain(
          Buffer.from(`${(await stateOf(bookingId))?.eventId} ${calendar.id}`).toString('base64url'),
        );
      });
      expect(calendar.events()).toHaveLength(1);
    }
  });

  it('writes what waited for a first connection', async () => {
    await disconnect();
    const waiting = await want(service, owner.tenant);
    const over = await want(service, owner.tenant, someContent({ days: -1 }));
    expect(await write(waiting)).toMatchObject({ status: 'not_connected' });
    await connectGoogle(service, owner, owner.email);
    await eventually(async () => expect(await stateOf(waiting)).toMatchObject({ status: 'synced' }));
    expect(await stateOf(over)).toMatchObject({ status: 'not_connected' });
    expect(owner.calendar.events()).toHaveLength(1);
  });

  it('has one connection after two accounts were connected at the same moment', async () => {
    const finish: (() => Promise<{ status: number }>)[] = [];
    for (const email of [owner.email, other]) {
      const { body } = await service.request<{ authUrl: string }>('GET', '/api/tenant-calendar/auth-url', {
        key: owner.key,
      });
      const browser = ownersBrowser(service);
      const back = await browser.consent(body.authUrl, { email });
      finish.push(() => browser.finish(back));
    }
    const pages = await Promise.all(finish.map((each) => each()));
    expect(pages.map((page) => page.status)).toEqual([200, 200]);
    expect(await rows('tenant_google_token')).toBe(1);
    const active = await service.database.query(
      `SELECT account_email FROM calendar_connection WHERE tenant_id = $1 AND state = 'connected'`,
      [owner.id],
    );
    expect(active).toHaveLength(1);
    // Whichever it is, it works.
    expect(await write(await want(service, owner.tenant))).toMatchObject({ status: 'synced' });
  });

  it('disconnects: the grant is revoked, tokens, address and what was read are gone, bookings wait', async () => {
    const bookingId = await want(service, owner.tenant);
    await write(bookingId);
    await readSomething();
    expect((await disconnect()).status).toBe(204);
    expect(liveGrants(owner.email)).toMatchObject([{ status: 200 }]);
    for (const table of ['tenant_google_token', 'busy_block', 'calendar_sync', 'push_channel']) {
      expect(await rows(table)).toBe(0);
    }
    expect(await status()).toEqual({
      connected: false,
      email: null,
      state: 'disconnected',
      reason: null,
      connectedAt: null,
      calendars: [],
      accounts: [],
    });
    const everything = await service.database.query<{ text: string }>(
      `SELECT row_to_json(c)::text AS text FROM calendar_connection c WHERE tenant_id = $1
       UNION ALL SELECT row_to_json(k)::text FROM calendar k WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(JSON.stringify(everything)).not.toContain(owner.email);
    expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' });
    // The booking's, and the owner's own.
    expect(owner.calendar.events()).toHaveLength(2);
    expect((await disconnect()).status).toBe(204);
  });

  it('is connected again, and disconnected, in the midst of a synchronisation', async () => {
    await synchronised(service.database, owner.id);
    for (const change of [() => connectGoogle(service, owner, owner.email), disconnect]) {
      let changing: ReturnType<typeof service.request> | undefined;
      // As a run keeps what it has found: first its own row is changed, then its calendar's.
      await service.app.get(Database).inTenant(owner.tenant, async (sql) => {
        await sql.query(`UPDATE calendar_sync SET sync_token = NULL WHERE tenant_id = $1`, [owner.id]);
        changing = change();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await sql.query(`UPDATE calendar SET known_as_of = now() WHERE tenant_id = $1`, [owner.id]);
      });
      expect([200, 204]).toContain((await changing)?.status);
    }
    expect(await rows('calendar_sync')).toBe(0);
  });

  it('disconnects what never was connected', async () => {
    await disconnect();
    expect((await disconnect()).status).toBe(204);
  });

  it('disconnects a dead grant', async () => {
    service.google.revokeGrant(owner.email);
    expect((await disconnect()).status).toBe(204);
    expect(await status()).toMatchObject({ state: 'disconnected' });
  });

  it('disconnects while Google is down, within the budget, and revokes the grant once it is back', async () => {
    service.google.fault({ on: 'revoke', hang: true, times: Infinity });
    const began = performance.now();
    expect((await disconnect()).status).toBe(204);
    expect(performance.now() - began).toBeLessThan(1600);
    expect(await rows('tenant_google_token')).toBe(0);
    service.google.clearFaults();
    await eventually(
      () => expect(liveGrants(owner.email).filter(({ status: code }) => code === 200)).toHaveLength(1),
      20_000,
    );
  }, 40_000);

  it('does not revoke a grant later that the owner has meanwhile given again', async () => {
    service.google.fault({ on: 'revoke', status: 503, times: Infinity });
    await disconnect();
    await connectGoogle(service, owner, owner.email);
    service.google.clearFaults();
    service.google.clearRequests();
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(liveGrants(owner.email)).toEqual([]);
    expect(await write(await want(service, owner.tenant))).toMatchObject({ status: 'synced' });
  }, 40_000);

  it('leaves the grant alone while another tenant has the same account connected', async () => {
    const neighbour = await aConnectedTenant(service, owner.email);
    expect((await disconnect()).status).toBe(204);
    expect(liveGrants(owner.email)).toEqual([]);
    const bookingId = await want(service, neighbour.tenant);
    expect(await writer().writeNow(neighbour.tenant, bookingId, Deadline.in(3000))).toMatchObject({
      status: 'synced',
    });
  });

  it('revokes the grant of a tenant that is deleted', async () => {
    const answer = await service.request('DELETE', `/api/admin/tenants/${owner.id}`, {
      key: service.settings.adminApiKey.reveal(),
    });
    expect(answer.status).toBe(204);
    expect(liveGrants(owner.email)).toMatchObject([{ status: 200 }]);
  });
});
