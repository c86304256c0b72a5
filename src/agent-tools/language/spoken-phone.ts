import { EXTENSION } from '../../booking/phone.js';
import { anyOf, plainText } from './plain-text.js';

/** How a language says the digits of a phone number. All words as they are after `plainText`. */
export interface PhoneWords {
  /** Digits and whole numbers, as digits: "oh" is 0, "fifty five" is 55. */
  numbers: Readonly<Record<string, string>>;
  plus: readonly string[];
  /** Before a digit that is said so many times: "double", "triple". */
  repeats: Readonly<Record<string, number>>;
  /** What ends the number, and stands before an extension. */
  extension: readonly string[];
  /** What may stand between that word and the digits of the extension: "extension *number* 12". */
  links: readonly string[];
}

/** Puts the digits and signs of a phone number for the words in which it was said; what is written stays. */
export type PhoneReader = (text: string) => string;

/** The digits of the extension that was said with a number; undefined where there is none. */
export type ExtensionReader = (text: string) => string | undefined;

/** Makes the reader of the extension, which is no part of the number but needed to reach somebody at it. */
export function extensionReader(words: PhoneWords): ExtensionReader {
  const { extension, numbers, repeats, links } = words;
  const digitWords = anyOf([...Object.keys(numbers), ...Object.keys(repeats), ...links]);
  // What is said after it is no part of it: "extension 12, after 5".
  const after = new RegExp(
    `${wordsOf(extension)}((?:[^\\p{L}\\d]|\\d+(?!\\p{L})|${digitWords}(?![\\p{L}\\d]))*)`,
    'u',
  );
  const readNumber = phoneReader({ ...words, extension: [] });
  return (text) => {
    const said = after.exec(plainText(text).replace(/-/g, ' '))?.[1];
    const digits = said === undefined ? '' : readNumber(said).replace(/\D/g, '');
    return EXTENSION.test(digits) ? digits : undefined;
  };
}

/** The words by themselves, or right beside digits: "0123x12". */
function wordsOf(words: readonly string[]): string {
  return `(?<!\\p{L})${anyOf(words)}(?!\\p{L})`;
}

/** Makes the reader of phone numbers as they are heard: "plus one, four one five, triple five, oh one two three". */
export function phoneReader({ numbers, plus, repeats, extension }: PhoneWords): PhoneReader {
  const number = new RegExp(`\\b${anyOf(Object.keys(numbers))}\\b`, 'g');
  const sign = new RegExp(`\\b${anyOf(plus)}\\b`, 'g');
  const repeated = new RegExp(`\\b(${anyOf(Object.keys(repeats))}) (\\d)`, 'g');
  const extended = new RegExp(`${wordsOf(extension)}.*$`, 'u');
  return (text) =>
    plainText(text)
      .replace(/-/g, ' ')
      .replace(extended, '')
      .replace(sign, '+')
      .replace(number, (word) => numbers[word] ?? word)
      .replace(repeated, (_, word: string, digit: string) => digit.repeat(repeats[word] ?? 1))
      // Whatever else was said: "my number is", "area code".
      .replace(/[^\d+()./ ]+/g, ' ')
      .replace(/(?<=\d) +(?=\d)/g, ' ')
      .trim();
}
