import { anyOf } from './plain-text.js';
import type { Meaning, SaidPhrase } from './said-phrase.js';

/** The words between days and times that say how these go together, by what they say. */
export type ConnectorWords = Readonly<Record<Connector, readonly string[]>>;

export type Connector =
  | 'BETWEEN'
  | 'AND'
  | 'OR'
  | 'TO'
  | 'FROM'
  /** Before a time or day, … */
  | 'AFTER'
  | 'BEFORE'
  | 'UNTIL'
  /** The same, the time itself included. */
  | 'LATEST'
  /** … or after it. */
  | 'ONWARDS'
  | 'EARLIER'
  | 'ABOUT'
  /** "The week of", "the week after", before a day. */
  | 'WEEK_OF'
  | 'WEEK_AFTER'
  | 'WEEK_BEFORE'
  /** The beginning, middle or end of a week or month, what is left of it, or a month's second or third week. */
  | 'EARLY'
  | 'MID'
  | 'LATE'
  | 'REST'
  | 'WEEK_2'
  | 'WEEK_3'
  /** Before a day or part of it: not that, … */
  | 'EXCEPT'
  /** … the last such weekday, … */
  | 'LAST'
  /** … the last day of a week or month. */
  | 'LAST_DAY'
  /** What is said belongs to a night, in which small hours are the next date's. */
  | 'NIGHTLY'
  /** How long it takes, or for how many people: says nothing about when. */
  | 'LASTING'
  /** By the caller's own clock. */
  | 'MY_CLOCK';

const LETTERS: Readonly<Record<Meaning['kind'], string>> = {
  day: 'D',
  time: 'T',
  elapsed: 'N',
  part: 'P',
  earliest: 'E',
  shift: 'S',
  unclear: 'U',
  offset: 'O',
};

export interface Taken {
  meanings: Meaning[];
  groups: Readonly<Partial<Record<string, string>>>;
}

/**
 * What was said with its days and times taken for signs: "any time after 3 on Monday" is `AFTER T0 D1`. What
 * is understood is taken out of it, so that in the end only what is not is left.
 */
export class SaidShape {
  #shape: string;

  constructor(
    said: string,
    private readonly phrases: readonly SaidPhrase[],
    readWords: (between: string) => string,
  ) {
    let at = 0;
    const pieces = phrases.flatMap(({ index, length, meaning }, n) => {
      const before = said.slice(at, index);
      at = index + length;
      return [readWords(before), `${LETTERS[meaning.kind]}${n}`];
    });
    this.#shape = tidy([...pieces, readWords(said.slice(at))].join(' '));
  }

  /** What has not been taken; "to" alone says nothing ("a las 2"). */
  get rest(): string {
    return tidy(this.#shape.replace(/\bTO\b/g, ' ')).toLowerCase();
  }

  /** Takes the first match out, if what it means suits: what its signs mean, and its groups. */
  take(pattern: RegExp, suits: (meanings: readonly Meaning[]) => boolean = () => true): Taken | undefined {
    const match = pattern.exec(this.#shape);
    if (match === null) return undefined;
    const signs = match[0].match(/\b[DTNPESUO]\d+\b/g) ?? [];
    const meanings = signs.flatMap((sign) => this.phrases[Number(sign.slice(1))]?.meaning ?? []);
    if (!suits(meanings)) return undefined;
    this.#shape = tidy(
      this.#shape.slice(0, match.index) + ' ' + this.#shape.slice(match.index + match[0].length),
    );
    return { meanings, groups: match.groups ?? {} };
  }

  /** Takes every match out: whether there was one. */
  takeAll(pattern: RegExp): boolean {
    let found = false;
    while (this.take(pattern) !== undefined) found = true;
    return found;
  }
}

/** Makes the function that puts the connectors for their words and leaves the fillers out. */
export function connectorReader(
  words: ConnectorWords,
  fillers: readonly string[],
): (between: string) => string {
  const connectors = new Map(
    Object.entries(words).flatMap(([connector, phrases]) =>
      phrases.map((phrase) => [phrase, connector] as const),
    ),
  );
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}])${anyOf([...connectors.keys(), ...fillers])}(?![\\p{L}\\p{N}])`,
    'gu',
  );
  return (between) => between.replace(pattern, (phrase) => connectors.get(phrase) ?? ' ');
}

function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
