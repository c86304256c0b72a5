import type { BookingView } from '../../src/booking/booking.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startService, type ServiceProcess } from '../support/service-process.js';
import { aTenant, connectGoogle, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

type Booked = BookingView & { code?: string };

describe('a service that loses its database', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let service: ServiceProcess;
  let tenant: TestTenant;
  const email = 'owner@acme.example';

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    google.addAccount({ email, timeZone: 'America/New_York' });
    service = await startService(database, google.origin, { LOG_LEVEL: 'silent' });
    tenant = await aTenant({ request: service.request });
    await connectGoogle({ request: service.request, google }, tenant, email);
    // Long enough for a connection to be lost in the midst of a booking's transaction.
    await database.query(`
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_sleep(0.05); RETURN new; END $$;
      CREATE TRIGGER dawdle BEFORE INSERT ON booking FOR EACH ROW EXECUTE FUNCTION dawdle()`);
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await google.stop();
    await database.drop();
  });

  const endConnections = () =>
    database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND usename <> current_user AND pid <> pg_backend_pid()`);
  const book = (date: string, time: string, key: string) =>
    service.request<Booked>('POST', '/api/bookings', {
      key: tenant.key,
      headers: { 'idempotency-key': key },
      body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123' },
    });
  const hours = ['09', '10', '11', '12', '13', '14', '15', '16'].map((hour) => `${hour}:00`);
  const events = () => google.account(email).calendar().events();

  it('answers 503, books nothing by halves, and the same request succeeds when it is repeated', async () => {
    const refused: Booked[] = [];
    for (const date of [upcoming(1), upcoming(2), upcoming(3)]) {
      const asked = hours.map((time) => book(date, time, `${date} ${time}`.replace(' ', 'T')));
      for (let cut = 0; cut < 4; cut += 1) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        await endConnections();
      }
      const answers = await Promise.all(asked);
      for (const { status, body, headers } of answers) {
        expect([201, 503]).toContain(status);
        if (status !== 503) continue;
        expect(body.code).toBe('unavailable');
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
        refused.push(body);
      }
      for (const [index, time] of hours.entries()) {
        await eventually(async () => {
          const again = await book(date, time, `${date}T${time}`);
          expect(again.status).toBe(201);
          if (answers[index]?.status === 201) expect(again.body.id).toBe(answers[index].body.id);
        });
      }
    }
    // Otherwise nothing was cut off, and this has shown nothing.
    expect(refused.length).toBeGreaterThan(0);
    const bookings = await database.query<{ id: string }>('SELECT id FROM booking');
    expect(bookings).toHaveLength(24);
    await eventually(() => {
      expect(
        events()
          .map(({ id }) => id.slice(2, 34))
          .sort(),
      ).toEqual(bookings.map(({ id }) => id.replaceAll('-', '')).sort());
    }, 20_000);
  }, 60_000);

  it('is not ready while it is away, and takes up its work again when it is back', async () => {
    google.fault({ on: 'events.insert', status: 503, times: 8 });
    const waiting = await book(upcoming(4), '09:00', 'written-later');
    expect(waiting.body.calendar.status).toBe('pending');
    const [{ name } = { name: '' }] = await database.query<{ name: string }>(
      'SELECT current_database() AS name',
    );
    await database.query(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
    await endConnections();
    await eventually(async () => {
      expect((await service.request('GET', '/health/ready')).status).toBe(503);
    });
    expect((await service.request('GET', '/health/live')).status).toBe(200);
    const refused = await book(upcoming(4), '10:00', 'while-away');
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(JSON.stringify(refused.body)).not.toMatch(/connection|database|receptionist_/i);

    await database.query(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    google.clearFaults();
    await eventually(async () => {
      expect((await service.request('GET', '/health/ready')).status).toBe(200);
    });
    expect((await book(upcoming(4), '10:00', 'while-away')).status).toBe(201);
    await eventually(async () => {
      const { body } = await service.request<BookingView>('GET', `/api/bookings/${waiting.body.id}`, {
        key: tenant.key,
      });
      expect(body.calendar.status).toBe('synced');
    }, 20_000);
  }, 60_000);
});
