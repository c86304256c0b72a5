import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { Interval } from '../../src/booking/engine/intervals.js';
import type { ResourceCalendar } from '../../src/booking/engine/slot-finder.js';
import { addDays, localDateOf, startOfDay } from '../../src/booking/engine/zoned-time.js';
import { slotsByOracle } from '../engine/slot-oracle.js';
import { upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const ZONE = 'America/New_York';
const MINUTE = 60_000;
const LONGEST_DAYS = 62;
const MANY = 10_000;
const ROUND_THE_CLOCK = {
  weekly: ([1, 2, 3, 4, 5, 6, 7] as const).map((day) => ({ day, start: '00:00', end: '24:00' })),
  overrides: [],
};
const SERVICE = {
  durationMinutes: 4,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 1,
  slotStepMinutes: 5,
  minNoticeMinutes: 0,
  maxAdvanceDays: 365,
};

describe('availability of the longest range', () => {
  let service: TestApp;
  let tenant: TestTenant;
  let serviceId: string;
  let resourceId: string;
  const from = upcoming(1, ZONE);
  const to = addDays(from, LONGEST_DAYS - 1);
  const range = { from: startOfDay(from, ZONE), to: startOfDay(addDays(to, 1), ZONE) };

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    tenant = await aTenant(service, { timezone: ZONE });
    const [ids] = await service.database.query<{ serviceId: string; resourceId: string }>(
      'SELECT service_id AS "serviceId", resource_id AS "resourceId" FROM service_resource WHERE tenant_id = $1',
      [tenant.id],
    );
    ({ serviceId = '', resourceId = '' } = ids ?? {});
    const { key } = tenant;
    await service.request('PUT', '/api/working-hours', { key, body: ROUND_THE_CLOCK });
    await service.request('PATCH', `/api/services/${serviceId}`, { key, body: SERVICE });
  });

  /** All pages as one answer. */
  const ask = async (last: string) => {
    const path = `/api/availability?from=${from}&to=${last}`;
    const answer = await service.request<Availability>('GET', path, { key: tenant.key });
    for (let next = answer.body.nextCursor; typeof next === 'string';) {
      const { body } = await service.request<Availability>('GET', `${path}&cursor=${next}`, {
        key: tenant.key,
      });
      answer.body.slots.push(...body.slots);
      next = body.nextCursor;
    }
    return answer;
  };
  /** Blocks of one to six minutes, wherever, each in a part of the range of its own. */
  const blocks = (): Interval[] =>
    Array.from({ length: MANY }, (_, i) => {
      const room = (range.to - range.from) / MANY;
      const start = range.from + Math.floor((i * room) / MINUTE) * MINUTE;
      return { start, end: start + (1 + ((i * 7) % 6)) * MINUTE };
    });
  const expectOracle = ({ slots, now }: Availability, calendar: Partial<ResourceCalendar>): void => {
    const resource = { resourceId, timezone: ZONE, workingHours: ROUND_THE_CLOCK, booked: [], busy: [] };
    const expected = slotsByOracle({
      now: Date.parse(now),
      ...range,
      rules: SERVICE,
      resources: [{ ...resource, ...calendar }],
    });
    expect(slots.map(({ startsAt }) => Date.parse(startsAt))).toEqual(expected.map(({ start }) => start));
  };

  it('is answered for 62 days, and refused for more', async () => {
    const { status, body } = await ask(to);
    expect(status).toBe(200);
    expectOracle(body, {});
    expect(await ask(addDays(to, 1))).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field: 'to' }] },
    });
  });

  it.each(['Etc/GMT+12', 'Pacific/Kiritimati'])(
    'begins today where the organisation is, when only the end is given: %s',
    async (timezone) => {
      const { key } = await aTenant(service, { timezone });
      const today = localDateOf(Date.now(), timezone);
      for (const [last, status] of [
        [addDays(today, -1), 400],
        [today, 200],
        [addDays(today, 61), 200],
        [addDays(today, 62), 400],
      ] as const) {
        const answer = await service.request('GET', `/api/availability?to=${last}`, { key });
        expect([last, answer.status]).toEqual([last, status]);
      }
    },
  );

  it('is right with 10,000 blocks in the calendar', async () => {
    const busy = blocks();
    await service.database.query(
      `WITH account AS (
         INSERT INTO calendar_connection (tenant_id, account_sub, account_email, scopes, state)
         VALUES ($1, 'sub', 'owner@example.com', '{}', 'needs_reconnect') RETURNING tenant_id, id),
       mirrored AS (
         INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone, reads_conflicts, writes_bookings,
           known_from, known_to, known_as_of)
         SELECT tenant_id, id, 'primary', 'Calendar', 'UTC', true, true, now(), now() + interval '1 year', now() FROM account
         RETURNING tenant_id, id)
       INSERT INTO busy_block (tenant_id, calendar_id, event_id, starts_at, ends_at)
       SELECT tenant_id, id, 'event at ' || b.starts_at, b.starts_at, b.ends_at
       FROM mirrored, unnest($2::timestamptz[], $3::timestamptz[]) AS b (starts_at, ends_at)`,
      [tenant.id, busy.map(({ start }) => new Date(start)), busy.map(({ end }) => new Date(end))],
    );
    const { status, body } = await ask(to);
    expect(status).toBe(200);
    expect(body.calendar.state).toBe('fresh');
    expect(body.slots.length).toBeGreaterThan(10);
    expectOracle(body, { busy });
  });

  it('is right with 10,000 bookings', async () => {
    const booked = blocks();
    await service.database.query(
      `INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
         local_date, customer_name, phone, source)
       SELECT $1, b.starts_at::text, $2, $3, 'confirmed', b.starts_at, b.ends_at, tstzrange(b.starts_at, b.ends_at), $4,
         (b.starts_at AT TIME ZONE $4)::date, 'Ana', '+14155550123', 'agent'
       FROM unnest($5::timestamptz[], $6::timestamptz[]) AS b (starts_at, ends_at)`,
      [
        tenant.id,
        resourceId,
        serviceId,
        ZONE,
        booked.map(({ start }) => new Date(start)),
        booked.map(({ end }) => new Date(end)),
      ],
    );
    const { status, body } = await ask(to);
    expect(status).toBe(200);
    expect(body.slots.length).toBeGreaterThan(10);
    expectOracle(body, { booked });
  });
});
