import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { Settings } from '../config/settings.js';
import { Database, type SqlTransaction } from '../database/database.js';
import type { DatabasePool } from '../database/database-pool.js';
import { repeatingConflicts } from '../database/transaction-conflicts.js';
import { Deadline } from '../deadline.js';
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

interface Registration {
  definition: QueueDefinition;
  handler: (data: object, signal: AbortSignal) => Promise<void>;
}

/** What the workers of a queue have done so far, and since when they have done nothing more. */
interface SignOfLife {
  readonly state: string;
  readonly at: number;
}

const CONNECTIONS = 3;
/** Fetches and what keeps the queue's tables in order, but no job: those have pools of their own. */
const APPLICATION = 'receptionist-calendar jobs';
/** Longer than a fetch can hang, which is until its connection is given up. */
const LONGEST_WITHOUT_FETCH_MS = 25_000;
const LOOK_EVERY_MS = 5_000;
const LONGEST_COUNT_MS = 1_000;
const LONGEST_STOP_MS = 15_000;

/**
 * Durable jobs on PostgreSQL (pg-boss): a job enqueued inside a transaction exists exactly if that transaction commits, is
 * run by one process at a time, and is run again when its process dies or its handler throws. Handlers are therefore
 * written so that running twice does no harm.
 *
 * Whether jobs are really taken is told by when each queue was last fetched from. One that has not been for too long is made
 * anew: its jobs in hand go on, and count as unfinished.
 */
@Injectable()
export class JobQueue implements OnApplicationShutdown {
  readonly #logger = new Logger(JobQueue.name);
  readonly #pool: DatabasePool;
  readonly #pollingIntervalSeconds: number;
  readonly #registrations: Registration[] = [];
  #boss: PgBoss;
  #started: Promise<unknown> | undefined;
  #running = false;
  #stopped = false;
  readonly #seen = new Map<string, SignOfLife>();
  #timer: NodeJS.Timeout | undefined;
  #counted: { at: number; waiting: ReadonlyMap<string, QueueBacklog> } | undefined;

