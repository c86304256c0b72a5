import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import { clock, CLOCK_TOLERANCE_MS } from '../time/clock.js';
import { Database } from './database.js';

const EVERY_MS = 10_000;
/** A database that is away at start must not keep the service from starting: the next measurement will do. */
const FIRST_WITHIN_MS = 2_000;

/** Keeps this process on the database's clock, and says when this machine's is off. */
@Injectable()
export class ClockWatch implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ClockWatch.name);
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #saidSo = false;

  constructor(
    private readonly database: Database,
    metrics: Metrics,
  ) {
    metrics.gauge(
      {
        name: 'clock_offset_seconds',
        help: 'By how much the clock of this machine is ahead of the database’s (negative: behind)',
        labels: [],
      },
      async () => (clock.offsetMs === null ? [] : [[{}, clock.offsetMs / 1000]]),
    );
  }

  async onModuleInit(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_WITHIN_MS);
    });
    await Promise.race([this.#measure(), late]);
    clearTimeout(timer);
  }

  onApplicationShutdown(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #measure(): Promise<void> {
    try {
      await clock.measure(() => this.database.time());
      this.#tell();
    } catch (error) {
      if (!this.#stopped) this.#logger.warn({ error }, 'Failed to read the clock of the database');
    } finally {
      if (!this.#stopped) this.#timer = setTimeout(() => void this.#measure(), EVERY_MS).unref();
    }
  }

  /** Once when it goes wrong, once when it is right again. */
  #tell(): void {
    const offsetMs = clock.offsetMs ?? 0;
    const isOff = Math.abs(offsetMs) > CLOCK_TOLERANCE_MS;
    if (isOff === this.#saidSo) return;
    this.#saidSo = isOff;
    if (isOff)
      this.#logger.warn(
        { offsetSeconds: offsetMs / 1000 },
        'The clock of this machine is off: the database’s is used instead. Set it by NTP.',
      );
    else this.#logger.log('The clock of this machine agrees with the database’s again');
  }
}
