import { isEmail } from 'class-validator';

/** How a language spells the signs of an e-mail address. */
export interface EmailWords {
  at: readonly string[];
  dot: readonly string[];
  underscore: readonly string[];
  hyphen: readonly string[];
}

/** The address that a text means, or undefined when it is none. */
export type EmailReader = (text: string) => string | undefined;

/** The longest address that fits into SMTP's path (RFC 5321, section 4.5.3.1.3). */
const MOST_CHARACTERS = 254;

/** Makes the reader of addresses as written or as spelled out: "anna at example dot com". */
export function emailReader(words: EmailWords): EmailReader {
  const signs = [
    { sign: '@', spoken: spoken(words.at) },
    { sign: '.', spoken: spoken(words.dot) },
    { sign: '_', spoken: spoken(words.underscore) },
    { sign: '-', spoken: spoken(words.hyphen) },
  ];
  return (text) => {
    let address = text.trim().replace(/^mailto:/i, '');
    if (!address.includes('@')) {
      address = address.toLowerCase();
      for (const { sign, spoken: words } of signs) address = address.replace(words, sign);
    }
    address = address.replace(/\s*([@._-])\s*/g, '$1').replace(/[.,]$/, '');
    return address.length <= MOST_CHARACTERS && isEmail(address) ? address : undefined;
  };
}

function spoken(words: readonly string[]): RegExp {
  return new RegExp(`\\s+(?:${words.join('|')})\\s+`, 'g');
}
