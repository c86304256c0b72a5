import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Settings } from '../config/settings.js';
import { ConnectionWatch } from './connection-watch.js';
import { Prisma, PrismaClient } from './generated/client.js';
import { HeardClient } from './heard-client.js';
import { pendingMigrations } from './migrations.js';
import type { TenantId } from './tenant-id.js';

/** The server bounds statements inside transactions more tightly (see enter_tenant); this is for the others, and for a server that is gone. */
const LONGEST_STATEMENT_MS = 15_000;

/** Of one instance. Transactions wait for each other's locks; what a caller is told meanwhile must not wait behind them. */
const TRANSACTION_CONNECTIONS = 10;
/**
 * As many answers are looked up at the same time: more than one process can make use of, and few enough that each finds a
 * backend of PostgreSQL that has just done the same.
 */
const ANSWER_CONNECTIONS = 6;

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
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly #logger = new Logger(Database.name);
  readonly #transactions: pg.Pool;
  readonly #answers: pg.Pool;
  readonly #watch: ConnectionWatch;
  readonly #prisma: PrismaClient;

  constructor({ databaseUrl }: Settings) {
    this.#transactions = this.#pool(databaseUrl, TRANSACTION_CONNECTIONS);
    this.#answers = this.#pool(databaseUrl, ANSWER_CONNECTIONS);
    this.#watch = new ConnectionWatch([this.#transactions, this.#answers], LONGEST_STATEMENT_MS);
    this.#prisma = new PrismaClient({ adapter: new PrismaPg(this.#transactions) });
  }

  /**
   * Calls a SQL function that takes on its role by itself, in one round trip.
   * @returns the function's result, or null
   */
  async call<Result>(functionName: string, ...args: readonly unknown[]): Promise<Result | null> {
    const parameters = args.map((_, index) => `$${index + 1}`).join(', ');
    const text = `SELECT ${functionName}(${parameters}) AS result`;
    const { rows } = await this.#answers.query<{ result: Result | null }>(text, [...args]);
    return rows[0]?.result ?? null;
  }

  async inTenant<Result>(tenant: TenantId, work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> {
    return this.#transaction(`SELECT enter_tenant(${pg.escapeLiteral(tenant)})`, work);
  }

  async inSystem<Result>(work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> {
    return this.#transaction('SELECT enter_system()', work);
  }

  async prismaInTenant<Result>(
    tenant: TenantId,
    work: (prisma: PrismaTransaction) => Promise<Result>,
  ): Promise<Result> {
    return this.#prisma.$transaction(async (prisma) => {
      await prisma.$executeRaw`SELECT enter_tenant(${tenant}::uuid)`;
      return work(prisma);
    });
  }

  async prismaInSystem<Result>(work: (prisma: PrismaTransaction) => Promise<Result>): Promise<Result> {
    return this.#prisma.$transaction(async (prisma) => {
      await prisma.$executeRaw`SELECT enter_system()`;
      return work(prisma);
    });
  }

  /** @throws when the database does not answer within `timeoutMs`. */
  async ping(timeoutMs = 2_000): Promise<void> {
    await this.#transactions.query({ text: 'SELECT 1', query_timeout: timeoutMs } as pg.QueryConfig);
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
    return pendingMigrations(this.#transactions);
  }

  /** Connections of this instance, for the metrics. */
  get connections(): { pool: string; total: number; idle: number; waiting: number }[] {
    return Object.entries({ transactions: this.#transactions, answers: this.#answers }).map(
      ([pool, { totalCount: total, idleCount: idle, waitingCount: waiting }]) => ({
        pool,
        total,
        idle,
        waiting,
      }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#prisma.$disconnect();
    await Promise.all([this.#transactions.end(), this.#answers.end()]);
  }

  #pool(url: Settings['databaseUrl'], max: number): pg.Pool {
    const pool = new pg.Pool({
      connectionString: url.reveal(),
      application_name: 'receptionist-calendar',
      max,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      Client: HeardClient,
    });
    return pool.on('error', (error) => this.#logger.warn({ error }, 'An idle database connection was lost'));
  }

  async #transaction<Result>(enter: string, work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> {
    const client = await this.#transactions.connect();
    let broken: Error | undefined;
    try {
      await client.query(`BEGIN; ${enter}`);
      const result = await work({
        query: async <Row extends object>(text: string, values?: readonly unknown[]) => {
          this.#watch.windUp(client);
          return (await client.query<Row>(text, values === undefined ? undefined : [...values])).rows;
        },
      });
      this.#watch.windUp(client);
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
