import { Database } from '../../src/platform/database/database.js';
import { at, upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

describe('transactions that PostgreSQL gives up for the sake of others', () => {
  let service: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    service = await startTestApp();
    tenant = await aTenant(service);
  });
  afterAll(() => service.close());

  const book = (date: string, time: string, name: string) =>
    service.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(date, time), name, phone: '+14155550123' },
    });

  it('are repeated: bookings are made or refused where the database is serializable by default', async () => {
    const [{ name } = { name: '' }] = await service.database.query<{ name: string }>(
      'SELECT current_database() AS name',
    );
    await service.database.query(`ALTER DATABASE ${name} SET default_transaction_isolation = serializable`);
    await service.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const times = ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00'];
    const answers = await Promise.all(
      [1, 2, 3].flatMap((day) =>
        times.map((time) => book(upcoming(day as 1 | 2 | 3), time, `Ann ${day} ${time}`)),
      ),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 503)).toEqual([]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(24);
  }, 60_000);

  it.each(['40001', '40P01'])(
    'are repeated from their beginning, in SQL and in Prisma: %s',
    async (sqlState) => {
      const database = service.app.get(Database);
      const conflict = `DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '${sqlState}'; END $$`;
      let runs = 0;
      await database.inSystem(async (sql) => {
        runs += 1;
        if (runs < 3) await sql.query(conflict);
      });
      expect(runs).toBe(3);
      await database.prismaInSystem(async (prisma) => {
        runs += 1;
        if (runs < 6) await prisma.$executeRawUnsafe(conflict);
      });
      expect(runs).toBe(6);
    },
  );
});
