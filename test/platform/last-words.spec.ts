import { randomUUID } from 'node:crypto';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { Logger } from '@nestjs/common';
import { Secret } from '../../src/platform/config/secret.js';
import { Database } from '../../src/platform/database/database.js';
import { isDatabaseUnavailable } from '../../src/platform/errors/database-failure.js';
import { JobQueue } from '../../src/platform/jobs/job-queue.js';
import { eventually } from '../support/eventually.js';
import { startLastWords, type LastWords } from '../support/last-words.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { testSettings } from '../support/test-settings.js';

const CALLERS = 30;

// An error event that nobody hears would be an uncaught exception, which ends a service and fails these tests.
describe('a database connection that is ended in the moment it is handed out', () => {
  let testDatabase: TestDatabase;
  let lastWords: LastWords;
  let database: Database;

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    lastWords = await startLastWords(testDatabase.serviceUrl);
    const url = new Secret(lastWords.url);
    database = new Database(
      testSettings(testDatabase, 'http://127.0.0.1:1', { databaseUrl: url, directDatabaseUrl: url }),
    );
  });
  afterEach(async () => {
    await database.onApplicationShutdown();
    await lastWords.close();
    await testDatabase.drop();
  });

  const ways: [string, () => Promise<unknown>][] = [
    ['a transaction', () => database.inSystem((sql) => sql.query('SELECT 1'))],
    ['a transaction of Prisma', () => database.prismaInSystem((prisma) => prisma.$queryRaw`SELECT 1`)],
    ['a single statement', () => database.call('uuid_send', asTenantId(randomUUID()))],
  ];

  it.each(ways)('refuses %s, and is replaced', async (_name, ask) => {
    // The first words of new connections, and of those that go from one caller to the next.
    for (const established of [false, true]) {
      if (established) await Promise.all(Array.from({ length: CALLERS }, ask));
      const before = lastWords.cut;
      lastWords.cutNext(6);
      const answers = await Promise.allSettled(Array.from({ length: CALLERS }, ask));
      expect(lastWords.cut - before).toBe(6);
      for (const answer of answers) {
        if (answer.status === 'rejected') expect(isDatabaseUnavailable(answer.reason)).toBe(true);
      }
    }
    await expect(Promise.all(Array.from({ length: CALLERS }, ask))).resolves.toHaveLength(CALLERS);
  });

  it('does not keep the job queue from its work', async () => {
    const url = new Secret(lastWords.url);
    const settings = testSettings(testDatabase, 'http://127.0.0.1:1', {
      databaseUrl: url,
      directDatabaseUrl: url,
    });
    const jobs = new JobQueue(settings, new Database(settings));
    const done: object[] = [];
    const queue = { name: 'last-words', runSeconds: 30, concurrency: 1 };
    const work = () => jobs.work(queue, async (data) => void done.push(data));
    lastWords.cutNext(2);
    await eventually(work);
    for (const job of [1, 2, 3]) {
      lastWords.cutNext(2);
      await eventually(() =>
        database.inSystem((sql) => jobs.enqueue(sql, queue.name, { job }, { key: `job ${job}` })),
      );
      await eventually(() => expect(done).toContainEqual({ job }), 10_000);
    }
    await jobs.onApplicationShutdown();
  });
});
