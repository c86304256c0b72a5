import { randomUUID } from 'node:crypto';
import type { BusyInterval } from '../../src/calendar/calendar-provider.js';
import { CalendarReader } from '../../src/calendar/calendar-reader.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import { OwnEventRepository } from '../../src/calendar/own-event.repository.js';
import { Deadline } from '../../src/platform/deadline.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import {
  aConnectedTenant,
  conflictCalendars,
  connectAnother,
  someContent,
  unwant,
  want,
  type ConnectedTenant,
} from './connected-tenant.js';

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
  });

  const read = async (reader = owner) => {
    const calendars = await conflictCalendars(service, reader.tenant);
    return [
      ...(
        await service.app.get(CalendarReader).readBusy(reader.tenant, calendars, window, Deadline.in(3000))
      ).values(),
    ];
  };
  const busy = async (reader = owner) => {
    const knowledge = await read(reader);
    expect(knowledge.map(({ state }) => state)).toEqual(knowledge.map(() => 'checked'));
    return knowledge.flatMap((known) => known.busy);
  };
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

  it('do not block where the database wants them, live or as last known', async () => {
    await written();
    expect(owner.calendar.events()).toHaveLength(1);
    expect(await busy()).toEqual([]);
    service.google.fault({ on: 'events.list', status: 503, times: Infinity });
    expect(await read()).toMatchObject([{ state: 'unreachable', busy: [] }]);
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
    await unwant(service, owner.tenant, bookingId);
    expect(owner.calendar.events()).toHaveLength(1);
    expect(await busy()).toEqual([]);
  });

  it('do not block their old time while they are being moved by us', async () => {
    const { bookingId } = await written();
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    expect(await busy()).toEqual([]);
    await write(bookingId);
    expect(await busy()).toEqual([]);
  });

  it('do not block where they were seen just before they were moved by us', async () => {
    const { bookingId } = await written();
    const [calendar] = await conflictCalendars(service, owner.tenant);
    const seen = [{ ...time, mark: { tenant: owner.id, bookingId } }];
    const began = Date.now();
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    await write(bookingId);
    const own = service.app.get(OwnEventRepository);
    expect(await own.withoutOwn(owner.tenant, calendar?.id ?? '', seen, began)).toEqual([]);
    // Seen there by a reading that began afterwards, it can only have been moved back by the owner.
    expect(await own.withoutOwn(owner.tenant, calendar?.id ?? '', seen, Date.now() + 1)).toEqual(seen);
  });

  it('do not block where they were seen while they were being moved by us', async () => {
    const { bookingId } = await written();
    const [calendar] = await conflictCalendars(service, owner.tenant);
    const seen = [{ ...time, mark: { tenant: owner.id, bookingId } }];
    await want(service, owner.tenant, someContent({ days: 8 }), { id: bookingId });
    service.google.fault({ on: 'events.patch', delayMs: 400 });
    const moving = write(bookingId);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = Date.now();
    await moving;
    const own = service.app.get(OwnEventRepository);
    expect(await own.withoutOwn(owner.tenant, calendar?.id ?? '', seen, began)).toEqual([]);
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

  it('block where the owner has brought them back after they were taken away', async () => {
    const { bookingId, eventId } = await written();
    await unwant(service, owner.tenant, bookingId);
    await write(bookingId);
    expect(await busy()).toEqual([]);
    owner.calendar.updateEvent(eventId, { status: 'confirmed' });
    expect(await busy()).toEqual([time]);
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
      { state: 'checked', busy: [] },
      { state: 'checked', busy: [] },
    ]);
  });
});
