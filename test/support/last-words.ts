import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** An error message of PostgreSQL's protocol ("Message Formats" in its manual), as a backend sends it that is told to go. */
const LAST_WORDS = errorMessage(
  'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0',
);
/** "Ready for query", idle: what makes a connection free for the next who needs one. */
const READY = Buffer.from('5a0000000549', 'hex');

/** Stands between the service and PostgreSQL. */
export interface LastWords {
  url: string;
  /** From now on the next connections end as soon as they are ready, with both messages in one packet. */
  cutNext(connections: number): void;
  /** How many have ended so. */
  readonly cut: number;
  close(): Promise<void>;
}

export async function startLastWords(databaseUrl: string): Promise<LastWords> {
  const upstream = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let toCut = 0;
  let cut = 0;
  const server = createServer((client) => {
    const backend = connect(Number(upstream.port), upstream.hostname);
    for (const socket of [client, backend]) {
      sockets.add(socket.setNoDelay());
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => backend.write(chunk));
    client.on('close', () => backend.destroy());
    backend.on('close', () => client.destroy());
    backend.on('data', (chunk) => {
      if (toCut === 0 || !chunk.subarray(-READY.length).equals(READY)) {
        client.write(chunk);
        return;
      }
      toCut -= 1;
      cut += 1;
      client.end(Buffer.concat([chunk, LAST_WORDS]));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: Object.assign(new URL(upstream), { hostname: '127.0.0.1', port: String(port) }).href,
    cutNext: (connections) => (toCut = connections),
    get cut() {
      return cut;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function errorMessage(fields: string): Buffer {
  const body = Buffer.from(fields);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
