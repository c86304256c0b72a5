import type { CalendarStatus } from '../../src/calendar/calendar-status.service.js';
import type { ChoosableCalendar } from '../../src/calendar/calendar-list.service.js';
import { aTenant, startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, aResource, connectAnother, type ConnectedTenant } from './connected-tenant.js';

describe('the list of calendars to choose from', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  let second: string;

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 700, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    second = `second-${owner.email}`;
    service.google.clearRequests();
  });

  const list = async (key = owner.key) => {
    const answer = await service.request<ChoosableCalendar[]>('GET', '/api/tenant-calendar/calendars', {
      key,
    });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const named = (calendars: ChoosableCalendar[]) => calendars.map(({ summary }) => summary);
  const addCalendar = (summary: string, more: object = {}) =>
    service.google.account(owner.email).addCalendar({ summary, ...more });
  const choose = async (calendarId: string | undefined) =>
    service.database.query(
      `INSERT INTO resource_calendar (tenant_id, resource_id, calendar_id, reads_conflicts, writes_bookings)
       VALUES ($1, $2, $3, true, false)`,
      [owner.id, await aResource(service, owner.tenant), calendarId],
    );
  const disconnect = (accountId: string | undefined) =>
    service.request('DELETE', `/api/tenant-calendar/accounts/${accountId}`, { key: owner.key });

  it('is empty where none is connected', async () => {
    expect(await list((await aTenant(service)).key)).toEqual([]);
  });

  it('has all calendars of all accounts, the default first, with what may be done there', async () => {
    const room = addCalendar('Room', { timeZone: 'Europe/Paris' });
    addCalendar('Holidays', { accessRole: 'reader' });
    addCalendar('Partner', { accessRole: 'freeBusyReader' });
    addCalendar('Team', { accessRole: 'writer' });
    await connectAnother(service, owner, second);
    const calendars = await list();
    expect(calendars).toMatchObject([
      { googleId: 'primary', isPrimary: true, canWrite: true, readsConflicts: true, writesBookings: true },
      { summary: 'Holidays', accessRole: 'reader', canWrite: false, readsConflicts: false },
      { summary: 'Partner', accessRole: 'freeBusyReader', canWrite: false },
      { summary: 'Room', accessRole: 'owner', canWrite: true, isPrimary: false },
      { summary: 'Team', accessRole: 'writer', canWrite: true },
      {
        googleId: 'primary',
        accountEmail: second,
        isPrimary: true,
        readsConflicts: false,
        writesBookings: false,
      },
    ]);
    expect(calendars[3]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      accountId: calendars[0]?.accountId,
      accountEmail: owner.email,
      googleId: room.id,
      summary: 'Room',
      timezone: 'Europe/Paris',
      accessRole: 'owner',
      isPrimary: false,
      canWrite: true,
      readsConflicts: false,
      writesBookings: false,
      state: 'listed',
    });
    expect(new Set(calendars.map(({ state }) => state))).toEqual(new Set(['listed']));
  });

  it('names a calendar the same each time, also after its account was connected anew', async () => {
    addCalendar('Room');
    const first = await list();
    expect(await list()).toEqual(first);
    await connectAnother(service, owner, owner.email);
    expect(await list()).toEqual(first);
  });

  it('reads all pages of the list', async () => {
    for (let index = 0; index < 260; index += 1) addCalendar(`Room ${index}`);
    expect(await list()).toHaveLength(261);
    const pages = service.google.requests.filter(({ operation }) => operation === 'calendarList.list');
    expect(pages).toHaveLength(2);
  });

  it('follows what is renamed, shared otherwise or deleted in Google', async () => {
    const room = addCalendar('Room');
    const team = addCalendar('Team');
    expect(named(await list())).toEqual([owner.email, 'Room', 'Team']);
    team.delete();
    service.google.account(owner.email).addCalendar({ id: room.id, summary: 'Room', accessRole: 'reader' });
    const calendars = await list();
    expect(named(calendars)).toEqual([owner.email, 'Room']);
    expect(calendars[1]).toMatchObject({ accessRole: 'reader', canWrite: false });
    const rows = await service.database.query(`SELECT 1 FROM calendar WHERE tenant_id = $1`, [owner.id]);
    expect(rows).toHaveLength(2);
  });

  it('shows a deleted calendar that a resource has chosen as gone', async () => {
    const room = addCalendar('Room');
    const [, listed] = await list();
    await choose(listed?.id);
    room.delete();
    expect(await list()).toMatchObject([
      { googleId: 'primary', state: 'listed' },
      { id: listed?.id, summary: 'Room', accessRole: 'none', canWrite: false, state: 'gone' },
    ]);
    await service.database.query(`DELETE FROM resource_calendar WHERE tenant_id = $1`, [owner.id]);
    expect(await list()).toHaveLength(1);
  });

  it('does not keep what only a deleted resource has chosen, neither shown as in use nor after disconnecting', async () => {
    addCalendar('Room');
    const room = (await list())[1];
    const { body: resource } = await service.request<{ id: string }>('POST', '/api/resources', {
      key: owner.key,
      body: { name: 'Second chair', calendars: { read: [room?.id], write: room?.id } },
    });
    const inUse = async () => {
      const { body } = await service.request<CalendarStatus>('GET', '/api/tenant-calendar/status', {
        key: owner.key,
      });
      return body.calendars.map(({ summary }) => summary);
    };
    expect(await inUse()).toEqual([owner.email, 'Room']);
    await service.request('DELETE', `/api/resources/${resource.id}`, { key: owner.key });
    expect(await inUse()).toEqual([owner.email]);
    await disconnect(room?.accountId);
    const left = await service.database.query<{ google_id: string }>(
      `SELECT google_id FROM calendar WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(left).toEqual([{ google_id: 'primary' }]);
  });

  it('answers what is known, and says so, where an account cannot be asked in time', async () => {
    addCalendar('Room');
    await connectAnother(service, owner, second);
    service.google.account(second).addCalendar({ summary: 'Second room' });
    expect(await list()).toHaveLength(4);
    addCalendar('Third room');
    for (const wrong of [
      { hang: true as const },
      { status: 503 },
      { status: 403, reason: 'quotaExceeded' },
    ]) {
      service.google.fault({ on: 'calendarList.list', account: second, times: Infinity, ...wrong });
      const began = performance.now();
      const calendars = await list();
      expect(performance.now() - began).toBeLessThan(1500);
      expect(calendars.map(({ summary, state }) => [summary, state])).toEqual([
        [owner.email, 'listed'],
        ['Room', 'listed'],
        ['Third room', 'listed'],
        [second, 'unverified'],
        ['Second room', 'unverified'],
      ]);
      service.google.clearFaults();
    }
  });

  it('says which account has to be connected again', async () => {
    await connectAnother(service, owner, second);
    service.google.revokeGrant(second);
    await list();
    const calendars = await list();
    expect(calendars.map(({ accountEmail, state }) => [accountEmail, state])).toEqual([
      [owner.email, 'listed'],
      [second, 'needs_reconnect'],
    ]);
  });

  it('does not lose calendars to an answer that is none', async () => {
    addCalendar('Room');
    expect(await list()).toHaveLength(2);
    service.google.fault({ on: 'calendarList.list', drop: true, times: Infinity });
    expect(await list()).toMatchObject([{ state: 'unverified' }, { summary: 'Room', state: 'unverified' }]);
  });

  it('has nothing of an account that is disconnected, and keeps only what was chosen of it for its return', async () => {
    await connectAnother(service, owner, second);
    service.google.account(second).addCalendar({ summary: 'Chosen' });
    service.google.account(second).addCalendar({ summary: 'Not chosen' });
    const chosen = (await list()).find(({ summary }) => summary === 'Chosen');
    await choose(chosen?.id);
    await disconnect(chosen?.accountId);
    expect(named(await list())).toEqual([owner.email]);
    const left = await service.database.query<{ summary: string }>(
      `SELECT summary FROM calendar WHERE tenant_id = $1 AND connection_id = $2`,
      [owner.id, chosen?.accountId],
    );
    expect(left).toEqual([{ summary: '' }, { summary: '' }]);
    await connectAnother(service, owner, second);
    expect((await list()).find(({ summary }) => summary === 'Chosen')?.id).toBe(chosen?.id);
  });

  it('is the tenant’s own, and closed to agents', async () => {
    const neighbour = await aConnectedTenant(service);
    expect((await list(neighbour.key)).map(({ accountEmail }) => accountEmail)).toEqual([neighbour.email]);
    const { body } = await service.request<{ key: string }>(
      'POST',
      `/api/admin/tenants/${owner.id}/api-keys`,
      {
        key: service.settings.adminApiKey.reveal(),
        body: { name: 'agent', scopes: ['agent'] },
      },
    );
    for (const [method, path] of [
      ['GET', 'calendars'],
      ['DELETE', 'accounts/0b6f6e42-1b4d-4c48-9d52-8b2a7b83c9d1'],
    ] as const) {
      const answer = await service.request(method, `/api/tenant-calendar/${path}`, { key: body.key });
      expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    }
  });
});
