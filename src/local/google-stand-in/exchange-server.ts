import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './answer.js';
import { ApiError } from './api-error.js';
import { readIncoming, type Incoming } from './incoming.js';

/** An answer, or what happens to the connection instead. */
export type Outcome = Answer | 'destroy' | 'hang';

/** The HTTP side of the stand-in: reads requests whole, writes answers, and can leave connections hanging. */
export class ExchangeServer {
  private readonly server: Server;
  origin = '';
  private readonly hanging = new Set<ServerResponse>();

  constructor(
    private readonly handle: (incoming: Incoming) => Promise<Outcome>,
    private readonly now: () => number,
  ) {
    this.server = createServer((request, response) => {
      this.exchange(readIncoming(request, this.origin), response).catch(() => response.destroy());
    });
    // Longer than any client keeps a connection, so that none is closed under a request on its way.
    this.server.keepAliveTimeout = 120_000;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    const address = this.server.address() as AddressInfo;
    this.origin = `http://127.0.0.1:${address.port}`;
  }

  closeHanging(): void {
    for (const response of this.hanging) response.destroy();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async exchange(reading: Promise<Incoming>, response: ServerResponse): Promise<void> {
    const outcome = await reading.then(this.handle).catch((error: unknown) => {
      if (error instanceof ApiError) return error.answer();
      // A mistake of the stand-in itself must be seen, not look like Google being down.
      return new ApiError(500, 'standInFailed', `The Google stand-in failed: ${String(error)}`).answer();
    });
    if (outcome === 'destroy') {
      response.destroy();
    } else if (outcome === 'hang') {
      this.hanging.add(response);
      response.once('close', () => this.hanging.delete(response));
    } else {
      response.writeHead(outcome.status, {
        date: new Date(this.now()).toUTCString(),
        ...outcome.headers,
        'content-length': Buffer.byteLength(outcome.text),
      });
      response.end(outcome.text);
    }
  }
}
