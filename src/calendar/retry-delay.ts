/** No wait between attempts grows longer than this. */
const LONGEST_MS = 5 * 60_000;

export interface RetryDelay {
  /** How many attempts failed before; 1 after the first. */
  attempt: number;
  /** The wait after the first. */
  baseMs: number;
  /** What the provider asked for; never undercut. */
  retryAfterMs?: number;
  /** No wait grows longer than this; five minutes where it is left out. */
  longestMs?: number;
}

/**
 * How long to wait before the next attempt, in milliseconds: doubling up to five minutes or what is said, with jitter over the upper half so
 * that what failed together does not come back together, and never sooner than `Retry-After`.
 */
export function retryDelayMs(
  { attempt, baseMs, retryAfterMs = 0, longestMs = LONGEST_MS }: RetryDelay,
  random = Math.random(),
): number {
  const longest = Math.min(longestMs, baseMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(Math.max(retryAfterMs, longest * (0.5 + random / 2)));
}
