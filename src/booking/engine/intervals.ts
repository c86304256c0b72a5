export const MINUTE = 60_000;
export const DAY = 86_400_000;

/**
 * A half-open stretch of time `[start, end)` in whole epoch milliseconds: `start` belongs to it, `end` does
 * not, so two intervals that touch do not overlap (PostgreSQL's `tstzrange(…, '[)')` means the same). An
 * interval with `end <= start` is empty and overlaps nothing.
 */
export interface Interval {
  start: number;
  end: number;
}

/**
 * The same time as `intervals`, in the fewest intervals: sorted, with overlapping and touching ones joined
 * and empty ones dropped. The order of the input does not matter, and the input is left as it is.
 */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals
    .filter((interval) => interval.start < interval.end)
    .sort((a, b) => a.start - b.start);
  const merged: Interval[] = [];
  let last: Interval | undefined;
  for (const { start, end } of sorted) {
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
    } else {
      last = { start, end };
      merged.push(last);
    }
  }
  return merged;
}

/** Do the two have an instant in common? */
export function overlaps(one: Interval, other: Interval): boolean {
  return Math.max(one.start, other.start) < Math.min(one.end, other.end);
}

/**
 * Index of the first interval that ends after `instant`, in sorted and merged `intervals`; their number if
 * none.
 */
export function firstEndingAfter(intervals: readonly Interval[], instant: number): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle]?.end ?? Infinity) > instant) high = middle;
    else low = middle + 1;
  }
  return low;
}
