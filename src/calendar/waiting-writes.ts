import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import { CALENDAR_WRITES, calendarWriteOptions } from './calendar-writes.queue.js';
import { WaitingWriteRepository } from './waiting-write.repository.js';

const QUEUE = 'calendar-drain';
const BATCH = 100;
/** Longer than a transaction can take that did not see the new connection yet. */
const STRAGGLERS_MS = 30_000;

interface DrainJob {
  tenant: string;
  pass: 'first' | 'second' | 'postponed';
}

/**
 * Writes what waited for a calendar, after an account was connected, another one disconnected, or a resource chose its
 * calendars: bookings that are not over yet and whose event is missing, is not as wanted, or is in an account that is not
 * connected any more; and takes events away from where they do not belong. In batches, so that a tenant with thousands of
 * bookings holds no long transaction; and once more a little later, for a booking that was being made meanwhile.
 */
@Injectable()
export class WaitingWrites implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly writes: WaitingWriteRepository,
    private readonly jobs: JobQueue,
  ) {}

  /** As part of the transaction `sql`. */
  async enqueue(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await this.#enqueue(sql, { tenant, pass: 'first' }, 0);
    await this.#enqueue(sql, { tenant, pass: 'second' }, STRAGGLERS_MS);
  }

  /** Writes what was put off while an account did not answer. As part of the transaction `sql`. */
  async enqueuePostponed(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await this.#enqueue(sql, { tenant, pass: 'postponed' }, 0);
  }

  /** Tries once more what was given up in a calendar that can be synchronised again. */
  async reviveGivenUp(tenant: TenantId, calendarId: string): Promise<void> {
    await this.#inBatches(tenant, (sql) => this.writes.reviveGivenUp(sql, tenant, calendarId, BATCH));
  }

  async onApplicationBootstrap(): Promise<void> {
    const definition = { name: QUEUE, runSeconds: 300, concurrency: 1 };
    await this.jobs.work<DrainJob>(definition, ({ tenant, pass }) => this.#drain(asTenantId(tenant), pass));
  }

  async #drain(tenant: TenantId, pass: DrainJob['pass']): Promise<void> {
    if (pass === 'postponed') {
      await this.#inBatches(tenant, (sql, last) => this.writes.findPending(sql, tenant, last, BATCH));
      return;
    }
    await this.#inBatches(tenant, (sql) => this.writes.revive(sql, tenant, BATCH));
    await this.#inBatches(tenant, (sql, last) => this.writes.findLeftovers(sql, tenant, last, BATCH));
  }

  async #inBatches(
    tenant: TenantId,
    find: (sql: SqlTransaction, last: string | null) => Promise<string[]>,
  ): Promise<void> {
    let last: string | null = null;
    for (;;) {
      const found: string[] = await this.database.inTenant(tenant, async (sql) => {
        const bookingIds = await find(sql, last);
        for (const bookingId of bookingIds) {
          const job = { tenant, bookingId };
          await this.jobs.enqueue(sql, CALENDAR_WRITES, job, calendarWriteOptions(job, { isBacklog: true }));
        }
        return bookingIds;
      });
      if (found.length < BATCH) return;
      last = found.at(-1) ?? null;
    }
  }

  async #enqueue(sql: SqlTransaction, job: DrainJob, delayMs: number): Promise<void> {
    const key = `${job.tenant}:${job.pass}`;
    await this.jobs.enqueue(sql, QUEUE, job, { key, delayMs });
  }
}
