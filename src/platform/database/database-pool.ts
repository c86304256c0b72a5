import pg from 'pg';
import { DatabaseAway } from './database-away.js';
import { WatchedClient } from './watched-client.js';

/** Also how long one waits for a connection of the pool to become free. Together with the least wait for a lock, five seconds. */
const LONGEST_CONNECT_MS = 3_500;
const IDLE_MS = 30_000;

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (release?: unknown) => void,
) => void;

/** A pool whose connections cannot hang, and that gives none while the database is known to be away. */
export class DatabasePool extends pg.Pool {
  readonly #clients = new Set<WatchedClient>();
  /** Those who wait for a connection: how to tell them that there will be none. */
  readonly #waiting = new Set<(error: Error) => void>();
  #closed = false;

  constructor(connectionString: string, { name, max }: { name: string; max: number }) {
    super({
      connectionString,
      application_name: name,
      max,
      connectionTimeoutMillis: LONGEST_CONNECT_MS,
      idleTimeoutMillis: IDLE_MS,
      Client: WatchedClient,
    });
    this.on('connect', (client) => this.#clients.add(client as unknown as WatchedClient));
    this.on('remove', (client) => this.#clients.delete(client as unknown as WatchedClient));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.#take((error, client) => {
          if (client === undefined) reject(error ?? new DatabaseAway());
          else resolve(client);
        });
      });
    }
    this.#take(callback);
  }

  /** The database does not answer: who waits is told so, and so is everybody who asks from now on. */
  close(): void {
    this.#closed = true;
    for (const refuse of [...this.#waiting]) refuse(new DatabaseAway());
    for (const client of this.#clients) client.cut();
  }

  /** The database answers again. */
  open(): void {
    this.#closed = false;
  }

  /** The database answers, but not on the connections that there were: ends those that are silent, and those that nobody uses. */
  renew(silentMs: number): void {
    for (const client of this.#clients) if (client.silentMs >= silentMs || isIdle(client)) client.cut();
  }

  /** @returns what tells later whether anything has come from the database since now */
  mark(): () => boolean {
    const before = new Map([...this.#clients].map((client) => [client, client.received]));
    return () => [...this.#clients].some((client) => client.received > (before.get(client) ?? 0));
  }

  #take(callback: ConnectCallback): void {
    if (this.#closed) {
      callback(new DatabaseAway(), undefined, () => undefined);
      return;
    }
    let isRefused = false;
    const refuse = (error: Error): void => {
      isRefused = true;
      this.#waiting.delete(refuse);
      callback(error, undefined, () => undefined);
    };
    this.#waiting.add(refuse);
    super.connect((error, client, release) => {
      // It comes too late for who asked: the next one takes it.
      if (isRefused) return client?.release();
      this.#waiting.delete(refuse);
      callback(error, client, release);
    });
  }
}

/** A connection with nothing under way; one that is in a transaction between two statements is found out by its next one. */
function isIdle(client: WatchedClient): boolean {
  return (client as unknown as { readyForQuery: boolean }).readyForQuery;
}
