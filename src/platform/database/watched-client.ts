import pg from 'pg';
import type { Socket } from 'node:net';

/** The server bounds statements inside transactions more tightly (see enter_tenant); this is for the others, and for a server that is gone. */
const LONGEST_SILENCE_MS = 15_000;
const LOOK_EVERY_MS = 500;
/** Long before the network's own devices forget a connection that says nothing. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** What node-postgres and its pool use of a client beside what its types declare. */
interface Inner {
  readonly connection: { readonly stream: Socket };
  readonly readyForQuery: boolean;
}

/**
 * A connection that cannot hang, and of which no error goes unheard. Every pool of the service is made of these.
 *
 * A statement to which nothing has come back for fifteen seconds ends its connection, as when packets are dropped without a
 * reset; its caller gets node-postgres' "Connection terminated". One timer looks after all connections: the `query_timeout`
 * of node-postgres makes a timer for every query, and under load the collector of young objects then takes every query's
 * rows for alive. Silence is counted in looks rather than by the clock, so that a process that was stopped for a while does
 * not take its own absence for the server's.
 *
 * The pool stops listening to a connection as it hands it out. What the server says before the new owner listens (the last
 * words of a backend that is told to go) would be an error event without a listener, which ends the process. Hearing it is
 * enough: the connection takes no more statements and the pool does not keep it.
 */
export class WatchedClient extends pg.Client {
  #bytes = -1;
  #silentLooks = 0;

  constructor(config?: string | pg.ClientConfig) {
    const settings = typeof config === 'string' ? { connectionString: config } : config;
    super({ ...settings, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS });
    this.on('error', () => undefined);
    this.on('connect', () => startWatching(this));
    this.on('end', () => stopWatching(this));
  }

  /** How long the server has owed an answer without sending anything, in milliseconds; 0 when it owes none. */
  get silentMs(): number {
    return this.#silentLooks * LOOK_EVERY_MS;
  }

  /** How many bytes have come from the server so far. */
  get received(): number {
    return this.#inner.connection.stream.bytesRead;
  }

  /** Ends the connection at once, without a word to the server, which may not be listening. */
  cut(): void {
    this.#inner.connection.stream.destroy();
  }

  /** Called at intervals. */
  look(): void {
    const { readyForQuery, connection } = this.#inner;
    const bytes = connection.stream.bytesRead + connection.stream.bytesWritten;
    this.#silentLooks = readyForQuery || bytes !== this.#bytes ? 0 : this.#silentLooks + 1;
    this.#bytes = bytes;
    if (this.silentMs >= LONGEST_SILENCE_MS) this.cut();
  }

  get #inner(): Inner {
    return this as unknown as Inner;
  }
}

const watched = new Set<WatchedClient>();
let timer: NodeJS.Timeout | undefined;

function startWatching(client: WatchedClient): void {
  watched.add(client);
  timer ??= setInterval(() => {
    for (const each of watched) each.look();
  }, LOOK_EVERY_MS).unref();
}

function stopWatching(client: WatchedClient): void {
  watched.delete(client);
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
