import { EventWriter } from '../../src/calendar/event-writer.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aConnectedTenant, someContent, want, type ConnectedTenant } from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

interface Page {
  items: Record<string, unknown>[];
  nextCursor: string | null;
}

describe('events that did not reach their calendar', () => {
  let service: TestApp;
  let owner: ConnectedTenant;

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    await service.database.query('DELETE FROM event_write');
    owner = await aConnectedTenant(service);
  });

  const list = (query = '') =>
    service.request<Page>('GET', `/api/admin/calendar-writes${query}`, { key: ADMIN_KEY });
  const retry = (tenantId: string, bookingId: string) =>
    service.request('POST', `/api/admin/calendar-writes/${tenantId}/${bookingId}/retry`, { key: ADMIN_KEY });
  const failing = async () => {
    service.google.fault({
      on: 'events.insert',
      status: 403,
      reason: 'requiredAccessLevel',
      account: owner.email,
      times: Infinity,
    });
    const bookingId = await want(service, owner.tenant, someContent({ summary: 'Ana Flores' }));
    // For longer than Google may refuse.
    await service.database.query(
      `UPDATE event_write SET updated_at = now() - interval '25 hours' WHERE booking_id = $1`,
      [bookingId],
    );
    await service.app.get(EventWriter).writeNow(owner.tenant, bookingId, Deadline.in(3000));
    return bookingId;
  };
  const retryAll = (body: object) =>
    service.request<{ retried: number; hasMore: boolean }>('POST', '/api/admin/calendar-writes/retry', {
      key: ADMIN_KEY,
      body,
    });

  it('are listed with why, and without a word about the customer', async () => {
    const bookingId = await failing();
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          tenantId: owner.id,
          bookingId,
          wanted: 'present',
          state: 'failed',
          reason: 'forbidden',
          attempts: 1,
          since: expect.any(String) as string,
          lastAttemptAt: expect.any(String) as string,
        },
      ],
      nextCursor: null,
    });
    expect(JSON.stringify(body)).not.toContain('Ana');
  });

  it('are tried again when asked for, once what was in their way is fixed', async () => {
    const bookingId = await failing();
    service.google.clearFaults();
    expect((await retry(owner.id, bookingId)).status).toBe(202);
    await eventually(async () => {
      const states = await service.app.get(EventWriter).states(owner.tenant, [bookingId]);
      expect(states.get(bookingId)).toMatchObject({ status: 'synced' });
    });
    expect(owner.calendar.events()).toHaveLength(1);
    expect((await list()).body.items).toEqual([]);
    expect(await retry(owner.id, bookingId)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('are tried again many at once, those that are meant', async () => {
    const bookings = [await failing(), await failing(), await failing()];
    await synchronised(service.database, owner.id);
    await eventually(async () => {
      await service.database.query(
        `UPDATE event_write SET state = 'failed', failure = 'forbidden', revived_at = now()
         WHERE state = 'pending' AND lease_until IS NULL`,
      );
      const { body } = await list();
      expect(body.items.map(({ reason }) => reason)).toEqual(['forbidden', 'forbidden', 'forbidden']);
    });
    service.google.clearFaults();
    const neighbour = await aConnectedTenant(service);
    expect((await retryAll({ tenantId: neighbour.id })).body).toEqual({ retried: 0, hasMore: false });
    expect((await retryAll({ reason: 'invalid' })).body).toEqual({ retried: 0, hasMore: false });
    expect((await retryAll({ state: 'failed', reason: 'forbidden', limit: 2 })).body).toEqual({
      retried: 2,
      hasMore: true,
    });
    expect((await retryAll({ tenantId: owner.id })).body).toEqual({ retried: 1, hasMore: false });
    await eventually(async () => {
      const states = await service.app.get(EventWriter).states(owner.tenant, bookings);
      expect([...states.values()].map(({ status }) => status)).toEqual(['synced', 'synced', 'synced']);
    });
    expect(owner.calendar.events()).toHaveLength(3);
  });

  it.each([{ state: 'synced' }, { limit: 0 }, { limit: 5000 }, { tenantId: 'x' }, { all: true }])(
    'refuse to be tried again by %j',
    async (body) => {
      expect(await retryAll(body)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    },
  );

  it('are listed a page at a time, each once', async () => {
    const bookings: string[] = [];
    for (let count = 0; count < 5; count += 1) bookings.push(await want(service, owner.tenant));
    await service.database.query(`UPDATE event_write SET state = 'failed', failure = 'invalid'`);
    // Two of them at the same moment.
    await service.database.query(
      `UPDATE event_write SET updated_at = (SELECT min(updated_at) FROM event_write) WHERE booking_id = ANY ($1)`,
      [bookings.slice(0, 2)],
    );
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await list(`?limit=2${query}`);
      seen.push(...body.items.map(({ bookingId }) => bookingId));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen.sort()).toEqual(bookings.sort());
  });

  it('are listed while they still wait, when that is asked for', async () => {
    service.google.fault({ on: 'events.insert', status: 403, reason: 'quotaExceeded' });
    const bookingId = await want(service, owner.tenant);
    await service.app.get(EventWriter).writeNow(owner.tenant, bookingId, Deadline.in(3000));
    expect((await list('?state=pending')).body.items).toMatchObject([
      { bookingId, reason: 'quota_exhausted' },
    ]);
    expect((await list()).body.items).toEqual([]);
  });

  it.each(['?state=synced', '?limit=0', '?limit=500', '?cursor=nonsense', '?tenant=x'])(
    'refuse %s',
    async (query) => {
      expect(await list(query)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    },
  );

  it('are not found under another tenant, or where there is nothing', async () => {
    const bookingId = await failing();
    const other = await aConnectedTenant(service);
    for (const [tenantId, id] of [
      [other.id, bookingId],
      [owner.id, '00000000-0000-4000-8000-000000000000'],
      ['00000000-0000-4000-8000-000000000000', bookingId],
      [owner.id, 'x'],
      ['x', bookingId],
    ] as const) {
      expect((await retry(tenantId, id)).status).toBe(404);
    }
  });

  it('are for the operator only', async () => {
    expect((await service.request('GET', '/api/admin/calendar-writes', { key: owner.key })).status).toBe(403);
    expect((await service.request('GET', '/api/admin/calendar-writes')).status).toBe(401);
    const path = '/api/admin/calendar-writes/retry';
    expect((await service.request('POST', path, { key: owner.key, body: {} })).status).toBe(403);
  });
});
