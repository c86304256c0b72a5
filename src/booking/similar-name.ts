import { decomposed } from '../platform/decomposed-text.js';

/** More letters than names have: the work grows with their square. */
const LONGEST_COMPARED = 200;

/**
 * Whether two texts are one name as it may have been heard and spelled: in whatever case, accents and punctuation, and with
 * one letter in five wrong.
 */
export function isSimilarName(one: string, other: string): boolean {
  const [a, b] = [folded(one), folded(other)];
  if (a === b) return true;
  const allowed = Math.min(a.length, b.length) / 5;
  if (Math.abs(a.length - b.length) > allowed || Math.max(a.length, b.length) > LONGEST_COMPARED)
    return false;
  return distance(a, b) <= allowed;
}

function folded(name: string): string {
  return decomposed(name)
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
