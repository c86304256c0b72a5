import type { TimePreference } from '../../booking/engine/slot-finder.js';
import type { Meaning } from './said-phrase.js';
import type { SaidShape, Taken } from './said-shape.js';
import { END_OF_NIGHT } from './small-hours.js';
import {
  isEitherHalf,
  laterBy,
  type NamedTime,
  stretchMeant,
  timesInPart,
  timesMeant,
} from './spoken-time.js';
import type { TimeLimits, TimeReading } from './when.js';

/** Which part of the day times are said in; in a night, small hours are likelier than those after noon. */
type Within = TimePreference | 'night';

/** Takes the times of day out of what was said; undefined where they contradict each other. */
export function readTimes(shape: SaidShape): TimeReading | undefined {
  const nightly = shape.takeAll(/\bNIGHTLY\b/);
  const found = shape.take(/(?:(?<which>EARLY|MID|LATE) )?P\d+/);
  const [part] = found?.meanings ?? [];
  const inPart = part?.kind === 'part' ? part : undefined;
  const within = inPart?.night === true ? 'night' : (inPart?.part ?? 'any');
  const reading = timesOf(shape, within, nightly);
  if (reading === undefined) return undefined;
  const isTimeSaid = reading.times.length > 0 || hasLimits(reading);
  // A stretch says more than the part of the day that it is in.
  const partSaid: Partial<TimeReading> =
    inPart === undefined || reading.isStretch === true
      ? {}
      : isTimeSaid
        ? { preference: inPart.part }
        : partOf(inPart.part, found?.groups['which']);
  const { isStretch: _, ...time } = reading;
  const isNight = nightly || inPart?.night === true || isOverMidnight(time.times);
  return { ...time, ...partSaid, ...(isNight ? { night: true } : {}) };
}

function timesOf(
  shape: SaidShape,
  within: Within,
  nightly: boolean,
): (TimeReading & { isStretch?: boolean }) | undefined {
  const offset = shape.take(/O\d+ (?:(?:TO|ABOUT) )*T\d+/);
  if (offset !== undefined) return offsetTime(offset.meanings, within);
  const stretch = shape.take(
    /(?:(?:BETWEEN|FROM|AFTER) )?(?:(?:TO|ABOUT) )*T\d+ (?<join>(?:AND |TO |UNTIL |BEFORE |LATEST |ABOUT )+)T\d+/,
  );
  if (stretch !== undefined) return stretchOf(stretch, within);
  const after = shape.take(/(?:AFTER|FROM) (?:(?:TO|ABOUT) )*T\d+(?: ONWARDS)?|T\d+ ONWARDS/);
  const before = shape.take(/(?<limit>BEFORE|UNTIL|LATEST) (?:(?:TO|ABOUT) )*T\d+|T\d+ EARLIER/);
  if (after !== undefined || before !== undefined) return limitsOf(after, before, within, nightly);
  const named = shape.take(/(?:ABOUT )*T\d+(?: ABOUT)*(?: (?:OR|AND) (?:(?:TO|ABOUT) )*T\d+)*/);
  const readings = timesIn(named?.meanings ?? []).map((time) => namedIn(time, within));
  if (readings.some((times) => contradicts(times, within))) return undefined;
  // Of several times, each by its likelier half.
  return { times: readings.length > 1 ? readings.flatMap((times) => times.slice(0, 1)) : readings.flat() };
}

/** "2 hours before noon" */
function offsetTime([offset, time]: readonly Meaning[], within: Within): TimeReading | undefined {
  if (offset?.kind !== 'offset' || time?.kind !== 'time') return undefined;
  const times = namedIn(time.time, within).flatMap((named) => laterBy(named, offset.minutes) ?? []);
  return times.length === 0 ? undefined : { times };
}

function stretchOf({ meanings, groups }: Taken, within: Within): ReturnType<typeof timesOf> {
  const [from, to] = timesIn(meanings).map((time) => inHalf(time, within));
  if (from === undefined || to === undefined) return undefined;
  const isInclusive = groups['join']?.includes('LATEST') === true;
  const limits = ({ notBefore, before }: { notBefore: string; before: string }): TimeLimits =>
    isInclusive ? { notBefore, until: before } : { notBefore, before };
  // "From 11 to 1", of a night, is left at midnight; so is "from 10 to midnight".
  const [end] = timesMeant(to);
  const endsNextDay = end !== undefined && (end === '00:00' || (within === 'night' && end < END_OF_NIGHT));
  // "From ten to midnight" begins in the evening.
  const isOpen = from.half === undefined && !from.exact && from.hour <= 12;
  const [begin] = timesMeant(endsNextDay && isOpen ? { ...from, half: 'pm' } : from);
  if (endsNextDay && begin !== undefined && begin > end) {
    return { times: [], notBefore: begin, isStretch: true };
  }
  const [meant, other] = stretchMeant(from, to);
  return (
    meant && {
      times: [],
      ...limits(meant),
      ...(other && { otherHalf: limits(other) }),
      isStretch: true,
    }
  );
}

