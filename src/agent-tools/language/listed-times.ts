import { anyOf } from './plain-text.js';

/** How a language lists times: "10, 11 or 12". */
export interface ListWords {
  /** Hours in words. */
  hours: readonly string[];
  /** What goes before an hour: "at", "a las". */
  before: readonly string[];
  /** Minutes after it in words: "thirty", "y media". */
  minutes: readonly string[];
  /** What stands before the last; the first of them is put for the commas. */
  or: readonly [string, ...string[]];
  /** What tells that the numbers are days: before them, … */
  daysAfter: readonly string[];
  /** … and after them. */
  daysBefore: readonly string[];
}

/**
 * Makes the function that puts "or" for the commas between times, which are lost otherwise: "10, 11 or 12" is no 10:11. Lists
 * of days stay as they are.
 */
export function listReader(words: ListWords): (text: string) => string {
  const time =
    `(?:${anyOf(words.before)} )?(?:\\d{1,2}(?::\\d\\d)?(?: ?[ap]\\.? ?m\\b\\.?)?|${anyOf(words.hours)})` +
    `(?: ${anyOf(words.minutes)})?(?![\\p{L}\\d:/-])`;
  const list = new RegExp(
    `(?<![\\p{L}\\d:/.-])${time}(?:, ?${time})+(?<last>,? ${anyOf(words.or)} ${time})?(?!,? ?\\d)`,
    'giu',
  );
  const separators = new RegExp(`,? ${anyOf(words.or)} |, ?`, 'giu');
  const daysBefore = new RegExp(`(?<!\\p{L})${anyOf(words.daysAfter)}\\.? $`, 'iu');
  const daysAfter = new RegExp(`^ ?${anyOf(words.daysBefore)}(?!\\p{L})`, 'iu');
  return (text) =>
    text.replace(list, (found, ...[last, ...others]: unknown[]) => {
      const at = others.find((other) => typeof other === 'number') ?? 0;
      const isWhole = found.length === text.trim().length;
      const isOfDays = daysBefore.test(text.slice(0, at)) || daysAfter.test(text.slice(at + found.length));
      return isOfDays || (last === undefined && !isWhole)
        ? found
        : found.replace(separators, ` ${words.or[0]} `);
    });
}
