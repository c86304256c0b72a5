import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { JobQueue } from '../platform/jobs/job-queue.js';

const QUEUE = { name: 'idempotency-purge', runSeconds: 60, concurrency: 1 };
/** How long a key is remembered; the same key after that is a new request. */
const KEPT_DAYS = 7;
const EVERY_MS = 3_600_000;

/** Forgets idempotency keys that nobody will repeat any more: a job that enqueues its own successor. */
@Injectable()
export class IdempotencyPurge implements OnApplicationBootstrap {
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
      await sql.query(
        `DELETE FROM idempotency_record WHERE created_at < now() - $1::int * interval '1 day'`,
        [KEPT_DAYS],
      );
      await this.jobs.enqueue(sql, QUEUE.name, {}, { key: 'hourly', delayMs: EVERY_MS });
    });
  }
}
