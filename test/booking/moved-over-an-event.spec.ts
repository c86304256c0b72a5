import type { BookingView } from '../../src/booking/booking.js';
import type { ConflictPage } from '../../src/booking/conflicts/conflicts.service.js';
import { bookingIdOf } from '../../src/calendar/event-id.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';
import { addEvent, synchronised, timesOf } from '../calendar/mirror/mirrored.js';
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
});
