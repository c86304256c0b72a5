import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Settings } from '../config/settings.js';
import { DatabasePool } from './database-pool.js';
import { type DatabaseHealth, DatabasePulse } from './database-pulse.js';
import { FairTurns } from './fair-turns.js';
import { Prisma, PrismaClient } from './generated/client.js';
import { LockWait } from './lock-wait.js';
import { pendingMigrations } from './migrations.js';
import { sqlStateOf } from './sql-error.js';
import type { TenantId } from './tenant-id.js';
import { repeatingConflicts } from './transaction-conflicts.js';
import { WatchedClient } from './watched-client.js';

const APPLICATION = 'receptionist-calendar';
const LONGEST_LOOK_MS = 3_000;

/** Of one instance. Transactions wait for each other's locks; what a caller is told meanwhile must not wait behind them. */
const TRANSACTION_CONNECTIONS = 10;
/**
 * As many answers are looked up at the same time: more than one process can make use of, and few enough that each finds a
 * backend of PostgreSQL that has just done the same.
 */
const ANSWER_CONNECTIONS = 6;
/** As many of them as one tenant may have at a time, so that others find one. */
const ANSWERS_OF_ONE = 4;
const TRANSACTIONS_OF_ONE = 7;
/** As long as for a connection of the pool. */
const LONGEST_WAIT_MS = 4_000;

