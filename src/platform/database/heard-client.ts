import pg from 'pg';

/**
 * A connection of which no error goes unheard. The pool stops listening to a connection as it hands it out, and whoever asked
 * for it by `await` can listen a moment later only. What the server says in between (the last words of a backend that is told
 * to go, in the same packet as the answer that made the connection free) would be an error event without a listener, which
 * ends the process. Hearing it is enough: the connection takes no more statements and the pool does not keep it.
 */
export class HeardClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
