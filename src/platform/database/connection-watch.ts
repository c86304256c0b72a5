import type pg from 'pg';

interface Watched {
  timer: NodeJS.Timeout;
  inUse: boolean;
}

/**
 * Ends a connection on which nothing has been answered for too long, as when the server's machine is gone and no packet says
 * so; whoever waits for it gets node-postgres' "Connection terminated".
 *
 * One timer a connection, wound up again for each statement. The `query_timeout` of node-postgres makes a timer for every
 * query, and under load the collector of young objects then takes every query's rows for alive.
 */
export class ConnectionWatch {
  readonly #watched = new WeakMap<pg.PoolClient, Watched>();

  /** @param longestMs the longest that a statement may take */
  constructor(
    pools: readonly pg.Pool[],
    private readonly longestMs: number,
  ) {
    for (const pool of pools) {
      pool.on('acquire', (client) => this.windUp(client));
      pool.on('release', (_error, client) => {
        const watched = this.#watched.get(client);
        if (watched !== undefined) watched.inUse = false;
      });
    }
  }

  /** To be called before each statement but the first since the connection was taken from the pool. */
  windUp(client: pg.PoolClient): void {
    const watched = this.#watched.get(client);
    if (watched === undefined) {
      this.#watched.set(client, { timer: this.#start(client), inUse: true });
    } else {
      watched.inUse = true;
      watched.timer.refresh();
    }
  }

  #start(client: pg.PoolClient): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#watched.get(client)?.inUse === true) void (client as pg.PoolClient & pg.Client).end();
    }, this.longestMs).unref();
  }
}
