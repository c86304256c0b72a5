import { plainText } from './plain-text.js';

/** Letters as they are spelled out: the alphabet of radio operators, and names that letters have in English and Spanish. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ alpha: 'A', alfa: 'A', bravo: 'B', charlie: 'C', delta: 'D', echo: 'E', foxtrot: 'F', golf: 'G' },
  ...{ hotel: 'H', india: 'I', juliet: 'J', juliett: 'J', kilo: 'K', lima: 'L', mike: 'M', november: 'N' },
  ...{ oscar: 'O', papa: 'P', quebec: 'Q', romeo: 'R', sierra: 'S', tango: 'T', uniform: 'U', victor: 'V' },
  ...{ whiskey: 'W', whisky: 'W', xray: 'X', yankee: 'Y', zulu: 'Z' },
  ...{ ay: 'A', bee: 'B', cee: 'C', see: 'C', dee: 'D', ef: 'F', gee: 'G', aitch: 'H', jay: 'J', kay: 'K' },
  ...{ el: 'L', em: 'M', en: 'N', pee: 'P', cue: 'Q', queue: 'Q', ar: 'R', are: 'R', ess: 'S', tee: 'T' },
  ...{ tea: 'T', you: 'U', vee: 'V', ex: 'X', why: 'Y', wye: 'Y', zee: 'Z', zed: 'Z', 'double u': 'W' },
  ...{ be: 'B', ce: 'C', de: 'D', efe: 'F', ge: 'G', hache: 'H', jota: 'J', ka: 'K', ele: 'L', eme: 'M' },
  ...{ ene: 'N', pe: 'P', cu: 'Q', ku: 'Q', erre: 'R', ere: 'R', ese: 'S', te: 'T', uve: 'V', ve: 'V' },
  ...{ 'uve doble': 'W', 'doble uve': 'W', 'doble u': 'W', 'doble ve': 'W', equis: 'X', ye: 'Y', zeta: 'Z' },
  ...{ 'i griega': 'Y' },
};

const DIGITS: Readonly<Record<string, string>> = {
  ...{ zero: '0', one: '1', two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8' },
  ...{ nine: '9', niner: '9', cero: '0', uno: '1', dos: '2', tres: '3', cuatro: '4', cinco: '5', seis: '6' },
  ...{ siete: '7', ocho: '8', nueve: '9' },
};

/** "K as in king", "K like kilo", "K de kilo", "erre de Ramón": the word only tells the letter. */
const AS_IN = asIn('[a-z0-9]');
const NAME_AS_IN = asIn(`[a-z0-9]|${Object.keys(LETTERS).join('|')}`);
/** What is said around a reference: "my booking reference is", "please". */
const AROUND =
  /^(?:(?:u[hm]+|eh|ok|okay|sure|yes|si|my|the|its|it|mi|la|el|numero de|codigo de|booking|confirmation|appointment|reserva|cita|confirmacion|referencia|reference|code|codigo|number|numero|is|es|capital)\b[\s:]*)+|(?:\b(?:please|thanks|thank you|por favor|gracias)\s*)+$|\bcapital\b/g;

/**
 * A booking's reference as it was said or written, in capitals: "k7-rq 4m", "kilo seven romeo quebec four mike", "K as in king, 7,
 * …". Undefined for what is no six letters and digits.
 */
export function spokenReference(text: string): string | undefined {
  const said = plainText(text)
    .replace(/[-–—_./#]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [said, said.replace(AROUND, '').trim()]
    .flatMap((text) => [AS_IN, NAME_AS_IN].map((asIn) => read(text.replace(asIn, '$1'))))
    .find((reference) => reference !== undefined);
}

function asIn(letter: string): RegExp {
  return new RegExp(`\\b(${letter})\\s+(?:as in|like|for|como en|como|de)\\s+[a-z]{2,}`, 'g');
}

function read(said: string): string | undefined {
  const words = said.replace(/\b(?:x ray|double u|uve doble|doble (?:u|uve|ve)|i griega)\b/g, (name) =>
    name === 'x ray' ? 'x' : name === 'i griega' ? 'y' : 'w',
  );
  const reference = words
    .split(' ')
    .map((word) => LETTERS[word] ?? DIGITS[word] ?? word)
    .join('')
    .toUpperCase();
  return /^[A-Z0-9]{6}$/.test(reference) ? reference : undefined;
}
