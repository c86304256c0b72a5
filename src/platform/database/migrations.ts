import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { installJobQueues } from '../jobs/install-job-queues.js';
import {
  concurrentStatements,
  MIGRATIONS,
  readMigrations,
  type ConcurrentStatement,
  type Migration,
} from './migration-file.js';
import { inSeconds, MigrationTurn } from './migration-turn.js';
import { SqlState } from './sql-error.js';

/** A client or a pool. */
type Queryable = Pick<pg.ClientBase, 'query'>;

export interface MigrationOptions {
  directory?: string;
  /** Told what is waited for. */
  say?: (line: string) => void;
  /**
   * How long a statement may wait for a table. Whoever needs the table after it waits behind it, so it gives up soon, and the
   * migration is tried again.
   */
  lockTimeoutMs?: number;
  /** How often a migration is tried whose table is in use all the time. */
  mostTries?: number;
  /** How long to rest between two tries: twice as long each time, up to six times. */
  pauseMs?: number;
  /** How long to wait for another runner, and for an index that is built beside running traffic. */
  waitMs?: number;
}

/** The names of the migrations that `client`'s database has yet to see. */
export async function pendingMigrations(client: Queryable): Promise<string[]> {
  const applied = await appliedMigrations(client);
  return (await readMigrations()).filter(({ name }) => !applied.has(name)).map(({ name }) => name);
}

/**
 * Brings the database at `url` up to date: each pending migration in a transaction of its own (index builds beside running
 * traffic excepted), one runner at a time, then the job queues, then the rights of the role that the service logs in as.
 *
 * Applied migrations are recorded in Prisma's own `_prisma_migrations` table, so that `prisma migrate status` and
 * `prisma migrate deploy` agree wherever Prisma's schema engine is at hand.
 *
 * @param url of a role that may create tables and roles
 * @param serviceRole the role the service logs in as, which is given the right to take on the service's two roles
 * @returns the names of the migrations applied
 * @throws when a migration that was applied has since been edited, or when what it needs stays in use
 */