/** One statement at a time inside a transaction, over node-postgres. */
export interface SqlTransaction {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export type PrismaTransaction = Prisma.TransactionClient;

/**
 * The only way to the database. Work is done inside a transaction that first takes on a role without ownership: the
 * tenant's, which row-level security confines to that tenant's rows, or the system's, which cannot read bookings. Both
 * settings end with the transaction, so a transaction-mode pooler may stand in between.
 *
 * Prisma and node-postgres share one pool for transactions: Prisma for ordinary reading and writing, plain SQL where a caller
 * is waiting on the line or where PostgreSQL does what Prisma cannot say (see docs/adr/0003). What is answered by a single
 * call has a pool of its own.
 *
 * A lock that somebody else holds is waited for as long as a request can wait (see LockWait).
 * No tenant has all connections: each has a share of them, and those that wait take turns.
 *
 * A transaction that PostgreSQL gives up so that another can go on (a serialization failure, a deadlock) is run again from
 * its beginning: what is passed as `work` may run several times, and does nothing that a rollback does not undo.
 */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(Database.name);
  readonly #url: string;
  readonly #transactions: DatabasePool;
  readonly #answers: DatabasePool;
  readonly #turns = {
    transactions: new FairTurns({
      ...{ places: TRANSACTION_CONNECTIONS, share: TRANSACTIONS_OF_ONE, longestWaitMs: LONGEST_WAIT_MS },
    }),
    answers: new FairTurns({
      ...{ places: ANSWER_CONNECTIONS, share: ANSWERS_OF_ONE, longestWaitMs: LONGEST_WAIT_MS },
    }),
  };
  readonly #pulse: DatabasePulse;
  readonly #prisma: PrismaClient;

  constructor({ databaseUrl }: Settings) {
    const url = databaseUrl.reveal();
    this.#url = url;
    this.#pulse = new DatabasePulse(url);
    this.#transactions = this.openPool(url, { name: APPLICATION, max: TRANSACTION_CONNECTIONS });
    this.#answers = this.openPool(url, { name: APPLICATION, max: ANSWER_CONNECTIONS });
    this.#prisma = new PrismaClient({ adapter: new PrismaPg(this.#transactions) });
  }

  onModuleInit(): void {
    this.#pulse.start();
  }

  /** For another part that has a pool of its own: it is told when the database goes away. The caller ends it. */
  openPool(url: string, { name, max }: { name: string; max: number }): DatabasePool {
    const pool = new DatabasePool(url, { name, max });
    pool.on('error', (error) => this.#logger.warn({ error }, 'An idle database connection was lost'));
    this.#pulse.watch(pool);
    return pool;
  }

  /**
   * Calls a SQL function that takes on the tenant's role by itself, in one round trip; the tenant is its first argument.
   * @returns the function's result, or null
   */
  async call<Result>(
    functionName: string,
    tenant: TenantId,
    ...others: readonly unknown[]
  ): Promise<Result | null> {
    const args = [tenant, ...others];
    const parameters = args.map((_, index) => `$${index + 1}`).join(', ');
    const text = `SELECT set_config('app.lock_wait', $${args.length + 1}, true), ${functionName}(${parameters}) AS result`;
    return this.#repeated(() => {
      const wait = new LockWait();
      return this.#turns.answers.run(tenant, async () => {
        const client = await this.#answers.connect();
        let broken: Error | undefined;
        try {
          const { rows } = await client.query<{ result: Result | null }>(text, [...args, wait.left]);
          return rows[0]?.result ?? null;
        } catch (error) {
          broken = error as Error;
          throw error;
        } finally {
          client.release(broken);
        }
      });
    });
  }

  async inTenant<Result>(tenant: TenantId, work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> {
    const enter = `enter_tenant(${pg.escapeLiteral(tenant)})`;
    return this.#inTurn(tenant, (wait) => this.#transaction(wait, enter, work));
  }

  async inSystem<Result>(work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> {
    return this.#inTurn(null, (wait) => this.#transaction(wait, 'enter_system()', work));
  }

  async prismaInTenant<Result>(
    tenant: TenantId,
    work: (prisma: PrismaTransaction) => Promise<Result>,
  ): Promise<Result> {
    return this.#inTurn(tenant, (wait) =>
      this.#prisma.$transaction(async (prisma) => {
        await prisma.$executeRaw`SELECT set_config('app.lock_wait', ${wait.left}, true), enter_tenant(${tenant}::uuid)`;
        return work(prisma);
      }),
    );
  }

  async prismaInSystem<Result>(work: (prisma: PrismaTransaction) => Promise<Result>): Promise<Result> {
    return this.#inTurn(null, (wait) =>
      this.#prisma.$transaction(async (prisma) => {
        await prisma.$executeRaw`SELECT set_config('app.lock_wait', ${wait.left}, true), enter_system()`;
        return work(prisma);
      }),
    );
  }

  /** Whether it is there, by a connection of its own: answered at once, whatever the pools wait for. */
  async health(): Promise<DatabaseHealth> {
    return this.#pulse.health();
  }

  /** What its clock says, epoch milliseconds. */
  async time(): Promise<number> {
    const { rows } = await this.#answers.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const [row] = rows;
    if (row === undefined) throw new Error('The database did not say what time it is.');
    return row.now.getTime();
  }

  /** The names of the migrations that the database has yet to see. */
  async pendingMigrations(): Promise<string[]> {
    // On a connection of its own, as for `health`.
    const client = new WatchedClient({
      connectionString: this.#url,
      application_name: APPLICATION,
      connectionTimeoutMillis: LONGEST_LOOK_MS,
    });
    try {
      await client.connect();
      return await pendingMigrations(client);
    } finally {
      void client.end();
    }
  }

  /** Connections of this instance, for the metrics. */
  get connections(): { pool: string; total: number; idle: number; waiting: number }[] {
    const pools = { transactions: this.#transactions, answers: this.#answers };
    return (['transactions', 'answers'] as const).map((pool) => {
      const { totalCount: total, idleCount: idle, waitingCount } = pools[pool];
      return { pool, total, idle, waiting: waitingCount + this.#turns[pool].waiting };
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pulse.stop();
    await this.#prisma.$disconnect();
    await Promise.all([this.#transactions.end(), this.#answers.end()]);
  }

  /** What waits for its turn has less time left for locks. */
  #inTurn<Result>(party: TenantId | null, work: (wait: LockWait) => Promise<Result>): Promise<Result> {
    return this.#repeated(() => {
      const wait = new LockWait();
      return this.#turns.transactions.run(party, () => work(wait));
    });
  }

  async #repeated<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await repeatingConflicts(work);
    } catch (error) {
      this.#pulse.note(sqlStateOf(error));
      throw error;
    }
  }

  async #transaction<Result>(
    wait: LockWait,
    enter: string,
    work: (sql: SqlTransaction) => Promise<Result>,
  ): Promise<Result> {
    const client = await this.#transactions.connect();
    let broken: Error | undefined;
    try {
      // Whatever the server's default is: what locks and then looks counts on seeing what was committed meanwhile.
      await client.query(
        `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT set_config('app.lock_wait', '${wait.left}', true), ${enter}`,
      );
      const result = await work({
        query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
          (await client.query<Row>(text, values === undefined ? undefined : [...values])).rows,
      });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // A connection on which even the rollback fails is thrown away rather than returned to the pool.
      await client.query('ROLLBACK').catch((rollbackError: unknown) => {
        broken = rollbackError as Error;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}
