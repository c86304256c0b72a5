import { randomUUID } from 'node:crypto';
import type { BusyInterval } from '../../src/calendar/calendar-provider.js';
import { eventIdOf } from '../../src/calendar/event-id.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import { OwnEvents, type OwnEvent, type SeenOwnEvent } from '../../src/calendar/mirror/own-events.js';
import { Database } from '../../src/platform/database/database.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import {
  aConnectedTenant,
  conflictCalendars,
  connectAnother,
  readCalendars,
  someContent,
  unwant,
  want,
  type ConnectedTenant,
} from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

const DAY = 86_400_000;

describe('the events of bookings in a calendar that is read for conflicts', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const content = someContent();
  const time = { start: Date.parse(content.startsAt), end: Date.parse(content.endsAt) };
  const window = { from: time.start - DAY, to: time.start + 3 * DAY };

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await synchronised(service.database, owner.id);
  });

  const read = async (reader = owner, { live = true } = {}) => [
    ...(await readCalendars(service, reader.tenant, window, { live, withinMs: 3000 })).values(),
  ];
  /** What blocks when Google is asked, and what the mirror has once all that was seen has been looked into: the same. */
  const busy = async (reader = owner) => {
    const known = await read(reader);
    await synchronised(service.database, reader.id);
    await eventually(async () => {
      const looks = await service.database.query(
        `SELECT 1 FROM event_write WHERE tenant_id = $1 AND wanted = 'present'
           AND (look_requested_at IS NOT NULL OR lease_until IS NOT NULL)`,
        [reader.id],
      );
      expect(looks).toEqual([]);
    });
    const mirrored = await read(reader, { live: false });
    for (const knowledge of [known, mirrored]) {
      expect(knowledge.map(({ state }) => state)).toEqual(knowledge.map(() => 'fresh'));
    }
    expect(mirrored.map((each) => each.busy)).toEqual(known.map((each) => each.busy));
    return known.flatMap((each) => each.busy);
  };
  /** What an event of a booking is to us, seen in the tenant's calendar by a reading that began at that time. */
  const own = async (seen: SeenOwnEvent, seenAt: number): Promise<OwnEvent | undefined> => {
    const [calendar] = await conflictCalendars(service, owner.tenant);
    const found = await service.app
      .get(Database)
      .inTenant(owner.tenant, (sql) =>
        service.app.get(OwnEvents).find(sql, owner.tenant, calendar?.id ?? '', [seen], new Date(seenAt)),
      );
    return found.get(seen.id);
  };
  const seenAt = (id: string, { etag = null }: { etag?: string | null } = {}): SeenOwnEvent => ({
    id,
    etag,
    cancelled: false,
    time,
  });
  const write = (bookingId: string) =>
    service.app.get(EventWriter).writeNow(owner.tenant, bookingId, Deadline.in(3000));
  const written = async () => {
    const bookingId = await want(service, owner.tenant, content);
    const { eventId } = await write(bookingId);
    return { bookingId, eventId: eventId ?? '' };
  };
  const later = ({ start, end }: BusyInterval, days: number) => ({
    start: start + days * DAY,
    end: end + days * DAY,
  });
  const timesOf = ({ start, end }: BusyInterval) => ({
    start: { dateTime: new Date(start).toISOString() },
    end: { dateTime: new Date(end).toISOString() },
  });

  it('do not block where the database wants them, live or by the mirror', async () => {
    await written();
    expect(owner.calendar.events()).toHaveLength(1);
    expect(await busy()).toEqual([]);
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    expect(await read()).toMatchObject([{ state: 'stale', busy: [] }]);
  });

  it('leave what else is there at the same time in the way', async () => {
    await written();
    owner.calendar.addEvent({ ...timesOf(time), summary: 'Also then' });
    expect(await busy()).toEqual([time]);
  });

  it('block where the owner has moved them to, or made them longer', async () => {
    const { eventId } = await written();
    owner.calendar.updateEvent(eventId, timesOf(later(time, 1)));
    expect(await busy()).toEqual([later(time, 1)]);
    owner.calendar.updateEvent(eventId, timesOf({ ...time, end: time.end + 1_800_000 }));
    expect(await busy()).toEqual([{ start: time.start, end: time.end + 1_800_000 }]);
    owner.calendar.updateEvent(eventId, timesOf(time));
    expect(await busy()).toEqual([]);
  });

  it('do not block once their booking is cancelled, even if they are still there', async () => {
    const { bookingId, eventId } = await written();
    owner.calendar.updateEvent(eventId, timesOf(later(time, 1)));
    service.google.fault({ on: 'events.delete', status: 503, times: Infinity });
    await unwant(service, owner.tenant, bookingId);
    expect(await busy()).toEqual([]);
    expect(owner.calendar.events()).toHaveLength(1);
  });

  it('do not block their old time while they are being moved by us', async () => {
    const { bookingId } = await written();
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    expect(await busy()).toEqual([]);
    await write(bookingId);
    expect(await busy()).toEqual([]);
  });

  it('do not block where they were seen just before they were moved by us', async () => {
    const { bookingId, eventId } = await written();
    const began = Date.now();
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    await write(bookingId);
    expect(await own(seenAt(eventId), began)).toMatchObject({ bookingId, isAccountedFor: true });
    // Seen there by a reading that began afterwards, it can only have been moved back by the owner.
    expect(await own(seenAt(eventId), Date.now() + 1)).toMatchObject({ bookingId, isAccountedFor: false });
  });

  it('do not block where they were seen while they were being moved by us', async () => {
    const { bookingId, eventId } = await written();
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    service.google.fault({ on: 'events.patch', delayMs: 400 });
    const moving = write(bookingId);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = Date.now();
    expect(await own(seenAt(eventId), began)).toMatchObject({ isAccountedFor: true });
    await moving;
    expect(await own(seenAt(eventId), began)).toMatchObject({ isAccountedFor: true });
  });

  it('are looked into where they are other than we know of, and only then', async () => {
    const { bookingId, eventId } = await written();
    const etag = owner.calendar.events()[0]?.etag;
    const change = async (seen: Partial<SeenOwnEvent>) =>
      (await own({ ...seenAt(eventId, { etag }), ...seen }, Date.now() + 1))?.isChanged;
    expect(await change({})).toBe(false);
    expect(await change({ etag: '"other"' })).toBe(true);
    expect(await change({ cancelled: true, etag: null, time: null })).toBe(true);
    // One that an earlier attempt made is not the one that counts, nor is any of a booking that wants none.
    expect(await change({ id: eventIdOf(bookingId, 7), cancelled: true })).toBe(false);
    await unwant(service, owner.tenant, bookingId);
    expect(await change({ etag: '"other"' })).toBe(false);
    expect(await change({ id: eventIdOf(randomUUID(), 0) })).toBeUndefined();
  });

  it('are not what the owner made by copying one: that blocks, also after the booking is cancelled', async () => {
    const { bookingId } = await written();
    const [event] = owner.calendar.events();
    const { extendedProperties } = event ?? {};
    owner.calendar.addEvent({ ...timesOf(later(time, 1)), extendedProperties });
    const copyAtTheSameTime = owner.calendar.addEvent({ ...timesOf(time), extendedProperties });
    expect(await busy()).toEqual([time, later(time, 1)]);
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    expect(await busy()).toEqual([time, later(time, 1)]);
    owner.calendar.deleteEvent(copyAtTheSameTime.id);
    expect(await busy()).toEqual([later(time, 1)]);
  });

  it('are taken away again where the owner has brought them back', async () => {
    const { bookingId, eventId } = await written();
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    expect(await busy()).toEqual([]);
    owner.calendar.updateEvent(eventId, { status: 'confirmed' });
    await synchronised(service.database, owner.id);
    await eventually(() => expect(owner.calendar.events()).toEqual([]));
    await synchronised(service.database, owner.id);
    expect(await busy()).toEqual([]);
  });

  it('block where their booking is not known', async () => {
    const { bookingId } = await written();
    await service.database.query(`DELETE FROM event_write WHERE booking_id = $1`, [bookingId]);
    expect(await busy()).toEqual([time]);
  });

  it('block where they bear the mark of nothing that could be a booking', async () => {
    for (const receptionistBooking of [
      '',
      "'; DROP TABLE booking",
      randomUUID().toUpperCase(),
      randomUUID(),
    ]) {
      owner.calendar.addEvent({
        ...timesOf(time),
        extendedProperties: { private: { receptionistTenant: owner.id, receptionistBooking } },
      });
    }
    expect(await busy()).toEqual([time]);
  });

  it('block in the calendar of another tenant', async () => {
    const { bookingId } = await written();
    const neighbour = await aConnectedTenant(service, owner.email);
    expect(await busy(neighbour)).toEqual([time]);
    // Nor can an event claim to be somebody else's.
    owner.calendar.addEvent({
      ...timesOf(later(time, 1)),
      extendedProperties: {
        private: { receptionistTenant: neighbour.id, receptionistBooking: bookingId },
      },
    });
    expect(await busy(neighbour)).toEqual([time, later(time, 1)]);
    expect(await busy()).toEqual([later(time, 1)]);
  });

  it('block in another calendar that the owner has moved them to', async () => {
    const { eventId } = await written();
    const [event] = owner.calendar.events();
    const other = await connectAnother(service, owner, `second-${owner.email}`);
    owner.calendar.deleteEvent(eventId);
    other.calendar().addEvent({
      ...timesOf(time),
      extendedProperties: event?.extendedProperties,
    });
    await service.database.query(
      `UPDATE calendar SET reads_conflicts = true WHERE tenant_id = $1 AND google_id = 'primary'`,
      [owner.id],
    );
    expect(await busy()).toEqual([time]);
  });

  it('do not block where the same calendar is read through another account', async () => {
    await written();
    const other = await connectAnother(service, owner, `second-${owner.email}`);
    service.google
      .account(other.email)
      .addCalendar({ id: owner.calendar.id, summary: 'The owner’s', accessRole: 'reader' });
    await service.database.query(
      `INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone, reads_conflicts)
       SELECT $1, id, $2, '', 'UTC', true FROM calendar_connection WHERE tenant_id = $1 AND account_email = $3`,
      [owner.id, owner.calendar.id, other.email],
    );
    expect(await read()).toMatchObject([
      { state: 'fresh', busy: [] },
      { state: 'fresh', busy: [] },
    ]);
    expect(await busy()).toEqual([]);
  });
});
