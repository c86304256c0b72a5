import { decomposed } from '../platform/decomposed-text.js';

/**
 * How two names that were heard go together. `same`: one name, in whatever case, accents, punctuation and spacing. `respelled`:
 * they sound alike ("Ana", "Anna"), or one is the first name of the other ("Leo", "Leo Hall"): one person, where all else speaks
 * for it. `other`: two people, however near the letters are ("Ana", "Ina").
 */
export type NameComparison = 'same' | 'respelled' | 'other';

export function compareNames(one: string, other: string): NameComparison {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.join('') === b.join('')) return 'same';
  const [spokenA, spokenB] = [a.map(soundOf), b.map(soundOf)];
  if (spokenA.join('') === spokenB.join('')) return 'respelled';
  return isFirstNameOf(spokenA, spokenB) || isFirstNameOf(spokenB, spokenA) ? 'respelled' : 'other';
}

/** Whether two names differ in nothing that anybody would correct: only in case and spaces. */
export function isWrittenAlike(one: string, other: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
  return plain(one) === plain(other);
}

/** "Flores, Ana" is "Ana Flores". */
function wordsOf(name: string): string[] {
  const [last = '', first, ...others] = name.split(',');
  const inOrder = first === undefined || others.length > 0 ? name : `${first} ${last}`;
  return decomposed(inOrder)
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** "María" and "María José" may be sisters, so only a full name completes a first one: one whose last word is no first name. */
function isFirstNameOf([first, ...more]: readonly string[], full: readonly string[]): boolean {
  if (first === undefined || more.length > 0) return false;
  return full.length >= 2 && full[0] === first && !COMPOUNDS.has(full.at(-1) ?? '');
}

/** Second parts of Spanish first names, and what tells a father from a son, as `soundOf` writes them. */
const COMPOUNDS = new Set(
  [
    ...[
      'jose',
      'maria',
      'luis',
      'carlos',
      'antonio',
      'manuel',
      'angel',
      'pablo',
      'david',
      'ignacio',
      'javier',
    ],
    ...['jesus', 'carmen', 'luisa', 'elena', 'isabel', 'fernanda', 'paula', 'sofia', 'cruz', 'alberto'],
    ...['jr', 'junior', 'sr', 'senior', 'ii', 'iii', 'iv'],
  ].map(soundOf),
);

/** The same for spellings between which one cannot hear a difference, in English or Spanish; letters of other scripts stay. */
function soundOf(word: string): string {
  return word
    .replace(/ph/g, 'f')
    .replace(/ch(?=[rl])|ck|qu?(?=[aeiou])|c(?![eiyh])/g, 'k')
    .replace(/c(?=[eiy])|z/g, 's')
    .replace(/x/g, 'ks')
    .replace(/y/g, 'i')
    .replace(/(?<=[^cs])h/g, '')
    .replace(/(.)\1+/gu, '$1');
}
