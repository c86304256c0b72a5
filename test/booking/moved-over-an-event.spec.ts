import type { BookingView } from '../../src/booking/booking.js';
import type { ConflictPage } from '../../src/booking/conflicts/conflicts.service.js';
import { bookingIdOf } from '../../src/calendar/event-id.js';
import { EventReconciler } from '../../src/calendar/event-reconciler.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';
import { addEvent, blocksOf, synchronised, timesOf } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const HOUR = 3_600_000;

describe('the event of a booking that its owner has moved', () => {
  let app: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(2);
  const ten = Date.parse(at(date, '10:00'));

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    owner = await aConnectedTenant(app);
  });

  const book = async (time: string) => {
    const { status, body } = await app.request<BookingView>('POST', '/api/bookings', {
      key: owner.key,
      body: { startsAt: at(date, time), name: 'Ana', phone: '+14155550123' },
    });
    expect(status).toBe(201);
    return body;
  };
  const moveEvent = async ({ id }: BookingView, start: number) => {
    const event = owner.calendar.events().find((one) => bookingIdOf(one.id) === id);
    owner.calendar.updateEvent(event!.id, timesOf(start, start + HOUR));
    await synchronised(app.database, owner.id);
  };
  const conflicts = async () => {
    const { body } = await app.request<ConflictPage>('GET', '/api/conflicts', { key: owner.key });
    return body.items;
  };

  it('to where another event has been for long is followed, and shown as a conflict with that', async () => {
    const meeting = addEvent(owner.calendar, ten, ten + HOUR);
    const booking = await book('12:00');
    await moveEvent(booking, ten);
    await eventually(async () => {
      expect(await conflicts()).toMatchObject([
        {
          kind: 'event_over_booking',
          booking: { id: booking.id, startsAt: at(date, '10:00') },
          event: { id: meeting.id },
        },
      ]);
    });
    await moveEvent(booking, ten + 3 * HOUR);
    await eventually(async () => expect(await conflicts()).toEqual([]));
  });

  it('over another booking stays the one conflict that it is when a reading finds something else', async () => {
    const [moved, other] = [await book('12:00'), await book('14:00')];
    await moveEvent(moved, ten + 4 * HOUR);
    const one = { kind: 'booking_event_moved', booking: { id: moved.id } };
    await eventually(async () => expect(await conflicts()).toMatchObject([one]));
    // Nobody has told of this one when somebody books and looks.
    addEvent(owner.calendar, ten, ten + HOUR);
    await book('16:00');
    // Whatever is told of the other booking's event has it compared with what is in the mirror.
    const event = owner.calendar.events().find(({ id }) => bookingIdOf(id) === other.id);
    owner.calendar.updateEvent(event!.id, { summary: 'Otherwise' });
    await synchronised(app.database, owner.id);
    expect(await conflicts()).toMatchObject([one]);
  });

  it('over another booking keeps its time there, also where it is looked at while everything is listed', async () => {
    const [moved] = [await book('12:00'), await book('14:00')];
    await moveEvent(moved, ten + 4 * HOUR);
    const isThere = async () => {
      const blocks = await blocksOf(app.database, owner.id);
      expect(blocks.map(({ start }) => Date.parse(start))).toEqual([ten + 4 * HOUR]);
    };
    await eventually(isThere);
    app.google.fault({ on: 'events.list', delayMs: 1000 });
    await app.database.query('UPDATE calendar_sync SET sync_token = NULL WHERE tenant_id = $1', [owner.id]);
    const listed = synchronised(app.database, owner.id);
    await eventually(async () => {
      const [held] = await app.database.query(
        'SELECT 1 FROM calendar_sync WHERE tenant_id = $1 AND lease_until IS NOT NULL',
        [owner.id],
      );
      expect(held).toBeDefined();
    });
    await app.database.query(
      'UPDATE event_write SET look_requested_at = clock_timestamp() WHERE booking_id = $1',
      [moved.id],
    );
    expect(await app.app.get(EventReconciler).attempt(owner.tenant, moved.id)).toBe(true);
    await listed;
    await isThere();
  });
});
