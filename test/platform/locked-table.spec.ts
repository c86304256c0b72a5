import pg from 'pg';
import { at, upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type Answer, type TestApp, type TestTenant } from '../support/test-app.js';

/** What is promised is five seconds; without a bound on locks it took ten, and fifteen for free times. */
const CEILING_MS = 9_000;

describe('a table that somebody else has locked', () => {
  let service: TestApp;
  let tenant: TestTenant;
  let owner: pg.Client;
  beforeAll(async () => {
    service = await startTestApp();
    tenant = await aTenant(service);
    owner = new pg.Client({ connectionString: service.database.ownerUrl });
    await owner.connect();
  }, 60_000);
  afterAll(async () => {
    await owner.end();
    await service.close();
  });

  const book = (time: string) =>
    service.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(upcoming(1), time), name: 'Ann', phone: '+15005550006' },
    });
  const isRefusedInTime = async (asked: Promise<Answer>) => {
    const startedAt = performance.now();
    const { status, body, headers } = await asked;
    expect([status, body['code']]).toEqual([503, 'unavailable']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(CEILING_MS);
  };

  it('is not waited for to the end: clients hear 503 and when to try again, agents a sentence', async () => {
    await owner.query('BEGIN; LOCK TABLE booking IN ACCESS EXCLUSIVE MODE');
    try {
      const tool = service.request('POST', '/api/agent-tools/check_availability', {
        key: tenant.key,
        body: { date: 'tomorrow' },
      });
      // More of each kind than there are connections.
      const clients = Array.from({ length: 12 }, () => [
        isRefusedInTime(service.request('GET', '/api/bookings', { key: tenant.key })),
        isRefusedInTime(service.request('GET', '/api/availability', { key: tenant.key })),
        isRefusedInTime(book('10:00')),
      ]);
      await Promise.all(clients.flat());
      expect(await tool).toMatchObject({
        status: 200,
        body: { ok: false, code: 'unavailable', say: expect.stringMatching(/sorry/i) as string },
      });
    } finally {
      await owner.query('ROLLBACK');
    }
    expect((await book('10:00')).status).toBe(201);
  }, 60_000);

  it('does not refuse bookings of one resource that wait for each other', async () => {
    await service.database.query(`
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN new; END $$;
      CREATE TRIGGER dawdle BEFORE INSERT ON booking FOR EACH ROW EXECUTE FUNCTION dawdle()`);
    const times = ['09', '11', '12', '13', '14', '15', '16'].map((hour) => `${hour}:00`);
    const booked = await Promise.all(times.map(book));
    expect(booked.map(({ status }) => status)).toEqual(times.map(() => 201));
  });
});
