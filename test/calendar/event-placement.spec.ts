import type { ChoosableCalendar } from '../../src/calendar/calendar-list.service.js';
import { EventWriter, type EventContent } from '../../src/calendar/event-writer.js';
import { ResourceCalendarRepository } from '../../src/calendar/resource-calendar.repository.js';
import type { StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { Database } from '../../src/platform/database/database.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import {
  aConnectedTenant,
  aResource,
  connectAnother,
  someContent,
  unwant,
  want,
  type ConnectedTenant,
} from './connected-tenant.js';

describe('which calendar a booking’s event is in', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  let second: string;
  /** In the first account: its own calendar, and another one. In the second account: its own. */
  let first: StandInCalendar;
  let room: StandInCalendar;
  let other: StandInCalendar;
  let calendars: ChoosableCalendar[];
  /** Writes to the default. */
  let resourceId: string;
  /** Writes to the second account. */
  let colleague: string;

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 500, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    second = `second-${owner.email}`;
    first = owner.calendar;
    room = service.google.account(owner.email).addCalendar({ summary: 'Room' });
    other = (await connectAnother(service, owner, second)).calendar();
    const { body } = await service.request<ChoosableCalendar[]>('GET', '/api/tenant-calendar/calendars', {
      key: owner.key,
    });
    calendars = body;
    resourceId = await aResource(service, owner.tenant);
    colleague = await aResource(service, owner.tenant, 'Colleague');
    await writesTo(colleague, second);
    service.google.clearRequests();
  });

  const writesTo = (resource: string, name: string | null) => {
    const write = calendars.find(({ summary }) => summary === name)?.id ?? name;
    const read = calendars.slice(0, 1).map(({ id }) => id);
    return service.app
      .get(Database)
      .inTenant(owner.tenant, (sql) =>
        service.app.get(ResourceCalendarRepository).choose(sql, owner.tenant, resource, { read, write }),
      );
  };
  const write = (bookingId: string) =>
    service.app.get(EventWriter).writeNow(owner.tenant, bookingId, Deadline.in(4000));
  const stateOf = async (bookingId: string) =>
    (await service.app.get(EventWriter).states(owner.tenant, [bookingId])).get(bookingId);
  const wanted = (resource: string, content?: EventContent, id?: string) =>
    want(service, owner.tenant, content, { resourceId: resource, id });
  const booked = async (resource: string, content?: EventContent) => {
    const bookingId = await wanted(resource, content);
    expect(await write(bookingId)).toMatchObject({ status: 'synced', reason: null });
    return bookingId;
  };
  const counts = () => [first, room, other].map((calendar) => calendar.events().length);
  const settledAs = (expected: number[]) => eventually(() => expect(counts()).toEqual(expected), 20_000);
  const disconnect = async (email: string) => {
    const accountId = calendars.find(({ accountEmail }) => accountEmail === email)?.accountId;
    const answer = await service.request('DELETE', `/api/tenant-calendar/accounts/${accountId}`, {
      key: owner.key,
    });
    expect(answer.status).toBe(204);
  };
  const hurry = (bookingId: string) =>
    service.database.query(
      `UPDATE pgboss.job SET start_after = now() WHERE data ->> 'bookingId' = $1 AND state = 'created'`,
      [bookingId],
    );

  it('is the one that its resource’s bookings are written to', async () => {
    await booked(resourceId);
    expect(counts()).toEqual([1, 0, 0]);
    await booked(colleague);
    expect(counts()).toEqual([1, 0, 1]);
    await writesTo(resourceId, 'Room');
    await booked(resourceId);
    expect(counts()).toEqual([1, 1, 1]);
  });

  it('is none where its resource writes to none', async () => {
    await writesTo(resourceId, null);
    const bookingId = await wanted(resourceId);
    expect(await write(bookingId)).toMatchObject({ status: 'not_connected' });
    expect(counts()).toEqual([0, 0, 0]);
  });

  it('is made as soon as its resource, which wrote to none, chooses one', async () => {
    await writesTo(resourceId, null);
    // Nothing else sets it going: connecting the accounts was done long ago.
    await service.database.query(`DELETE FROM pgboss.job WHERE name = 'calendar-drain'`);
    const bookingId = await wanted(resourceId);
    expect(await write(bookingId)).toMatchObject({ status: 'not_connected' });
    await writesTo(resourceId, 'Room');
    await settledAs([0, 1, 0]);
    await eventually(async () => expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' }));
  });

  it('leaves nothing that Google made in its stead in the calendar that its resource wrote to before', async () => {
    service.google.fault({ on: 'events.insert', ignoreId: true, account: owner.email });
    service.google.fault({ on: 'events.delete', status: 503, times: Infinity, account: owner.email });
    const bookingId = await wanted(resourceId);
    expect(await write(bookingId)).toMatchObject({ status: 'failed', reason: 'wrong_event' });
    expect(counts()).toEqual([1, 0, 0]);
    await writesTo(resourceId, 'Room');
    await hurry(bookingId);
    await eventually(() => expect(counts()).toEqual([1, 1, 0]), 20_000);
    service.google.clearFaults();
    await eventually(async () => {
      await hurry(bookingId);
      expect(counts()).toEqual([0, 1, 0]);
    }, 20_000);
    await eventually(async () => expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' }));
  }, 45_000);

  it('stays the same when the booking is moved in time, with its id and its link', async () => {
    const bookingId = await booked(colleague);
    const before = await stateOf(bookingId);
    await wanted(colleague, someContent({ days: 9 }), bookingId);
    expect(await write(bookingId)).toMatchObject({
      status: 'synced',
      eventId: before?.eventId,
      meetLink: before?.meetLink,
      htmlLink: before?.htmlLink,
    });
    expect(counts()).toEqual([0, 0, 1]);
    expect(other.events()[0]?.start?.dateTime).toBe(someContent({ days: 9 }).startsAt.replace('.000Z', 'Z'));
  });

  it('stays the same when its resource chooses another one, also when the booking changes after that', async () => {
    const bookingId = await booked(resourceId);
    await writesTo(resourceId, 'Room');
    const before = await stateOf(bookingId);
    await wanted(resourceId, someContent({ days: 9 }), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced', meetLink: before?.meetLink });
    expect(counts()).toEqual([1, 0, 0]);
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    expect(counts()).toEqual([0, 0, 0]);
  });

  it('changes with the resource, when the new one writes elsewhere', async () => {
    const bookingId = await booked(resourceId);
    const before = await stateOf(bookingId);
    await wanted(colleague, someContent({ days: 9 }), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced', reason: null });
    expect(counts()).toEqual([0, 0, 1]);
    const after = await stateOf(bookingId);
    expect(after?.meetLink).toBe(other.events()[0]?.hangoutLink);
    expect(after?.meetLink).not.toBe(before?.meetLink);
    // And back, where the first id is used up.
    await wanted(resourceId, someContent({ days: 9 }), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced' });
    expect(counts()).toEqual([1, 0, 0]);
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    expect(counts()).toEqual([0, 0, 0]);
  });

  it('stays the same when the new resource writes to the same one', async () => {
    const bookingId = await booked(resourceId);
    const before = await stateOf(bookingId);
    const another = await aResource(service, owner.tenant, 'Another');
    await wanted(another, someContent(), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced', meetLink: before?.meetLink });
    expect(counts()).toEqual([1, 0, 0]);
  });

  it('is none any more when the new resource writes to none', async () => {
    const bookingId = await booked(resourceId);
    await writesTo(colleague, null);
    await wanted(colleague, someContent(), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'not_connected', meetLink: null });
    expect(counts()).toEqual([0, 0, 0]);
  });

  it('is exactly one in the end, wherever a process dies in a move between calendars', async () => {
    const bookingId = await booked(resourceId);
    await wanted(colleague, someContent(), bookingId);
    // Dies when the new event is made and nothing of it is noted: what the claim had noted is all there is.
    service.google.fault({ on: 'events.insert', loseAnswer: true, times: 10 });
    service.google.fault({ on: 'events.get', drop: true, times: 100 });
    service.google.fault({ on: 'events.delete', drop: true, times: 100 });
    await write(bookingId);
    expect(counts()).toEqual([1, 0, 1]);
    await service.database.query(
      `UPDATE event_write SET state = 'pending', failure = NULL, event_id = NULL, written_version = 0,
         lease_until = now() + interval '500 ms' WHERE booking_id = $1`,
      [bookingId],
    );
    service.google.clearFaults();
    await hurry(bookingId);
    await settledAs([0, 0, 1]);
    await eventually(async () => expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' }));
    const left = await service.database.query(`SELECT 1 FROM event_leftover WHERE tenant_id = $1`, [
      owner.id,
    ]);
    expect(left).toEqual([]);
  });

  it('is said to be two for as long as the old event cannot be taken away', async () => {
    const bookingId = await booked(resourceId);
    service.google.fault({ on: 'events.delete', account: owner.email, status: 503, times: Infinity });
    await wanted(colleague, someContent(), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced', reason: 'old_event_remains' });
    expect(counts()).toEqual([1, 0, 1]);
    service.google.clearFaults();
    await settledAs([0, 0, 1]);
    await eventually(async () =>
      expect(await stateOf(bookingId)).toMatchObject({ status: 'synced', reason: null }),
    );
  });

  it('takes the old event away even while the new one cannot be made', async () => {
    const bookingId = await booked(resourceId);
    service.google.fault({ on: 'events.insert', account: second, status: 403, reason: 'quotaExceeded' });
    await wanted(colleague, someContent(), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'quota_exhausted' });
    expect(counts()).toEqual([0, 0, 0]);
  });

  it('takes the old event away even while the owner of the new calendar has to connect again', async () => {
    const bookingId = await booked(resourceId);
    await service.database.query(
      `UPDATE calendar_connection SET state = 'needs_reconnect' WHERE tenant_id = $1 AND account_email = $2`,
      [owner.id, second],
    );
    await wanted(colleague, someContent(), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'needs_reconnect' });
    expect(counts()).toEqual([0, 0, 0]);
    await connectAnother(service, owner, second);
    await settledAs([0, 0, 1]);
  });

  it('takes away an old event that may still appear', async () => {
    service.google.fault({ on: 'events.insert', account: owner.email, delayMs: 3500, times: 4 });
    const bookingId = await wanted(resourceId);
    await service.app.get(EventWriter).writeNow(owner.tenant, bookingId, Deadline.in(100));
    await eventually(async () => expect((await stateOf(bookingId))?.attempts).toBe(1));
    await wanted(colleague, someContent(), bookingId);
    await eventually(async () => expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' }));
    await settledAs([1, 0, 1]);
    await hurry(bookingId);
    await settledAs([0, 0, 1]);
  }, 40_000);

  it('is the default account’s when its own is disconnected, for bookings to come; the others stay', async () => {
    const upcoming = await booked(colleague);
    await booked(colleague, someContent({ days: -7 }));
    const elsewhere = await booked(resourceId);
    const before = await stateOf(elsewhere);
    await disconnect(second);
    await settledAs([2, 0, 2]);
    await eventually(async () => expect(await stateOf(upcoming)).toMatchObject({ status: 'synced' }));
    expect(first.events().map(({ hangoutLink }) => hangoutLink)).toContain(
      (await stateOf(upcoming))?.meetLink,
    );
    expect(await stateOf(elsewhere)).toEqual(before);
  });

  it('is one again when the account comes back', async () => {
    const bookingId = await booked(colleague);
    await disconnect(second);
    await settledAs([1, 0, 1]);
    await eventually(async () => expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' }));
    await connectAnother(service, owner, second);
    // The event stays where it has been written to meanwhile; what was left in the account is taken away.
    await settledAs([1, 0, 0]);
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    await settledAs([0, 0, 0]);
  });

  it('is one again when the default account is disconnected and comes back', async () => {
    const bookingId = await booked(resourceId);
    await disconnect(owner.email);
    await settledAs([1, 0, 1]);
    await eventually(async () => expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' }));
    await connectAnother(service, owner, owner.email);
    await settledAs([0, 0, 1]);
    expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' });
  });

  it('is rid of what was cancelled while its account was not connected', async () => {
    const bookingId = await booked(colleague);
    await disconnect(second);
    await settledAs([1, 0, 1]);
    await eventually(async () => expect(await stateOf(bookingId)).toMatchObject({ status: 'synced' }));
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    await settledAs([0, 0, 1]);
    await connectAnother(service, owner, second);
    await settledAs([0, 0, 0]);
  });

  it('waits for its own account where that has to be connected again, while the other’s bookings go on', async () => {
    service.google.revokeGrant(second);
    const waiting = await wanted(colleague);
    expect(await write(waiting)).toMatchObject({ status: 'pending', reason: 'needs_reconnect' });
    await booked(resourceId);
    expect(counts()).toEqual([1, 0, 0]);
    await connectAnother(service, owner, second);
    await settledAs([1, 0, 1]);
    await eventually(async () => expect(await stateOf(waiting)).toMatchObject({ status: 'synced' }));
  });

  it('that waits for an account goes on to the default one when that account is given up', async () => {
    service.google.fault({ on: 'events.insert', account: second, status: 503, times: Infinity });
    const waiting = await wanted(colleague);
    expect(await write(waiting)).toMatchObject({ status: 'pending' });
    service.google.revokeGrant(second);
    await disconnect(second);
    await settledAs([1, 0, 0]);
    await eventually(async () => expect(await stateOf(waiting)).toMatchObject({ status: 'synced' }), 40_000);
  }, 60_000);

  it('is not taken from a calendar that is known through two accounts', async () => {
    service.google.account(second).addCalendar({ id: first.id, summary: 'Shared', accessRole: 'writer' });
    const { body } = await service.request<ChoosableCalendar[]>('GET', '/api/tenant-calendar/calendars', {
      key: owner.key,
    });
    const shared = body.find(({ googleId }) => googleId === first.id);
    await writesTo(colleague, shared?.id ?? '');
    const bookingId = await booked(resourceId);
    const { eventId, meetLink } = (await stateOf(bookingId)) ?? {};
    await wanted(colleague, someContent({ days: 9 }), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced', reason: null, eventId, meetLink });
    expect(counts()).toEqual([1, 0, 0]);
  });

  it('is another one after its calendar was deleted, once its resource has chosen that', async () => {
    await writesTo(resourceId, 'Room');
    const bookingId = await booked(resourceId);
    room.delete();
    await service.database.query(`DELETE FROM pgboss.job WHERE name = 'calendar-drain'`);
    await wanted(resourceId, someContent({ days: 9 }), bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'pending' });
    await eventually(async () =>
      expect(await stateOf(bookingId)).toMatchObject({ status: 'pending', reason: 'calendar_gone' }),
    );
    await writesTo(resourceId, owner.email);
    await eventually(() => expect(first.events()).toHaveLength(1));
  });

  it('is the new account’s when another one takes the place of all', async () => {
    await booked(resourceId);
    await booked(colleague);
    const third = `third-${owner.email}`;
    service.google.addAccount({ email: third });
    await connectGoogle(service, owner, third);
    await eventually(() => expect(service.google.account(third).calendar().events()).toHaveLength(2));
    expect(counts()).toEqual([1, 0, 1]);
    // Both come back beside it: what they still had is taken away, and nothing is doubled.
    await connectAnother(service, owner, owner.email);
    await connectAnother(service, owner, second);
    await settledAs([0, 0, 0]);
    expect(service.google.account(third).calendar().events()).toHaveLength(2);
  });
});
