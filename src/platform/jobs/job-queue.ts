import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { Settings } from '../config/settings.js';
import type { SqlTransaction } from '../database/database.js';
import { HeardClient } from '../database/heard-client.js';
import { requestContext } from '../logging/request-context.js';
import { JOB_SCHEMA } from './install-job-queues.js';

export interface JobOptions {
  /** At most one waiting job for each key: enqueuing it again while one waits changes nothing but its time. */
  key: string;
  /** Not before this many milliseconds from now. */
  delayMs?: number;
  /** Whose work it is, where a queue has lanes (`perGroup`). */
  group?: string;
  /** Runs only when nothing else of its queue can: work that comes in bulk. */
  isBacklog?: boolean;
}

export interface QueueDefinition {
  name: string;
  /** How long one run may take. A run whose process died is repeated after this time. */
  runSeconds: number;
  /** How many runs at once in this process. */
  concurrency: number;
  /** How many of these runs one group may take up, so that the others find a free one. */
  perGroup?: number;
}

/** Below every other job's. */
const BACKLOG = -1;

export interface QueueBacklog {
  queue: string;
  waiting: number;
  /** For how long the first of them could have been run. */
  oldestSeconds: number;
}

/**
 * Durable jobs on PostgreSQL (pg-boss): a job enqueued inside a transaction exists exactly if that transaction commits, is
 * run by one process at a time, and is run again when its process dies or its handler throws. Handlers are therefore
 * written so that running twice does no harm.
 */
@Injectable()
export class JobQueue implements OnApplicationShutdown {
  readonly #logger = new Logger(JobQueue.name);
  readonly #boss: PgBoss;
  readonly #pollingIntervalSeconds: number;
  readonly #queues: string[] = [];
  #started: Promise<unknown> | undefined;
  #running = false;

  constructor(settings: Settings) {
    this.#pollingIntervalSeconds = settings.jobPollIntervalMs / 1000;
    // It hands these on to a pool of its own.
    const connections = {
      connectionString: settings.directDatabaseUrl.reveal(),
      application_name: 'receptionist-calendar jobs',
      max: 3,
      connectionTimeoutMillis: 5_000,
      Client: HeardClient,
    };
    this.#boss = new PgBoss({
      ...connections,
      schema: JOB_SCHEMA,
      migrate: false,
      createSchema: false,
      schedule: false,
      // The service's role does not own the queue's tables, so it cannot rebuild their indexes.
      reindex: false,
      monitorVacuum: false,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
    });
    this.#boss.on('error', (error) => this.#logger.warn({ error }, 'The job queue met an error'));
  }

  /** Makes the queue if it is new, and runs its jobs here from now on. */
  async work<Data extends object>(
    { name, runSeconds, concurrency, perGroup }: QueueDefinition,
    handler: (data: Data, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    await this.#start();
    const options = {
      policy: 'short',
      expireInSeconds: runSeconds,
      retryLimit: 1000,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 300,
      retentionSeconds: 30 * 24 * 3600,
      deleteAfterSeconds: 3600,
    } as const;
    await this.#boss.createQueue(name, options);
    this.#queues.push(name);
    await this.#boss.work<Data>(
      name,
      {
        localConcurrency: concurrency,
        ...(perGroup === undefined ? {} : { localGroupConcurrency: perGroup }),
        pollingIntervalSeconds: this.#pollingIntervalSeconds,
        // Otherwise a worker rests after each job, however many wait.
        burstWhenReadyExceeds: concurrency,
      },
      async ([job]) => {
        if (job !== undefined) await requestContext.run({ job: name }, () => handler(job.data, job.signal));
      },
    );
  }

  /** Enqueues as part of the transaction `sql`; with the key of a job that already waits, moves that job's time. */
  async enqueue(
    sql: SqlTransaction,
    queue: string,
    data: object,
    { key, delayMs = 0, group, isBacklog = false }: JobOptions,
  ): Promise<void> {
    await this.#start();
    await this.#boss.upsert(queue, data, {
      singletonKey: key,
      priority: isBacklog ? BACKLOG : 0,
      ...(group === undefined ? {} : { group: { id: group } }),
      // A number of seconds: the database adds it to its own time.
      startAfter: delayMs / 1000,
      db: { executeSql: async (text, values) => ({ rows: await sql.query(text, values) }) },
    });
  }

  /** Whether this instance takes jobs from the queue. */
  get isRunning(): boolean {
    return this.#running;
  }

  /** What waits in each queue that is worked here, for the metrics. Jobs whose time has not come do not wait. */
  async backlog(): Promise<QueueBacklog[]> {
    if (!this.#running) return [];
    const answer: { rows: QueueBacklog[] } = await this.#boss.getDb().executeSql(
      `SELECT name AS queue, count(*)::int AS waiting,
         extract(epoch FROM now() - min(greatest(start_after, created_on)))::float AS "oldestSeconds"
       FROM ${JOB_SCHEMA}.job WHERE state < 'active' AND start_after <= now() GROUP BY name`,
    );
    const waiting = new Map(answer.rows.map((row) => [row.queue, row]));
    return this.#queues.map((queue) => waiting.get(queue) ?? { queue, waiting: 0, oldestSeconds: 0 });
  }

  /** Finishes the jobs in hand, takes no more. */
  async onApplicationShutdown(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#boss.stop({ graceful: true, timeout: 15_000 });
  }

  /** Starts once; a start that failed (the database was away) is tried again by the next who needs it. */
  async #start(): Promise<void> {
    this.#started ??= this.#boss.start();
    try {
      await this.#started;
      this.#running = true;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
  }
}
