import type { BookingView } from '../../src/booking/booking.js';
import { bookingIdOf } from '../../src/calendar/event-id.js';
import { JOB_SCHEMA } from '../../src/platform/jobs/install-job-queues.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant } from './connected-tenant.js';
import { synchronised, timesOf } from './mirror/mirrored.js';

const HOUR = 3_600_000;
/** So often has the owner changed the event before. */
const EDITS = 12;

describe('a look at an event that its owner has changed', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('is taken again soon after it failed, however many went well before', async () => {
    const { id, key, calendar } = await aConnectedTenant(app);
    const date = upcoming(2);
    const nine = Date.parse(at(date, '09:00'));
    const { body: booking } = await app.request<BookingView>('POST', '/api/bookings', {
      key,
      body: { startsAt: at(date, '09:00'), name: 'Ana', phone: '+14155550123' },
    });
    const event = calendar.events().find((one) => bookingIdOf(one.id) === booking.id);
    const moveTo = async (hours: number) => {
      const start = nine + hours * HOUR;
      calendar.updateEvent(event!.id, timesOf(start, start + HOUR));
      await synchronised(app.database, id);
    };
    const startsAt = async () => {
      const { body } = await app.request<BookingView>('GET', `/api/bookings/${booking.id}`, { key });
      return Date.parse(body.startsAt);
    };
    for (let edit = 1; edit <= EDITS; edit += 1) {
      await moveTo(edit % 8);
      await eventually(async () => expect(await startsAt()).toBe(nine + (edit % 8) * HOUR));
    }
    app.google.fault({ on: 'events.get', status: 503, times: Infinity });
    await moveTo(0);
    const waits = async () => {
      const [job] = await app.database.query<{ seconds: number }>(
        `SELECT extract(epoch FROM max(start_after) - now())::float8 AS seconds FROM ${JOB_SCHEMA}.job
         WHERE singleton_key = $1 AND state < 'active'`,
        [`${id}:${booking.id}`],
      );
      const [write] = await app.database.query<{ isHeld: boolean; attempts: number }>(
        'SELECT lease_until IS NOT NULL AS "isHeld", attempts FROM event_write WHERE booking_id = $1',
        [booking.id],
      );
      return { ...job, ...write };
    };
    await eventually(async () => {
      const { isHeld, seconds } = await waits();
      expect(isHeld).toBe(false);
      expect(seconds).not.toBeNull();
    });
    expect((await waits()).seconds).toBeLessThan(30);
    app.google.clearFaults();
    await eventually(async () => expect(await startsAt()).toBe(nine));
  }, 90_000);
});
