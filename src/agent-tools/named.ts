import { plainText } from './language/plain-text.js';

/** Something with an id that callers know by its name. */
export interface Named {
  id: string;
  name: string;
}

/**
 * The one that a text means: by its id, else by its name, in whatever case and accents, else the only one
 * whose name holds the text. Undefined when it is none or could be several.
 */
export function findNamed<Item extends Named>(items: readonly Item[], text: string): Item | undefined {
  const asked = plainText(text);
  const exact = items.filter(({ id, name }) => id === text.toLowerCase() || plainText(name) === asked);
  if (exact.length > 0) return exact[0];
  const similar = asked.length < 3 ? [] : items.filter(({ name }) => plainText(name).includes(asked));
  return similar.length === 1 ? similar[0] : undefined;
}
