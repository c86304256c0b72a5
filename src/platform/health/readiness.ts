import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Draining } from '../http/draining.js';
import { JobQueue } from '../jobs/job-queue.js';

export type CheckResult = 'ok' | 'failing';

/** What must hold before requests may come here. */
export interface Checks {
  database: CheckResult;
  migrations: CheckResult;
  jobs: CheckResult;
}

/** Whether this instance can do its work. Google is not part of it: bookings go on without. */
@Injectable()
export class Readiness {
  /** Once nothing is pending it stays so: this process brings no new migrations. */
  #migrated = false;

  constructor(
    private readonly database: Database,
    private readonly jobs: JobQueue,
    private readonly draining: Draining,
  ) {}

  async check(): Promise<{ ready: boolean; shuttingDown: boolean; checks: Checks }> {
    const database = await this.#succeeds(async () => {
      await this.database.ping();
      return true;
    });
    this.#migrated ||=
      database && (await this.#succeeds(async () => (await this.database.pendingMigrations()).length === 0));
    const jobs = this.jobs.isRunning;
    const shuttingDown = this.draining.started;
    return {
      ready: database && this.#migrated && jobs && !shuttingDown,
      shuttingDown,
      checks: { database: word(database), migrations: word(this.#migrated), jobs: word(jobs) },
    };
  }

  async #succeeds(check: () => Promise<boolean>): Promise<boolean> {
    try {
      return await check();
    } catch {
      return false;
    }
  }
}

function word(isOk: boolean): CheckResult {
  return isOk ? 'ok' : 'failing';
}
