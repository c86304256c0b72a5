import { emailReader } from '../email-address.js';
import { readEnglish } from '../en/en-when.js';
import { ENGLISH_CHOICES } from '../en/en-choices.js';
import { choiceReader } from '../heard-choice.js';
import { SPANISH_CHOICES } from './es-choices.js';
import { SPANISH_HUNDREDS, SPANISH_NUMBERS } from './es-numbers.js';
import { SpanishSentences } from './es-sentences.js';
import { readSpanish } from './es-when.js';
import { ENGLISH_NOT_NAMES } from '../en/en-words.js';
import { nameReader } from '../heard-name.js';
import type { Language } from '../language.js';
import { compounds } from '../number-words.js';
import { extensionReader, phoneReader, type PhoneWords } from '../spoken-phone.js';
import { orElse } from '../when-reader.js';

const readSpanishChoice = choiceReader(SPANISH_CHOICES);
const readEnglishChoice = choiceReader(ENGLISH_CHOICES);

const PHONE_WORDS: PhoneWords = {
  // "Seiscientos doce" is 612.
  numbers: {
    ...SPANISH_NUMBERS,
    ...compounds(SPANISH_HUNDREDS, { '': '0' }, ''),
    ...compounds(SPANISH_HUNDREDS, SPANISH_NUMBERS, ' '),
    cero: '0',
  },
  plus: ['mas', 'plus'],
  repeats: { doble: 2, triple: 3 },
  extension: ['extension', 'ext', 'interno', 'int', 'anexo', 'x'],
  links: ['numero', 'es', 'la', 'el'],
};

export const spanish: Language = {
  code: 'es',
  // Models put what a Spanish caller said into English now and then.
  readWhen: orElse(readSpanish, readEnglish),
  partsAsked: { manana: 'morning', tarde: 'afternoon', noche: 'evening' },
  partHours: {
    afternoon: { notBefore: '12:00', before: '20:00' },
    evening: { notBefore: '20:00', before: '24:00' },
  },
  readPhone: phoneReader(PHONE_WORDS),
  readExtension: extensionReader(PHONE_WORDS),
  readEmail: emailReader({
    at: ['arroba', 'at'],
    dot: ['punto', 'dot'],
    underscore: ['guion bajo', 'subrayado', 'barra baja', 'underscore'],
    hyphen: ['guion', 'guion medio', 'dash'],
    plus: ['mas'],
    digits: { ...SPANISH_NUMBERS, cero: '0' },
    asIn: ['de', 'como en'],
    fillers: [
      ...['mi correo es', 'mi email es', 'el correo es', 'todo en minusculas'],
      ...['en minusculas', 'todo junto', 'sin espacios', 'por favor'],
    ],
  }),
  readName: nameReader({
    before: ['me llamo', 'mi nombre es', 'soy', 'habla', 'le habla', 'es', 'a nombre de', 'nombre'],
    after: ['al habla', 'al aparato', 'para servirle'],
    notNames: [
      ...ENGLISH_NOT_NAMES,
      ...[
        'si',
        'no',
        'vale',
        'claro',
        'hola',
        'gracias',
        'ok',
        'bueno',
        'yo',
        'yo mismo',
        'yo misma',
        'soy yo',
      ],
      ...['usuario', 'usuaria', 'el usuario', 'la usuaria', 'cliente', 'clienta', 'el cliente', 'la clienta'],
      ...['cliente desconocido', 'llamante', 'el llamante', 'llamante desconocido', 'quien llama', 'persona'],
      ...[
        'persona que llama',
        'la persona que llama',
        'numero desconocido',
        'desconocido',
        'desconocida',
        'anonimo',
      ],
      ...[
        'anonima',
        'paciente',
        'el paciente',
        'la paciente',
        'invitado',
        'invitada',
        'alguien',
        'nombre',
        'el nombre',
      ],
      ...[
        'su nombre',
        'mi nombre',
        'nombre completo',
        'nombre y apellido',
        'nombre y apellidos',
        'nombre apellido',
      ],
      ...[
        'nombre del cliente',
        'nombre del usuario',
        'nombre del paciente',
        'nombre de usuario',
        'sin nombre',
      ],
      // Models put English where they have nothing.
      ...[
        'yes',
        'user',
        'the user',
        'caller',
        'the caller',
        'unknown caller',
        'customer',
        'guest',
        'name',
        'full name',
      ],
    ],
  }),
  // Models put what a Spanish caller said into English now and then.
  readChoice: (text) => {
    const choice = readSpanishChoice(text);
    return choice.kind === 'one' ? readEnglishChoice(text) : choice;
  },
  sentences: (clock) => new SpanishSentences(clock),
};
