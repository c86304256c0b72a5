import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** For 127.0.0.1, signed by nobody, good for a hundred years and for nothing but this. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqcDAkWT/u59lgPi5
KyUC8VNwCa1YnrFF9m3q4JMwbFqhRANCAASh9AqnDe4ZS4pF/clYuzB9HDfWklEY
13U/vBy1cQdhsmwROzQ3Q0BRKaUPCH56+0pw60bj5ReW6L9QJiCh58+O
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkTCCATagAwIBAgIUBekBLd7Jq8ccc/qXYMC5LNk2u+IwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyODIyMTc0MFoYDzIxMjYxMTA0
MjIxNzQwWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASh9AqnDe4ZS4pF/clYuzB9HDfWklEY13U/vBy1cQdhsmwROzQ3Q0BR
KaUPCH56+0pw60bj5ReW6L9QJiCh58+Oo2QwYjAdBgNVHQ4EFgQUNUm75ax4+0WU
778sHAUBrT9EfMMwHwYDVR0jBBgwFoAUNUm75ax4+0WU778sHAUBrT9EfMMwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYC
IQC2g7UwvyhN8wKzkzjm9l/U9az7egTDexIQ3G+arSOxtQIhAI8T+zU9tbXW5uDH
BM9FPxuyWJc/B3XND9k7RsOYsSLM
-----END CERTIFICATE-----`;

/** Takes TLS connections as PostgreSQL does, by a certificate that nobody vouches for. Gets no further than that. */
export async function startTlsDatabase(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    // The first message asks for TLS, and "S" grants it.
    socket.once('data', () => {
      socket.write('S');
      new TLSSocket(socket, { isServer: true, key: KEY, cert: CERTIFICATE }).on('error', () => undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
