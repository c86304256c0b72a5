import { Logger } from '@nestjs/common';
import type { DatabasePool } from './database-pool.js';
import { WatchedClient } from './watched-client.js';

const BEAT_EVERY_MS = 1_000;
/** How long an answer may take on the connection there is, and then how long on a new one, its opening included. */
const LONGEST_ANSWER_MS = 1_500;
const LONGEST_NEW_ANSWER_MS = 2_000;
/** For the very first answer: a machine that has just started the service is busy with that, and nothing speaks against the database. */
const LONGEST_FIRST_ANSWER_MS = 4_500;
/**
 * How long one connection is asked. Settings of a database or role hold for new connections only, so an old one would not
 * show that the database has become read-only.
 */
const KEEP_MS = 10_000;

/** PostgreSQL's codes (appendix A) by which a statement says that nothing can be written. */
const NOT_WRITABLE = ['25006' /* read-only transaction */, '53100' /* disk full */];
/** How long a refused write counts, so that an instance does not come and go with each one that succeeds. */
const REFUSED_MS = 15_000;

/** What is known of the database. */
export interface DatabaseHealth {
  readonly answers: boolean;
  /** Whether bookings can be written: neither read-only nor without room. */
  readonly takesWrites: boolean;
}

/** A read-only standby answers, too. */
const LOOK = `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS "readOnly"`;

/**
 * Asks the database every second whether it is there, on a connection of its own, so that neither a lock nor a full pool
 * says anything about it. While it is away the pools give no connections and those who wait are told: a request is answered
 * within seconds, whatever its statements would have waited for.
 *
 * The database counts as away when neither the connection there is nor a new one answers, and nothing has come on any other
 * meanwhile.
 */
export class DatabasePulse {
  readonly #logger = new Logger(DatabasePulse.name);
  readonly #pools: DatabasePool[] = [];
  #client: WatchedClient | undefined;
  #openedAt = -Infinity;
  #refusedAt = -Infinity;
  #health: DatabaseHealth = { answers: true, takesWrites: true };
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #stopped = true;

  constructor(private readonly url: string) {}

  /** The pool is told when the database goes away and when it is back. */
  watch(pool: DatabasePool): void {
    this.#pools.push(pool);
  }

  start(): void {
    this.#stopped = false;
    this.#beat();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
    this.#client?.cut();
  }

  /** As the database was at the last look, at most some seconds ago. */
  async health(): Promise<DatabaseHealth> {
    if (this.#openedAt === -Infinity) await this.#looking;
    return this.#health;
  }

  /** A statement failed with this code. One that says that nothing can be written counts for a while, whatever else succeeds. */
  note(sqlState: string | undefined): void {
    if (sqlState === undefined || !NOT_WRITABLE.includes(sqlState)) return;
    this.#refusedAt = performance.now();
    this.#tell({ ...this.#health, takesWrites: false });
  }

  #beat(): void {
    this.#looking = this.#look()
      .catch((error: unknown) => this.#logger.error({ error }, 'Looking after the database failed'))
      .finally(() => {
        if (!this.#stopped) this.#timer = setTimeout(() => this.#beat(), BEAT_EVERY_MS).unref();
      });
  }

  async #look(): Promise<void> {
    const marks = this.#pools.map((pool) => pool.mark());
    const isDue = performance.now() - this.#openedAt >= KEEP_MS;
    let kept = isDue ? undefined : await this.#ask(this.#client);
    const wasSilent = kept === 'silent';
    if (typeof kept !== 'object') {
      const opened = await this.#open();
      if (typeof opened === 'object') {
        if (wasSilent) for (const pool of this.#pools) pool.renew(LONGEST_ANSWER_MS);
        this.#tell(opened);
        return;
      }
      // A new connection may be refused where the old one goes on, as when there are too many.
      if (isDue) kept = await this.#ask(this.#client);
    }
    if (typeof kept === 'object') {
      this.#tell({ answers: true, takesWrites: this.#mayWrite(kept) });
      return;
    }
    const answers = marks.some((hasHeardSince) => hasHeardSince()) || (await this.#answersAPool());
    this.#tell({ ...this.#health, answers });
  }

  /** @returns what the connection says; `silent` where it says nothing in time, and is given up */
  async #ask(client: WatchedClient | undefined): Promise<{ readOnly: boolean } | 'silent' | undefined> {
    if (client === undefined) return undefined;
    const answer = client.query<{ readOnly: boolean }>(LOOK).then(
      ({ rows }) => rows[0],
      () => undefined,
    );
    const said = await within(LONGEST_ANSWER_MS, answer);
    if (typeof said !== 'object') {
      client.cut();
      this.#client = undefined;
    }
    return said;
  }

  /** On a new connection, which takes the place of the one there was. */
  async #open(): Promise<DatabaseHealth | undefined> {
    const client = new WatchedClient({
      connectionString: this.url,
      application_name: 'receptionist-calendar health',
    });
    const found = await within(
      this.#openedAt === -Infinity ? LONGEST_FIRST_ANSWER_MS : LONGEST_NEW_ANSWER_MS,
      (async () => {
        await client.connect();
        const { rows } = await client.query<{ readOnly: boolean }>(LOOK);
        return { readOnly: rows[0]?.readOnly === true };
      })().catch(() => undefined),
    );
    if (typeof found !== 'object') {
      client.cut();
      return undefined;
    }
    // A database that is slow to write answers nonetheless.
    const room = await within(
      LONGEST_ANSWER_MS,
      hasRoom(client).catch(() => true),
    );
    this.#client?.cut();
    this.#client = client;
    this.#openedAt = performance.now();
    return { answers: true, takesWrites: this.#mayWrite({ readOnly: found.readOnly || room === false }) };
  }

  /** Where there are too many connections, ours may be among those that work. */
  async #answersAPool(): Promise<boolean> {
    const pool = this.#pools.find(({ idleCount }) => idleCount > 0);
    if (pool === undefined) return false;
    const answer = pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    return (await within(LONGEST_ANSWER_MS, answer)) === true;
  }

  #mayWrite({ readOnly }: { readOnly: boolean }): boolean {
    if (readOnly) this.#refusedAt = performance.now();
    return performance.now() - this.#refusedAt >= REFUSED_MS;
  }

  #tell(health: DatabaseHealth): void {
    const { answers, takesWrites } = this.#health;
    this.#health = health;
    if (health.answers !== answers) {
      for (const pool of this.#pools)
        if (health.answers) pool.open();
        else pool.close();
      if (health.answers) this.#logger.log('The database answers again');
      else
        this.#logger.error('The database does not answer: requests that need it are refused until it does');
    }
    if (health.takesWrites !== takesWrites) {
      if (health.takesWrites) this.#logger.log('The database takes writes again');
      else this.#logger.error('The database takes no writes: it is read-only, or its disk is full');
    }
  }
}

/** Whether a table can be made and grow. Where that may not be tried, nothing is known against it. */
async function hasRoom(client: WatchedClient): Promise<boolean> {
  try {
    await client.query('SELECT prove_writable()');
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return !NOT_WRITABLE.includes(code);
  }
}

/** What comes after the time may have come in time, and only not have been read yet: a busy process reads first. */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result | 'silent'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'silent'>((resolve) => {
    timer = setTimeout(() => setImmediate(() => setImmediate(() => resolve('silent'))), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
