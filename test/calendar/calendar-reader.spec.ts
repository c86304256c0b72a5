import { jest } from '@jest/globals';
import { CalendarProvider } from '../../src/calendar/calendar-provider.js';
import { SyncLoop } from '../../src/calendar/mirror/sync-loop.js';
import type { StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import { clock } from '../../src/platform/time/clock.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, readCalendars, type ConnectedTenant } from './connected-tenant.js';
import { addEvent, blocksOf, synchronised } from './mirror/mirrored.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('when a calendar is busy', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  /** Midnight UTC in a week. */
  const day = Math.ceil(Date.now() / DAY) * DAY + 7 * DAY;
  const window = { from: day, to: day + DAY };
  /** Further ahead than any service allows. */
  const far = { from: day + 500 * DAY, to: day + 501 * DAY };
  const unavailable: StandInFault = { on: 'events.list', status: 503, times: Infinity };

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

  const sync = () => synchronised(service.database, owner.id);
  const readAll = async (...asked: [window?: typeof window, how?: Parameters<typeof readCalendars>[3]]) => {
    const [range = window, how] = asked;
    return [...(await readCalendars(service, owner.tenant, range, how)).values()];
  };
  /** Google is asked once more. */
  const read = async (range = window, how: { withinMs?: number } = {}) => {
    const [only] = await readAll(range, how);
    if (only === undefined) throw new Error('No calendar is read.');
    return only;
  };
  /** The mirror will do. */
  const look = async (range = window, how: { staleAfterMs?: number } = {}) => {
    const [only] = await readAll(range, { ...how, live: false });
    if (only === undefined) throw new Error('No calendar is read.');
    return only;
  };
  const add = (start: number, end: number, more: object = {}) =>
    addEvent(owner.calendar, start, end, more).id;
  /** Those of readings, not of synchronisations that only ask for changes. */
  const queries = () =>
    service.google.requests.filter(
      ({ operation, query }) => operation === 'events.list' && query['syncToken'] === undefined,
    );
  const mirrored = () => blocksOf(service.database, owner.id);
  const syncState = async () => {
    const [row] = await service.database.query<{ failure: string | null; isDue: boolean }>(
      `SELECT failure, due_at <= now() AS "isDue" FROM calendar_sync WHERE tenant_id = $1`,
      [owner.id],
    );
    return row;
  };
  const asOfMirror = async () => {
    const [row] = await service.database.query<{ asOf: Date }>(
      `SELECT known_as_of AS "asOf" FROM calendar WHERE tenant_id = $1`,
      [owner.id],
    );
    return row?.asOf.getTime();
  };
  /** While nothing is synchronised. */
  const withoutSync = async (work: () => Promise<void>) => {
    const loop = service.app.get(SyncLoop);
    await loop.beforeApplicationShutdown();
    try {
      await work();
    } finally {
      loop.onApplicationBootstrap();
    }
  };
  /** The tenant's only calendar is this one from now on, of which nothing is known. */
  const useInstead = async (googleId: string, accessRole: string) => {
    await service.database.query(
      `UPDATE calendar SET google_id = $2, access_role = $3, known_from = NULL, known_to = NULL, known_as_of = NULL
       WHERE tenant_id = $1`,
      [owner.id, googleId, accessRole],
    );
    await service.database.query(`UPDATE calendar_sync SET sync_token = NULL WHERE tenant_id = $1`, [
      owner.id,
    ]);
  };

  describe('by the mirror', () => {
    it('is said merged and clipped to the window, without a word to Google', async () => {
      add(day - HOUR, day + HOUR);
      add(day + HOUR / 2, day + 2 * HOUR);
      add(day + 5 * HOUR, day + 6 * HOUR, { transparency: 'transparent' });
      add(day + 23 * HOUR, day + 25 * HOUR);
      await sync();
      service.google.clearRequests();
      service.google.fault({ status: 503, times: Infinity });
      expect(await look()).toEqual({
        state: 'fresh',
        asOf: await asOfMirror(),
        busy: [
          { start: day, end: day + 2 * HOUR },
          { start: day + 23 * HOUR, end: day + 24 * HOUR },
        ],
      });
      expect(service.google.requests).toEqual([]);
    });

    it('is fresh as long as that is not older than it may be, and stale from then on', async () => {
      add(day, day + HOUR);
      await sync();
      await service.database.query(
        `UPDATE calendar SET known_as_of = now() - interval '10 minutes' WHERE tenant_id = $1`,
        [owner.id],
      );
      const asOf = await asOfMirror();
      const busy = [{ start: day, end: day + HOUR }];
      expect(await look(window, { staleAfterMs: 11 * MINUTE })).toEqual({ state: 'fresh', asOf, busy });
      expect(await look(window, { staleAfterMs: 9 * MINUTE })).toEqual({ state: 'stale', asOf, busy });
    });

    it('is known of all that is to come, whatever has passed of the window', async () => {
      add(Date.now() - DAY, Date.now() + DAY);
      await sync();
      service.google.clearRequests();
      const from = Date.now() - 100 * DAY;
      expect(await look({ from, to: day })).toMatchObject({ state: 'fresh', busy: [{}] });
      expect(await look({ from, to: from + DAY })).toMatchObject({ state: 'fresh', busy: [] });
      expect(service.google.requests).toEqual([]);
    });

    it('is not known before it was ever read', async () => {
      service.google.fault(unavailable);
      owner = await aConnectedTenant(service);
      const unknown = { state: 'unknown', asOf: null, busy: [] };
      expect(await look()).toEqual(unknown);
      expect(await read()).toEqual(unknown);
      service.google.clearFaults();
      await sync();
      service.google.fault(unavailable);
      expect(await look()).toMatchObject({ state: 'fresh' });
      expect(await look(far)).toEqual(unknown);
      expect(await read(far)).toEqual(unknown);
    });

    it('is read live where the mirror does not reach yet, and kept', async () => {
      await withoutSync(async () => {
        owner = await aConnectedTenant(service);
        add(day, day + HOUR);
        const busy = [{ start: day, end: day + HOUR }];
        const before = Date.now();
        const { asOf, ...known } = await look();
        expect(known).toEqual({ state: 'fresh', busy });
        expect(asOf).toBeGreaterThanOrEqual(before);
        service.google.fault(unavailable);
        // Of the rest of the calendar nothing is known.
        expect(await look()).toEqual({ state: 'unknown', asOf: null, busy });
        service.google.clearFaults();
      });
      await eventually(async () => expect(await asOfMirror()).toBeDefined());
      expect(await look()).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
    });

    it('is known of months ahead, whatever was asked for', async () => {
      const later = day + 200 * DAY;
      add(later, later + HOUR);
      await sync();
      service.google.fault(unavailable);
      expect(await look({ from: later, to: later + DAY })).toEqual({
        state: 'fresh',
        asOf: await asOfMirror(),
        busy: [{ start: later, end: later + HOUR }],
      });
    });

    it('keeps nothing of what is over once everything has been listed anew', async () => {
      const running = add(Date.now() - DAY, Date.now() + 60 * DAY);
      await service.database.query(
        `INSERT INTO busy_block (tenant_id, calendar_id, event_id, starts_at, ends_at)
         SELECT tenant_id, id, 'over', now() - interval '9 days', now() - interval '8 days' FROM calendar
         WHERE tenant_id = $1`,
        [owner.id],
      );
      await service.database.query(`UPDATE calendar_sync SET sync_token = NULL WHERE tenant_id = $1`, [
        owner.id,
      ]);
      for (let times = 0; times < 3; times += 1) await sync();
      expect((await mirrored()).map(({ eventId }) => eventId)).toEqual([running]);
    });
  });

  describe('read just now', () => {
    it('is said merged and clipped to the window', async () => {
      add(day - HOUR, day + HOUR);
      add(day + HOUR / 2, day + 2 * HOUR);
      add(day + 5 * HOUR, day + 6 * HOUR, { transparency: 'transparent' });
      add(day + 23 * HOUR, day + 25 * HOUR);
      const before = clock.now();
      const { state, asOf, busy } = await read();
      expect(state).toBe('fresh');
      expect(asOf).toBeGreaterThanOrEqual(before);
      expect(busy).toEqual([
        { start: day, end: day + 2 * HOUR },
        { start: day + 23 * HOUR, end: day + 24 * HOUR },
      ]);
    });

    it('is what the mirror has, where that was right: nothing more follows', async () => {
      add(day, day + HOUR);
      await sync();
      service.google.clearRequests();
      const asOf = await asOfMirror();
      expect(await read()).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
      expect(await syncState()).toMatchObject({ isDue: false });
      expect(await asOfMirror()).toBe(asOf);
      expect(service.google.requests).toHaveLength(1);
    });

    it('is in the mirror at once where that did not have it, and the mirror catches up', async () => {
      await withoutSync(async () => {
        const seen = add(day, day + HOUR);
        const unseen = add(day + 3 * DAY, day + 3 * DAY + HOUR);
        await read();
        expect((await mirrored()).map(({ eventId }) => eventId)).toEqual([seen]);
        expect(await look()).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
        expect(await syncState()).toMatchObject({ isDue: true });
        service.app.get(SyncLoop).onApplicationBootstrap();
        await eventually(async () =>
          expect((await mirrored()).map(({ eventId }) => eventId)).toEqual([seen, unseen]),
        );
      });
    });

    it('forgets what is no longer there, and so does the mirror', async () => {
      const event = add(day, day + HOUR);
      const other = add(day + 2 * HOUR, day + 3 * HOUR);
      await sync();
      owner.calendar.deleteEvent(event);
      const busy = [{ start: day + 2 * HOUR, end: day + 3 * HOUR }];
      expect(await read()).toMatchObject({ state: 'fresh', busy });
      await eventually(async () => expect((await mirrored()).map(({ eventId }) => eventId)).toEqual([other]));
      service.google.fault(unavailable);
      expect(await read()).toMatchObject({ state: 'stale', busy });
    });

    it('is by the mirror where it cannot be read, and stale at best', async () => {
      add(day, day + HOUR);
      await sync();
      service.google.fault(unavailable);
      const known = { asOf: await asOfMirror(), busy: [{ start: day, end: day + HOUR }] };
      expect(await read()).toEqual({ state: 'stale', ...known });
      expect(await look()).toEqual({ state: 'fresh', ...known });
    });

    it('is read by itself far ahead, and gone by later as far as it goes', async () => {
      add(far.from, far.from + HOUR);
      await sync();
      service.google.clearRequests();
      const busy = [{ start: far.from, end: far.from + HOUR }];
      expect(await look(far)).toMatchObject({ state: 'fresh', busy });
      expect(queries()).toHaveLength(1);
      await sync();
      service.google.fault(unavailable);
      // What blocks then is known; that nothing else does is not.
      expect(await look(far)).toEqual({ state: 'unknown', asOf: null, busy });
      expect(await read(far)).toEqual({ state: 'unknown', asOf: null, busy });
    });

    it('keeps what reaches out of a window that was read by itself', async () => {
      const vacation = { start: far.from - 5 * DAY, end: far.from + 5 * DAY };
      add(vacation.start, vacation.end);
      await read(far);
      service.google.fault(unavailable);
      for (const from of [far.from - 4 * DAY, far.from + 3 * DAY]) {
        const days = { from, to: from + DAY };
        expect(await look(days)).toMatchObject({ busy: [{ start: days.from, end: days.to }] });
      }
    });

    it('never takes a calendar that could not be read for a free one', async () => {
      add(day, day + HOUR);
      await sync();
      const known = { asOf: await asOfMirror(), busy: [{ start: day, end: day + HOUR }] };
      owner.calendar.unreadable = 'internalError';
      expect(await read()).toEqual({ state: 'stale', ...known });
      await service.app.get(SyncLoop).want(owner.tenant, await calendarId());
      await eventually(async () => expect(await syncState()).toMatchObject({ failure: 'unavailable' }));
      expect(await look()).toEqual({ state: 'fresh', ...known });
    });

    it('is read of many calendars, and one that cannot be read is the only one that is not known', async () => {
      const ids = Array.from(
        { length: 45 },
        (_, index) => `room${index}-${owner.id}@group.calendar.google.com`,
      );
      const account = service.google.account(owner.email);
      for (const id of ids) account.addCalendar({ id, summary: id });
      addEvent(account.calendar(ids.at(-1)), day, day + HOUR);
      account.calendar(ids[0]).delete();
      const states = async (how: { live: boolean }) =>
        Object.entries(Object.groupBy(await readAll(window, how), ({ state }) => state)).map(
          ([state, all]) => [state, all.length],
        );
      const busy = async () => (await readAll()).flatMap((known) => known.busy);
      await withoutSync(async () => {
        await service.database.query(
          `INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone, reads_conflicts)
           SELECT $1, c.id, google_id, google_id, 'UTC', true FROM calendar_connection c, unnest($2::text[]) AS google_id
           WHERE c.tenant_id = $1`,
          [owner.id, ids],
        );
        expect(await states({ live: false })).toEqual(
          expect.arrayContaining([
            ['fresh', 45],
            ['unknown', 1],
          ]),
        );
        expect(await busy()).toEqual([{ start: day, end: day + HOUR }]);
      });

      // So it is when they are mirrored; one that was known before is stale then.
      await eventually(async () => {
        const rows = await service.database.query(
          `SELECT 1 FROM calendar_sync s JOIN calendar k ON k.tenant_id = s.tenant_id AND k.id = s.calendar_id
           WHERE s.tenant_id = $1 AND s.lease_until IS NULL AND (k.known_as_of IS NOT NULL OR s.failure = 'calendar_gone')`,
          [owner.id],
        );
        expect(rows).toHaveLength(46);
      });
      account.calendar(ids[1]).delete();
      expect(await states({ live: true })).toEqual(
        expect.arrayContaining([
          ['fresh', 44],
          ['unknown', 1],
          ['stale', 1],
        ]),
      );
      expect(await busy()).toEqual([{ start: day, end: day + HOUR }]);
    });

    it('is read from all pages, also where the first is empty', async () => {
      owner.calendar.emptyFirstPage = true;
      add(day, day + HOUR);
      expect(await read()).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
      expect(queries()).toHaveLength(2);
    });
  });

  /** What holds for both ways of knowing. */
  const both = async (range = window) => {
    const now = await read(range);
    await sync();
    const later = await look(range);
    expect([now.state, later.state]).toEqual(['fresh', 'fresh']);
    expect(later.busy).toEqual(now.busy);
    return now.busy;
  };

  describe('by either', () => {
    it('is the whole of a whole-day event’s day in the calendar’s zone', async () => {
      const date = new Date(day).toISOString().slice(0, 10);
      const next = new Date(day + DAY).toISOString().slice(0, 10);
      owner.calendar.addEvent({ start: { date }, end: { date: next } });
      const busy = await both({ from: day, to: day + 2 * DAY });
      expect(busy).toHaveLength(1);
      expect((busy[0]?.end ?? 0) - (busy[0]?.start ?? 0)).toBeGreaterThanOrEqual(23 * HOUR);
      // Midnight in New York is four or five in the morning in UTC.
      expect(((busy[0]?.start ?? 0) - day) / HOUR).toBeGreaterThanOrEqual(4);
    });

    it('is each instance of a series', async () => {
      const text = (at: number) => new Date(at).toISOString();
      owner.calendar.addEvent({
        start: { dateTime: text(day), timeZone: 'UTC' },
        end: { dateTime: text(day + HOUR), timeZone: 'UTC' },
        recurrence: ['RRULE:FREQ=DAILY;COUNT=3'],
      });
      expect(await both({ from: day, to: day + 5 * DAY })).toEqual(
        [0, 1, 2].map((days) => ({ start: day + days * DAY, end: day + days * DAY + HOUR })),
      );
    });

    it('is asked for by times and marks, and by nothing that people wrote', async () => {
      await read();
      await service.database.query(`UPDATE calendar_sync SET sync_token = NULL WHERE tenant_id = $1`, [
        owner.id,
      ]);
      await sync();
      await sync();
      const lists = service.google.requests.filter(({ operation }) => operation === 'events.list');
      // A reading, everything, what changed.
      expect(lists.length).toBeGreaterThanOrEqual(3);
      for (const { query } of lists) {
        expect(query).toMatchObject({ singleEvents: 'true', maxResults: '2500' });
        expect(query['fields']).toMatch(/start,end/);
        expect(query['fields']).not.toMatch(/summary|description|email|location/);
      }
    });

    it('is by free/busy where the account may see no more than that', async () => {
      const shared = service.google.addAccount({ email: `shared-${owner.id}@acme.example` }).calendar();
      const { id } = addEvent(shared, day, day + HOUR);
      service.google
        .account(owner.email)
        .addCalendar({ id: shared.id, summary: 'Shared', accessRole: 'freeBusyReader' });
      await useInstead(shared.id, 'freeBusyReader');
      expect(await both({ from: day, to: day + 70 * DAY })).toEqual([{ start: day, end: day + HOUR }]);
      const asked = service.google.requests.filter(({ operation }) => operation === 'freebusy.query');
      for (const { body } of asked) {
        const { timeMin, timeMax } = body as { timeMin: string; timeMax: string };
        expect(Date.parse(timeMax) - Date.parse(timeMin)).toBeLessThanOrEqual(30 * DAY);
      }
      expect(asked.length).toBeGreaterThan(1);
      shared.unreadable = 'internalError';
      expect(await read()).toMatchObject({ state: 'stale', busy: [{ start: day, end: day + HOUR }] });
      shared.unreadable = undefined;
      shared.deleteEvent(id);
      expect(await both()).toEqual([]);
    });

    it('is not known of a calendar where the account may see nothing, whatever the list of its events says', async () => {
      const shared = service.google.addAccount({ email: `closed-${owner.id}@acme.example` }).calendar();
      service.google
        .account(owner.email)
        .addCalendar({ id: shared.id, summary: 'Closed', accessRole: 'none' });
      service.google.fault({ on: 'freebusy.query', status: 404, times: Infinity });
      await useInstead(shared.id, 'none');
      expect(await read()).toMatchObject({ state: 'unknown' });
      await service.app.get(SyncLoop).want(owner.tenant, await calendarId());
      await eventually(async () => expect((await syncState())?.failure).toBe('not_found'));
      expect(await look()).toMatchObject({ state: 'unknown', asOf: null });
    });

    it('is by free/busy where Google refuses to list the events', async () => {
      add(day, day + HOUR);
      service.google.fault({ on: 'events.list', status: 403, reason: 'forbidden', times: Infinity });
      expect(await read()).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
      await service.database.query(`UPDATE calendar_sync SET sync_token = NULL WHERE tenant_id = $1`, [
        owner.id,
      ]);
      await sync();
      expect(await look()).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
    });
  });

  describe('with Google in trouble', () => {
    it('is said by the deadline when Google hangs', async () => {
      service.google.fault({ on: 'events.list', hang: true, times: Infinity });
      const began = performance.now();
      expect(await read(window, { withinMs: 300 })).toMatchObject({ state: 'stale' });
      expect(performance.now() - began).toBeLessThan(900);
      // With no time left Google is not even asked.
      service.google.clearRequests();
      expect(await read(window, { withinMs: 0 })).toMatchObject({ state: 'stale' });
      expect(await look()).toMatchObject({ state: 'fresh' });
      expect(queries()).toEqual([]);
    });

    it('is asked for again within the deadline when Google fails for a moment', async () => {
      service.google.fault({ on: 'events.list', status: 503, times: 1 });
      expect(await read()).toMatchObject({ state: 'fresh' });
      service.google.fault({ on: 'events.list', drop: true, times: 1 });
      expect(await read()).toMatchObject({ state: 'fresh' });
    });

    it('is not asked for again before Retry-After', async () => {
      service.google.fault({ on: 'events.list', status: 429, retryAfter: 60 });
      expect(await read()).toMatchObject({ state: 'stale' });
      expect(queries()).toHaveLength(1);
    });

    it('is asked for once for callers who ask for the same at the same moment', async () => {
      service.google.fault({ on: 'events.list', delayMs: 150 });
      const answers = await Promise.all(Array.from({ length: 20 }, () => read()));
      expect(answers.map(({ state }) => state)).toEqual(answers.map(() => 'fresh'));
      expect(queries()).toHaveLength(1);
    });

    it('does not take over what a slow reading saw before the mirror knew better', async () => {
      const event = add(day, day + HOUR);
      const provider = service.app.get(CalendarProvider);
      const asked = provider.readBusy.bind(provider);
      let tell = () => {};
      const told = new Promise<void>((resolve) => (tell = resolve));
      const slowly = jest.spyOn(provider, 'readBusy').mockImplementationOnce(async (...of) => {
        const reading = await asked(...of);
        await told;
        return reading;
      });
      const slow = read(window, { withinMs: 20_000 });
      await eventually(() => expect(queries()).toHaveLength(1));
      await sync();
      owner.calendar.deleteEvent(event);
      await sync();
      const asOf = await asOfMirror();
      tell();
      // It is told what was so when it asked.
      expect(await slow).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
      slowly.mockRestore();
      await sync();
      expect(await mirrored()).toEqual([]);
      expect(await asOfMirror()).toBeGreaterThan(asOf ?? Infinity);
    });

    it('stores nothing of a calendar that is disconnected meanwhile', async () => {
      add(day, day + HOUR);
      // The token outlives the disconnection, so the reading succeeds.
      service.google.fault({ on: 'revoke', status: 503, times: Infinity });
      service.google.fault({ on: 'events.list', delayMs: 1500 });
      const reading = read(window, { withinMs: 4000 });
      await eventually(() => expect(queries()).toHaveLength(1));
      await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
      expect(await reading).toMatchObject({ state: 'fresh', busy: [{}] });
      expect(await mirrored()).toEqual([]);
      expect(await syncState()).toBeUndefined();
    });

    it('cannot be read when a permission was taken away, and the status asks to connect again', async () => {
      add(day, day + HOUR);
      await sync();
      service.google.fault({ on: 'events.list', status: 403, reason: 'insufficientPermissions' });
      expect(await read()).toMatchObject({ state: 'stale' });
      const { body } = await service.request('GET', '/api/tenant-calendar/status', { key: owner.key });
      expect(body).toMatchObject({ state: 'needs_reconnect', reason: 'missing_scope' });
      // As long as nobody connects it again, Google is asked nothing, and the mirror counts as long as it is good.
      service.google.clearRequests();
      expect(await read()).toMatchObject({ state: 'stale', busy: [{ start: day, end: day + HOUR }] });
      expect(await look()).toMatchObject({ state: 'fresh', busy: [{ start: day, end: day + HOUR }] });
      expect(service.google.requests).toEqual([]);
      await connectGoogle(service, owner, owner.email);
      expect(await read()).toMatchObject({ state: 'fresh' });
    });
  });

  async function calendarId(): Promise<string> {
    const [row] = await service.database.query<{ id: string }>(
      `SELECT id FROM calendar WHERE tenant_id = $1`,
      [owner.id],
    );
    return row?.id ?? '';
  }
});

