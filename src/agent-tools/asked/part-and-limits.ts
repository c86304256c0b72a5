import type { TimePreference } from '../../booking/engine/slot-finder.js';
import { hoursOf, type Language, type PartHours } from '../language/language.js';
import type { TimeLimits } from '../language/when.js';

/** A part of the day and limits of its own. */
export interface PartAsked extends TimeLimits {
  preference: TimePreference;
  /** The same limits in the other half of the day, where that was left open. */
  otherHalf?: TimeLimits;
}

/**
 * A part of the day beside limits of their own: of "after 7" it tells the half of the day. Where nothing is left of both, the
 * limits say more if they follow upon the part ("the afternoon", "after 5"); else they contradict each other.
 * @returns undefined where they do
 */
export function partBeside(asked: PartAsked, language: Pick<Language, 'partHours'>): PartAsked | undefined {
  const { preference, notBefore, before, until, otherHalf } = asked;
  const limits = limitsOf(asked);
  if (preference === 'any' || Object.keys(limits).length === 0) {
    return { preference, ...limits, ...(otherHalf && { otherHalf }) };
  }
  const part = hoursOf(preference, language);
  const fitting =
    otherHalf === undefined
      ? [limits].find((each) => overlaps(each, part))
      : [limits, otherHalf].find((each) => isIn(each, part));
  if (fitting !== undefined) return { preference, ...fitting };
  if (notBefore === part.before || (until ?? before) === part.notBefore)
    return { preference: 'any', ...limits };
  return undefined;
}

export function limitsOf({ notBefore, before, until }: TimeLimits): TimeLimits {
  return { ...(notBefore && { notBefore }), ...(before && { before }), ...(until && { until }) };
}

/** Whether a limit is itself a time of the part. */
function isIn({ notBefore, before, until }: TimeLimits, part: PartHours): boolean {
  const end = until ?? before;
  return (
    (notBefore === undefined || (notBefore >= part.notBefore && notBefore < part.before)) &&
    (end === undefined || (end > part.notBefore && end <= part.before))
  );
}

function overlaps({ notBefore = '00:00', before = '24:00', until }: TimeLimits, part: PartHours): boolean {
  const begin = notBefore > part.notBefore ? notBefore : part.notBefore;
  return begin < part.before && (until === undefined ? begin < before : begin <= until);
}
