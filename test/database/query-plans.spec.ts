import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import type { Availability } from '../../src/booking/availability/availability.service.js';
import { createApp } from '../../src/create-app.js';
import { eventually } from '../support/eventually.js';
import { addCrowd, keyOf } from '../support/many-bookings.js';
import { inject } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { testSettings } from '../support/test-settings.js';
import { type Access, StatementPlans } from './explained.js';

/** Enough rows for an index to be worth it; a table with fewer is read whole, and rightly. */
const MANY = 1_000;
const SMALL_TENANT = keyOf(17);
const LARGE_TENANT = keyOf(50_001);

describe('what is asked while a caller waits, with 40,000 bookings of 3,000 organisations', () => {
  let database: TestDatabase;
  let plans: StatementPlans;
  let app: NestFastifyApplication;
  let tables: Set<string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    const query = (text: string, values: unknown[]) => database.query(text, values);
    const small = { tenants: 3_000, bookingsEach: 10, keysEach: 1, busyBlocksEach: 3 };
    await addCrowd(query, small);
    const large = { tenants: 5, bookingsEach: 2_000, keysEach: 1, busyBlocksEach: 2_000 };
    await addCrowd(query, large, 50_000);
    const filled = await database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > $1`,
      [MANY],
    );
    tables = new Set(filled.map(({ name }) => name));
    plans = await StatementPlans.of(database);
    app = await createApp(testSettings(database, 'http://127.0.0.1:1'));
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    // A busy machine may take longer than a key may be looked up for.
    for (const key of [SMALL_TENANT, LARGE_TENANT]) {
      await eventually(async () => {
        await request('GET', '/api/services', key);
      });
    }
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const request = async <Body>(method: 'GET' | 'POST', path: string, key: string, body?: object) => {
    const answer = await inject<Body>(app, method, path, { key, body });
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const accessesDuring = (work: () => Promise<unknown>): Promise<Access[]> => plans.during(work, tables);
  /** The indexes in which rows of each table are looked up. */
  const indexesOf = (accesses: Access[], ...names: string[]): Record<string, (string | null)[]> =>
    Object.fromEntries(
      names.map((name) => [
        name,
        [...new Set(accesses.filter(({ table }) => table === name).map(({ index }) => index))].sort(),
      ]),
    );
  /** That every row is found by its tenant in an index, or a credential by its prefix. */
  const expectTenantFirst = (accesses: Access[]): void => {
    expect(accesses.length).toBeGreaterThan(0);
    const others = accesses.filter(({ table, index, condition }) => {
      if (index === null) return true;
      if (table === 'api_key') return !condition.includes('(prefix =');
      return !condition.includes(table === 'tenant' ? '(id =' : '(tenant_id =');
    });
    expect(others).toEqual([]);
  };

  /** That bookings are found by when they start, but for what is looked up in the other indexes named. */
  const expectBoundedByTime = (accesses: Access[], ...others: string[]): void => {
    const bookings = accesses.filter(({ table }) => table === 'booking');
    expect(bookings.length).toBeGreaterThan(0);
    for (const { index, condition } of bookings) {
      if (index !== null && others.includes(index)) continue;
      expect(index).toMatch(/^booking_by_(resource|start)$/);
      expect(condition).toMatch(/starts_at >= .*starts_at </s);
    }
  };

  it('is a choice: the tables are large enough for an index to be worth it', () => {
    expect([...tables]).toEqual(
      expect.arrayContaining([
        'tenant',
        'resource',
        'service',
        'booking',
        'event_write',
        'audit_entry',
        'busy_block',
        'calendar',
        'calendar_connection',
        'holiday',
        'time_off',
      ]),
    );
  });

  it.each([
    ['a small organisation', SMALL_TENANT],
    ['one with thousands of bookings', LARGE_TENANT],
  ])('finds the availability of %s in indexes', async (_, key) => {
    const accesses = await accessesDuring(() => request('GET', '/api/availability', key));
    expectTenantFirst(accesses);
    expect(indexesOf(accesses, 'busy_block', 'service', 'resource', 'time_off', 'holiday')).toEqual({
      busy_block: ['busy_block_by_start', 'busy_block_long'],
      service: ['service_pkey'],
      resource: ['resource_pkey'],
      time_off: ['time_off_by_resource'],
      holiday: ['holiday_pkey'],
    });
    // Those around the time that is asked about, so that years of bookings cost nothing; and by its id the one that is moved.
    expectBoundedByTime(accesses, 'booking_pkey');
    // So it is with what blocks in calendars, apart from the few blocks that are long.
    const blocks = accesses.find(({ index }) => index === 'busy_block_by_start');
    expect(blocks?.condition).toMatch(/calendar_id = .*starts_at >= .*starts_at </s);
  });

  it('counts the bookings of a day in an index', async () => {
    await database.query(
      'UPDATE service SET max_per_day = 5 WHERE tenant_id = (SELECT tenant_id FROM api_key WHERE prefix = $1)',
      [SMALL_TENANT.slice(5, 17)],
    );
    const accesses = await accessesDuring(() => request('GET', '/api/availability', SMALL_TENANT));
    expectTenantFirst(accesses);
    expectBoundedByTime(accesses, 'booking_pkey', 'booking_by_service_date');
    const counting = accesses.find(({ index }) => index === 'booking_by_service_date');
    expect(counting?.condition).toMatch(/service_id = .*local_date >= .*local_date <= /s);
  });

  it.each([
    ['a small organisation', SMALL_TENANT],
    ['one with thousands of bookings', LARGE_TENANT],
  ])('makes a booking of %s without reading a table whole', async (_, key) => {
    const { slots } = await request<Availability>('GET', '/api/availability', key);
    const slotId = slots.at(-1)?.slotId;
    const accesses = await accessesDuring(() =>
      request('POST', '/api/bookings', key, { slotId, name: 'Ann', phone: '+14155550123' }),
    );
    expectTenantFirst(accesses);
  });

  it.each([
    ['a small organisation', SMALL_TENANT, false],
    ['one with thousands of bookings', LARGE_TENANT, false],
    ['one whose service has a most per day', LARGE_TENANT, true],
  ])('claims a time for %s by indexes that bound it', async (_, key, limited) => {
    const [given] = await database.query<{ tenant: string; service: string; resources: string[] }>(
      `SELECT k.tenant_id AS tenant, s.id AS service,
         ARRAY (SELECT r.id FROM resource r WHERE r.tenant_id = k.tenant_id) AS resources
       FROM api_key k JOIN service s USING (tenant_id) WHERE k.prefix = $1`,
      [key.slice(5, 17)],
    );
    const { tenant, service, resources } = given ?? { tenant: '', service: '', resources: [] };
    await database.query('UPDATE service SET max_per_day = $2 WHERE id = $1', [service, limited ? 20 : null]);
    const client = new pg.Client({ connectionString: database.serviceUrl });
    await client.connect();
    const claim = async () => {
      await client.query('BEGIN');
      await client.query('SELECT enter_tenant($1)', [tenant]);
      const { rows } = await client.query<{ resource_id: string | null; refusal: string | null }>(
        `SELECT * FROM claim_time($1, $2, $3, $4, tstzrange($5, $5::timestamptz + interval '1 hour'),
           tstzrange(now(), now() + interval '7 days'), NULL, NULL)`,
        [tenant, service, resources, resources.map(() => '2031-01-21'), '2031-01-21T15:00Z'],
      );
      expect(rows).toEqual([{ resource_id: expect.any(String) as string, refusal: null }]);
      await client.query('ROLLBACK');
    };
    const accesses = await accessesDuring(claim);
    await client.end();
    expectTenantFirst(accesses);
    // And the few that one conversation holds.
    expectBoundedByTime(accesses, 'booking_by_service_date', 'booking_held', 'booking_held_for');
    // Each candidate's own, or many candidates would each read what all of them have.
    const [week] = accesses.filter(({ condition }) => /resource_id = .*starts_at/s.test(condition));
    expect(week?.index).toBe('booking_by_resource');
    const counting = accesses.find(({ index }) => index === 'booking_by_service_date');
    expect(counting?.condition).toMatch(/service_id = .*local_date = /s);
  });

  it('counts the bookings to come of a caller by when they start', async () => {
    const [{ tenant } = { tenant: '' }] = await database.query<{ tenant: string }>(
      'SELECT tenant_id AS tenant FROM api_key WHERE prefix = $1',
      [LARGE_TENANT.slice(5, 17)],
    );
    // All of them by one caller, half of them over.
    await database.query(`UPDATE booking SET asked_in = 'one', asked_from = 'number' WHERE tenant_id = $1`, [
      tenant,
    ]);
    await database.query('ANALYZE booking');
    const client = new pg.Client({ connectionString: database.serviceUrl });
    await client.connect();
    const accesses = await accessesDuring(async () => {
      await client.query('BEGIN');
      await client.query('SELECT enter_tenant($1)', [tenant]);
      await client.query(`SELECT reached_booking_limit($1, NULL, 'number')`, [tenant]);
      await client.query('ROLLBACK');
    });
    await client.end();
    expectTenantFirst(accesses);
    const bookings = accesses.filter(({ table }) => table === 'booking');
    expect(bookings.length).toBeGreaterThan(0);
    for (const { condition } of bookings) expect(condition).toMatch(/starts_at > /);
  });

  it.each([
    ['by date', '?from=2026-11-20T00:00:00Z&to=2030-11-28T00:00:00Z', 'booking_by_start'],
    ['by status', '?status=confirmed', 'booking_by_start'],
    ['by phone', '?phone=%2B14155550123', 'booking_by_phone'],
  ])('lists bookings %s from an index, in its order', async (_, query, index) => {
    for (const key of [SMALL_TENANT, LARGE_TENANT]) {
      const cursors: (string | null)[] = [];
      const accesses = await accessesDuring(async () => {
        const page = await request<{ nextCursor: string | null }>(
          'GET',
          `/api/bookings${query}&limit=3`,
          key,
        );
        cursors.push(page.nextCursor);
      });
      expectTenantFirst(accesses);
      if (key === LARGE_TENANT) expect(indexesOf(accesses, 'booking')).toEqual({ booking: [index] });
      const [cursor] = cursors;
      if (typeof cursor !== 'string') continue;
      const next = await accessesDuring(() =>
        request('GET', `/api/bookings${query}&limit=3&cursor=${cursor}`, key),
      );
      expectTenantFirst(next);
    }
  });
});
