import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between the service and PostgreSQL as a firewall that forgets connections: nothing comes through, and nothing says so. */
export interface BlackHole {
  url: string;
  /** The connections there are become black holes; new ones work. */
  forget(): void;
  /** So do new ones: they are accepted, and never answered. */
  swallow(): void;
  /** New connections work again. Those that were lost stay so. */
  heal(): void;
  close(): Promise<void>;
}

export async function startBlackHole(databaseUrl: string): Promise<BlackHole> {
  const upstream = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const open = new Set<{ lost: boolean }>();
  let swallowing = false;
  const server = createServer((client) => {
    const connection = { lost: swallowing };
    open.add(connection);
    const backend = connect(Number(upstream.port), upstream.hostname);
    for (const socket of [client, backend]) {
      sockets.add(socket.setNoDelay());
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    const forward = (to: Socket) => (chunk: Buffer) => {
      if (!connection.lost) to.write(chunk);
    };
    client.on('data', forward(backend));
    backend.on('data', forward(client));
    client.on('close', () => {
      open.delete(connection);
      // The server does not hear of it either, until its own keep-alive finds out.
      if (!connection.lost) backend.destroy();
    });
    backend.on('close', () => {
      if (!connection.lost) client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const forget = () => {
    for (const connection of open) connection.lost = true;
  };
  return {
    url: Object.assign(new URL(upstream), { hostname: '127.0.0.1', port: String(port) }).href,
    forget,
    swallow: () => {
      swallowing = true;
      forget();
    },
    heal: () => (swallowing = false),
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
