import { decomposed } from '../../platform/decomposed-text.js';

/**
 * What was said, ready for comparing: small letters without accents, one space between words, and no
 * punctuation but what dates, times and addresses are written with. "Miércoles, 2:30 p. m." becomes
 * "miercoles 2:30 pm".
 */
export function plainText(text: string): string {
  return decomposed(text)
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[’'`]/g, '')
    .replace(/\b([ap])\.?\s?m\b\.?/g, '$1m')
    .replace(/(\d)(am|pm)\b/g, '$1 $2')
    .replace(/[,;!?¿¡()"]|\.(?=\s|$)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A pattern for one of several words or phrases, the longest first, as they are after `plainText`; of none, one that never matches. */
export function anyOf(phrases: readonly string[]): string {
  if (phrases.length === 0) return '(?!)';
  const longestFirst = [...phrases].sort((a, b) => b.length - a.length);
  return `(?:${longestFirst.map((phrase) => phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`;
}
