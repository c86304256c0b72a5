import type { TimePreference } from '../../booking/engine/slot-finder.js';

/*
 * What callers mean by the times of day that they name: our rules, whatever the language.
 */

/** A time as named. */
export interface NamedTime {
  hour: number;
  minute: number;
  half?: 'am' | 'pm' | undefined;
  /** By the 24-hour clock, as the tools' definitions ask for it (`09:00`, `14:00:00`). */
  exact: boolean;
}

/** Hours that are in business hours after noon when nothing else is said. */
const LIKELY_AFTERNOON = [12, 1, 2, 3, 4, 5, 6];

/** The wall times that it can mean, the likelier first; none when there is no such time. */
export function timesMeant({ hour, minute, half, exact }: NamedTime): readonly string[] {
  if (half === 'am') return hour > 12 ? [] : wallTime(hour % 12, minute);
  if (half === 'pm')
    return hour > 12 ? wallTime(hour, minute) : hour === 0 ? [] : wallTime((hour % 12) + 12, minute);
  if (exact || hour > 12 || hour === 0) return wallTime(hour, minute);
  const halves = [wallTime(hour % 12, minute), wallTime((hour % 12) + 12, minute)];
  return (LIKELY_AFTERNOON.includes(hour) ? halves.reverse() : halves).flat();
}

/** Of the halves of the day that a time leaves open the one that a part of the day beside it says. */
export function timesInPart(times: readonly string[], part: TimePreference): readonly string[] {
  if (times.length < 2 || part === 'any') return times;
  const fitting = times.filter((time) => (part === 'morning' ? time < '12:00' : time >= '12:00'));
  return fitting.length > 0 ? fitting : times;
}

/** Whether both halves of the day are likely where none is said: "after 7". */
export function isEitherHalf(time: NamedTime): boolean {
  return timesMeant(time).length > 1 && !LIKELY_AFTERNOON.includes(time.hour);
}

/** A time so many minutes later, or earlier; undefined beyond the day. */
export function laterBy(time: string, minutes: number): string | undefined {
  const total = Number(time.slice(0, 2)) * 60 + Number(time.slice(3)) + minutes;
  return total < 0 ? undefined : wallTime(Math.floor(total / 60), total % 60)[0];
}

interface Stretch {
  notBefore: string;
  before: string;
}

/**
 * "Between 9 and 2": the likelier beginning, and the first end after it. "2 to 4 PM": both after noon. "Between 7 and 9" may
 * be of either half of the day.
 */
export function stretchMeant(from: NamedTime, to: NamedTime): Stretch[] {
  const begin = beforeSameHalf(from, to);
  const stretches = timesMeant(begin).flatMap((notBefore) => {
    const before = timesMeant(to)
      .toSorted()
      .find((time) => time > notBefore);
    return before === undefined ? [] : [{ notBefore, before }];
  });
  return isEitherHalf(begin) ? stretches : stretches.slice(0, 1);
}

function beforeSameHalf(from: NamedTime, to: NamedTime): NamedTime {
  const isOpen = from.half === undefined && !from.exact && from.hour <= 12;
  if (!isOpen || to.half === undefined) return from;
  const crossesNoon = to.half === 'pm' && from.hour % 12 > to.hour % 12;
  return { ...from, half: crossesNoon ? 'am' : to.half };
}

function wallTime(hour: number, minute: number): string[] {
  if (hour > 23 || minute > 59) return [];
  return [`${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`];
}