export async function migrate(
  url: string,
  serviceRole: string,
  options: MigrationOptions = {},
): Promise<string[]> {
  const { say = () => undefined, waitMs = 600_000 } = options;
  const turn = await MigrationTurn.take(url, waitMs, say);
  const client = new pg.Client({ connectionString: url, application_name: 'receptionist-calendar migrate' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const runner = new MigrationRunner(client, turn, { ...options, say, waitMs });
    await client.query(PRISMA_MIGRATIONS_TABLE);
    const done = await runner.applyPending(options.directory ?? MIGRATIONS);
    await runner.patiently('The job queue’s tables', (lockTimeoutMs) => installJobQueues(url, lockTimeoutMs));
    await grantServiceRole(client, serviceRole);
    return done;
  } finally {
    await client.end();
    await turn.release();
  }
}

/** What was waited for in vain, where trying again may help. */
const IN_USE: readonly (string | undefined)[] = [SqlState.lockNotAvailable, SqlState.deadlockDetected];

class MigrationRunner {
  readonly #say: (line: string) => void;
  readonly #lockTimeoutMs: number;
  readonly #mostTries: number;
  readonly #pauseMs: number;
  readonly #waitMs: number;

  constructor(
    private readonly client: pg.Client,
    private readonly turn: MigrationTurn,
    {
      say = () => undefined,
      lockTimeoutMs = 2_000,
      mostTries = 20,
      pauseMs = 5_000,
      waitMs = 600_000,
    }: MigrationOptions,
  ) {
    this.#say = say;
    this.#lockTimeoutMs = lockTimeoutMs;
    this.#mostTries = mostTries;
    this.#pauseMs = pauseMs;
    this.#waitMs = waitMs;
  }

  async applyPending(directory: string): Promise<string[]> {
    const applied = await appliedMigrations(this.client);
    const done: string[] = [];
    for (const migration of await readMigrations(directory)) {
      const checksum = applied.get(migration.name);
      if (checksum === undefined) {
        await this.turn.assertHeld();
        await this.#apply(migration);
        done.push(migration.name);
      } else if (checksum !== migration.checksum) {
        throw new Error(`Migration ${migration.name} was edited after it had been applied.`);
      }
    }
    return done;
  }

  /** Does what may find a table in use: gives way soon, and comes again. */
  async patiently(what: string, work: (lockTimeoutMs: number) => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await work(this.#lockTimeoutMs);
        return;
      } catch (error) {
        const { message, code, waited } = error as Error & { code?: string; waited?: string };
        if (!IN_USE.includes(code)) throw new Error(`${what} failed: ${message}`, { cause: error });
        const found = waited ?? message;
        if (tries >= this.#mostTries) {
          throw new Error(
            `${what}: ${found}, ${tries} times in a row. Nothing of it was applied. Run it again when that has ended.`,
            { cause: error },
          );
        }
        const pauseMs = this.#pauseMs * Math.min(6, 2 ** (tries - 1));
        this.#say(
          `${what}: ${found}. It is tried again in ${inSeconds(pauseMs)} (${tries} of ${this.#mostTries} tries).`,
        );
        await sleep(pauseMs);
      }
    }
  }

  async #apply(migration: Migration): Promise<void> {
    const what = `Migration ${migration.name}`;
    const concurrent = concurrentStatements(migration);
    if (concurrent === undefined) {
      await this.patiently(what, (lockTimeoutMs) => this.#inTransaction(migration, lockTimeoutMs));
      return;
    }
    await this.#assertDirect(what);
    await this.patiently(what, () => this.#besideTraffic(what, concurrent));
    await this.#record(migration);
  }

  async #inTransaction(migration: Migration, lockTimeoutMs: number): Promise<void> {
    const { rows } = await this.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await this.client.query(`BEGIN; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    // Behind a pooler it may be another one than a moment ago.
    const { rows: within } = await this.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    try {
      await this.#watched(within[0]?.pid ?? rows[0]?.pid ?? 0, lockTimeoutMs / 2, async () => {
        await this.client.query(migration.sql);
        await this.#record(migration);
      });
      await this.client.query('COMMIT');
    } catch (error) {
      await this.client.query('ROLLBACK');
      throw error;
    }
  }

  /**
   * Builds and drops indexes while their tables are read and written. A build that was cut off leaves an index that is not
   * valid, which is dropped first. It waits for transactions that are open, without anybody waiting behind it.
   */
  async #besideTraffic(what: string, statements: readonly ConcurrentStatement[]): Promise<void> {
    const { rows } = await this.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await this.client.query(`SET lock_timeout = ${this.#waitMs}`);
    try {
      for (const { sql, index } of statements) {
        const { rows: invalid } = await this.client.query(
          'SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid',
          [index],
        );
        const drop = `DROP INDEX CONCURRENTLY IF EXISTS ${pg.escapeIdentifier(index)}`;
        for (const statement of invalid.length > 0 ? [drop, sql] : [sql]) {
          await this.#watched(
            rows[0]?.pid ?? 0,
            this.#lockTimeoutMs,
            () => this.client.query(statement),
            (wait) => this.#say(`${what}: ${wait}. Waiting for up to ${inSeconds(this.#waitMs)}.`),
          );
        }
      }
    } finally {
      await this.client.query('RESET lock_timeout');
    }
  }

  /** Looks, while `work` goes on, what it waits for, so that it can be said. */
  async #watched<Result>(
    pid: number,
    afterMs: number,
    work: () => Promise<Result>,
    tell: (wait: string) => void = () => undefined,
  ): Promise<Result> {
    const seen: string[] = [];
    let looking: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      if (seen.length > 0) return;
      // What cannot be seen is not said; the work itself tells when it fails.
      looking = this.turn.waitOf(pid).then(
        (wait) => {
          if (wait === null || seen.length > 0) return;
          seen.push(wait);
          tell(wait);
        },
        () => undefined,
      );
    }, afterMs);
    try {
      return await work();
    } catch (error) {
      await looking;
      if (seen.length > 0) Object.assign(error as Error, { waited: seen[0] });
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  async #record({ name, checksum }: Migration): Promise<void> {
    await this.client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
  }

  /** A pooler gives out another key for cancelling than the number of the server's process. */
  async #assertDirect(what: string): Promise<void> {
    const { rows } = await this.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const { processID } = this.client as pg.Client & { processID?: number };
    if (rows[0]?.pid === processID) return;
    throw new Error(
      `${what} builds an index beside running traffic, which does not go through a pooler: let DIRECT_DATABASE_URL name the database itself.`,
    );
  }
}

/**
 * The service's login gets membership of the two roles and the use of the job queue, nothing else: no table is its own,
 * and outside of a role it may read none.
 */
async function grantServiceRole(client: pg.Client, serviceRole: string): Promise<void> {
  const role = pg.escapeIdentifier(serviceRole);
  await client.query(`
    GRANT USAGE ON SCHEMA pgboss TO ${role}, receptionist_tenant, receptionist_system;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO ${role};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO ${role};
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pgboss TO receptionist_tenant, receptionist_system;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO receptionist_tenant, receptionist_system;
    GRANT SELECT ON _prisma_migrations TO ${role};`);
  // Since PostgreSQL 16 the creator of a role administers it but may not take it on before it is granted to it.
  const { rows } = await client.query<{ member: boolean }>(
    `SELECT pg_has_role($1, 'receptionist_tenant', mode) AND pg_has_role($1, 'receptionist_system', mode) AS member
     FROM (SELECT CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS m (mode)`,
    [serviceRole],
  );
  if (rows[0]?.member !== true)
    await client.query(`GRANT receptionist_tenant, receptionist_system TO ${role}`);
}

async function appliedMigrations(client: Queryable): Promise<Map<string, string>> {
  const { rows: tables } = await client.query(`SELECT 1 WHERE to_regclass('_prisma_migrations') IS NOT NULL`);
  if (tables.length === 0) return new Map();
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    `SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

/** As Prisma makes it. */
const PRISMA_MIGRATIONS_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  varchar(36) PRIMARY KEY,
    checksum            varchar(64) NOT NULL,
    finished_at         timestamptz,
    migration_name      varchar(255) NOT NULL,
    logs                text,
    rolled_back_at      timestamptz,
    started_at          timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`;
