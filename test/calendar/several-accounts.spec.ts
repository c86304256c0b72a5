import { randomUUID } from 'node:crypto';
import { AccessTokens } from '../../src/calendar/access-tokens.js';
import type { CalendarStatus } from '../../src/calendar/calendar-status.service.js';
import { Deadline } from '../../src/platform/deadline.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, connectAnother, readCalendars, type ConnectedTenant } from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

const DAY = 86_400_000;

describe('several accounts of one tenant', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  let second: string;
  let third: string;

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 1000, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    second = `second-${owner.email}`;
    third = `third-${owner.email}`;
    service.google.clearRequests();
  });

  const add = (email: string) => connectAnother(service, owner, email);
  const status = async () =>
    (await service.request<CalendarStatus>('GET', '/api/tenant-calendar/status', { key: owner.key })).body;
  const emails = async () => (await status()).accounts.map(({ email }) => email);
  const accountId = async (email: string) =>
    (await status()).accounts.find((account) => account.email === email)?.id ?? randomUUID();
  const disconnect = async (email: string) =>
    service.request('DELETE', `/api/tenant-calendar/accounts/${await accountId(email)}`, { key: owner.key });
  const defaults = async () => {
    const rows = await service.database.query<{ email: string; google_id: string }>(
      `SELECT c.account_email AS email, k.google_id FROM calendar k
       JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
       WHERE k.tenant_id = $1 AND k.reads_conflicts AND k.writes_bookings`,
      [owner.id],
    );
    return rows.map(({ email, google_id }) => `${email} ${google_id}`);
  };
  const flags = () =>
    service.database.query(
      `SELECT 1 FROM calendar WHERE tenant_id = $1 AND (reads_conflicts OR writes_bookings)`,
      [owner.id],
    );
  const revoked = () =>
    service.google.requests
      .filter(({ operation }) => operation === 'revoke')
      .map(({ accountEmail }) => accountEmail);

  it('come beside each other when that is asked for; the first stays the default', async () => {
    await add(second);
    await add(third);
    expect(await emails()).toEqual([owner.email, second, third]);
    expect(await defaults()).toEqual([`${owner.email} primary`]);
    expect(await status()).toMatchObject({
      connected: true,
      email: owner.email,
      state: 'connected',
      reason: null,
      calendars: [{ id: 'primary', readsConflicts: true, writesBookings: true }],
      accounts: [
        { email: owner.email, state: 'connected', reason: null, calendars: [{ id: 'primary' }] },
        { email: second, state: 'connected', calendars: [] },
        { email: third, state: 'connected', calendars: [] },
      ],
    });
    expect(revoked()).toEqual([]);
  });

  it('are replaced by one that is connected without asking for that', async () => {
    await add(second);
    service.google.addAccount({ email: third });
    await connectGoogle(service, owner, third);
    expect(await emails()).toEqual([third]);
    expect(await defaults()).toEqual([`${third} primary`]);
    expect(await flags()).toHaveLength(1);
  });

  it('are left alone when one of them is connected again without asking for anything', async () => {
    await add(second);
    await connectGoogle(service, owner, second);
    expect(await emails()).toEqual([owner.email, second]);
    expect(revoked()).toEqual([]);
  });

  it.each(['yes', '1', 'TRUE', ''])('are not added by add=%s, which is refused by name', async (value) => {
    const answer = await service.request('GET', `/api/tenant-calendar/auth-url?add=${value}`, {
      key: owner.key,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field: 'add' }] },
    });
  });

  it('are not doubled by connecting one of them again, beside or after it needs to be', async () => {
    await add(second);
    const before = await accountId(second);
    await add(second);
    expect(await emails()).toEqual([owner.email, second]);
    service.google.revokeGrant(second);
    await service.database.query(
      `UPDATE calendar_connection SET state = 'needs_reconnect', state_reason = 'grant_revoked'
       WHERE tenant_id = $1 AND account_email = $2`,
      [owner.id, second],
    );
    expect((await status()).accounts).toMatchObject([
      { state: 'connected' },
      { state: 'needs_reconnect', reason: 'grant_revoked' },
    ]);
    expect(await status()).toMatchObject({ connected: true, email: owner.email });
    await add(second);
    expect((await status()).accounts).toMatchObject([
      { email: owner.email, state: 'connected' },
      { id: before, email: second, state: 'connected', reason: null },
    ]);
    const rows = await service.database.query(`SELECT 1 FROM calendar WHERE tenant_id = $1`, [owner.id]);
    expect(rows).toHaveLength(2);
  });

  it('are disconnected one by one: the tokens are gone, the grant is revoked, the other is left alone', async () => {
    await add(second);
    expect((await disconnect(second)).status).toBe(204);
    expect(await emails()).toEqual([owner.email]);
    // What other tests ended is revoked by jobs, sooner or later.
    expect(revoked().filter((email) => [owner.email, second, third].includes(email ?? ''))).toEqual([second]);
    expect(await defaults()).toEqual([`${owner.email} primary`]);
    const tokens = await service.database.query(`SELECT 1 FROM tenant_google_token WHERE tenant_id = $1`, [
      owner.id,
    ]);
    expect(tokens).toHaveLength(1);
    const everything = await service.database.query(
      `SELECT row_to_json(c)::text FROM calendar_connection c WHERE tenant_id = $1
       UNION ALL SELECT row_to_json(k)::text FROM calendar k WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(JSON.stringify(everything)).not.toContain(second);
  });

  it('hand the default on to the one that was connected first of those that are left', async () => {
    await add(second);
    await add(third);
    await disconnect(owner.email);
    expect(await defaults()).toEqual([`${second} primary`]);
    expect(await emails()).toEqual([second, third]);
    await disconnect(second);
    expect(await defaults()).toEqual([`${third} primary`]);
    expect(await status()).toMatchObject({ email: third });
    // Coming back, the first one does not take it from there.
    await add(owner.email);
    expect(await defaults()).toEqual([`${third} primary`]);
    expect(await emails()).toEqual([third, owner.email]);
    expect(await flags()).toHaveLength(1);
  });

  it('are all disconnected at once', async () => {
    await add(second);
    const answer = await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    expect(answer.status).toBe(204);
    expect(await status()).toEqual({
      connected: false,
      email: null,
      state: 'disconnected',
      reason: null,
      connectedAt: null,
      calendars: [],
      accounts: [],
    });
    expect(revoked().sort()).toEqual([owner.email, second].sort());
    expect(await flags()).toEqual([]);
  });

  it('are disconnected by their own id only', async () => {
    const neighbour = await aConnectedTenant(service);
    const { body } = await service.request<CalendarStatus>('GET', '/api/tenant-calendar/status', {
      key: neighbour.key,
    });
    const gone = await accountId(owner.email);
    await disconnect(owner.email);
    for (const id of [randomUUID(), body.accounts[0]?.id, gone, 'primary', 'not-an-id']) {
      const answer = await service.request('DELETE', `/api/tenant-calendar/accounts/${id}`, {
        key: owner.key,
      });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    const after = await service.request<CalendarStatus>('GET', '/api/tenant-calendar/status', {
      key: neighbour.key,
    });
    expect(after.body.accounts).toHaveLength(1);
  });

  it('have two accounts connected at the same moment, one of them the default', async () => {
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    await Promise.all([add(second), add(third), add(owner.email)]);
    expect((await emails()).sort()).toEqual([owner.email, second, third].sort());
    expect(await defaults()).toHaveLength(1);
    expect(await flags()).toHaveLength(1);
  });

  it('are not touched by each other’s trouble', async () => {
    await add(second);
    await service.database.query(`UPDATE calendar SET reads_conflicts = true WHERE tenant_id = $1`, [
      owner.id,
    ]);
    const from = Date.now() + DAY;
    const read = async () => {
      const known = await readCalendars(service, owner.tenant, { from, to: from + DAY }, { withinMs: 1000 });
      const accounts = await service.database.query<{ id: string; email: string }>(
        `SELECT k.id, c.account_email AS email FROM calendar k JOIN calendar_connection c ON c.id = k.connection_id
         WHERE k.tenant_id = $1`,
        [owner.id],
      );
      return Object.fromEntries(accounts.map(({ id, email }) => [email, known.get(id)?.state]));
    };
    expect(await read()).toEqual({ [owner.email]: 'fresh', [second]: 'fresh' });
    await synchronised(service.database, owner.id);
    service.google.fault({ account: second, on: 'events.list', hang: true, times: Infinity });
    expect(await read()).toEqual({ [owner.email]: 'fresh', [second]: 'stale' });
    service.google.clearFaults();
    service.google.revokeGrant(second);
    expect(await read()).toEqual({ [owner.email]: 'fresh', [second]: 'stale' });
    expect((await status()).accounts).toMatchObject([
      { email: owner.email, state: 'connected' },
      { email: second, state: 'needs_reconnect', reason: 'grant_revoked' },
    ]);
    const connectionId = await accountId(owner.email);
    const token = await service.app
      .get(AccessTokens)
      .for({ tenant: owner.tenant, connectionId }, Deadline.in(1000));
    expect(token.version).toMatch(/^v1/);
  });
});
