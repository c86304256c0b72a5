/** How far a machine's clock may be from the database's before it is worth telling the operator. */
export const CLOCK_TOLERANCE_MS = 3_000;

/** What a measured offset may be wrong by grows with its age: clocks drift by less than this share. */
const DRIFT = 0.0005;

interface Reading {
  /** The database's clock, epoch milliseconds, at `at` by this process' monotonic clock. */
  database: number;
  at: number;
  /** How much `database` may be wrong by. */
  toleranceMs: number;
}

/**
 * The time by the database's clock, which every instance shares. Leases, due times, expiries and changes are written by one machine and
 * compared by another, so the wall clock of neither may decide. The time is carried forward from the last measurement by the monotonic
 * clock: a machine whose clock is wrong, or is set while the process runs, tells the same time as all others. Until the first measurement
 * the machine's own clock has to do.
 */
export class Clock {
  #reading: Reading | undefined;

  /** @param machine the wall clock of this machine, epoch milliseconds */
  constructor(
    private readonly machine: () => number = Date.now,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  /** Epoch milliseconds. */
  now(): number {
    const reading = this.#reading;
    if (reading === undefined) return this.machine();
    return Math.round(reading.database + this.monotonic() - reading.at);
  }

  date(): Date {
    return new Date(this.now());
  }

  /** By how many milliseconds this machine's clock is ahead of the database's (negative: behind); null before the first measurement. */
  get offsetMs(): number | null {
    return this.#reading === undefined ? null : this.machine() - this.now();
  }

  /** An instant that was read from this machine's clock, by the database's. */
  fromMachine(instant: number): number {
    return instant - (this.offsetMs ?? 0);
  }

  /**
   * Measures: `ask` returns the database's time, which it had at some moment between question and answer. A slow answer says less than a
   * quick one, so it replaces what is known only when that has grown old enough to be worth less, or cannot be right any more.
   */
  async measure(ask: () => Promise<number>): Promise<void> {
    const asked = this.monotonic();
    const database = await ask();
    const answered = this.monotonic();
    const reading = {
      database,
      at: (asked + answered) / 2,
      toleranceMs: (answered - asked) / 2 + 1,
    };
    const known = this.#reading;
    if (known !== undefined) {
      const toleranceMs = known.toleranceMs + (reading.at - known.at) * DRIFT;
      const expected = known.database + reading.at - known.at;
      const agree = Math.abs(expected - database) <= toleranceMs + reading.toleranceMs;
      if (agree && toleranceMs < reading.toleranceMs) return;
    }
    this.#reading = reading;
  }
}

/** The clock of this process: a process works with one database. */
export const clock = new Clock();