  constructor(settings: Settings, database: Database) {
    this.#pollingIntervalSeconds = settings.jobPollIntervalMs / 1000;
    this.#pool = database.openPool(settings.directDatabaseUrl.reveal(), {
      name: APPLICATION,
      max: CONNECTIONS,
    });
    this.#boss = this.#newBoss();
  }

  /** Makes the queue if it is new, and runs its jobs here from now on. */
  async work<Data extends object>(
    definition: QueueDefinition,
    handler: (data: Data, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const registration = { definition, handler } as Registration;
    await this.#start();
    await this.#register(this.#boss, registration);
    this.#registrations.push(registration);
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

  /** Whether this instance takes jobs: from each of its queues it has fetched lately, or is at work on a job of it. */
  get isFetching(): boolean {
    return this.#running && this.#idleQueues().length === 0;
  }

  /** How long ago each queue that is worked here was last fetched from, in seconds. */
  fetchAges(): { queue: string; seconds: number }[] {
    return this.#signsOfLife().map(({ queue, at }) => ({ queue, seconds: (performance.now() - at) / 1000 }));
  }

  /**
   * What waits in each queue that is worked here, for the metrics. Jobs whose time has not come do not wait. Where the database
   * does not answer, what was counted last, the first of them waiting on.
   */
  async backlog(): Promise<{ ageSeconds: number; queues: readonly QueueBacklog[] }> {
    if (!this.#running) return { ageSeconds: 0, queues: [] };
    await Deadline.in(LONGEST_COUNT_MS).race(this.#count().catch(() => undefined));
    if (this.#counted === undefined) throw new Error('The jobs that wait were never counted.');
    const { at, waiting } = this.#counted;
    const ageSeconds = Math.max(0, (performance.now() - at) / 1000);
    const queues = this.#registrations.map(({ definition: { name: queue } }) => {
      const found = waiting.get(queue);
      return found === undefined
        ? { queue, waiting: 0, oldestSeconds: 0 }
        : { ...found, oldestSeconds: found.oldestSeconds + ageSeconds };
    });
    return { ageSeconds, queues };
  }

  /** Finishes the jobs in hand, takes no more. */
  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#running) {
      this.#running = false;
      await this.#boss.stop({ graceful: true, timeout: LONGEST_STOP_MS });
    }
    await this.#pool.end();
  }

  /** Starts once; a start that failed (the database was away) is tried again by the next who needs it. */
  async #start(): Promise<void> {
    this.#started ??= this.#boss.start();
    try {
      await this.#started;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
    // Work that outlasts the shutdown may still enqueue jobs: for another instance, or for later.
    if (this.#running || this.#stopped) return;
    this.#running = true;
    await this.#count().catch(() => undefined);
    this.#lookLater();
  }

  #newBoss(): PgBoss {
    const boss = new PgBoss({
      db: {
        executeSql: (text, values) => repeatingConflicts(async () => this.#pool.query<object>(text, values)),
      },
      schema: JOB_SCHEMA,
      migrate: false,
      createSchema: false,
      schedule: false,
      // The service's role does not own the queue's tables, so it cannot rebuild their indexes.
      reindex: false,
      monitorVacuum: false,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
      // Finished jobs are deleted as often as this, and not once a day.
      maintenanceIntervalSeconds: 600,
    });
    return boss.on('error', (error) => this.#logger.warn({ error }, 'The job queue met an error'));
  }

  async #register(boss: PgBoss, { definition, handler }: Registration): Promise<void> {
    const { name, runSeconds, concurrency, perGroup } = definition;
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
    await boss.createQueue(name, options);
    await boss.work<object>(
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

  /** When each queue was last seen to be worked; by this process's own time, whatever becomes of the machine's clock. */
  #signsOfLife(): (SignOfLife & { queue: string; longestMs: number })[] {
    const workers = this.#boss.getWipData();
    const longestMs = LONGEST_WITHOUT_FETCH_MS + this.#pollingIntervalSeconds * 1000;
    return this.#registrations.map(({ definition: { name: queue, runSeconds } }) => {
      const own = workers.filter(({ name }) => name === queue);
      const state = JSON.stringify(
        own.map(({ id, count, lastFetchedOn, lastJobEndedOn }) => [id, count, lastFetchedOn, lastJobEndedOn]),
      );
      const last = this.#seen.get(queue);
      const seen = last?.state === state ? last : { state, at: performance.now() };
      this.#seen.set(queue, seen);
      // A job in hand has its time; what hangs longer is no sign of life.
      const isAtWork = own.some(({ count }) => count > 0);
      return { ...seen, queue, longestMs: longestMs + (isAtWork ? runSeconds * 1000 : 0) };
    });
  }

  #idleQueues(): string[] {
    return this.#signsOfLife()
      .filter(({ at, longestMs }) => performance.now() - at > longestMs)
      .map(({ queue }) => queue);
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => {
        if (this.#running) this.#lookLater();
      });
    }, LOOK_EVERY_MS).unref();
  }

  async #look(): Promise<void> {
    await this.#count().catch(() => undefined);
    const queues = this.#idleQueues();
    if (!this.#running || queues.length === 0) return;
    this.#logger.error({ queues }, 'No jobs are fetched any more: the job queue is made anew');
    try {
      await this.#renew();
    } catch (error) {
      this.#logger.warn({ error }, 'The job queue could not be made anew yet');
    }
  }

  /** The old one is left to end by itself: it may be waiting for what never comes. */
  async #renew(): Promise<void> {
    const [old, boss] = [this.#boss, this.#newBoss()];
    try {
      await boss.start();
      for (const registration of this.#registrations) await this.#register(boss, registration);
      if (!this.#running) throw new Error('The process is stopping.');
    } catch (error) {
      // The next attempt has workers of its own: those that this one has made must not work beside them.
      this.#abandon(boss);
      throw error;
    }
    this.#boss = boss;
    this.#abandon(old);
  }

  #abandon(boss: PgBoss): void {
    void boss.stop({ graceful: false }).catch((error: unknown) => {
      this.#logger.warn({ error }, 'A job queue that was replaced did not stop');
    });
  }

  async #count(): Promise<void> {
    const { rows } = await this.#pool.query<QueueBacklog>(
      `SELECT name AS queue, count(*)::int AS waiting,
         extract(epoch FROM now() - min(greatest(start_after, created_on)))::float AS "oldestSeconds"
       FROM ${JOB_SCHEMA}.job WHERE state < 'active' AND start_after <= now() GROUP BY name`,
    );
    this.#counted = { at: performance.now(), waiting: new Map(rows.map((row) => [row.queue, row])) };
  }
}
