import pg from 'pg';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant } from './described-week.js';

describe('while more bookings wait for each other than there are connections for', () => {
  let app: TestApp;
  let another: pg.Client;

  beforeAll(async () => {
    app = await startTestApp();
    another = new pg.Client({ connectionString: app.database.serviceUrl });
    await another.connect();
  });
  afterAll(async () => {
    await another.end();
    await app.close();
  });

  it('a caller is told the free times all the same', async () => {
    const tenant = await aDescribedTenant(app);
    const date = upcoming(1);
    const { id: serviceId } = await tenant.addService({
      durationMinutes: 30,
      slotStepMinutes: 15,
      maxPerDay: 3,
    });
    expect(await tenant.offered(date, `serviceId=${serviceId}`)).not.toEqual([]);
    // Somebody who chooses or counts among this tenant's bookings, and takes his time.
    const assignment = `hashtextextended('assignment ' || '${tenant.id}', 0)`;
    await another.query(`SELECT pg_advisory_lock(${assignment})`);
    const bookings = Array.from({ length: 14 }, (_, n) =>
      tenant.book(at(date, `${9 + Math.floor(n / 4)}:${['00', '15', '30', '45'][n % 4]}`.padStart(5, '0')), {
        serviceId,
      }),
    );
    await eventually(async () => {
      const [waiting] = await app.database.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      // All that one organisation may take of them.
      expect(waiting?.count).toBe(7);
    });

    expect(await tenant.offered(date, `serviceId=${serviceId}`)).not.toEqual([]);

    await another.query(`SELECT pg_advisory_unlock(${assignment})`);
    const answers = await Promise.all(bookings);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 422 || status === 409)).toHaveLength(11);
  });
});
