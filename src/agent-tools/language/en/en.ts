import { emailReader } from '../email-address.js';
import { choiceReader } from '../heard-choice.js';
import { ENGLISH_CHOICES } from './en-choices.js';
import { ENGLISH_NOT_NAMES } from './en-words.js';
import { ENGLISH_NUMBERS } from './en-numbers.js';
import { EnglishSentences } from './en-sentences.js';
import { readEnglish } from './en-when.js';
import { nameReader } from '../heard-name.js';
import type { Language } from '../language.js';
import { extensionReader, phoneReader, type PhoneWords } from '../spoken-phone.js';

const PHONE_WORDS: PhoneWords = {
  numbers: {
    ...ENGLISH_NUMBERS,
    ...{ oh: '0', o: '0', zero: '0', nought: '0', hundred: '00', thousand: '000' },
  },
  plus: ['plus'],
  repeats: { double: 2, triple: 3, treble: 3, quadruple: 4 },
  extension: ['extension', 'ext', 'extn', 'interno', 'int', 'anexo', 'x'],
  links: ['number', 'is', 'no'],
};

export const english: Language = {
  code: 'en',
  readWhen: readEnglish,
  partsAsked: {},
  partHours: {},
  readPhone: phoneReader(PHONE_WORDS),
  readExtension: extensionReader(PHONE_WORDS),
  readEmail: emailReader({
    at: ['at', 'at sign', 'at symbol'],
    dot: ['dot', 'period', 'point', 'full stop'],
    underscore: ['underscore', 'under score'],
    hyphen: ['hyphen', 'dash', 'minus'],
    plus: ['plus', 'plus sign'],
    digits: { ...ENGLISH_NUMBERS, zero: '0' },
    asIn: ['as in', 'like in', 'like', 'for'],
    fillers: [
      ...['my email is', 'my email address is', 'the email is', 'its', "it's", 'it is', 'that is', "that's"],
      ...[
        'all lower case',
        'all lowercase',
        'all one word',
        'no spaces',
        'lower case',
        'lowercase',
        'please',
      ],
    ],
  }),
  readName: nameReader({
    before: [
      'my name is',
      'my name’s',
      "my name's",
      'the name is',
      'this is',
      'i am',
      "i'm",
      'i’m',
      "it's",
      'it is',
      'name',
    ],
    after: ['speaking', 'here', 'calling', 'is my name'],
    notNames: ENGLISH_NOT_NAMES,
  }),
  readChoice: choiceReader(ENGLISH_CHOICES),
  sentences: (clock) => new EnglishSentences(clock),
};
