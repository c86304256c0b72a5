import { EventWriter } from '../../src/calendar/event-writer.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { aConnectedTenant, someContent, want, type ConnectedTenant } from './connected-tenant.js';

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
    service.google.fault({ on: 'events.insert', status: 403, reason: 'requiredAccessLevel', times: 2 });
    const bookingId = await want(service, owner.tenant, someContent({ summary: 'Ana Flores' }));
    await service.app.get(EventWriter).writeNow(owner.tenant, bookingId, Deadline.in(3000));
    return bookingId;
  };

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

  it('are tried again when asked for, once what was in their way is mended', async () => {
    const bookingId = await failing();
    expect((await retry(owner.id, bookingId)).status).toBe(202);
    await eventually(async () => {
      const states = await service.app.get(EventWriter).states(owner.tenant, [bookingId]);
      expect(states.get(bookingId)).toMatchObject({ status: 'synced' });
    });
    expect(owner.calendar.events()).toHaveLength(1);
    expect((await list()).body.items).toEqual([]);
    expect(await retry(owner.id, bookingId)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

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
  });
});
