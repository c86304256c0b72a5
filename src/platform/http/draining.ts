import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Settings } from '../config/settings.js';

/** How long requests in hand may take once no more are taken; the jobs in hand have their own time after it. */
const LONGEST_MS = 10_000;

/**
 * How this process ends. From the first moment readiness fails, and connections and requests are taken as before until
 * load balancers have seen it (`SHUTDOWN_DELAY_MS`, where the process is told to end by SIGTERM). Then new requests are
 * refused; those in hand are finished, then the jobs in hand (`JobQueue`), then the database is let go.
 */
@Injectable()
export class Draining implements OnModuleDestroy, BeforeApplicationShutdown {
  #started = false;
  #refuses = false;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly settings: Settings,
  ) {}

  /** The process is ending, and says so where it is asked. */
  get started(): boolean {
    return this.#started;
  }

  /** It takes no new requests. */
  get refuses(): boolean {
    return this.#refuses;
  }

  onModuleDestroy(): void {
    this.#started = true;
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    // A person who presses Ctrl-C waits for nobody's load balancer.
    if (signal === 'SIGTERM') await sleep(this.settings.shutdownDelayMs);
    this.refuse();
    const server = this.host.httpAdapter.getHttpServer() as Server;
    setTimeout(() => server.closeAllConnections(), LONGEST_MS).unref();
  }

  refuse(): void {
    this.#started = true;
    this.#refuses = true;
  }
}
