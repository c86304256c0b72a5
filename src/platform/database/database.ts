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
 * Prisma and node-postgres share one pool: Prisma for ordinary reading and writing, plain SQL where a caller is waiting on
 * the line or where PostgreSQL does what Prisma cannot say (see docs/adr/0003).
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly #logger = new Logger(Database.name);
  readonly #pool: pg.Pool;
  readonly #watch: ConnectionWatch;
  readonly #prisma: PrismaClient;

  constructor(settings: Settings) {
    this.#pool = new pg.Pool({
      connectionString: settings.databaseUrl.reveal(),
      application_name: 'receptionist-calendar',
      max: 10,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      Client: HeardClient,
    });
    this.#watch = new ConnectionWatch(this.#pool, LONGEST_STATEMENT_MS);
    this.#pool.on('error', (error) => this.#logger.warn({ error }, 'An idle database connection was lost'));
    this.#prisma = new PrismaClient({ adapter: new PrismaPg(this.#pool) });
  }

  /**
   * Calls a SQL function that takes on its role by itself, in one round trip.
   * @returns the function's result, or null
   */
  async call<Result>(functionName: string, ...args: readonly unknown[]): Promise<Result | null> {
    const parameters = args.map((_, index) => `$${index + 1}`).join(', ');
    const text = `SELECT ${functionName}(${parameters}) AS result`;
    const { rows } = await this.#pool.query<{ result: Result | null }>(text, [...args]);
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
    await this.#pool.query({ text: 'SELECT 1', query_timeout: timeoutMs } as pg.QueryConfig);
  }

  /** The names of the migrations that the database has yet to see. */
  async pendingMigrations(): Promise<string[]> {
    return pendingMigrations(this.#pool);
  }

  /** Connections of this instance, for the metrics. */
  get connections(): { total: number; idle: number; waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#prisma.$disconnect();
    await this.#pool.end();
  }

  async #transaction<Result>(enter: string, work: (sql: SqlTransaction) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
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
