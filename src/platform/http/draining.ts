import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';

/** How long requests in hand may take once the process is asked to end; the jobs in hand have their own time after it. */
const LONGEST_MS = 10_000;

/**
 * Whether this process is ending. From the first moment of a shutdown readiness fails and new requests are refused with
 * 503; those in hand are finished, then the jobs in hand (`JobQueue`), then the database is let go.
 */
@Injectable()
export class Draining implements OnModuleDestroy, BeforeApplicationShutdown {
  #started = false;

  constructor(private readonly host: HttpAdapterHost) {}

  get started(): boolean {
    return this.#started;
  }

  onModuleDestroy(): void {
    this.#started = true;
  }

  beforeApplicationShutdown(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    setTimeout(() => server.closeAllConnections(), LONGEST_MS).unref();
  }
}
