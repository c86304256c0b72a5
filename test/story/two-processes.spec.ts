import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import type { BookingView } from '../../src/booking/booking.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startService, type ServiceProcess } from '../support/service-process.js';
import { aTenant, connectGoogle, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

describe('two processes of the service on one database', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let services: ServiceProcess[];
  let tenant: TestTenant;
  const date = upcoming(2);
  const email = 'owner@acme.example';

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    services = await Promise.all([
      startService(database, google.origin),
      startService(database, google.origin),
    ]);
    google.addAccount({ email, timeZone: 'America/New_York' });
    const app = { request: services[0]!.request, google };
    tenant = await aTenant(app);
    await connectGoogle(app, tenant, email);
  }, 60_000);
  afterAll(async () => {
    for (const service of services) await service.stop();
    await google.stop();
    await database.drop();
  });

  it('lets exactly one of 200 simultaneous bookings of one slot succeed, with one event', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        services[index % 2]!.request<BookingView & { code?: string }>('POST', '/api/bookings', {
          key: tenant.key,
          body: { startsAt: at(date, '11:00'), name: `Caller ${index}`, phone: `+1415555${1000 + index}` },
        }),
      ),
    );
    const outcomes = Map.groupBy(answers, ({ status, body }) => `${status} ${body.code ?? ''}`.trim());
    expect([...outcomes.keys()].sort()).toEqual(['201', '409 slot_taken']);
    expect(outcomes.get('201')).toHaveLength(1);

    const [booked] = outcomes.get('201')!;
    await eventually(async () => {
      const { body } = await services[1]!.request<BookingView>('GET', `/api/bookings/${booked!.body.id}`, {
        key: tenant.key,
      });
      expect(body.calendar.status).toBe('synced');
    });
    expect(google.account(email).calendar().events()).toHaveLength(1);
    const rows = await database.query('SELECT id FROM booking WHERE tenant_id = $1', [tenant.id]);
    expect(rows).toHaveLength(1);
  }, 60_000);

  it('gives the same answer to one Idempotency-Key at both', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        services[index % 2]!.request<BookingView>('POST', '/api/bookings', {
          key: tenant.key,
          headers: { 'idempotency-key': 'same-at-both' },
          body: { startsAt: at(date, '12:00'), name: 'Ana', phone: '+14155550123' },
        }),
      ),
    );
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 201, body: answers[0]!.body });
    }
  }, 60_000);

  it('gives the first answer to a repeated Idempotency-Key also when the process that gave it is gone', async () => {
    const repeat = (service: ServiceProcess) =>
      service.request<BookingView>('POST', '/api/bookings', {
        key: tenant.key,
        headers: { 'idempotency-key': 'answered-before-the-crash' },
        body: { startsAt: at(date, '13:00'), name: 'Ana', phone: '+14155550123' },
      });
    const first = await repeat(services[0]!);
    expect(first.status).toBe(201);
    await services[0]!.kill();
    services[0] = await startService(database, google.origin);
    expect(await repeat(services[0])).toMatchObject({ status: 201, body: first.body });
  }, 60_000);
});
