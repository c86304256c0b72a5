/*
 * What a sentence must be like to be said aloud on the phone, whatever it is about.
 */

/** The rules that a sentence breaks, in words; empty where it is fit. */
export function faultsOf(said: string, locale: string): string[] {
  const rules = [...EVERYWHERE, ...(locale.startsWith('es') ? SPANISH : ENGLISH)];
  const broken = rules.filter(({ isBroken }) => isBroken(said)).map(({ rule }) => rule);
  const sentences = sentencesIn(said);
  if (sentences > 2) broken.push(`at most two sentences, not ${sentences}`);
  if (said.length > LONGEST) broken.push(`at most ${LONGEST} characters, not ${said.length}`);
  return broken;
}

/** Half a minute of speech: nobody listens longer. */
const LONGEST = 420;

interface Rule {
  rule: string;
  isBroken: (said: string) => boolean;
}

const has =
  (pattern: RegExp) =>
  (said: string): boolean =>
    pattern.test(said);

const EVERYWHERE: readonly Rule[] = [
  { rule: 'something is said, and to the end', isBroken: (said) => !/[\p{L}\p{N}].*[.?]$/u.test(said) },
  { rule: 'one line', isBroken: has(/[\r\n\t]/) },
  { rule: 'no markup', isBroken: has(/[*_#`~<>[\]{}|\\^=]/) },
  { rule: 'no address of the web', isBroken: has(/https?:|www\.|@|\.(?:com|org|net)\b/i) },
  { rule: 'no date in digits', isBroken: has(/\d{4}-\d\d|\d\d?\/\d\d?/) },
  { rule: 'no emoji', isBroken: has(/\p{Extended_Pictographic}/u) },
  { rule: 'nothing that programs say', isBroken: has(/undefined|\bnull\b|NaN|Invalid|object Object|[{}]/) },
  { rule: 'no gaps', isBroken: has(/ {2}|^ | $| [,.;?]|,,|, and \.|\(\)/) },
];

const ENGLISH: readonly Rule[] = [
  {
    rule: 'no time on the 24-hour clock',
    isBroken: has(/\b\d{1,2}:\d\d\b(?! [AP]M)|\b(?:1[3-9]|2[0-3]):\d\d/),
  },
  { rule: '"at one" has no zeros', isBroken: has(/:00 [AP]M/) },
  {
    rule: '"an hour", "1 minute"',
    isBroken: has(/\ba (?:hour|[aeiou]\w+ hour)|\b1 (?:minutes|hours|days)\b/),
  },
  { rule: 'no word twice', isBroken: has(/\b(on|at|the|is|and|or|have|for) \1\b/i) },
  { rule: 'a zone once', isBroken: has(/(\b\w+ Time\b).*\1/) },
  { rule: 'no Spanish', isBroken: has(/[¿¡]/) },
];

const SPANISH: readonly Rule[] = [
  { rule: 'no time on the clock', isBroken: has(/\b\d{1,2}:\d\d\b|\b[AP]M\b/i) },
  { rule: '"a la 1", "las 2"', isBroken: has(/\blas 1\b(?!\d)|\bla (?:[2-9]|1\d)\b(?! de [a-z]+ de)/) },
  { rule: 'a zone once', isBroken: has(/(hora (?:est[aá]ndar|de [A-Z])).*\1/) },
  { rule: '"del", "al"', isBroken: has(/\b(?:de|a) el (?:lunes|martes|mi|jueves|viernes|s[aá]b|domingo)/) },
  { rule: 'no word twice', isBroken: has(/\b(el|la|las|a|de|y|o|que|en|es) \1\b/i) },
  { rule: '"uno" before its noun is "un"', isBroken: has(/\b1 (?:minutos|horas)\b/) },
  { rule: 'questions have both their marks', isBroken: (said) => count(said, /¿/g) !== count(said, /\?/g) },
  { rule: '"y" before "i" is "e"', isBroken: has(/ y (?:h?i[^aeo])/i) },
];

/** Whether it names a zone. */
export function namesZone(said: string): boolean {
  return /\b[A-Z]\w+ Time\b|hora (?:est[aá]ndar|de [A-Z])/.test(said);
}

/** As many times of day as it names. */
export function timesIn(said: string, locale: string): number {
  return locale.startsWith('es')
    ? count(said, /\blas? \d{1,2}(?: y \w+)?/g)
    : count(said, /\b\d{1,2}(?::\d\d)? [AP]M\b/g);
}

function sentencesIn(text: string): number {
  // A point after an abbreviation or an initial ends no sentence.
  const plain = text.replace(/\b(?:[ap]\. ?m|[A-Z]|Dra?|Mrs?|Ms|St|Sra?|Jr|Inc|Prof)\.(?!$)/g, '');
  return plain.split(/[.?!]+(?:\s|$)/).filter((part) => part.trim() !== '').length;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
