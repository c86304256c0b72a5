import { anyOf } from './plain-text.js';
import type { Rewrite } from './when-reader.js';

/** Numbers by their words, up to the days of a month and the minutes of an hour; ordinals with what makes them such: "21st". */
export type NumberWords = Readonly<Record<string, string>>;

/** "twenty" and "one" are 21, "twenty one" or "twenty-one". */
export function compounds(
  tens: Readonly<Record<string, number>>,
  units: NumberWords,
  joint: string,
): NumberWords {
  return Object.fromEntries(
    Object.entries(tens).flatMap(([ten, value]) =>
      Object.entries(units).map(([unit, digits]) => [
        `${ten}${joint}${unit}`,
        `${value + Number.parseInt(digits)}${digits.replace(/^\d+/, '')}`,
      ]),
    ),
  );
}

/** Puts digits for number words. */
export function inDigits(words: NumberWords): Rewrite {
  const pattern = new RegExp(`\\b${anyOf(Object.keys(words))}\\b`, 'g');
  return [pattern, (word) => words[word] ?? word];
}
