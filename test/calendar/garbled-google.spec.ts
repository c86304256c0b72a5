import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { ChoosableCalendar } from '../../src/calendar/calendar-list.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import { at, hoursOf, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { addEvent, blocksOf, synchronised } from './mirror/mirrored.js';

interface Garbling {
  /** Of the requests whose path ends so. */
  on: RegExp;
  body: string;
  times: number;
}

/** Something between us and Google that answers 200 with what Google would not say. */
class GarblingProxy {
  target = '';
  garbling: Garbling | undefined;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { garbling } = this;
    const body = await text(request);
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (garbling !== undefined && garbling.times > 0 && garbling.on.test(`${request.method} ${path}`)) {
      garbling.times -= 1;
      response.writeHead(200, {
        'content-type': garbling.body.startsWith('<') ? 'text/html' : 'application/json',
      });
      response.end(garbling.body);
      return;
    }
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const answer = await fetch(this.target + (request.url ?? ''), {
      method: request.method,
      headers: headers as Record<string, string>,
      body: body === '' ? undefined : body,
      redirect: 'manual',
    });
    const {
      'content-encoding': ____,
      'transfer-encoding': _____,
      ...answered
    } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, answered);
    response.end(await answer.text());
  }
}

describe('when Google answers 200 with nonsense', () => {
  const proxy = new GarblingProxy();
  let app: TestApp;
  let tenant: TestTenant;
  let email: string;
  let tenants = 0;
  const date = upcoming(3);

  beforeAll(async () => {
    const endpoint = await proxy.start();
    app = await startTestApp({ calendarBudgetMs: 700, calendarAttemptMs: 1000, google: { endpoint } });
    proxy.target = app.google.origin;
  });
  afterAll(async () => {
    await app.close();
    proxy.stop();
  });
  beforeEach(async () => {
    proxy.garbling = undefined;
    tenant = await aTenant(app);
    email = `owner${++tenants}@acme.example`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    expect((await connectGoogle(app, tenant, email)).status).toBe(200);
  });

  const availability = ({ key } = tenant) =>
    app.request<Availability>('GET', `/api/availability?date=${date}`, { key });
  const sync = () => synchronised(app.database, tenant.id);
  /** The next synchronisation fails. */
  const failToSync = async () => {
    await app.database.query(`UPDATE calendar_sync SET due_at = now() WHERE tenant_id = $1`, [tenant.id]);
    await eventually(async () => {
      const [row] = await app.database.query<{ failure: string | null }>(
        `SELECT failure FROM calendar_sync WHERE tenant_id = $1`,
        [tenant.id],
      );
      expect(row?.failure).toBe('unavailable');
    });
  };
  const calendar = () => app.google.account(email).calendar();
  const book = (time: string) =>
    app.request<BookingView>('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(date, time), name: 'Ana', phone: '+14155550123' },
    });

  const anEvent =
    '"id":"x","start":{"dateTime":"2026-01-21T09:00:00Z"},"end":{"dateTime":"2026-01-21T10:00:00Z"}';
  const listNonsense: [string, string][] = [
    ['nothing', ''],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['events without saying that they are', `{"items":[{${anEvent}}]}`],
    ['another kind of list', '{"kind":"calendar#calendarList","items":[]}'],
    ['events that are no list', '{"kind":"calendar#events","items":"none"}'],
    ['events that are none', '{"kind":"calendar#events","items":[null]}'],
    ['an event without times', '{"kind":"calendar#events","items":[{"id":"x","status":"confirmed"}]}'],
    ['an event without an id', `{"kind":"calendar#events","items":[{${anEvent.replace('"id":"x",', '')}}]}`],
    ['an id that is none', `{"kind":"calendar#events","items":[{${anEvent.replace('"x"', '7')}}]}`],
    [
      'times that are no times',
      '{"kind":"calendar#events","items":[{"id":"x","start":{"dateTime":"soon"},"end":{"dateTime":"later"}}]}',
    ],
    [
      'dates that are no dates',
      '{"kind":"calendar#events","items":[{"id":"x","start":{"date":"2026-02-30"}}]}',
    ],
    ['one page after another', '{"kind":"calendar#events","items":[],"nextPageToken":"again"}'],
    ['a page of a hotel’s network', '<html>Please log in</html>'],
    ['half of an answer', '{"kind":"calendar#ev'],
    ['a list', '[]'],
  ];

  it.each(listNonsense)(
    'takes a list of events that says %s for unknown, never for free',
    async (_, body) => {
      addEvent(calendar(), Date.parse(at(date, '13:00')), Date.parse(at(date, '14:00')));
      await sync();
      const read = (await availability()).body;
      expect(read.calendar.state).toBe('fresh');
      const mirrored = await blocksOf(app.database, tenant.id);
      proxy.garbling = { on: /GET .*\/events$/, body, times: Infinity };
      // Neither what changed nor the whole of it.
      for (const syncToken of ['sync_token', 'NULL']) {
        await app.database.query(
          `UPDATE calendar_sync SET failure = NULL, sync_token = ${syncToken} WHERE tenant_id = $1`,
          [tenant.id],
        );
        await failToSync();
        expect(await blocksOf(app.database, tenant.id)).toEqual(mirrored);
      }
      const unread = await availability();
      expect(unread.status).toBe(200);
      expect(unread.body.calendar).toEqual({ state: 'fresh', asOf: read.calendar.asOf });
      expect(hoursOf(unread.body.slots)).toEqual([9, 10, 11, 12, 14, 15, 16]);
      expect((await book('13:00')).status).toBe(409);

      const other = await aTenant(app);
      expect((await connectGoogle(app, other, email)).status).toBe(200);
      expect((await availability(other)).body.calendar).toEqual({ state: 'unknown', asOf: null });

      proxy.garbling = undefined;
      await sync();
      expect(await blocksOf(app.database, tenant.id)).toEqual(mirrored);
    },
  );

  it('does not take a list without its end for a whole one', async () => {
    addEvent(calendar(), Date.parse(at(date, '13:00')), Date.parse(at(date, '14:00')));
    await sync();
    const mirrored = await blocksOf(app.database, tenant.id);
    expect(mirrored).toHaveLength(1);
    // The last page has the token for what changes next; without it, this was not the last.
    const body = '{"kind":"calendar#events","items":[],"timeZone":"America/New_York"}';
    proxy.garbling = { on: /GET .*\/events$/, body, times: Infinity };
    for (const syncToken of ['sync_token', 'NULL']) {
      await app.database.query(
        `UPDATE calendar_sync SET failure = NULL, sync_token = ${syncToken} WHERE tenant_id = $1`,
        [tenant.id],
      );
      await failToSync();
      expect(await blocksOf(app.database, tenant.id)).toEqual(mirrored);
    }
  });

  it.each([
    ['nothing', ''],
    ['an empty object', '{}'],
    ['calendars that are none', '{"kind":"calendar#calendarList","items":[null]}'],
    ['a calendar without an id', '{"kind":"calendar#calendarList","items":[{"summary":"Room"}]}'],
    ['an id that is none', '{"kind":"calendar#calendarList","items":[{"id":7,"summary":"Room"}]}'],
    ['one page after another', '{"kind":"calendar#calendarList","items":[],"nextPageToken":"again"}'],
  ])('keeps the calendars that are known when their list is answered with %s', async (_, body) => {
    app.google.account(email).addCalendar({ summary: 'Room' });
    const list = () =>
      app.request<ChoosableCalendar[]>('GET', '/api/tenant-calendar/calendars', { key: tenant.key });
    const { body: before } = await list();
    expect(before).toHaveLength(2);
    proxy.garbling = { on: /\/calendarList$/, body, times: Infinity };
    const garbled = await list();
    expect(garbled.status).toBe(200);
    expect(garbled.body).toEqual(before.map((calendar) => ({ ...calendar, state: 'unverified' })));
  });

  it('stores names, zones and roles of calendars that are no text as if there were none', async () => {
    const entry = '{"id":"room@acme.example","summary":7,"timeZone":{},"accessRole":"rea\\u0000der"}';
    const body = `{"kind":"calendar#calendarList","items":[${entry}]}`;
    proxy.garbling = { on: /\/calendarList$/, body, times: Infinity };
    const { status, body: calendars } = await app.request<ChoosableCalendar[]>(
      'GET',
      '/api/tenant-calendar/calendars',
      { key: tenant.key },
    );
    expect(status).toBe(200);
    expect(calendars[1]).toMatchObject({ summary: 'Calendar', timezone: 'UTC', accessRole: 'reader' });
  });

  const insertNonsense: [string, string][] = [
    ['nothing', ''],
    ['an empty object', '{}'],
    ['a page of a hotel’s network', '<html>Please log in</html>'],
    ['another event', '{"id":"another","status":"confirmed"}'],
  ];

  it.each(insertNonsense)(
    'does not take an insert that is answered with %s for an event',
    async (_, body) => {
      proxy.garbling = { on: /POST .*\/events$/, body, times: 1 };
      const booked = await book('10:00');
      expect(booked.status).toBe(201);
      await eventually(async () => {
        expect(calendar().events()).toHaveLength(1);
        const { body: later } = await app.request<BookingView>('GET', `/api/bookings/${booked.body.id}`, {
          key: tenant.key,
        });
        expect(later.calendar.status).toBe('synced');
        expect(later.meetLink).toMatch(/^https:\/\/meet\.google\.com\//);
      });
    },
  );

  it('does not take a removal that is answered with a page for one', async () => {
    const { body: booked } = await book('10:00');
    proxy.garbling = { on: /DELETE/, body: '<html>Please log in</html>', times: 1 };
    const cancelled = await app.request('POST', `/api/bookings/${booked.id}/cancel`, { key: tenant.key });
    expect(cancelled.status).toBe(200);
    await eventually(() => {
      expect(calendar().events()).toEqual([]);
    });
  });

  it.each([
    ['nothing', ''],
    ['an empty object', '{}'],
    ['a token that is none', '{"access_token":null,"expires_in":"soon"}'],
    ['a page of a hotel’s network', '<html>Please log in</html>'],
  ])('keeps the connection when a refresh is answered with %s', async (_, body) => {
    app.google.expireAccessTokens(email);
    await app.database.query(
      `UPDATE tenant_google_token SET access_expires_at = now() - interval '1 minute' WHERE tenant_id = $1`,
      [tenant.id],
    );
    proxy.garbling = { on: /\/token$/, body, times: 1 };
    const booked = await book('10:00');
    expect(booked.status).toBe(201);
    await eventually(async () => {
      const { body: later } = await app.request<BookingView>('GET', `/api/bookings/${booked.body.id}`, {
        key: tenant.key,
      });
      expect(later.calendar.status).toBe('synced');
    });
    const status = await app.request('GET', '/api/tenant-calendar/status', { key: tenant.key });
    expect(status.body).toMatchObject({ connected: true, state: 'connected' });
  });

  it.each([/\/token$/, /\/certs$/, /\/calendarList\/primary$/])(
    'connects nothing when %s answers nonsense, and says so on a page',
    async (on) => {
      for (const body of ['', '{}', 'null', '<html>']) {
        const other = await aTenant(app);
        proxy.garbling = { on, body, times: Infinity };
        const page = await connectGoogle(app, other, email);
        expect([400, 503, 200]).toContain(page.status);
        expect(page.headers['content-type']).toMatch(/^text\/html/);
        const status = await app.request('GET', '/api/tenant-calendar/status', { key: other.key });
        expect(status.body['connected']).toBe(page.status === 200);
      }
    },
  );
});
