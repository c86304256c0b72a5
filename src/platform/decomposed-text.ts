/** Letters of Korean become three. */
const LONGEST_OF_ONE = 3;

/**
 * The text with its letters taken apart (NFKD), and at most three times as long as it was: single characters stand for whole
 * phrases (U+FDFA for eighteen letters), and what is done with a text must not take longer than its length allowed for.
 */
export function decomposed(text: string): string {
  return text.normalize('NFKD').slice(0, LONGEST_OF_ONE * text.length);
}
