import { anyOf, plainText } from './plain-text.js';

/** How a language leaves a choice open, or leaves something out of it. All words as they are after `plainText`. */
export interface ChoiceWords {
  /** "Anyone", "no preference": whole phrases. */
  any: readonly string[];
  /** What may stand around these: "is fine", "please". */
  around: readonly string[];
  /** Before what will not do: "not", "anyone but". */
  except: readonly string[];
  /** Between several of those. */
  or: readonly string[];
  /** Before a name that says nothing of it: "with", "a". */
  fillers: readonly string[];
}

/** What somebody who was asked for one of several things said. */
export type Choice =
  { kind: 'any' } | { kind: 'not'; names: readonly string[] } | { kind: 'one'; name: string };

export type ChoiceReader = (text: string) => Choice;

/**
 * Makes the reader of what is chosen among services or people: one of them, any, or any but some. Phrases are looked for word
 * by word: many of them are made of others ("is fine"), and a pattern would try every way to divide a text into them.
 */
export function choiceReader({ any, around, except, or, fillers }: ChoiceWords): ChoiceReader {
  const anyPhrases = new Phrases(any);
  const aroundPhrases = new Phrases(around);
  const open = new Phrases([...any, ...around]);
  const [exceptions, beforeNames] = [new Phrases(except), new Phrases(fillers)];
  const between = new RegExp(`\\s*(?:,|(?<![\\p{L}\\p{N}])${anyOf(or)}(?![\\p{L}\\p{N}]))\\s*`, 'u');
  const isAny = (words: readonly string[]): boolean => {
    const named = aroundPhrases.sequences(words, [0]).flatMap((at) => anyPhrases.endsAt(words, at));
    return open.sequences(words, named).includes(words.length);
  };
  const leftOut = (words: readonly string[]): readonly string[] | undefined => {
    for (const at of open.sequences(words, [0]).toReversed()) {
      const end = exceptions.endsAt(words, at).findLast((each) => each < words.length);
      if (end !== undefined) return beforeNames.skippedIn(words.slice(end));
    }
    return undefined;
  };
  return (text) => {
    const words = plainText(text).split(' ');
    if (isAny(words)) return { kind: 'any' };
    const left = leftOut(words);
    if (left === undefined) return { kind: 'one', name: text };
    const names = left.join(' ').split(between);
    const said = names.map((name) => beforeNames.skippedIn(name.trim().split(' ')).join(' '));
    return { kind: 'not', names: said.filter((name) => name !== '') };
  };
}

/** Phrases of one or more words, found in a text that is divided into words. */
class Phrases {
  readonly #phrases: ReadonlySet<string>;
  readonly #mostWords: number;

  constructor(phrases: readonly string[]) {
    this.#phrases = new Set(phrases);
    this.#mostWords = Math.max(0, ...phrases.map((phrase) => phrase.split(' ').length));
  }

  /** Where those that begin with this word end, the shortest first. */
  endsAt(words: readonly string[], at: number): number[] {
    const ends: number[] = [];
    for (let end = at + 1; end <= Math.min(words.length, at + this.#mostWords); end += 1) {
      if (this.#phrases.has(words.slice(at, end).join(' '))) ends.push(end);
    }
    return ends;
  }

  /** Where sequences of any number of these that begin at one of `starts` end, each once and in order. */
  sequences(words: readonly string[], starts: readonly number[]): number[] {
    const reached = new Set(starts);
    for (let at = 0; at < words.length; at += 1) {
      if (reached.has(at)) for (const end of this.endsAt(words, at)) reached.add(end);
    }
    return [...reached].sort((a, b) => a - b);
  }

  /** The words without those of these phrases that they begin with; the last word stays. */
  skippedIn(words: readonly string[]): readonly string[] {
    let rest = words;
    for (;;) {
      const end = this.endsAt(rest, 0).findLast((each) => each < rest.length);
      if (end === undefined) return rest;
      rest = rest.slice(end);
    }
  }
}
