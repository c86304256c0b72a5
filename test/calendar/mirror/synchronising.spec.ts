import { SyncLoop } from '../../../src/calendar/mirror/sync-loop.js';
import { eventually } from '../../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../../support/test-app.js';
import { aConnectedTenant, type ConnectedTenant } from '../connected-tenant.js';
import { addEvent, blocksOf, synchronised, timesOf } from './mirrored.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the mirror of a calendar', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  /** Midnight UTC in a week. */
  const day = Math.ceil(Date.now() / DAY) * DAY + 7 * DAY;

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

  const blocks = () => blocksOf(service.database, owner.id);
  const sync = () => synchronised(service.database, owner.id);
  const lists = () =>
    service.google.requests.filter(
      ({ operation, accountEmail }) => operation === 'events.list' && accountEmail === owner.email,
    );
  const iso = (at: number) => new Date(at).toISOString();

  it('has what blocks, and follows each change of it by its sync token', async () => {
    const event = addEvent(owner.calendar, day, day + HOUR);
    const other = addEvent(owner.calendar, day + 2 * HOUR, day + 3 * HOUR);
    await sync();
    expect(await blocks()).toEqual([
      { eventId: event.id, start: iso(day), end: iso(day + HOUR) },
      { eventId: other.id, start: iso(day + 2 * HOUR), end: iso(day + 3 * HOUR) },
    ]);
    owner.calendar.updateEvent(event.id, timesOf(day + 5 * HOUR, day + 6 * HOUR));
    owner.calendar.deleteEvent(other.id);
    await sync();
    expect(await blocks()).toEqual([
      { eventId: event.id, start: iso(day + 5 * HOUR), end: iso(day + 6 * HOUR) },
    ]);
    expect(lists().length).toBeGreaterThanOrEqual(2);
    for (const { query } of lists()) {
      expect(query).toMatchObject({ syncToken: expect.any(String) as string, singleEvents: 'true' });
      expect(query).not.toHaveProperty('timeMin');
    }
  });

  const syncRow = async () => {
    const [row] = await service.database.query<{
      token: string | null;
      failure: string | null;
      knownTo: Date;
      knownFrom: Date;
      asOf: Date;
    }>(
      `SELECT s.sync_token AS token, s.failure, k.known_from AS "knownFrom", k.known_to AS "knownTo", k.known_as_of AS "asOf"
       FROM calendar_sync s JOIN calendar k ON k.tenant_id = s.tenant_id AND k.id = s.calendar_id WHERE s.tenant_id = $1`,
      [owner.id],
    );
    if (row === undefined) throw new Error('Nothing is mirrored.');
    return row;
  };
  const failed = async (failure: string) => {
    await service.database.query(
      `UPDATE calendar_sync SET due_at = now(), requested_at = clock_timestamp() WHERE tenant_id = $1`,
      [owner.id],
    );
    await eventually(async () => expect(await syncRow()).toMatchObject({ failure }));
  };
  const series = (more: object = {}) =>
    owner.calendar.addEvent({
      start: { dateTime: iso(day), timeZone: 'America/New_York' },
      end: { dateTime: iso(day + HOUR), timeZone: 'America/New_York' },
      recurrence: ['RRULE:FREQ=DAILY;COUNT=4'],
      ...more,
    });

  it('reads all pages, also empty ones, and takes nothing away before the last', async () => {
    const event = addEvent(owner.calendar, day, day + HOUR);
    owner.calendar.emptyFirstPage = true;
    await sync();
    expect(await blocks()).toHaveLength(1);
    owner.calendar.expireSyncTokens();
    const from = lists().length;
    await sync();
    expect(await blocks()).toMatchObject([{ eventId: event.id }]);
    expect(
      lists()
        .slice(from)
        .filter(({ query }) => 'pageToken' in query).length,
    ).toBeGreaterThan(0);
    owner.calendar.emptyFirstPage = false;
  });

  it('keeps what it has where the second page cannot be had, and goes on when it can', async () => {
    const kept = addEvent(owner.calendar, day, day + HOUR);
    await sync();
    owner.calendar.emptyFirstPage = true;
    owner.calendar.expireSyncTokens();
    service.google.account(owner.email).calendar().deleteEvent(kept.id);
    const second = addEvent(owner.calendar, day + DAY, day + DAY + HOUR);
    // The first page of changes (410), the first page of everything, then nothing more.
    service.google.fault({ on: 'events.list', delayMs: 1, times: 2, account: owner.email });
    service.google.fault({ on: 'events.list', status: 500, times: Infinity, account: owner.email });
    await failed('unavailable');
    expect(await blocks()).toMatchObject([{ eventId: kept.id }]);
    service.google.clearFaults();
    await sync();
    expect(await blocks()).toMatchObject([{ eventId: second.id }]);
    owner.calendar.emptyFirstPage = false;
  });

  it('lists everything anew where its token is no longer good (410), and forgets what is gone since', async () => {
    const gone = addEvent(owner.calendar, day, day + HOUR);
    const stays = addEvent(owner.calendar, day + 2 * HOUR, day + 3 * HOUR);
    await sync();
    owner.calendar.deleteEvent(gone.id);
    owner.calendar.expireSyncTokens();
    service.google.clearRequests();
    await sync();
    expect(await blocks()).toMatchObject([{ eventId: stays.id }]);
    expect(lists().map(({ status }) => status)).toContain(410);
    expect(lists().some(({ query }) => 'timeMin' in query && !('syncToken' in query))).toBe(true);
  });

  it('lists up to the furthest advance that any service allows, and further when one allows more', async () => {
    const { knownTo, knownFrom } = await syncRow();
    expect(knownTo.getTime()).toBeGreaterThan(Date.now() + 365 * DAY);
    expect(knownFrom.getTime()).toBeLessThan(Date.now());
    const late = addEvent(owner.calendar, day + 600 * DAY, day + 600 * DAY + HOUR);
    await sync();
    expect(await blocks()).toEqual([]);
    const made = await service.request('POST', '/api/services', {
      key: owner.key,
      body: { name: 'Far ahead', durationMinutes: 30, slotStepMinutes: 30, maxAdvanceDays: 730 },
    });
    expect(made.status).toBe(201);
    await sync();
    expect((await syncRow()).knownTo.getTime()).toBeGreaterThan(Date.now() + 730 * DAY);
    expect(await blocks()).toMatchObject([{ eventId: late.id }]);
  });

  it('moves its window on before the furthest advance would leave it', async () => {
    const soon = new Date(Date.now() + 366 * DAY);
    await service.database.query(`UPDATE calendar SET known_to = $2 WHERE tenant_id = $1`, [owner.id, soon]);
    service.google.clearRequests();
    await sync();
    expect((await syncRow()).knownTo.getTime()).toBeGreaterThan(soon.getTime() + 10 * DAY);
    expect(lists().some(({ query }) => 'timeMax' in query)).toBe(true);
  });

  it('drops an event that is moved out of the window, and takes one in that is moved into it', async () => {
    const event = addEvent(owner.calendar, day, day + HOUR);
    await sync();
    owner.calendar.updateEvent(event.id, timesOf(day + 700 * DAY, day + 700 * DAY + HOUR));
    await sync();
    expect(await blocks()).toEqual([]);
    owner.calendar.updateEvent(event.id, timesOf(day + DAY, day + DAY + HOUR));
    await sync();
    expect(await blocks()).toMatchObject([{ eventId: event.id, start: iso(day + DAY) }]);
  });

  it('has each instance of a series, without those that are cancelled and where others were moved to', async () => {
    const master = series();
    await sync();
    const instances = await blocks();
    expect(instances.map(({ start }) => start)).toEqual([0, 1, 2, 3].map((n) => iso(day + n * DAY)));
    owner.calendar.updateEvent(instances[1]!.eventId, timesOf(day + DAY + 5 * HOUR, day + DAY + 6 * HOUR));
    owner.calendar.updateEvent(instances[2]!.eventId, { status: 'cancelled' });
    await sync();
    expect((await blocks()).map(({ start }) => start)).toEqual([
      iso(day),
      iso(day + DAY + 5 * HOUR),
      iso(day + 3 * DAY),
    ]);
    owner.calendar.updateEvent(master.id, { recurrence: ['RRULE:FREQ=DAILY;COUNT=1'] });
    await sync();
    expect((await blocks()).map(({ start }) => start)).toContain(iso(day));
    expect((await blocks()).map(({ start }) => start)).not.toContain(iso(day + 3 * DAY));
    owner.calendar.deleteEvent(master.id);
    await sync();
    expect(await blocks()).toEqual([]);
  });

  it('has the whole days of a calendar by its zone, also after that has changed', async () => {
    const date = iso(day).slice(0, 10);
    const next = iso(day + DAY).slice(0, 10);
    owner.calendar.addEvent({ start: { date }, end: { date: next } });
    await sync();
    const [inNewYork] = await blocks();
    expect(inNewYork?.start).toMatch(/T0[45]:00/);
    owner.calendar.timeZone = 'Asia/Tokyo';
    await sync();
    expect((await blocks())[0]?.start).toBe(iso(day - 9 * HOUR));
  });

  it.each<[string, object, boolean]>([
    ['an event of the default kind', {}, true],
    ['time out of office', { eventType: 'outOfOffice' }, true],
    ['focus time', { eventType: 'focusTime' }, true],
    ['a working location', { eventType: 'workingLocation' }, false],
    ['an event that is shown as free', { transparency: 'transparent' }, false],
    ['a declined invitation', { attendees: [{ self: true, responseStatus: 'declined' }] }, false],
    ['an unanswered invitation', { attendees: [{ self: true, responseStatus: 'needsAction' }] }, true],
  ])('knows whether %s blocks', async (_, more, isBlocking) => {
    addEvent(owner.calendar, day, day + HOUR, more);
    await sync();
    expect(await blocks()).toHaveLength(isBlocking ? 1 : 0);
  });

  it('unblocks what stops blocking, and blocks what begins to', async () => {
    const event = addEvent(owner.calendar, day, day + HOUR);
    await sync();
    owner.calendar.updateEvent(event.id, { transparency: 'transparent' });
    await sync();
    expect(await blocks()).toEqual([]);
    owner.calendar.updateEvent(event.id, { transparency: 'opaque' });
    await sync();
    expect(await blocks()).toHaveLength(1);
  });

  it('has one cursor for each calendar and account', async () => {
    const account = service.google.account(owner.email);
    const room = account.addCalendar({ summary: 'Room', timeZone: 'UTC' });
    const { body: listed } = await service.request<{ id: string; summary: string; isPrimary: boolean }[]>(
      'GET',
      '/api/tenant-calendar/calendars',
      { key: owner.key },
    );
    const { body: resources } = await service.request<{ items: { id: string }[] }>('GET', '/api/resources', {
      key: owner.key,
    });
    await service.request('PATCH', `/api/resources/${resources.items[0]!.id}`, {
      key: owner.key,
      body: { calendars: { read: listed.map(({ id }) => id), write: listed[0]!.id } },
    });
    addEvent(room, day, day + HOUR);
    addEvent(owner.calendar, day + 2 * HOUR, day + 3 * HOUR);
    await sync();
    expect(await blocks()).toHaveLength(2);
    const tokens = await service.database.query(
      `SELECT DISTINCT sync_token FROM calendar_sync WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(tokens).toHaveLength(2);

    // What no resource uses any more is let go of.
    await service.request('PATCH', `/api/resources/${resources.items[0]!.id}`, {
      key: owner.key,
      body: { calendars: null },
    });
    await eventually(async () => {
      expect(
        await service.database.query('SELECT 1 FROM calendar_sync WHERE tenant_id = $1', [owner.id]),
      ).toHaveLength(1);
      expect(await blocks()).toHaveLength(1);
    });
  });

  it('reads anew each time where the account may see no more than when a calendar is busy', async () => {
    const shared = service.google.addAccount({ email: `shared-${owner.id}@acme.example` }).calendar();
    addEvent(shared, day, day + HOUR);
    service.google
      .account(owner.email)
      .addCalendar({ id: shared.id, summary: 'Shared', accessRole: 'freeBusyReader' });
    await service.database.query(`UPDATE calendar SET google_id = $2 WHERE tenant_id = $1`, [
      owner.id,
      shared.id,
    ]);
    await service.database.query(`UPDATE calendar_sync SET sync_token = NULL WHERE tenant_id = $1`, [
      owner.id,
    ]);
    await sync();
    expect(await blocks()).toMatchObject([{ start: iso(day), end: iso(day + HOUR) }]);
    shared.deleteEvent(shared.events()[0]!.id);
    addEvent(shared, day + DAY, day + DAY + HOUR);
    await sync();
    expect(await blocks()).toMatchObject([{ start: iso(day + DAY), end: iso(day + DAY + HOUR) }]);
    shared.unreadable = 'internalError';
    await failed('unavailable');
    expect(await blocks()).toHaveLength(1);
  });

  it('changes as many rows as there are changes, however large the calendar is', async () => {
    for (let index = 0; index < 3_000; index += 1)
      addEvent(owner.calendar, day + 2 * index * 60_000, day + (2 * index + 1) * 60_000);
    await sync();
    const versions = () =>
      service.database.query<{ version: string; id: string }>(
        `SELECT xmin::text AS version, event_id AS id FROM busy_block WHERE tenant_id = $1`,
        [owner.id],
      );
    const before = new Map((await versions()).map(({ id, version }) => [id, version]));
    expect(before.size).toBe(3_000);
    service.google.clearRequests();
    const events = owner.calendar.events().slice(0, 10);
    for (const { id } of events) owner.calendar.updateEvent(id, { summary: 'Renamed' });
    for (const { id } of events.slice(0, 3))
      owner.calendar.updateEvent(id, timesOf(day + 90 * DAY, day + 91 * DAY));
    await sync();
    const changed = (await versions()).filter(({ id, version }) => before.get(id) !== version);
    expect(changed.map(({ id }) => id).sort()).toEqual(
      events
        .slice(0, 3)
        .map(({ id }) => id)
        .sort(),
    );
    expect(lists().every(({ query }) => 'syncToken' in query)).toBe(true);
  }, 60_000);

  it('is synchronised in one place at a time, and once more where something came meanwhile', async () => {
    service.google.fault({ on: 'events.list', delayMs: 700, times: 1, account: owner.email });
    const loop = service.app.get(SyncLoop);
    const [{ id } = { id: '' }] = await service.database.query<{ id: string }>(
      'SELECT calendar_id AS id FROM calendar_sync WHERE tenant_id = $1',
      [owner.id],
    );
    await loop.request(owner.tenant, id);
    await eventually(() => expect(lists()).toHaveLength(1));
    const event = addEvent(owner.calendar, day, day + HOUR);
    for (let times = 0; times < 20; times += 1) await loop.request(owner.tenant, id);
    expect(lists()).toHaveLength(1);
    await eventually(async () => expect(await blocks()).toMatchObject([{ eventId: event.id }]));
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(lists()).toHaveLength(2);
  });

  it('is taken over by somebody else when whoever was at it is gone', async () => {
    await service.database.query(
      `UPDATE calendar_sync SET lease_until = now() + interval '1 second', due_at = now() - interval '1 second'
       WHERE tenant_id = $1`,
      [owner.id],
    );
    const event = addEvent(owner.calendar, day, day + HOUR);
    await eventually(async () => expect(await blocks()).toMatchObject([{ eventId: event.id }]));
  });

  it('changes nothing in the name of a lease that is lost', async () => {
    service.google.fault({ on: 'events.list', delayMs: 2000, times: 1, account: owner.email });
    addEvent(owner.calendar, day, day + HOUR);
    await service.database.query(`UPDATE calendar_sync SET due_at = now() WHERE tenant_id = $1`, [owner.id]);
    await eventually(() => expect(lists()).toHaveLength(1));
    await service.database.query(
      `UPDATE calendar_sync SET lease_until = now() + interval '20 seconds' WHERE tenant_id = $1`,
      [owner.id],
    );
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await blocks()).toEqual([]);
  });

  it('waits for its owner where the grant is gone, and goes on after they have connected again', async () => {
    service.google.revokeGrant(owner.email);
    service.google.expireAccessTokens(owner.email);
    await service.database.query(
      `UPDATE tenant_google_token SET access_expires_at = now() WHERE tenant_id = $1`,
      [owner.id],
    );
    await failed('grant_revoked');
    const [{ due } = { due: '' }] = await service.database.query<{ due: string }>(
      `SELECT due_at::text AS due FROM calendar_sync WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(due).toBe('infinity');
    const event = addEvent(owner.calendar, day, day + HOUR);
    await connectGoogle(service, owner, owner.email);
    await eventually(async () => expect(await blocks()).toMatchObject([{ eventId: event.id }]));
  });

  it('does not come back before it is asked to, nor hammers a quota that is used up', async () => {
    service.google.fault({ on: 'events.list', status: 403, reason: 'quotaExceeded', account: owner.email });
    await failed('quota_exhausted');
    const [{ minutes } = { minutes: 0 }] = await service.database.query<{ minutes: number }>(
      `SELECT extract(epoch FROM due_at - now())::float8 / 60 AS minutes FROM calendar_sync WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(minutes).toBeGreaterThan(55);
    service.google.clearRequests();
    const { id } = (
      await service.database.query<{ id: string }>(
        'SELECT calendar_id AS id FROM calendar_sync WHERE tenant_id = $1',
        [owner.id],
      )
    )[0]!;
    await service.app.get(SyncLoop).request(owner.tenant, id);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(lists()).toEqual([]);
  });

  it('says on the status how good it is, and why not', async () => {
    const status = async () =>
      (
        await service.request<{ calendars: object[] }>('GET', '/api/tenant-calendar/status', {
          key: owner.key,
        })
      ).body.calendars;
    expect(await status()).toMatchObject([{ freshness: 'fresh', syncFailure: null, hasPush: false }]);
    service.google.fault({ on: 'events.list', status: 503, times: Infinity, account: owner.email });
    await failed('unavailable');
    await service.database.query(
      `UPDATE calendar SET known_as_of = now() - interval '61 minutes' WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(await status()).toMatchObject([{ freshness: 'stale', syncFailure: 'unavailable' }]);
  });

  it('is nothing any more once the account is disconnected, and anew when it is connected again', async () => {
    const event = addEvent(owner.calendar, day, day + HOUR);
    await sync();
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    for (const table of ['busy_block', 'calendar_sync', 'push_channel', 'calendar_conflict']) {
      const left = await service.database.query(`SELECT 1 FROM ${table} WHERE tenant_id = $1`, [owner.id]);
      expect([table, left]).toEqual([table, []]);
    }
    await connectGoogle(service, owner, owner.email);
    await eventually(async () => expect(await blocks()).toMatchObject([{ eventId: event.id }]));
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    const other = service.google.addAccount({ email: `other-${owner.email}`, timeZone: 'UTC' });
    const its = addEvent(other.calendar(), day + DAY, day + DAY + HOUR);
    await connectGoogle(service, owner, other.email);
    await eventually(async () => expect(await blocks()).toMatchObject([{ eventId: its.id }]));
    expect(await blocks()).toHaveLength(1);
  });
});
