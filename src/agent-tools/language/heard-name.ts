import { anyOf } from './plain-text.js';

/** What a language says around a name: "my name is", "speaking". */
export interface NameWords {
  before: readonly string[];
  after: readonly string[];
}

/** The name in what was said; empty where there is none. */
export type NameReader = (text: string) => string;

/** "A-N-N-A", "a. n. n. a." */
const SPELLED = /^\p{L}(?:[-. ]+\p{L}){2,}\.?$/u;

/**
 * Makes the reader of names. Only what is surely not the name is taken off: a name that is kept whole can be
 * corrected by whoever reads it, one that was cut cannot.
 */
export function nameReader({ before, after }: NameWords): NameReader {
  const around = new RegExp(
    `^(?:${anyOf(before)}(?:[:,]? |$))?(.*?)(?:(?:^|,? )${anyOf(after)})?[.!]?$`,
    'iu',
  );
  return (text) => {
    const name = around.exec(text.trim())?.[1]?.trim() ?? '';
    if (!SPELLED.test(name)) return name;
    const letters = name.replace(/[-. ]/g, '');
    return letters.slice(0, 1).toUpperCase() + letters.slice(1).toLowerCase();
  };
}
