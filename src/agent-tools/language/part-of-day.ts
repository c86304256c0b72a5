import type { TimePreference } from '../../booking/engine/slot-finder.js';
import { plainText, withoutWords } from './plain-text.js';

/** How a language says parts of the day. All phrases as they are after `plainText`. */
export interface PartOfDayWords {
  phrases: Readonly<Record<TimePreference, readonly string[]>>;
  fillers: readonly string[];
}

/** The part of the day that a text means; undefined when it means none. */
export type PartOfDayReader = (text: string) => TimePreference | undefined;

export function partOfDayReader({ phrases, fillers }: PartOfDayWords): PartOfDayReader {
  const meanings = new Map<string, TimePreference>();
  for (const preference of ['any', 'morning', 'afternoon', 'evening'] as const) {
    for (const phrase of phrases[preference]) meanings.set(phrase, preference);
  }
  return (text) => {
    const said = plainText(text).replaceAll('_', ' ');
    return meanings.get(said) ?? meanings.get(withoutWords(said, fillers));
  };
}
