import { anyOf, plainText } from './plain-text.js';

/** What a language says around a name: "my name is", "speaking". */
export interface NameWords {
  before: readonly string[];
  after: readonly string[];
  /** What models and callers put where a name is asked for, which is none. As it is after `plainText`. */
  notNames: readonly string[];
}

/** The name in what was said; empty where there is none. */
export type NameReader = (text: string) => string;

/** "A-N-N-A", "a. n. n. a." */
const SPELLED = /^\p{L}(?:[-. ]+\p{L}){2,}\.?$/u;
/** The same after the word that it spells: "Smith, S-M-I-T-H". */
const SPELLED_AFTER = /(\p{L}[\p{L}\p{M}'’]*),? (\p{L}(?:[-.] ?\p{L}){2,})\.?(?![\p{L}\p{M}])/gu;
/** "[name]", "<caller>", "{{name}}", "%name%" */
const TEMPLATE = /^[[<{(%$].*[\]>})%]$|^\$\w+$/su;

/**
 * Makes the reader of names. Only what is surely not the name is taken off: a name that is kept whole can be
 * corrected by whoever reads it, one that was cut cannot.
 */
export function nameReader({ before, after, notNames }: NameWords): NameReader {
  const none = new Set(notNames);
  const around = new RegExp(
    `^(?:${anyOf(before)}(?:[:,]? |$))?(.*?)(?:(?:^|,? )${anyOf(after)})?[.!]?$`,
    'iu',
  );
  return (text) => {
    const said = around.exec(text.trim())?.[1]?.trim() ?? '';
    const name = said
      .replace(SPELLED_AFTER, (found, word: string, letters: string) =>
        word.slice(0, 1).toLowerCase() === letters.slice(0, 1).toLowerCase() ? spelled(letters) : found,
      )
      .replace(/(?<=\p{L}), (?=\p{L}+$)/u, said.match(SPELLED_AFTER) === null ? ', ' : ' ');
    const isNone = [text, name].some((each) => none.has(plainText(each.replace(/[-_.]/g, ' '))));
    if (isNone || TEMPLATE.test(text.trim())) return '';
    return SPELLED.test(name) ? spelled(name) : name;
  };
}

function spelled(letters: string): string {
  const name = letters.replace(/[-. ]/g, '');
  return name.slice(0, 1).toUpperCase() + name.slice(1).toLowerCase();
}
