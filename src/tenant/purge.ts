import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import { clock } from '../platform/time/clock.js';

const QUEUE = { name: 'purge', runSeconds: 600, concurrency: 1 };
const EVERY_MS = 3_600_000;
/** Where an instance starts, the next pass begins so long after it. */
const AFTER_START_MS = 60_000;
/** So many tenants in one run; the next run goes on after them. */
const TENANTS = 200;
/** So many rows in one transaction. */
const BATCH = 500;

/** Rows that nobody needs any more. */
export interface Retention {
  of: string;
  /** Deletes at most $3 rows of tenant $1 that are not needed any more at the instant $2. */
  sql: string;
}

interface PurgeJob {
  after: string | null;
}

/**
 * Deletes what is past its retention (docs/deploy.md lists it): one job for all instances, which enqueues its own successor.
 * Each tenant's rows are deleted under that tenant's role, in batches, so no lock is held for long and no role may delete what
 * is another tenant's.
 */
@Injectable()
export class Purge implements OnApplicationBootstrap {
  readonly #retentions: Retention[] = [];

  constructor(
    private readonly database: Database,
    private readonly jobs: JobQueue,
  ) {}

  add(...retentions: readonly Retention[]): void {
    this.#retentions.push(...retentions);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.work<PurgeJob>(QUEUE, ({ after }) => this.#run(after));
    await this.#enqueue(null, AFTER_START_MS);
  }

  /** Deletes everything that is past its retention at an instant. */
  async purge(at = clock.date()): Promise<void> {
    for (let after: string | null = null; ;) {
      after = await this.#purgeSome(after, at);
      if (after === null) return;
    }
  }

  async #run(after: string | null): Promise<void> {
    const last = await this.#purgeSome(after, clock.date());
    await this.#enqueue(last, last === null ? EVERY_MS : 0);
  }

  /** @returns the last of the tenants, null when there are no more */
  async #purgeSome(after: string | null, at: Date): Promise<string | null> {
    const tenants = await this.database.inSystem((sql) =>
      sql.query<{ id: string }>(
        'SELECT id FROM tenant WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2',
        [after, TENANTS],
      ),
    );
    for (const { id } of tenants) await this.#purgeTenant(asTenantId(id), at);
    return tenants.length < TENANTS ? null : (tenants.at(-1)?.id ?? null);
  }

  async #purgeTenant(tenant: TenantId, at: Date): Promise<void> {
    let isMore = true;
    while (isMore) {
      isMore = await this.database.inTenant(tenant, async (sql) => {
        let isFull = false;
        for (const retention of this.#retentions) {
          const deleted = await sql.query(`${retention.sql} RETURNING 1`, [tenant, at, BATCH]);
          isFull ||= deleted.length >= BATCH;
        }
        return isFull;
      });
    }
  }

  async #enqueue(after: string | null, delayMs: number): Promise<void> {
    await this.database.inSystem((sql) =>
      this.jobs.enqueue(sql, QUEUE.name, { after }, { key: 'next', delayMs }),
    );
  }
}
