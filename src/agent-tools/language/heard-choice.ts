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

/** Makes the reader of what is chosen among services or people: one of them, any, or any but some. */
export function choiceReader({ any, around, except, or, fillers }: ChoiceWords): ChoiceReader {
  const isAny = new RegExp(`^(?:${anyOf(around)} )*${anyOf(any)}(?: ${anyOf([...any, ...around])})*$`);
  const isNot = new RegExp(
    `^(?:${anyOf([...any, ...around])} )*${anyOf(except)} (?:${anyOf(fillers)} )*(.+)$`,
  );
  const between = new RegExp(`\\s*(?:,|(?<![\\p{L}\\p{N}])${anyOf(or)}(?![\\p{L}\\p{N}]))\\s*`, 'u');
  const filler = new RegExp(`^(?:${anyOf(fillers)} )+`);
  return (text) => {
    const said = plainText(text);
    if (isAny.test(said)) return { kind: 'any' };
    const left = isNot.exec(said)?.[1];
    if (left === undefined) return { kind: 'one', name: text };
    const names = left.split(between).map((name) => name.replace(filler, '').trim());
    return { kind: 'not', names: names.filter((name) => name !== '') };
  };
}
