import { connect, createServer } from 'node:net';
import { reasonOf, StartError } from './start-error.js';

/** A port that is free on 127.0.0.1 just now: `wished`, in that order, or any. */
export async function freePort(...wished: readonly number[]): Promise<number> {
  for (const port of wished) {
    if (
      port > 0 &&
      port < 65_536 &&
      !(await isTaken(port)) &&
      (await listenBriefly(port, '127.0.0.1').catch(() => 0))
    ) {
      return port;
    }
  }
  return listenBriefly(0, '127.0.0.1');
}

/** @throws StartError naming the port, when the service could not listen there */
export async function assertPortFree(port: number, host: string): Promise<void> {
  const busy = `Port ${port} is in use by another program. Stop that one, or choose another port: PORT=${port + 10} npm start`;
  if (await isTaken(port)) throw new StartError(busy);
  try {
    await listenBriefly(port, host);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'EADDRINUSE') throw new StartError(busy, { cause: error });
    if (reason === 'EACCES') {
      throw new StartError(`Port ${port} may not be opened by this user. Set PORT to a number above 1023.`, {
        cause: error,
      });
    }
    throw new StartError(
      `HOST ${host} cannot be listened on (${reason}). Set HOST to an address of this machine.`,
      {
        cause: error,
      },
    );
  }
}

async function listenBriefly(port: number, host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : port;
}

/**
 * Asks by connecting too: where another program listens on all addresses, some systems allow a second one on 127.0.0.1,
 * and `localhost` would then reach now the one and now the other.
 */
async function isTaken(port: number): Promise<boolean> {
  const answers = (host: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ port, host, timeout: 500 });
      const answer = (taken: boolean) => {
        socket.destroy();
        resolve(taken);
      };
      socket.once('connect', () => answer(true));
      socket.once('timeout', () => answer(false));
      socket.once('error', () => answer(false));
    });
  return (await Promise.all([answers('127.0.0.1'), answers('::1')])).includes(true);
}
