import type { TimePreference } from '../../booking/engine/slot-finder.js';
import type { SaidShape } from './said-shape.js';
import type { Meaning } from './said-phrase.js';
import { type NamedTime, stretchMeant, timesInPart, timesMeant } from './spoken-time.js';
import type { TimeReading } from './when.js';

/** Takes the times of day out of what was said; undefined where they contradict each other. */
export function readTimes(shape: SaidShape): TimeReading | undefined {
  const part = shape.take(/(?:(?:EARLY|MID|LATE) )?P\d+/)?.meanings[0];
  const preference = part?.kind === 'part' ? { preference: part.part } : {};
  const within = part?.kind === 'part' ? part.part : 'any';

  const stretch = shape.take(
    /(?:(?:BETWEEN|FROM|AFTER) )?(?:ABOUT )*T\d+ (?:AND |TO |UNTIL |BEFORE )+(?:ABOUT )*T\d+/,
  );
  if (stretch !== undefined) {
    const [from, to] = timesIn(stretch.meanings);
    const meant = from && to && stretchMeant(inPart(from, within), inPart(to, within));
    return meant && { times: [], ...meant };
  }
  const after = shape.take(/(?:AFTER|FROM) (?:ABOUT )*T\d+(?: ONWARDS)?|T\d+ ONWARDS/);
  const before = shape.take(/(?:BEFORE|UNTIL) (?:ABOUT )*T\d+|T\d+ EARLIER/);
  const notBefore = likeliest(after?.meanings, within);
  const limit = likeliest(before?.meanings, within);
  if (notBefore !== undefined && limit !== undefined && notBefore >= limit) return undefined;
  if (notBefore !== undefined || limit !== undefined) {
    return {
      times: [],
      ...preference,
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(limit === undefined ? {} : { before: limit }),
    };
  }
  const named = shape.take(/(?:ABOUT )*T\d+(?: ABOUT)*(?: (?:OR|AND) T\d+)*/);
  const readings = timesIn(named?.meanings ?? []).map((time) => timesInPart(timesMeant(time), within));
  if (readings.some((times) => contradicts(times, within))) return undefined;
  // Of several times, each by its likelier half.
  const times = readings.length > 1 ? readings.flatMap((times) => times.slice(0, 1)) : readings.flat();
  return { times, ...preference };
}

function timesIn(meanings: readonly Meaning[]): NamedTime[] {
  return meanings.flatMap((meaning) => (meaning.kind === 'time' ? [meaning.time] : []));
}

function inPart(time: NamedTime, part: TimePreference): NamedTime {
  const isOpen = time.half === undefined && !time.exact && time.hour <= 12;
  return isOpen && part !== 'any' ? { ...time, half: part === 'morning' ? 'am' : 'pm' } : time;
}

function likeliest(meanings: readonly Meaning[] = [], part: TimePreference): string | undefined {
  const [time] = timesIn(meanings);
  return time && timesMeant(inPart(time, part))[0];
}

/** "14:00 in the morning" */
function contradicts(times: readonly string[], part: TimePreference): boolean {
  if (part === 'morning') return times.every((time) => time >= '12:00');
  return part === 'afternoon' && times.every((time) => time < '12:00');
}