function limitsOf(
  after: Taken | undefined,
  before: Taken | undefined,
  within: Within,
  nightly: boolean,
): TimeReading | undefined {
  const [from] = timesIn(after?.meanings ?? []).map((time) => inHalf(time, within));
  const [to] = timesIn(before?.meanings ?? []).map((time) => inHalf(time, within));
  const [notBefore, laterNotBefore] = from === undefined ? [] : timesMeant(from);
  const [limit, laterLimit] = to === undefined ? [] : timesMeant(to);
  const isExclusive = ['BEFORE', 'UNTIL'].includes(before?.groups['limit'] ?? '');
  const upTo = (time: string): TimeLimits => (isExclusive ? { before: time } : { until: time });
  // "Before midnight": until the end of the day.
  if (limit === '00:00' && (nightly || notBefore !== undefined || within === 'night')) {
    return notBefore === undefined ? { times: [], until: '23:59' } : { times: [], notBefore };
  }
  if (notBefore !== undefined && limit !== undefined) {
    return notBefore >= limit ? undefined : { times: [], notBefore, ...upTo(limit) };
  }
  if (notBefore !== undefined) {
    const other = from && isEitherHalf(from) && laterNotBefore;
    return { times: [], notBefore, ...(other && { otherHalf: { notBefore: other } }) };
  }
  if (limit === undefined) return undefined;
  const other = to && isEitherHalf(to) && laterLimit;
  return { times: [], ...upTo(limit), ...(other && { otherHalf: upTo(other) }) };
}

/** "Late morning", "early afternoon" */
function partOf(part: TimePreference, which: string | undefined): Partial<TimeReading> {
  return PARTS_OF_PARTS[`${which ?? ''} ${part}`] ?? { preference: part };
}

const PARTS_OF_PARTS: Readonly<Record<string, Partial<TimeReading>>> = {
  'EARLY morning': { preference: 'morning', before: '10:00' },
  'LATE morning': { preference: 'morning', notBefore: '10:00' },
  'EARLY afternoon': { preference: 'afternoon', before: '15:00' },
  // For most it goes on longer than the afternoon does.
  'LATE afternoon': { notBefore: '15:00', before: '18:00' },
  'EARLY evening': { preference: 'evening', before: '19:00' },
  'LATE evening': { preference: 'evening', notBefore: '20:00' },
};

/** "At 11:30 PM or 12:30 AM" is one night. */
function isOverMidnight([first, ...others]: readonly string[]): boolean {
  return first !== undefined && first >= '20:00' && others.some((time) => time < END_OF_NIGHT);
}

function hasLimits({ notBefore, before, until, preference }: TimeReading): boolean {
  return [notBefore, before, until, preference].some((limit) => limit !== undefined);
}

function timesIn(meanings: readonly Meaning[]): NamedTime[] {
  return meanings.flatMap((meaning) => (meaning.kind === 'time' ? [meaning.time] : []));
}

/** All that a time can mean in a part of the day. */
function namedIn(time: NamedTime, within: Within): readonly string[] {
  const isNoonOfMorning = within === 'morning' && time.hour === 12;
  return within === 'night' || within === 'evening' || isNoonOfMorning
    ? timesMeant(inHalf(time, within))
    : timesInPart(timesMeant(time), within);
}

function inHalf(time: NamedTime, within: Within): NamedTime {
  if (time.half !== undefined || time.hour > 12 || within === 'any') return time;
  // "10:30" is in the morning, but not in the evening.
  if (time.exact && !(time.hour >= 10 && (within === 'night' || within === 'evening'))) return time;
  // "Friday night at 12", "at 1": nobody means noon.
  const isSmallHour = within === 'night' && time.hour % 12 < Number(END_OF_NIGHT.slice(0, 2));
  // "Friday morning at 12" is when it ends.
  const isMorning = within === 'morning' && time.hour < 12;
  return { ...time, half: isMorning || isSmallHour ? 'am' : 'pm' };
}

/** "14:00 in the morning", "noon tonight" */
function contradicts(times: readonly string[], part: Within): boolean {
  if (part === 'evening' || part === 'night')
    return times.length > 0 && times.every((time) => time >= END_OF_NIGHT && time < '15:00');
  if (part === 'morning') return times.every((time) => time >= '13:00');
  return part === 'afternoon' && times.every((time) => time < '12:00');
}
