import { addDays, localDateOf, wallOf } from '../../booking/engine/zoned-time.js';
import type { DayReading, Moment, TimeReading, WhenReading } from './when.js';

/** Before this it is still the night of the date before. */
export const END_OF_NIGHT = '05:00';
/** From then on "tonight" goes on after midnight: hardly anything is left of the date. */
const LATE_TONIGHT = '22:00';

/**
 * "Friday night at 1 AM" and "midnight on Friday" are on Saturday: the small hours of a night are the next date's. Where the
 * day or the time has yet to be said, the reading stays as it is.
 */
export function inNight(reading: WhenReading, moment: Moment): WhenReading {
  const { day, time } = reading;
  if (time.night === undefined || day === undefined) return reading;
  const { night: _, preference, ...said } = time;
  const today = localDateOf(moment.now, moment.timezone);
  const clock = new Date(wallOf(moment.now, moment.timezone)).toISOString().slice(11, 16);
  const isToday = day.kind === 'days' && day.dates.length === 1 && day.dates[0] === today;
  // Said after midnight, "tonight" may be the night that is not over.
  const isThatNight = isToday && clock < END_OF_NIGHT;
  const afterMidnight = (small: TimeReading): Pick<WhenReading, 'day' | 'time'> => {
    const first = small.notBefore ?? small.times[0] ?? '00:00';
    return { day: isThatNight && first >= clock ? day : nextDay(day), time: small };
  };
  const [small, others] = [said.times.filter(isSmall), said.times.filter((time) => !isSmall(time))];
  if (small.length > 0) {
    const inSmallHours = { ...reading, ...afterMidnight({ times: small }) };
    const { or: _or, ...before } = reading;
    return others.length === 0
      ? inSmallHours
      : { ...before, time: { ...said, times: others }, or: inSmallHours };
  }
  if (said.notBefore !== undefined && isSmall(said.notBefore)) {
    return { ...reading, ...afterMidnight({ before: END_OF_NIGHT, ...said }) };
  }
  const inPart = preference === undefined ? said : { ...said, preference };
  if ([said.before, said.until].some((limit) => limit !== undefined && isSmall(limit))) {
    // "Friday night until 2 AM": until midnight of it.
    const { before: _before, until: _until, ...evening } = inPart;
    return { ...reading, time: evening };
  }
  const isAnyTime =
    said.times.length === 0 &&
    [said.notBefore, said.before, said.until].every((limit) => limit === undefined);
  if (isAnyTime && isToday && preference !== undefined && reading.or === undefined) {
    const rest = { times: [], before: END_OF_NIGHT };
    const [sooner, later] = [
      { ...reading, time: inPart },
      { time: rest, earliest: reading.earliest, rest: '' },
    ];
    if (clock < END_OF_NIGHT) return { ...sooner, or: { ...later, day } };
    if (clock >= LATE_TONIGHT) return { ...sooner, or: { ...later, day: nextDay(day) } };
  }
  // The time may come with another argument.
  return said.times.length > 0 || said.notBefore !== undefined ? { ...reading, time: inPart } : reading;
}

function isSmall(time: string): boolean {
  return time < END_OF_NIGHT;
}

function nextDay(day: DayReading): DayReading {
  // Where it is asked which day is meant, callers are asked in their own words.
  return day.kind === 'days' ? { ...day, dates: day.dates.map((date) => addDays(date, 1)) } : day;
}
