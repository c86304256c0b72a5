import type { Availability } from '../../src/booking/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import { addDays, localDateOf, offsetSpans } from '../../src/booking/zoned-time.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { startService, type ServiceProcess } from '../support/service-process.js';
import { aTenant, connectGoogle, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

const DAY = 86_400_000;

/** Zones that change their clocks in different ways, and which of the two changes is looked at. */
const CHANGES: [timezone: string, way: 'forward' | 'back', what: string][] = [
  ['America/New_York', 'forward', 'loses the hour after two'],
  ['America/New_York', 'back', 'repeats the hour after one'],
  ['Australia/Lord_Howe', 'back', 'repeats half an hour'],
  ['Australia/Lord_Howe', 'forward', 'loses half an hour'],
  ['Africa/Cairo', 'forward', 'loses the hour after midnight'],
  ['America/St_Johns', 'forward', 'is half an hour off, and loses an hour'],
];

/** The local date of the next such change that is some days away. */
function nextChange(timezone: string, way: 'forward' | 'back'): string {
  const from = Date.now() + 5 * DAY;
  const spans = offsetSpans(timezone, from, from + 380 * DAY);
  const after = spans.find(({ start, offset }, index) => {
    const before = spans[index - 1];
    return before !== undefined && start > from && offset > before.offset === (way === 'forward');
  });
  if (after === undefined) throw new Error(`${timezone} no longer changes its clocks.`);
  return localDateOf(after.start, timezone);
}

describe('a service process in a zone that is nobody’s, on days on which clocks change', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let service: ServiceProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    service = await startService(database, google.origin, { TZ: 'Pacific/Kiritimati' });
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await google.stop();
    await database.drop();
  });

  const openAroundTheClock = async (tenant: TestTenant) => {
    // The next change of the same kind can be more than a year away.
    await database.query('UPDATE service SET max_advance_days = 400 WHERE tenant_id = $1', [tenant.id]);
    await service.request('PUT', '/api/working-hours', {
      key: tenant.key,
      body: {
        weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' })),
        overrides: [],
      },
    });
  };
  const offered = async (tenant: TestTenant, from: string, to: string) =>
    (
      await service.request<Availability>('GET', `/api/availability?from=${from}&to=${to}`, {
        key: tenant.key,
      })
    ).body.slots;

  it.each(CHANGES)(
    'books every slot it offers in %s around the day on which the clock goes %s and %s',
    async (timezone, way) => {
      const tenant = await aTenant({ request: service.request }, { timezone });
      await openAroundTheClock(tenant);
      const from = addDays(nextChange(timezone, way), -1);
      const to = addDays(from, 2);
      const slots = await offered(tenant, from, to);
      expect([71, 72, 73]).toContain(slots.length);
      // In any order, by the id or by the start as it was offered.
      const answers = await Promise.all(
        slots.map(({ slotId, startsAt }, index) =>
          service.request<BookingView>('POST', '/api/bookings', {
            key: tenant.key,
            body: { ...(index % 2 ? { slotId } : { startsAt }), name: 'Ana', phone: '+14155550123' },
          }),
        ),
      );
      expect(answers.map(({ status, body }) => [status, body.startsAt, body.endsAt])).toEqual(
        slots.map(({ startsAt, endsAt }) => [201, startsAt, endsAt]),
      );
      expect(await offered(tenant, from, to)).toEqual([]);
    },
    40_000,
  );

  it('puts the event at the instant that was booked, in the wall time of the tenant', async () => {
    const email = 'owner@acme.example';
    const tenant = await aTenant({ request: service.request }, { timezone: 'America/New_York' });
    google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle({ request: service.request, google }, tenant, email);
    await openAroundTheClock(tenant);
    // One o'clock comes twice on this day: at the summer's and at the winter's offset.
    const date = nextChange('America/New_York', 'back');
    const twice = (await offered(tenant, date, date)).filter(({ startsAt }) =>
      startsAt.startsWith(`${date}T01:00:00`),
    );
    expect(twice.map(({ startsAt }) => startsAt.slice(19))).toEqual(['-04:00', '-05:00']);
    for (const { slotId } of twice) {
      const { body } = await service.request<BookingView>('POST', '/api/bookings', {
        key: tenant.key,
        body: { slotId, name: 'Ana', phone: '+14155550123' },
      });
      expect(body.calendar.status).toBe('synced');
    }
    const starts = google
      .account(email)
      .calendar()
      .events()
      .map(({ start }) => Date.parse(start?.dateTime ?? ''));
    expect(starts.sort()).toEqual(twice.map(({ startsAt }) => Date.parse(startsAt)));
  }, 20_000);
});
