import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startService } from '../support/service-process.js';
import { aTenant, connectGoogle } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

/**
 * The process is killed while a booking is under way, at moments spread from before the insert to after the event id is
 * stored. Google is slowed down so that each step has a while in which to be hit.
 */
describe('a process killed with -9 between the insert and the stored event id', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  const date = upcoming(2);
  const email = 'owner@acme.example';

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    google.addAccount({ email, timeZone: 'America/New_York' });
  });
  afterAll(async () => {
    await google.stop();
    await database.drop();
  });

  it('keeps every booking that was made, and each ends as exactly one event', async () => {
    const environment = { CALENDAR_ATTEMPT_MS: '1500', CALENDAR_BUDGET_MS: '1000' };
    let service = await startService(database, google.origin, environment);
    const tenant = await aTenant({ request: service.request });
    await connectGoogle({ request: service.request, google }, tenant, email);

    const hours = ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00'];
    for (const [round, time] of hours.entries()) {
      google.fault({ on: 'freebusy.query', delayMs: 40 });
      google.fault({ on: 'events.insert', delayMs: 60 });
      const answer = service
        .request('POST', '/api/bookings', {
          key: tenant.key,
          body: { startsAt: at(date, time), name: 'Ana', phone: '+14155550123' },
        })
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 25));
      await service.kill();
      await answer;
      google.clearFaults();
      service = await startService(database, google.origin, environment);
    }

    type Row = { id: string; state: string };
    let rows: Row[] = [];
    await eventually(async () => {
      rows = await database.query<Row>(
        `SELECT b.id, w.state FROM booking b LEFT JOIN event_write w ON w.booking_id = b.id WHERE b.status = 'confirmed'`,
      );
      expect(rows.map(({ state }) => state)).toEqual(rows.map(() => 'synced'));
    }, 60_000);
    // The latest kill comes after the insert on any machine; otherwise this test would have shown nothing.
    expect(rows.length).toBeGreaterThan(0);
    const events = google.account(email).calendar().events();
    const marks = events.map(({ id }) => id.slice(2, 34)).sort();
    expect(marks).toEqual(rows.map(({ id }) => id.replaceAll('-', '')).sort());
    await service.stop();
  }, 150_000);
});