describe('a calendar with ten thousand events', () => {
  it('is read page by page, and mirrored', async () => {
    // With time enough on a busy machine as well.
    const service = await startTestApp({ calendarBudgetMs: 30_000, calendarAttemptMs: 30_000 });
    const { tenant, id, calendar } = await aConnectedTenant(service);
    await synchronised(service.database, id);
    service.google.clearRequests();
    const day = Math.ceil(Date.now() / DAY) * DAY + 7 * DAY;
    for (let index = 0; index < 10_000; index += 1) {
      addEvent(calendar, day + 2 * index * MINUTE, day + (2 * index + 1) * MINUTE);
    }
    const window = { from: day, to: day + 20 * DAY };
    const read = async (live: boolean) => [
      ...(await readCalendars(service, tenant, window, { live, withinMs: 30_000 })).values(),
    ];
    const [now] = await read(true);
    expect(now?.state).toBe('fresh');
    expect(now?.busy).toHaveLength(10_000);
    const pages = service.google.requests.filter(
      ({ operation, query }) => operation === 'events.list' && query['syncToken'] === undefined,
    );
    expect(pages).toHaveLength(4);
    await synchronised(service.database, id, 40_000);
    const [mirrored] = await read(false);
    expect(mirrored).toMatchObject({ state: 'fresh', busy: now?.busy });
    expect(await blocksOf(service.database, id)).toHaveLength(10_000);
    await service.close();
  }, 120_000);
});
