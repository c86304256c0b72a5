import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/platform/database/database.js';
import { JobQueue } from '../../src/platform/jobs/job-queue.js';
import { startTestApp } from '../support/test-app.js';

const QUEUE = { name: 'in-hand', runSeconds: 30, concurrency: 1 };

describe('a job in hand when the process is asked to end', () => {
  it('is finished, and has the database until then', async () => {
    const { app, close } = await startTestApp();
    const jobs = app.get(JobQueue);
    const database = app.get(Database);
    const begun = Promise.withResolvers<undefined>();
    let finished = false;
    await jobs.work(QUEUE, async () => {
      begun.resolve(undefined);
      await sleep(500);
      await database.inSystem((sql) => sql.query('SELECT 1'));
      finished = true;
    });
    await database.inSystem((sql) => jobs.enqueue(sql, QUEUE.name, {}, { key: 'one' }));
    await begun.promise;
    await close();
    expect(finished).toBe(true);
  });
});
