import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Draining } from '../http/draining.js';
import { JobQueue } from '../jobs/job-queue.js';

export type CheckResult = 'ok' | 'failing';

/** What must hold before requests may come here. */
export interface Checks {
  database: CheckResult;
  writes: CheckResult;
  migrations: CheckResult;
  jobs: CheckResult;
}

/**
 * Whether this instance can do its work. Answers from what is known at the moment, on no connection that requests wait for: a
 * lock on a table, or a pool that is in use, takes no instance away. Google is not part of it: bookings go on without.
 */
@Injectable()
export class Readiness {
  /** Once nothing is pending it stays so: this process brings no new migrations. */
  #migrated = false;
  #looking: Promise<boolean> | undefined;

  constructor(
    private readonly database: Database,
    private readonly jobs: JobQueue,
    private readonly draining: Draining,
  ) {}

  async check(): Promise<{ ready: boolean; shuttingDown: boolean; checks: Checks }> {
    const { answers, takesWrites } = await this.database.health();
    if (!this.#migrated && answers) {
      this.#looking ??= this.#isMigrated().finally(() => (this.#looking = undefined));
      this.#migrated = await this.#looking;
    }
    const jobs = this.jobs.isFetching;
    const shuttingDown = this.draining.started;
    return {
      ready: answers && takesWrites && this.#migrated && jobs && !shuttingDown,
      shuttingDown,
      checks: {
        database: word(answers),
        writes: word(answers && takesWrites),
        migrations: word(this.#migrated),
        jobs: word(jobs),
      },
    };
  }

  async #isMigrated(): Promise<boolean> {
    try {
      return (await this.database.pendingMigrations()).length === 0;
    } catch {
      return false;
    }
  }
}

function word(isOk: boolean): CheckResult {
  return isOk ? 'ok' : 'failing';
}
