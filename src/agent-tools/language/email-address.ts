import { isEmail } from 'class-validator';
import { decomposed } from '../../platform/decomposed-text.js';
import { anyOf } from './plain-text.js';

/** How a language spells the signs of an e-mail address. */
export interface EmailWords {
  at: readonly string[];
  dot: readonly string[];
  underscore: readonly string[];
  hyphen: readonly string[];
  plus: readonly string[];
  /** Digits by their words. */
  digits: Readonly<Record<string, string>>;
  /** Between a letter and a word that begins with it: "j as in John". */
  asIn: readonly string[];
  /** What is said around an address: "my email is", "all lower case". */
  fillers: readonly string[];
}

/** The address that a text means, or undefined when it is none. */
export type EmailReader = (text: string) => string | undefined;

/** The longest address that fits into SMTP's path (RFC 5321, section 4.5.3.1.3). */
const MOST_CHARACTERS = 254;

/**
 * Makes the reader of addresses as written or as spelled out: "anna at example dot com", "a n n a at gmail dot com". What
 * remains of a longer sentence makes no address, so that it is asked for again rather than guessed.
 */
export function emailReader(words: EmailWords): EmailReader {
  // After a single letter only: "luz de luna" is no letter.
  const asIn = new RegExp(`(?<=(?<![^ ])\\p{L}) ${anyOf(words.asIn)} \\p{L}+`, 'gu');
  const fillers = new RegExp(`(?<![\\p{L}\\p{N}])${anyOf(words.fillers)}(?![\\p{L}\\p{N}])`, 'gu');
  const signs = [
    { sign: '@', spoken: spoken(words.at) },
    { sign: '.', spoken: spoken(words.dot) },
    { sign: '_', spoken: spoken(words.underscore) },
    { sign: '-', spoken: spoken(words.hyphen) },
    { sign: '+', spoken: spoken(words.plus) },
  ];
  const digit = new RegExp(`(?<![\\p{L}\\p{N}])${anyOf(Object.keys(words.digits))}(?![\\p{L}\\p{N}])`, 'gu');
  return (text) => {
    let address = text
      .trim()
      // "Anna Lee <anna@example.com>", "anna[at]example(dot)com"
      .replace(/^[^<>@]*<([^<>\s]+@[^<>\s]+)>$/, '$1')
      .replace(/[[(]\s*(\p{L}+)\s*[\])]/gu, ' $1 ')
      .replace(/^["'“]|["'”]$/g, '')
      .replace(/^mailto:/i, '');
    const isWritten = /^\S+@\S+$/.test(address);
    if (!isWritten) {
      address = decomposed(address)
        // "münchen.de" is another domain than "munchen.de"; accents that only tell how a word is said are not written.
        .replace(/(?![\u0308\u030a])\p{M}/gu, '')
        .normalize('NFC')
        .toLowerCase()
        .replace(/[,;:]/g, ' ')
        .replace(/\s+/g, ' ')
        .replace(asIn, ' ')
        .replace(fillers, ' ')
        .replace(/\s+/g, ' ')
        .trim();
      for (const { sign, spoken } of signs) address = address.replace(spoken, sign);
      address = address.replace(/ ?([@._+-]) ?/g, '$1').replace(digit, (word) => words.digits[word] ?? word);
      // Letters that were spelled out: "a n n a", "a-n-n-a".
      address = address.replace(/(?<![^ @._+-])\p{L}(?:[ -](?:\p{L}|\d+)(?![^ @._+-]))+/gu, (letters) =>
        letters.replace(/[ -]/g, ''),
      );
      address = address.replace(/ (?=\d+(?:$|[ @._+-]))/g, '');
    }
    address = address.replace(/[.,]$/, '');
    // Before the sign, letters are plain.
    if (!isWritten) address = address.replace(/^[^@]*@/, (local) => decomposed(local).replace(/\p{M}/gu, ''));
    return address.length <= MOST_CHARACTERS && isEmail(address) ? address : undefined;
  };
}

function spoken(words: readonly string[]): RegExp {
  return new RegExp(` ${anyOf(words)}(?= )`, 'g');
}
