import { createApp } from '../../src/create-app.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, someContent, want, type ConnectedTenant } from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

const WAITING = 60;
/** Far less than the waiting writes take when they are all ahead, and what a loaded machine keeps. */
const PROMPT_MS = 20_000;

describe('an account that does not answer', () => {
  let service: TestApp;
  let another: Awaited<ReturnType<typeof createApp>>;
  let hanging: ConnectedTenant;
  let neighbour: ConnectedTenant;

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 500, calendarAttemptMs: 3000 });
    another = await createApp(service.settings);
    await another.init();
  });
  afterAll(async () => {
    service.google.clearFaults();
    await another.close();
    await service.close();
  });
  beforeEach(async () => {
    service.google.clearFaults();
    hanging = await aConnectedTenant(service);
    neighbour = await aConnectedTenant(service);
    for (const { id } of [hanging, neighbour]) await synchronised(service.database, id);
  });

  const events = ({ calendar }: ConnectedTenant) => calendar.events().length;
  const wantMany = async (tenant: ConnectedTenant): Promise<void> => {
    for (let n = 0; n < WAITING; n += 1) await want(service, tenant.tenant, someContent({ days: 7 + n }));
  };
  const count = async (where: string): Promise<number> => {
    const [row] = await service.database.query<{ count: number }>(
      `SELECT count(*)::int FROM event_write w WHERE w.tenant_id = $1 AND ${where}`,
      [hanging.id],
    );
    return row?.count ?? 0;
  };
  const stateOf = async ({ tenant }: ConnectedTenant, bookingId: string) =>
    (await service.app.get(EventWriter).states(tenant, [bookingId])).get(bookingId);

  it('delays no other organisation’s retry, is tried one write at a time, and catches up once it answers', async () => {
    service.google.fault({
      on: /^events\.(insert|get)/,
      account: hanging.email,
      hang: true,
      times: Infinity,
    });
    await wantMany(hanging);
    await eventually(
      async () => expect(await count(`w.failure IN ('timeout', 'unavailable')`)).toBeGreaterThan(0),
      30_000,
    );

    service.google.fault({ on: 'events.insert', account: neighbour.email, status: 503, times: 5 });
    const bookingId = await want(service, neighbour.tenant);
    await eventually(
      async () => expect(await stateOf(neighbour, bookingId)).toMatchObject({ status: 'synced' }),
      PROMPT_MS,
    );

    // What began before the first timeout is over by now.
    for (let looks = 0; looks < 20; looks += 1) {
      expect(await count(`w.lease_until > clock_timestamp()`)).toBeLessThanOrEqual(1);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }

    service.google.clearFaults();
    await eventually(() => expect(events(hanging)).toBe(WAITING), 60_000);
    await eventually(async () => expect(await count(`w.state <> 'synced'`)).toBe(0), 20_000);
  }, 150_000);

  it('answers a caller at once, without waiting for that account again', async () => {
    service.google.fault({
      on: /^events\.(insert|get)/,
      account: hanging.email,
      hang: true,
      times: Infinity,
    });
    await want(service, hanging.tenant);
    await eventually(async () => expect(await count(`w.failure = 'timeout'`)).toBe(1), 30_000);
    const before = service.google.requests.length;
    await service.database.query(
      `UPDATE calendar_connection SET next_attempt_at = now() + interval '1 minute' WHERE tenant_id = $1`,
      [hanging.id],
    );
    const bookingId = await want(service, hanging.tenant, someContent({ days: 9 }));
    const state = await service.app.get(EventWriter).writeNow(hanging.tenant, bookingId, Deadline.in(60_000));
    expect(state).toMatchObject({ status: 'pending', attempts: 0 });
    const asked = service.google.requests
      .slice(before)
      .filter(({ operation }) => operation === 'events.insert');
    expect(asked).toEqual([]);
  }, 60_000);

  it('delays nobody when it answers slowly and has much to write', async () => {
    service.google.fault({ on: 'events.insert', account: hanging.email, delayMs: 1500, times: Infinity });
    await wantMany(hanging);
    await eventually(() => expect(events(hanging)).toBeGreaterThan(2), 30_000);
    service.google.fault({ on: 'events.insert', account: neighbour.email, status: 503, times: 5 });
    const bookingId = await want(service, neighbour.tenant);
    await eventually(
      async () => expect(await stateOf(neighbour, bookingId)).toMatchObject({ status: 'synced' }),
      10_000,
    );
    expect(events(hanging)).toBeLessThan(WAITING);
  }, 120_000);
});
