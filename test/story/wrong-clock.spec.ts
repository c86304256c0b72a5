import { pathToFileURL } from 'node:url';
import { SignJWT } from 'jose';
import type { BookingView } from '../../src/booking/booking.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { timesOf } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { type ServiceProcess, startService } from '../support/service-process.js';
import { aTenant, connectGoogle, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

const MINUTE = 60_000;
const JWT_SECRET = 'a shared secret of at least thirty-two bytes';

describe.each([
  ['five minutes behind', -5 * MINUTE],
  ['five minutes ahead', 5 * MINUTE],
])('an instance whose clock is %s', (_, shiftMs) => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let service: ServiceProcess;
  let tenant: TestTenant;
  const date = upcoming(2);
  const email = 'owner@acme.example';

  const book = (time: string) =>
    service.request<BookingView>('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123' },
    });
  const secondsFromDatabase = async (instant: string) => {
    const [row] = await database.query<{ seconds: number }>(
      `SELECT extract(epoch FROM ${instant} - now())::float8 AS seconds`,
    );
    return row?.seconds ?? NaN;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    google.addAccount({ email, timeZone: 'America/New_York' });
    service = await startService(database, google.origin, {
      NODE_OPTIONS: `--import=${pathToFileURL('test/support/shifted-clock.mjs').href}`,
      CLOCK_SHIFT_MS: String(shiftMs),
      DASHBOARD_JWT_SECRET: JWT_SECRET,
      DASHBOARD_JWT_ISSUER: 'https://dashboard.test',
      DASHBOARD_JWT_AUDIENCE: 'receptionist',
      JOB_POLL_INTERVAL_MS: '500',
    });
    tenant = await aTenant(service);
    await service.request('PUT', '/api/working-hours', {
      key: tenant.key,
      body: { weekly: [{ day: 2, start: '09:00', end: '18:00' }] },
    });
    await connectGoogle({ request: service.request, google }, tenant, email);
  }, 60_000);
  afterAll(async () => {
    await service.kill();
    await google.stop();
    await database.drop();
  });

  it('says by how much it is off, and is ready all the same', async () => {
    const { status, body } = await service.request<{ clock: { state: string; offsetSeconds: number } }>(
      'GET',
      '/health/ready',
    );
    expect(status).toBe(200);
    expect(body.clock.state).toBe('off');
    expect(Math.abs(body.clock.offsetSeconds - shiftMs / 1000)).toBeLessThan(2);
  });

  it('answers by the time that all instances share', async () => {
    const { body } = await service.request<{ now: string }>('GET', `/api/availability?date=${date}`, {
      key: tenant.key,
    });
    expect(Math.abs(await secondsFromDatabase(`'${body.now}'::timestamptz`))).toBeLessThan(30);
  });

  it('tries again when it said that it would', async () => {
    google.fault({ on: 'events.insert', status: 503, times: 4 });
    const { status, body } = await book('09:00');
    expect(status).toBe(201);
    await eventually(async () => {
      const { body: now } = await service.request<BookingView>('GET', `/api/bookings/${body.id}`, {
        key: tenant.key,
      });
      expect(now.calendar).toMatchObject({ status: 'synced' });
    }, 30_000);
  });

  it('does not book over what the owner moved a moment ago', async () => {
    const { status, body } = await book('10:00');
    expect(status).toBe(201);
    await eventually(async () => {
      const [calendar] = await database.query<{ due: boolean }>(
        `SELECT due_at <= now() + interval '1 s' OR lease_until IS NOT NULL AS due FROM calendar_sync`,
      );
      expect(calendar).toEqual({ due: false });
    });
    const event = google
      .account(email)
      .calendar()
      .events()
      .find(({ id }) => id.includes(body.id.replaceAll('-', '')));
    const start = Date.parse(at(date, '14:00'));
    google
      .account(email)
      .calendar()
      .updateEvent(event!.id, timesOf(start, start + 60 * MINUTE));
    expect(await book('14:00')).toMatchObject({ status: 409 });
  });

  it('follows what the owner did after a booking, and not what the owner did before', async () => {
    const { body } = await book('16:00');
    await eventually(async () => {
      const [write] = await database.query<{ state: string }>(
        `SELECT state FROM event_write WHERE booking_id = $1`,
        [body.id],
      );
      expect(write?.state).toBe('synced');
    });
    const calendar = google.account(email).calendar();
    const event = calendar.events().find(({ id }) => id.includes(body.id.replaceAll('-', '')));
    calendar.deleteEvent(event!.id);
    await database.query(`UPDATE calendar_sync SET due_at = now(), requested_at = clock_timestamp()`);
    await eventually(async () => {
      const { body: now } = await service.request<BookingView>('GET', `/api/bookings/${body.id}`, {
        key: tenant.key,
      });
      expect(now.status).toBe('cancelled');
    });
  });

  it('stores what other instances compare by the clock they share', async () => {
    const lifetime = await secondsFromDatabase('(SELECT access_expires_at FROM tenant_google_token)');
    expect(lifetime).toBeGreaterThan(3_400);
    expect(lifetime).toBeLessThan(3_605);
    expect(Math.abs(await secondsFromDatabase('(SELECT created_at FROM tenant)'))).toBeLessThan(60);
  });

  it('accepts a dashboard’s token until it has expired, and no longer', async () => {
    const token = (expiresInMs: number) =>
      new SignJWT({ tenant_id: tenant.id })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('https://dashboard.test')
        .setAudience('receptionist')
        .setExpirationTime(new Date(Date.now() + expiresInMs))
        .sign(new TextEncoder().encode(JWT_SECRET));
    const answer = async (expiresInMs: number) =>
      (await service.request('GET', '/api/services', { key: await token(expiresInMs) })).status;
    expect(await answer(2 * MINUTE)).toBe(200);
    expect(await answer(-MINUTE)).toBe(401);
  });
});
