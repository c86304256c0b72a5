import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Any number that every version of this service agrees on. */
const ADVISORY_LOCK = '7240931105';
const POLL_MS = 500;

/** A server process that holds a lock. */
interface Holder {
  pid: number;
  application: string;
}

/**
 * The turn to migrate, one runner at a time. It is held by a transaction that stays open on a connection of its own, and not
 * by a session: behind a transaction-mode pooler a session's lock would stay with the pooler's connection after the runner
 * has gone. Index builds wait for transactions that hold a snapshot, and this one must not: so it reads nothing with
 * parameters (the extended protocol's portal keeps its snapshot until the next one), and looks are made by another connection.
 */
export class MigrationTurn {
  #lost: Error | undefined;

  private constructor(
    private readonly client: pg.Client,
    private readonly eyes: pg.Client,
  ) {
    client.on('error', (error: Error) => (this.#lost = error));
    eyes.on('error', () => undefined);
  }

  /**
   * @param waitMs how long to wait for another runner
   * @throws when another runner still has the turn after that
   */
  static async take(url: string, waitMs: number, say: (line: string) => void): Promise<MigrationTurn> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'receptionist-calendar migrate (turn)',
    });
    const eyes = new pg.Client({
      connectionString: url,
      application_name: 'receptionist-calendar migrate (looks)',
    });
    const turn = new MigrationTurn(client, eyes);
    try {
      await client.connect();
      await eyes.connect();
      await client.query(
        'BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0',
      );
      await client.query(
        `SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('server_version_num')::int >= 170000`,
      );
      await turn.#wait(waitMs, say);
      return turn;
    } catch (error) {
      await Promise.all([client.end(), eyes.end()]);
      throw error;
    }
  }

  /** @throws when the connection that holds the turn is gone */
  async assertHeld(): Promise<void> {
    if (this.#lost === undefined) await this.client.query('SELECT 1');
    else throw new Error(`The turn to migrate was lost: ${this.#lost.message}. Run it again.`);
  }

  /** What a server process waits for, in words; null when it does not wait. */
  async waitOf(pid: number): Promise<string | null> {
    const { rows } = await this.eyes.query<{ what: string | null; holders: Holder[] }>(
      `SELECT (SELECT string_agg(DISTINCT l.relation::regclass::text, ', ') FROM pg_locks l
           WHERE l.pid = $1 AND NOT l.granted AND l.relation IS NOT NULL
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS what,
         (SELECT json_agg(json_build_object('pid', a.pid, 'application', coalesce(a.application_name, '')))
           FROM pg_stat_activity a WHERE a.pid = ANY (pg_blocking_pids($1))) AS holders`,
      [pid],
    );
    const [row] = rows;
    if (!row?.holders) return null;
    return `${row.what === null ? 'a lock' : `a lock on ${row.what}`} is held by ${row.holders.map(inWords).join(', ')}`;
  }

  async release(): Promise<void> {
    if (this.#lost === undefined) await this.client.query('ROLLBACK');
    await Promise.all([this.client.end(), this.eyes.end()]);
  }

  async #wait(waitMs: number, say: (line: string) => void): Promise<void> {
    const end = performance.now() + waitMs;
    for (let said = false; !(await this.#try()); said = true) {
      const holders = (await this.#holders()).map(inWords).join(', ') || 'a process that has just ended';
      if (performance.now() >= end) {
        throw new Error(
          `Another run of the migrations still has the turn after ${inSeconds(waitMs)}: ${holders}. If nothing is migrating, ` +
            'a run through a pooler has left its lock behind: end that process (pg_terminate_backend), and let ' +
            'DIRECT_DATABASE_URL name the database itself.',
        );
      }
      if (!said) say(`Another run has the turn: ${holders}. Waiting for up to ${inSeconds(waitMs)}.`);
      await sleep(POLL_MS);
    }
  }

  async #try(): Promise<boolean> {
    const { rows } = await this.client.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${ADVISORY_LOCK}) AS taken`,
    );
    return rows[0]?.taken === true;
  }

  async #holders(): Promise<Holder[]> {
    const { rows } = await this.eyes.query<Holder>(
      `SELECT l.pid, coalesce(a.application_name, '') AS application
       FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND (l.classid::bigint << 32 | l.objid::bigint) = $1`,
      [ADVISORY_LOCK],
    );
    return rows;
  }
}

function inWords({ pid, application }: Holder): string {
  return `server process ${pid}${application === '' ? '' : ` (${application})`}`;
}

export function inSeconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)} seconds`;
}
