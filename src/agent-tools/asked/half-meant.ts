import type { TimeLimits } from '../language/when.js';
import { limitsOf } from './part-and-limits.js';

/**
 * "After 7" is in the evening where something is offered then and nothing before 7 in the morning. A limit that leaves nothing
 * out, or nothing over, is hardly the one that was meant; where neither tells, it has to be asked.
 * @param times at which something is offered, in order
 */
export function halfMeant<Limited extends TimeLimits & { otherHalf?: TimeLimits }>(
  wish: Limited,
  times: readonly string[],
): { wish?: Limited; unclearHalf?: readonly [string, string] } {
  const { otherHalf } = wish;
  if (otherHalf === undefined || times.length === 0) return { wish };
  const halves: readonly [TimeLimits, TimeLimits] = [limitsOf(wish), otherHalf];
  const telling = halves.filter((half) => {
    const within = times.filter((time) => isWithin(time, half));
    return within.length > 0 && (within.length < times.length || within[0] === half.notBefore);
  });
  const [meant, other] = telling;
  if (meant !== undefined && other === undefined) return { wish: { ...wish, ...meant } };
  const [first, second] = halves.map((half) => half.notBefore ?? half.before ?? half.until ?? '');
  return { unclearHalf: [first ?? '', second ?? ''] };
}

export function isWithin(time: string, { notBefore, before, until }: TimeLimits): boolean {
  return (
    (notBefore === undefined || time >= notBefore) &&
    (before === undefined || time < before) &&
    (until === undefined || time <= until)
  );
}
