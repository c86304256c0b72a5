/** How long a request waits for a connection and a lock together: it is refused within five seconds. */
const LONGEST_WAIT_MS = 4_500;
/** More than the bookings of one resource take that wait for each other, and than it takes PostgreSQL to find a deadlock. */
const LEAST_MS = 1_500;

/** What is left for locks once a connection was waited for. Begins as it is made. */
export class LockWait {
  readonly #startedAt = performance.now();

  /** As PostgreSQL's `lock_timeout` takes it. */
  get left(): string {
    const waitedMs = performance.now() - this.#startedAt;
    return `${Math.round(Math.max(LEAST_MS, LONGEST_WAIT_MS - waitedMs))}ms`;
  }
}
