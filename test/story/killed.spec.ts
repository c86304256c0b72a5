import { setTimeout as sleep } from 'node:timers/promises';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { type ServiceProcess, startService } from '../support/service-process.js';
import { aTenant, connectGoogle, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

/** Google is slow, so that there is a while between any two steps in which the process can be hit. */
const SLOW_MS = 150;

describe('a process killed with -9 while a booking is under way', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let service: ServiceProcess;
  let tenant: TestTenant;
  const date = upcoming(2);
  const email = 'owner@acme.example';
  const environment = { CALENDAR_ATTEMPT_MS: '1500', CALENDAR_BUDGET_MS: '1500' };

  const events = () => google.account(email).calendar().events();
  const bookings = () =>
    database.query<{ id: string; state: string }>(
      `SELECT b.id, w.state FROM booking b
       LEFT JOIN event_write w ON w.tenant_id = b.tenant_id AND w.booking_id = b.id`,
    );

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    google.addAccount({ email, timeZone: 'America/New_York' });
    service = await startService(database, google.origin, environment);
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

  const moments: [moment: string, time: string, hasCome: (before: number) => Promise<boolean> | boolean][] = [
    ['before anything is stored', '09:00', () => true],
    ['when the booking is in the database', '10:00', async (before) => (await bookings()).length > before],
    ['when Google has the event', '11:00', (before) => events().length > before],
  ];

  it.each(moments)(
    '%s, or a moment after that: what was booked stays booked',
    async (_, time, hasCome) => {
      // Each later by as much as a step takes, so that the steps after the moment are hit as well.
      for (const [round, laterMs] of [0, 15, 60].entries()) {
        const before = Math.max((await bookings()).length, events().length);
        google.fault({ on: /events\.(list|insert)/, delayMs: SLOW_MS, times: 2 });
        const answer = service
          .request('POST', '/api/bookings', {
            key: tenant.key,
            body: {
              startsAt: at(date, `${Number(time.slice(0, 2)) + 3 * round}:00`.padStart(5, '0')),
              name: 'Ana',
              phone: '+14155550123',
            },
          })
          .catch(() => undefined);
        for (let waited = 0; waited < 5_000 && !(await hasCome(before)); waited += 5) await sleep(5);
        await sleep(laterMs);
        await service.kill();
        await answer;
        google.clearFaults();
        service = await startService(database, google.origin, environment);
        // What the last one left behind is settled before the next.
        await eventually(async () => {
          expect((await bookings()).filter(({ state }) => state !== 'synced')).toEqual([]);
        }, 30_000);
      }
    },
    120_000,
  );

  it('and each booking ends as exactly one event', async () => {
    const made = await bookings();
    // Two of the three moments come after the insert, three times each.
    expect(made.length).toBeGreaterThanOrEqual(6);
    const marks = events().map(({ id }) => id.slice(2, 34));
    expect(marks.sort()).toEqual(made.map(({ id }) => id.replaceAll('-', '')).sort());
  });
});
