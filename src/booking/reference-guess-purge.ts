import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { JobQueue } from '../platform/jobs/job-queue.js';

const QUEUE = { name: 'reference-guess-purge', runSeconds: 60, concurrency: 1 };
const EVERY_MS = 3_600_000;

/** Forgets wrong references that no limit counts any more: a job that enqueues its own successor. */
@Injectable()
export class ReferenceGuessPurge implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobQueue,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.work(QUEUE, () => this.purge());
    await this.database.inSystem((sql) =>
      this.jobs.enqueue(sql, QUEUE.name, {}, { key: 'hourly', delayMs: EVERY_MS }),
    );
  }

  async purge(): Promise<void> {
    await this.database.inSystem(async (sql) => {
      await sql.query(`DELETE FROM reference_guess WHERE at <= clock_timestamp() - interval '1 hour'`);
      await this.jobs.enqueue(sql, QUEUE.name, {}, { key: 'hourly', delayMs: EVERY_MS });
    });
  }
}
