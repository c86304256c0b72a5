import { jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessTokens } from '../../src/calendar/access-tokens.js';
import { isCalendarError } from '../../src/calendar/calendar-error.js';
import { CalendarReader } from '../../src/calendar/calendar-reader.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import { TokenRepository } from '../../src/calendar/token.repository.js';
import { createApp } from '../../src/create-app.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, conflictCalendars, want, type ConnectedTenant } from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

const DAY = 86_400_000;

describe('access tokens', () => {
  let service: TestApp;
  let secondApp: NestFastifyApplication;
  let owner: ConnectedTenant;
  let connectionId: string;

  beforeAll(async () => {
    service = await startTestApp();
    secondApp = await createApp(service.settings);
    await secondApp.init();
  });
  afterAll(async () => {
    await secondApp.close();
    await service.close();
  });
  beforeEach(async () => {
    service.google.clearFaults();
    service.google.rotateRefreshTokens(false);
    owner = await aConnectedTenant(service);
    // From then on nobody asks for tokens but the tests.
    await synchronised(service.database, owner.id);
    const [row] = await service.database.query<{ id: string }>(
      `SELECT id FROM calendar_connection WHERE tenant_id = $1`,
      [owner.id],
    );
    connectionId = row?.id ?? '';
    service.google.clearRequests();
  });

  const ref = () => ({ tenant: owner.tenant, connectionId });
  const tokenRequests = () => service.google.requests.filter(({ operation }) => operation === 'token');
  const expiresIn = (interval: string) =>
    service.database.query(
      `UPDATE tenant_google_token SET access_expires_at = now() + $2::interval WHERE tenant_id = $1`,
      [owner.id, interval],
    );
  /** `fresh` is what could be read just now; what could not is `stale`, by the mirror. */
  const read = async (app = service.app) => {
    const from = Date.now();
    const calendars = await conflictCalendars(service, owner.tenant);
    const known = await app
      .get(CalendarReader)
      .readBusy(owner.tenant, calendars, { from, to: from + DAY }, Deadline.in(3000), {
        staleAfterMs: DAY,
        live: true,
      });
    return { state: [...known.values()][0]?.state };
  };
  const status = async () =>
    (await service.request('GET', '/api/tenant-calendar/status', { key: owner.key })).body;
  const stored = async () => {
    const [row] = await service.database.query<{
      access_token: string;
      refresh_token: string;
      minutes: number;
    }>(
      `SELECT access_token, refresh_token, (extract(epoch FROM access_expires_at - now()) / 60)::int AS minutes
       FROM tenant_google_token WHERE tenant_id = $1`,
      [owner.id],
    );
    return row;
  };

  it('are refreshed once for twenty callers at once', async () => {
    service.google.expireAccessTokens(owner.email);
    await expiresIn('-1 minute');
    const callers = Array.from({ length: 20 }, () =>
      service.app.get(AccessTokens).for(ref(), Deadline.in(5000)),
    );
    const tokens = await Promise.all(callers);
    expect(new Set(tokens.map(({ token }) => token.reveal())).size).toBe(1);
    expect(tokenRequests()).toHaveLength(1);
    expect((await stored())?.minutes).toBe(60);
  });

  it('are looked up once for twenty callers at once', async () => {
    const find = jest.spyOn(service.app.get(TokenRepository), 'find');
    const callers = Array.from({ length: 20 }, () =>
      service.app.get(AccessTokens).for(ref(), Deadline.in(5000)),
    );
    expect(new Set((await Promise.all(callers)).map(({ version }) => version)).size).toBe(1);
    expect(find).toHaveBeenCalledTimes(1);
    find.mockRestore();
  });

  it('are refreshed once for twenty callers at once on two instances', async () => {
    service.google.expireAccessTokens(owner.email);
    await expiresIn('-1 minute');
    service.google.fault({ on: 'token', delayMs: 200 });
    const callers = Array.from({ length: 20 }, (_, index) => read(index % 2 === 0 ? service.app : secondApp));
    const answers = await Promise.all(callers);
    expect(answers.map(({ state }) => state)).toEqual(answers.map(() => 'fresh'));
    expect(tokenRequests()).toHaveLength(1);
  });

  it('that Google refuses although they should be good are refreshed once, and the calls repeated', async () => {
    service.google.expireAccessTokens(owner.email);
    const bookings = await Promise.all(Array.from({ length: 6 }, () => want(service, owner.tenant)));
    const states = await Promise.all(
      bookings.map((id, index) =>
        (index % 2 === 0 ? service.app : secondApp)
          .get(EventWriter)
          .writeNow(owner.tenant, id, Deadline.in(4000)),
      ),
    );
    expect(states.map((state) => state.status)).toEqual(states.map(() => 'synced'));
    expect(owner.calendar.events()).toHaveLength(6);
    expect(tokenRequests()).toHaveLength(1);
  });

  it('are refreshed five minutes before they expire', async () => {
    await expiresIn('4 minutes');
    service.google.fault({ on: 'token', delayMs: 300 });
    expect(await read()).toMatchObject({ state: 'fresh' });
    // Nobody had to wait for it.
    expect((await stored())?.minutes).toBe(4);
    await eventually(async () => expect((await stored())?.minutes).toBe(60));
    await read();
    expect(tokenRequests()).toHaveLength(1);
  });

  it('still do while refreshing them early fails', async () => {
    await expiresIn('4 minutes');
    service.google.fault({ on: 'token', status: 503, times: Infinity });
    expect(await read()).toMatchObject({ state: 'fresh' });
    service.google.clearFaults();
    await eventually(async () => {
      await read();
      expect((await stored())?.minutes).toBe(60);
    });
  });

  it('come with a new refresh token where Google replaces it, and otherwise leave the one there is', async () => {
    const first = await service.app.get(TokenRepository).find(ref());
    await expiresIn('-1 minute');
    await read();
    const second = await service.app.get(TokenRepository).find(ref());
    expect(second?.refreshToken.reveal()).toBe(first?.refreshToken.reveal());
    service.google.rotateRefreshTokens(true);
    for (let round = 0; round < 3; round += 1) {
      await expiresIn('-1 minute');
      expect(await read()).toMatchObject({ state: 'fresh' });
    }
    const last = await service.app.get(TokenRepository).find(ref());
    expect(last?.refreshToken.reveal()).not.toBe(first?.refreshToken.reveal());
  });

  it('are had in spite of an answer that is lost and a connection that is closed', async () => {
    await expiresIn('-1 minute');
    service.google.fault({ on: 'token', loseAnswer: true });
    expect(await read()).toMatchObject({ state: 'fresh' });
    await expiresIn('-1 minute');
    service.google.fault({ on: 'token', drop: true });
    expect(await read()).toMatchObject({ state: 'fresh' });
  });

  it('do not end a connection because Google does not know this service for a while', async () => {
    await expiresIn('-1 minute');
    service.google.fault({ on: 'token', status: 401, reason: 'invalid_client' });
    expect(await read()).toMatchObject({ state: 'stale' });
    expect(await status()).toMatchObject({ connected: true });
    expect(await read()).toMatchObject({ state: 'fresh' });
  });

  it('cannot be had once the grant is revoked: the connection says so, and no more is asked of Google', async () => {
    service.google.revokeGrant(owner.email);
    const callers = Array.from({ length: 20 }, (_, index) => read(index % 2 === 0 ? service.app : secondApp));
    expect((await Promise.all(callers)).map(({ state }) => state)).toEqual(callers.map(() => 'stale'));
    expect(await status()).toMatchObject({
      connected: false,
      state: 'needs_reconnect',
      reason: 'grant_revoked',
    });
    service.google.clearRequests();
    expect(await read()).toMatchObject({ state: 'stale' });
    expect(service.google.requests).toEqual([]);
    await connectGoogle(service, owner, owner.email);
    expect(await status()).toMatchObject({ connected: true, state: 'connected', reason: null });
    expect(await read()).toMatchObject({ state: 'fresh' });
  });

  it('that were refreshed for an old connection do not replace those of a new one', async () => {
    await expiresIn('-1 minute');
    service.google.fault({ on: 'token', delayMs: 600 });
    const refreshing = service.app.get(AccessTokens).for(ref(), Deadline.in(3000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await connectGoogle(service, owner, owner.email);
    const connected = await stored();
    await refreshing;
    expect(await stored()).toEqual(connected);
  });

  it('do not turn a new connection bad when the grant before it turns out to be gone', async () => {
    await expiresIn('-1 minute');
    service.google.fault({ on: 'token', delayMs: 600 });
    service.google.revokeGrant(owner.email);
    const refreshing = service.app.get(AccessTokens).for(ref(), Deadline.in(3000));
    const outcome = refreshing.then(
      () => 'refreshed',
      (error: unknown) => (isCalendarError(error) ? error.kind : error),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    await connectGoogle(service, owner, owner.email);
    expect(await outcome).toBe('unavailable');
    expect(await status()).toMatchObject({ connected: true });
  });

  it('are refreshed by another instance when the one that held the lease died', async () => {
    await expiresIn('-1 minute');
    await service.database.query(
      `UPDATE tenant_google_token SET refresh_lease_until = now() + interval '700 milliseconds' WHERE tenant_id = $1`,
      [owner.id],
    );
    const began = performance.now();
    expect(await read()).toMatchObject({ state: 'fresh' });
    expect(performance.now() - began).toBeGreaterThan(500);
    expect(tokenRequests()).toHaveLength(1);
  });

  it('hold no database connection while Google is waited for', async () => {
    await expiresIn('-1 minute');
    service.google.fault({ on: 'token', delayMs: 2_500 });
    let answered = false;
    const reading = read().finally(() => (answered = true));
    // Other work (events that are written again) may be between two statements of a transaction at any moment, not at all moments.
    await eventually(async () => {
      expect(tokenRequests()).not.toEqual([]);
      const open = await service.database.query(
        `SELECT query FROM pg_stat_activity
         WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND application_name = 'receptionist-calendar'`,
      );
      expect(open).toEqual([]);
    }, 2_000);
    expect(answered).toBe(false);
    await reading;
  });
});
