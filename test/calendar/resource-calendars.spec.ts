import { randomUUID } from 'node:crypto';
import type { ChoosableCalendar } from '../../src/calendar/calendar-list.service.js';
import {
  ResourceCalendarRepository,
  type ChosenCalendars,
} from '../../src/calendar/resource-calendar.repository.js';
import { Database } from '../../src/platform/database/database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import {
  aConnectedTenant,
  aResource,
  connectAnother,
  readCalendars,
  type ConnectedTenant,
} from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

const HOUR = 3_600_000;

describe('the calendars that resources choose', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  let second: string;
  let resourceId: string;
  let first: ChoosableCalendar;
  let room: ChoosableCalendar;
  let readOnly: ChoosableCalendar;
  let other: ChoosableCalendar;

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 1000, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    second = `second-${owner.email}`;
    service.google.account(owner.email).addCalendar({ summary: 'Holidays', accessRole: 'reader' });
    service.google.account(owner.email).addCalendar({ summary: 'Room' });
    await connectAnother(service, owner, second);
    resourceId = await aResource(service, owner.tenant);
    const { body } = await service.request<ChoosableCalendar[]>('GET', '/api/tenant-calendar/calendars', {
      key: owner.key,
    });
    [first, readOnly, room, other] = body as [
      ChoosableCalendar,
      ChoosableCalendar,
      ChoosableCalendar,
      ChoosableCalendar,
    ];
  });

  const repository = () => service.app.get(ResourceCalendarRepository);
  const choose = (chosen: ChosenCalendars | null, resource = resourceId) =>
    service.app
      .get(Database)
      .inTenant(owner.tenant, (sql) => repository().choose(sql, owner.tenant, resource, chosen));
  const chosenBy = async (resource = resourceId) =>
    (await repository().findChosen(owner.tenant, [resource])).get(resource);
  const inUse = async (resource = resourceId) => {
    const rows = await service.database.query<{ id: string; reads: boolean; writes: boolean }>(
      `SELECT calendar_id AS id, reads_conflicts AS reads, writes_bookings AS writes FROM calendars_of_resources($1)
       WHERE resource_id = $2`,
      [owner.id, resource],
    );
    const ids = (those: typeof rows) => those.map(({ id }) => id).sort();
    return { read: ids(rows.filter(({ reads }) => reads)), write: ids(rows.filter(({ writes }) => writes)) };
  };
  const disconnect = (accountId: string) =>
    service.request('DELETE', `/api/tenant-calendar/accounts/${accountId}`, { key: owner.key });
  const byDefault = () => ({ read: [first.id], write: [first.id] });

  it('are those of the default account where none were chosen', async () => {
    expect(await chosenBy()).toBeUndefined();
    expect(await inUse()).toEqual(byDefault());
    expect(await repository().findChosen(owner.tenant, [])).toEqual(new Map());
  });

  it('are any number to read and one to write to, of any account', async () => {
    const chosen = { read: [readOnly.id, other.id].sort(), write: room.id };
    await choose(chosen);
    expect(await chosenBy()).toEqual(chosen);
    expect(await inUse()).toEqual({ read: chosen.read, write: [room.id] });
    await choose({ read: [room.id], write: room.id });
    expect(await inUse()).toEqual({ read: [room.id], write: [room.id] });
    await choose({ read: [], write: room.id });
    expect(await inUse()).toEqual({ read: [], write: [room.id] });
    await choose({ read: [room.id], write: null });
    expect(await inUse()).toEqual({ read: [room.id], write: [] });
  });

  it('are the default again when that is chosen', async () => {
    await choose({ read: [room.id], write: room.id });
    await choose(null);
    expect(await chosenBy()).toBeUndefined();
    expect(await inUse()).toEqual(byDefault());
  });

  it('are each resource’s own', async () => {
    const another = await aResource(service, owner.tenant, 'Second chair');
    await choose({ read: [room.id], write: other.id }, another);
    expect(await inUse()).toEqual(byDefault());
    expect(await inUse(another)).toEqual({ read: [room.id], write: [other.id] });
    expect([...(await repository().findChosen(owner.tenant, [resourceId, another])).keys()]).toEqual([
      another,
    ]);
  });

  it('block that resource alone', async () => {
    const another = await aResource(service, owner.tenant, 'Second chair');
    await choose({ read: [room.id, first.id], write: null });
    await choose({ read: [other.id], write: null }, another);
    const start = Date.now() + 24 * HOUR;
    service.google
      .account(owner.email)
      .calendar(room.googleId)
      .addEvent({
        start: { dateTime: new Date(start).toISOString() },
        end: { dateTime: new Date(start + HOUR).toISOString() },
      });
    const window = { from: start - HOUR, to: start + 2 * HOUR };
    const blocked = async (live: boolean) => {
      const known = await readCalendars(service, owner.tenant, window, { live });
      return Object.fromEntries([...known].map(([id, { busy }]) => [id, busy.length]));
    };
    const expected = { [room.id]: 1, [first.id]: 0, [other.id]: 0 };
    expect(await blocked(true)).toEqual(expected);
    await synchronised(service.database, owner.id);
    expect(await blocked(false)).toEqual(expected);
  });

  it('are refused by name where they are not the tenant’s, the same whether or not they are anybody’s', async () => {
    const neighbour = await aConnectedTenant(service);
    const { body } = await service.request<ChoosableCalendar[]>('GET', '/api/tenant-calendar/calendars', {
      key: neighbour.key,
    });
    const refusals = [body[0]?.id ?? '', randomUUID(), 'primary'].map(async (id) => {
      await expect(choose({ read: [room.id, id], write: id })).rejects.toMatchObject({
        code: 'not_found',
        detail: 'There is no such calendar.',
        details: {
          errors: [
            { field: 'calendars.read[1]', message: 'is not one of the calendars that can be chosen' },
            { field: 'calendars.write', message: 'is not one of the calendars that can be chosen' },
          ],
        },
      });
    });
    await Promise.all(refusals);
    expect(await chosenBy()).toBeUndefined();
  });

  it('are refused by name where the account is disconnected', async () => {
    await disconnect(other.accountId);
    await expect(choose({ read: [other.id], write: null })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are refused by name where the account may not write', async () => {
    await expect(choose({ read: [readOnly.id], write: readOnly.id })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { errors: [{ field: 'calendars.write' }] },
    });
  });

  it('are refused by name where one is named twice, where there are more than twenty, and where there are none', async () => {
    await expect(choose({ read: [room.id, first.id, room.id], write: null })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { errors: [{ field: 'calendars.read[2]', message: 'is named twice' }] },
    });
    await expect(
      choose({ read: Array.from({ length: 21 }, () => randomUUID()), write: null }),
    ).rejects.toMatchObject({ code: 'invalid_input', details: { errors: [{ field: 'calendars.read' }] } });
    await expect(choose({ read: [], write: null })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { errors: [{ field: 'calendars' }] },
    });
  });

  it('step aside for the default while their account is disconnected, each for its purpose', async () => {
    await choose({ read: [other.id], write: room.id });
    await disconnect(other.accountId);
    expect(await inUse()).toEqual({ read: [first.id], write: [room.id] });
    await connectAnother(service, owner, second);
    expect(await inUse()).toEqual({ read: [other.id], write: [room.id] });

    await choose({ read: [other.id, room.id], write: other.id });
    await disconnect(other.accountId);
    expect(await inUse()).toEqual({ read: [room.id], write: [first.id] });

    await choose({ read: [], write: room.id });
    await disconnect(first.accountId);
    expect(await inUse()).toEqual({ read: [], write: [] });
    await connectAnother(service, owner, second);
    expect(await inUse()).toEqual({ read: [other.id], write: [other.id] });
  });

  it('that nobody chose to write to are written to by nobody', async () => {
    await choose({ read: [other.id], write: null });
    await disconnect(first.accountId);
    expect(await inUse()).toEqual({ read: [other.id], write: [] });
  });
});
