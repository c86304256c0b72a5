import { jest } from '@jest/globals';
import { eventIdOf } from '../../src/calendar/event-id.js';
import { EventReconciler } from '../../src/calendar/event-reconciler.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import type { StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import { Database } from '../../src/platform/database/database.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { aTenant, connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import {
  aConnectedTenant,
  aResource,
  someContent,
  unwant,
  want,
  type ConnectedTenant,
} from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

describe('keeping a booking’s event in the calendar', () => {
  let service: TestApp;
  let owner: ConnectedTenant;

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 500, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    // From then on Google is asked for nothing but by the tests.
    await synchronised(service.database, owner.id);
    service.google.clearRequests();
  });

  const writer = () => service.app.get(EventWriter);
  const write = (bookingId: string, ms = 3000) => writer().writeNow(owner.tenant, bookingId, Deadline.in(ms));
  const stateOf = async (bookingId: string) =>
    (await writer().states(owner.tenant, [bookingId])).get(bookingId);
  const settled = (bookingId: string, state: object) =>
    eventually(async () => expect(await stateOf(bookingId)).toMatchObject(state), 20_000);
  const requests = (operation: string) =>
    service.google.requests.filter((request) => request.operation === operation);
  const fault = (wrong: StandInFault) => service.google.fault({ ...wrong, account: owner.email });

  it('writes the event with what the booking says, our mark, reminders and a Meet link', async () => {
    const content = someContent({ location: 'Main Street 1' });
    const bookingId = await want(service, owner.tenant, content);
    const state = await write(bookingId);
    const [event] = owner.calendar.events();
    expect(owner.calendar.events()).toHaveLength(1);
    expect(event).toMatchObject({
      id: eventIdOf(bookingId, 0),
      summary: content.summary,
      description: content.description,
      location: 'Main Street 1',
      extendedProperties: { private: { receptionistTenant: owner.id, receptionistBooking: bookingId } },
      reminders: { useDefault: false },
    });
    expect(Date.parse(event?.start?.dateTime ?? '')).toBe(Date.parse(content.startsAt));
    expect(state).toEqual({
      status: 'synced',
      reason: null,
      meetLink: event?.hangoutLink,
      htmlLink: expect.stringContaining('eid=') as string,
      eventId: event?.id,
      attempts: 1,
    });
    expect(requests('events.insert')).toMatchObject([
      { query: { sendUpdates: 'none', conferenceDataVersion: '1' } },
    ]);
  });

  it('invites the customer when there is an address to invite', async () => {
    await write(await want(service, owner.tenant, someContent({ attendeeEmail: 'ana@example.com' })));
    expect(owner.calendar.events()).toMatchObject([{ attendees: [{ email: 'ana@example.com' }] }]);
    expect(requests('events.insert')).toMatchObject([{ query: { sendUpdates: 'all' } }]);
  });

  it('moves the event when something else is wanted, and keeps its link and what the owner added', async () => {
    const bookingId = await want(service, owner.tenant);
    const { meetLink, eventId } = await write(bookingId);
    owner.calendar.updateEvent(eventId ?? '', { colorId: '5', attendees: [{ email: 'guest@example.com' }] });
    const later = someContent({ days: 8, summary: 'Consultation, moved' });
    await want(service, owner.tenant, later, { id: bookingId });
    expect(await write(bookingId)).toMatchObject({ status: 'synced', meetLink, eventId });
    const [event] = owner.calendar.events();
    expect(event).toMatchObject({
      summary: 'Consultation, moved',
      hangoutLink: meetLink,
      colorId: '5',
      attendees: [{ email: 'guest@example.com' }],
    });
    expect(Date.parse(event?.start?.dateTime ?? '')).toBe(Date.parse(later.startsAt));
  });

  it('takes the event away, and takes it for done when somebody else did', async () => {
    const first = await want(service, owner.tenant);
    const second = await want(service, owner.tenant);
    await write(first);
    const { eventId } = await write(second);
    owner.calendar.deleteEvent(eventId ?? '');
    for (const bookingId of [first, second]) {
      await unwant(service, owner.tenant, bookingId);
      expect(await write(bookingId)).toMatchObject({
        status: 'synced',
        reason: null,
        meetLink: null,
        eventId: null,
      });
    }
    expect(owner.calendar.events()).toEqual([]);
  });

  it('asks nothing of Google for a booking that is cancelled before anything was tried', async () => {
    const bookingId = await want(service, owner.tenant);
    await unwant(service, owner.tenant, bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'synced' });
    // But for what the mirror of the calendar asks.
    expect(service.google.requests.filter(({ operation }) => operation !== 'events.list')).toEqual([]);
  });

  it('makes the event under another id when the owner had deleted it and the booking changes', async () => {
    const bookingId = await want(service, owner.tenant);
    const { eventId } = await write(bookingId);
    owner.calendar.deleteEvent(eventId ?? '');
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    expect(await write(bookingId)).toMatchObject({ status: 'synced', eventId: eventIdOf(bookingId, 1) });
    expect(owner.calendar.events()).toHaveLength(1);
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    expect(owner.calendar.events()).toEqual([]);
  });

  it('says that there is no calendar, and makes no job, where none is connected', async () => {
    const other = asTenantId((await aTenant(service)).id);
    const bookingId = await want(service, other);
    expect(await writer().writeNow(other, bookingId, Deadline.in(1000))).toMatchObject({
      status: 'not_connected',
    });
    const jobs = await service.database.query(
      `SELECT 1 FROM pgboss.job WHERE name = 'calendar-write' AND data ->> 'bookingId' = $1`,
      [bookingId],
    );
    expect(jobs).toEqual([]);
  });

  it('knows nothing of bookings for which no event was ever wanted', async () => {
    expect(await writer().states(owner.tenant, [])).toEqual(new Map());
    expect(await write('00000000-0000-4000-8000-000000000000')).toMatchObject({ status: 'not_connected' });
  });

  it('writes by the job alone when nobody tried at once', async () => {
    const bookingId = await want(service, owner.tenant);
    await settled(bookingId, { status: 'synced' });
    expect(owner.calendar.events()).toHaveLength(1);
  });

  it('leaves no job behind when the booking’s transaction is rolled back', async () => {
    const bookingId = '11111111-1111-4111-8111-111111111111';
    const resourceId = await aResource(service, owner.tenant);
    const failing = service.app.get(Database).inTenant(owner.tenant, async (sql) => {
      await writer().want(sql, owner.tenant, { id: bookingId, resourceId }, someContent());
      throw new Error('no booking after all');
    });
    await expect(failing).rejects.toThrow('no booking');
    const jobs = await service.database.query(`SELECT 1 FROM pgboss.job WHERE data ->> 'bookingId' = $1`, [
      bookingId,
    ]);
    expect(jobs).toEqual([]);
    expect(await stateOf(bookingId)).toBeUndefined();
  });

  it('makes one event however many try at once', async () => {
    const bookingId = await want(service, owner.tenant);
    const states = await Promise.all(Array.from({ length: 10 }, () => write(bookingId)));
    expect(states.map(({ status }) => status)).toEqual(states.map(() => 'synced'));
    expect(requests('events.insert')).toHaveLength(1);
  });

  it.each<[string, StandInFault]>([
    ['403 rateLimitExceeded', { on: 'events.insert', status: 403, reason: 'rateLimitExceeded', times: 2 }],
    [
      '403 userRateLimitExceeded',
      { on: 'events.insert', status: 403, reason: 'userRateLimitExceeded', times: 2 },
    ],
    ['429 with Retry-After', { on: 'events.insert', status: 429, retryAfter: 1, times: 1 }],
    ['500', { on: 'events.insert', status: 500, times: 3 }],
    ['503', { on: 'events.insert', status: 503, times: 6 }],
    ['no answer', { on: 'events.insert', hang: true, times: 3 }],
    ['a closed connection', { on: 'events.insert', drop: true, times: 6 }],
    ['an answer lost after the work', { on: 'events.insert', loseAnswer: true, times: 1 }],
    ['an answer too late', { on: 'events.insert', delayMs: 800, times: 2 }],
  ])(
    'after %s it ends as exactly one event',
    async (_, wrong) => {
      fault(wrong);
      const bookingId = await want(service, owner.tenant);
      const began = performance.now();
      await write(bookingId, 500);
      expect(performance.now() - began).toBeLessThan(1100);
      await settled(bookingId, { status: 'synced' });
      expect(owner.calendar.events()).toHaveLength(1);
      expect((await stateOf(bookingId))?.meetLink).toMatch(/^https:/);
    },
    40_000,
  );

  it('waits for an hour when the quota is used up', async () => {
    fault({ on: 'events.insert', status: 403, reason: 'quotaExceeded' });
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({
      status: 'pending',
      reason: 'quota_exhausted',
      attempts: 1,
    });
    expect(requests('events.insert')).toHaveLength(1);
    const [job] = await service.database.query<{ minutes: number }>(
      `SELECT (extract(epoch FROM start_after - now()) / 60)::int AS minutes FROM pgboss.job
       WHERE name = 'calendar-write' AND state = 'created' AND data ->> 'bookingId' = $1`,
      [bookingId],
    );
    expect(job?.minutes).toBeGreaterThanOrEqual(60);
  });

  it('comes back no sooner than Retry-After asks for', async () => {
    fault({ on: 'events.insert', status: 429, retryAfter: 100 });
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'rate_limited' });
    const [job] = await service.database.query<{ seconds: number }>(
      `SELECT extract(epoch FROM start_after - now())::int AS seconds FROM pgboss.job
       WHERE name = 'calendar-write' AND state = 'created' AND data ->> 'bookingId' = $1`,
      [bookingId],
    );
    expect(job?.seconds).toBeGreaterThanOrEqual(99);
  });

  it('books without a Meet link where Google refuses to make one', async () => {
    owner.calendar.meet = 'refused';
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({
      status: 'synced',
      reason: 'no_meet_link',
      meetLink: null,
    });
    expect(owner.calendar.events()).toHaveLength(1);
    await want(service, owner.tenant, someContent({ days: 9 }), { id: bookingId });
    expect(await write(bookingId)).toMatchObject({ status: 'synced', reason: 'no_meet_link' });
  });

  it('does not make up a link that fails', async () => {
    owner.calendar.meet = 'fails';
    expect(await write(await want(service, owner.tenant))).toMatchObject({
      reason: 'no_meet_link',
      meetLink: null,
    });
  });

  it('stays away from what is not its own, should it ever have the id', async () => {
    const bookingId = await want(service, owner.tenant);
    const { start, end } = {
      start: { dateTime: new Date().toISOString() },
      end: { dateTime: new Date(Date.now() + 6e5).toISOString() },
    };
    owner.calendar.addEvent({ id: eventIdOf(bookingId, 0), summary: 'Mine', start, end });
    expect(await write(bookingId)).toMatchObject({ status: 'synced', eventId: eventIdOf(bookingId, 1) });
    expect(
      owner.calendar
        .events()
        .map(({ summary }) => summary)
        .sort(),
    ).toEqual(['Consultation: Ana Flores', 'Mine']);
  });

  it('gives up, visibly, what has been refused for a day', async () => {
    owner.calendar.delete();
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'calendar_gone' });
    await eventually(async () => {
      await service.database.query(
        `UPDATE event_write SET updated_at = now() - interval '25 hours' WHERE booking_id = $1 AND state = 'pending'`,
        [bookingId],
      );
      expect(await stateOf(bookingId)).toMatchObject({ status: 'failed', reason: 'calendar_gone' });
    });
  });

  it('takes away an event whose making nobody heard the end of', async () => {
    fault({ on: 'events.insert', loseAnswer: true, times: 4 });
    fault({ on: 'events.get', status: 503, times: 20 });
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId, 300)).toMatchObject({ status: 'pending', eventId: null });
    await unwant(service, owner.tenant, bookingId);
    service.google.clearFaults();
    await write(bookingId);
    await settled(bookingId, { status: 'synced' });
    expect(owner.calendar.events()).toEqual([]);
  });

  it('looks again for an event that may still appear after its removal', async () => {
    // The requests reach Google, which takes so long over them that we do not wait, and does the first one after all.
    fault({ on: 'events.insert', delayMs: 3500, times: 4 });
    const bookingId = await want(service, owner.tenant);
    await write(bookingId, 100);
    await unwant(service, owner.tenant, bookingId);
    await settled(bookingId, { status: 'synced', reason: 'removal_unconfirmed', eventId: null });
    expect(owner.calendar.events()).toEqual([]);
    await eventually(() => expect(owner.calendar.events()).toHaveLength(1));
    await service.database.query(
      `UPDATE pgboss.job SET start_after = now() WHERE data ->> 'bookingId' = $1 AND state = 'created'`,
      [bookingId],
    );
    await eventually(() => expect(owner.calendar.events()).toEqual([]));
    await settled(bookingId, { status: 'synced', reason: null });
  }, 40_000);

  it('follows a booking that is cancelled while its event is being made', async () => {
    fault({ on: 'events.insert', delayMs: 300 });
    const bookingId = await want(service, owner.tenant);
    const making = write(bookingId);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await unwant(service, owner.tenant, bookingId);
    await Promise.all([making, write(bookingId)]);
    await settled(bookingId, { status: 'synced', eventId: null });
    expect(owner.calendar.events()).toEqual([]);
  });

  it('finishes what an instance that died had begun', async () => {
    const bookingId = await want(service, owner.tenant);
    await write(bookingId);
    // As it looks when the process dies after Google has the event and before we noted it.
    await service.database.query(
      `UPDATE event_write SET state = 'pending', event_id = NULL, meet_link = NULL, written_version = 0, attempts = 1,
         lease_until = now() + interval '1 second' WHERE booking_id = $1`,
      [bookingId],
    );
    expect(await write(bookingId)).toMatchObject({ status: 'pending' });
    await service.database.query(
      `UPDATE pgboss.job SET start_after = now() WHERE data ->> 'bookingId' = $1 AND state = 'created'`,
      [bookingId],
    );
    await settled(bookingId, { status: 'synced', eventId: eventIdOf(bookingId, 0) });
    expect(owner.calendar.events()).toHaveLength(1);
  });

  it('finishes it also when its job comes at the very moment the lease of the dead ends', async () => {
    const bookingId = await want(service, owner.tenant);
    const attempt = jest.spyOn(service.app.get(EventReconciler), 'attempt');
    // The lease still kept this job away, and is over by the time it looks until when.
    attempt.mockResolvedValueOnce(false);
    await service.database.query(
      `UPDATE event_write SET lease_until = now() - interval '1 ms' WHERE booking_id = $1`,
      [bookingId],
    );
    await settled(bookingId, { status: 'synced' });
    // The one that found nobody to wait for, and the one that it left behind; the queue may send one more.
    expect(attempt.mock.calls.length).toBeGreaterThanOrEqual(2);
    attempt.mockRestore();
  });

  it('waits for the owner when the grant is revoked, asks nothing more of Google, and goes on once reconnected', async () => {
    service.google.revokeGrant(owner.email);
    const bookings = [await want(service, owner.tenant), await want(service, owner.tenant)];
    for (const bookingId of bookings) await write(bookingId);
    const cancelled = await want(service, owner.tenant);
    await unwant(service, owner.tenant, cancelled);
    for (const bookingId of bookings) {
      expect(await stateOf(bookingId)).toMatchObject({ status: 'pending', reason: 'needs_reconnect' });
    }
    service.google.clearRequests();
    const before = await writer().states(owner.tenant, bookings);
    // Longer than a lease: jobs that are left over find nothing to do.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(service.google.requests.filter(({ accountEmail }) => accountEmail === owner.email)).toEqual([]);
    expect(await writer().states(owner.tenant, bookings)).toEqual(before);
    await connectGoogle(service, owner, owner.email);
    for (const bookingId of bookings) await settled(bookingId, { status: 'synced' });
    expect(owner.calendar.events()).toHaveLength(2);
  }, 40_000);

  it('takes away after reconnecting what was cancelled meanwhile', async () => {
    const bookingId = await want(service, owner.tenant);
    await write(bookingId);
    service.google.revokeGrant(owner.email);
    await unwant(service, owner.tenant, bookingId);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'needs_reconnect' });
    expect(owner.calendar.events()).toHaveLength(1);
    await connectGoogle(service, owner, owner.email);
    await settled(bookingId, { status: 'synced', eventId: null });
    expect(owner.calendar.events()).toEqual([]);
  });

  it('goes on trying while the stored tokens cannot be opened, and is done once the key is back', async () => {
    const tokens = await service.database.query<Record<string, string>>(
      `SELECT access_token, refresh_token FROM tenant_google_token WHERE tenant_id = $1`,
      [owner.id],
    );
    const replaceTokens = (access?: string, refresh?: string) =>
      service.database.query(
        `UPDATE tenant_google_token SET access_token = $2, refresh_token = $3 WHERE tenant_id = $1`,
        [owner.id, access, refresh],
      );
    await replaceTokens('v1.k0.AAAAAAAAAAAAAAAA.AAAA', 'v1.k0.AAAAAAAAAAAAAAAA.AAAA');
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'misconfigured' });
    const { body } = await service.request('GET', '/api/tenant-calendar/status', { key: owner.key });
    expect(body).toMatchObject({ connected: true });
    await replaceTokens(tokens[0]?.['access_token'], tokens[0]?.['refresh_token']);
    await settled(bookingId, { status: 'synced' });
  });

  it('asks the owner to connect again when a permission is missing', async () => {
    fault({ on: 'events.insert', status: 403, reason: 'insufficientPermissions', times: 5 });
    const bookingId = await want(service, owner.tenant);
    expect(await write(bookingId)).toMatchObject({ status: 'pending', reason: 'needs_reconnect' });
    const { body } = await service.request('GET', '/api/tenant-calendar/status', { key: owner.key });
    expect(body).toMatchObject({ state: 'needs_reconnect', reason: 'missing_scope' });
  });

  it('sees nothing of another tenant’s events, with every id of theirs', async () => {
    const neighbour = await aConnectedTenant(service);
    const bookingId = await want(service, owner.tenant);
    await write(bookingId);
    expect(await writer().states(neighbour.tenant, [bookingId])).toEqual(new Map());
    await unwant(service, neighbour.tenant, bookingId);
    expect(await writer().writeNow(neighbour.tenant, bookingId, Deadline.in(500))).toMatchObject({
      status: 'not_connected',
    });
    expect(owner.calendar.events()).toHaveLength(1);
    expect(neighbour.calendar.events()).toEqual([]);
  });
});
