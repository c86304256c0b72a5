import { plainText } from '../language/plain-text.js';

/** Fewer say nothing. */
const FEWEST_LETTERS = 3;

/** Something with an id that callers know by its name. */
export interface Named {
  id: string;
  name: string;
}

/**
 * The one that a text means: by its id, else by its name, in whatever case and accents, else the only one
 * whose name holds the text ("Ana"), or is held by it ("a deep cleaning, please"). Undefined when it is none or could be
 * several.
 */
export function findNamed<Item extends Named>(items: readonly Item[], text: string): Item | undefined {
  const asked = plainText(text);
  const exact = items.filter(({ id, name }) => id === text.toLowerCase() || plainText(name) === asked);
  if (exact.length > 0) return exact[0];
  const similar = similarTo(items, text);
  if (similar.length > 0) return similar.length === 1 ? similar[0] : undefined;
  const held = items.filter(({ name }) => isWordsOf(asked, plainText(name)));
  // "Cleaning" is also held by "deep cleaning".
  const longest = held.filter(
    ({ name }) => !held.some((other) => isPartOf(plainText(name), plainText(other.name))),
  );
  return longest.length === 1 ? longest[0] : undefined;
}

/** Those whose names hold the text, which it may mean. */
export function similarTo<Item extends Named>(items: readonly Item[], text: string): Item[] {
  const asked = plainText(text);
  return asked.length < FEWEST_LETTERS ? [] : items.filter(({ name }) => plainText(name).includes(asked));
}

function isPartOf(name: string, other: string): boolean {
  return name !== other && other.includes(name);
}

function isWordsOf(text: string, name: string): boolean {
  return name.length >= FEWEST_LETTERS && ` ${text} `.includes(` ${name} `);
}
