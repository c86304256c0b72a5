import { anyOf } from './plain-text.js';
import type { ConnectorWords } from './said-shape.js';
import { saysTime, type WhenReading } from './when.js';

/** The word between alternatives; but "3 or later" is one. */
export function alternativesParted({ OR, ONWARDS, EARLIER, ABOUT }: ConnectorWords): RegExp {
  const either = anyOf(OR);
  const opening = new RegExp(`^${either} `);
  const ofOne = [...ONWARDS, ...EARLIER, ...ABOUT]
    .filter((phrase) => opening.test(phrase))
    .map((phrase) => phrase.replace(opening, ''));
  return new RegExp(` ${either} (?!${anyOf(ofOne)}(?! \\d)\\b)`);
}

/** "Tuesday morning or Wednesday afternoon", "mornings or after 5": what has a time of its own, and another. */
export function eitherOf(first: WhenReading, readSecond: () => WhenReading): WhenReading | undefined {
  const isWhole = ({ time, rest }: WhenReading) => rest === '' && saysTime(time);
  if (!isWhole(first)) return undefined;
  const second = readSecond();
  if (!isWhole(second)) return undefined;
  if (first.day !== undefined && second.day !== undefined) return { ...first, or: second };
  // "Tuesday morning or after 3"; of mere times, "Tuesday at 2 or 3", each is one of a list.
  const isList = first.time.times.length > 0 && second.time.times.length > 0;
  if (second.day !== undefined || isList) return undefined;
  return { ...first, or: first.day === undefined ? second : { ...second, day: first.day } };
}
