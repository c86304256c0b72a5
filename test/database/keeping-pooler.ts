import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A pooler as far as it matters here. */
export interface KeepingPooler {
  /** The address of `url`'s database by way of the pooler. */
  through(url: string): string;
  stop(): Promise<void>;
}

const TERMINATE = 'X'.charCodeAt(0);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);

/**
 * Keeps the server's connections when clients go, as a transaction-mode pooler does: whatever a session holds stays held. One
 * that is left in the midst of a transaction is closed.
 */
export async function startKeepingPooler(serverUrl: string): Promise<KeepingPooler> {
  const { hostname, port: serverPort } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(serverPort || 5432), hostname);
    let isIdle = false;
    let sent = Buffer.alloc(0);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk) => {
      // A client says goodbye in a packet of its own.
      if (chunk.length === 5 && chunk[0] === TERMINATE) client.end();
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      sent = Buffer.concat([sent, chunk]);
      while (sent.length >= 5 && sent.length > sent.readInt32BE(1)) {
        const length = 1 + sent.readInt32BE(1);
        if (sent[0] === READY_FOR_QUERY) isIdle = sent[5] === IDLE;
        sent = sent.subarray(length);
      }
      client.write(chunk);
    });
    client.on('close', () => {
      if (!isIdle) upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    through: (url) => Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
