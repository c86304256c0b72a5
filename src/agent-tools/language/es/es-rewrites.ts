import { SPANISH_NUMBERS } from './es-numbers.js';
import { inDigits } from '../number-words.js';
import type { Rewrite } from '../when-reader.js';

const WEEKDAY_NAMES = 'lunes|martes|miercoles|jueves|viernes|sabado|domingo';
const WEEKDAYS = 'lunes o martes o miercoles o jueves o viernes';

const MONTHS = 'enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre';

const NTH: Readonly<Record<string, string>> = { segundo: '2', tercer: '3', tercero: '3', cuarto: '4' };

/** Days that have a date of their own; of those that move, callers are asked for the date. */
const HOLIDAYS: Readonly<Record<string, string>> = {
  ...{
    nochebuena: '24 de diciembre nochera',
    navidad: '25 de diciembre',
    'dia de navidad': '25 de diciembre',
  },
  ...{
    nochevieja: '31 de diciembre nochera',
    'fin de ano': '31 de diciembre nochera',
    'ano nuevo': '1 de enero',
    'dia de ano nuevo': '1 de enero',
  },
  ...{ reyes: '6 de enero', 'dia de reyes': '6 de enero', 'san valentin': '14 de febrero' },
  ...{ 'dia del trabajo': '1 de mayo', 'todos los santos': '1 de noviembre', halloween: '31 de octubre' },
  ...{ 'dia de muertos': '2 de noviembre', 'dia de los muertos': '2 de noviembre' },
};

/** Phrases of Spanish that stand for others that the parsers know, in this order. */
export const SPANISH_REWRITES: readonly Rewrite[] = [
  [/\bmedio dia\b/g, 'mediodia'],
  [/\btempranito\b/g, 'temprano'],
  // Of what was offered, which is not known here; no number.
  [
    /\b(?:cualquiera|alguna) de (?:las|los|ellas|ellos|esas|esos)(?: (?:dos|tres))?\b|\buna cualquiera\b/g,
    'cualquiera',
  ],
  [
    /\b(?:la|lo) (?:mas tarde|ultim[oa])(?: (?:que (?:tenga|tengan|haya)|cita|hora))?(?=$| del? )/g,
    'despues de las 16:00',
  ],
  // Whose clock: ours, or that of a caller who may be elsewhere.
  [/\b(?:de |en )?(?:mi (?:hora|reloj|zona(?: horaria)?|huso(?: horario)?)|hora mia)\b/g, 'mireloj'],
  [/\b(?:de |en )?(?:su (?:hora|zona(?: horaria)?)|hora (?:suya|de (?:ustedes|alli|alla)))\b/g, ''],
  [/^no (?=(?:el|los|la|por|en|a) )/, 'excepto '],
  [/\btodos (?:los dias )?(?=menos|excepto|salvo)/g, 'cualquier dia '],
  [/\blo mas tarde posible\b/g, 'despues de las 16:00'],
  [/\bno mas tarde (?:de|que)\b|\b(?:a mas tardar|como muy tarde|como mucho) a(?= las?\b)/g, 'maximo'],
  [/\bcomo muy tarde\b/g, 'a mas tardar'],
  [/\bo mas tarde\b/g, 'o despues'],
  [/(?<!\bno )\bmas tarde (?:de|que)\b/g, 'despues de'],
  [/(?<!\bno )\bmas tarde\b(?! de)/g, 'resto'],
  [
    /\bdespues de (?:la escuela|clases?|el cole(?:gio)?)\b|\bdespues del cole(?:gio)?\b/g,
    'despues de las 3 pm',
  ],
  [/\ba la hora (?:de(?: la)? (?:comida|comer|almorzar)|del almuerzo)\b/g, 'sobre las 2 pm'],
  [/\bde aqui a\b/g, 'en'],
  [/\bsemanas? a partir (?=del?\b)/g, (found) => found.replace('a partir ', 'despues ')],
  [
    /\b(?:a )?primera hora(?: de la manana)?\b(?! disponible| de la tarde)/g,
    'por la manana lo antes posible',
  ],
  [/\b(?:a )?primera hora de la tarde\b/g, 'por la tarde lo antes posible'],
  [/\b(?:a )?ultima hora\b(?: del dia| de la tarde)?/g, 'despues de las 16:00'],
  [/\besta (manana|tarde|noche)\b/g, 'hoy por la $1'],
  [/\btardecita\b/g, 'tarde'],
  [/\bnochecita\b/g, 'noche'],
  [/\bmananita\b/g, 'manana'],
  [
    /\b(?:el|la|lo) primer[oa]?(?: (?:disponible|hueco|turno|cita|dia))? que (?:tenga|tengan|haya|salga)\b/g,
    'cuanto antes',
  ],
  [/\b(?:el|la|lo) primer[oa]? (?:disponible|hueco|turno|cita|dia (?:disponible|libre))\b/g, 'cuanto antes'],
  [/\b(?:la )?media manana\b/g, 'sobre las 10:00 am'],
  [/\b(?:la )?media tarde\b/g, 'sobre las 5:00 pm'],
  [
    /\b(?:el )?(?:proximo|siguiente) dia (?:laborable|laboral|habil)\b|\b(?:el )?dia (?:laborable|laboral|habil) (?:siguiente|que viene)\b/g,
    'proximolaborable',
  ],
  [/\bdespues d(?:e comer|e la comida|e almorzar|el almuerzo)\b/g, 'despues de las 14:30'],
  [/(?<!\b(?:una|1|fin de) )\bsemana (despues|antes) del? (?!la\b)/g, 'semana$1 '],
  [/\bentre semana\b|\b(?:cualquier )?dia (?:laborable|laboral|de semana)\b/g, WEEKDAYS],
  [/\b(?:hoy|manana|pasado) mismo\b/g, (found) => found.replace(' mismo', '')],
  [
    new RegExp(`\\b(segundo|tercer|tercero|cuarto) (?=${WEEKDAY_NAMES})`, 'g'),
    (_, nth = '') => `${NTH[nth] ?? ''} `,
  ],
  // Articles, not the number: "un viernes", "una tarde", "cualquier martes".
  [/\b(?:una|alguna|cualquier) (manana|tarde|noche)\b/g, 'por la $1'],
  [new RegExp(`(?<!\\b(?:en|de) )\\b(?:un|cualquier) (?=(?:${WEEKDAY_NAMES})\\b)`, 'g'), ''],
  [/(?<!\b(?:en|dentro de) )\bun (?=(?:dia|rato|momento|fin de semana)\b)/g, ''],
  [/\b(?:el )?primer dia (?=del?\b)/g, 'el 1 '],
  [/^mar (?=\d)/, 'martes '],
  inDigits(HOLIDAYS),
  inDigits(SPANISH_NUMBERS),
  [/\b(?:un|1) par de (dias|semanas|horas)\b/g, '2 $1'],
  [new RegExp(`\\b(${MONTHS}) del (?=20\\d\\d\\b)`, 'g'), '$1 de '],
  // "5 de mayo de 10 a 12": hours, and no year.
  [
    new RegExp(
      `\\b(\\d de (?:${MONTHS})|(?:${MONTHS}) \\d{1,2}) de (\\d{1,2}(?::\\d\\d)?) a (?=\\d{1,2}\\b)`,
      'g',
    ),
    '$1 de las $2 a las ',
  ],
  // "Mayo 5", "mayo 5 al 8": days, and no year.
  [
    new RegExp(`(?<!\\bde )\\b(${MONTHS}) (?:del? )?(\\d{1,2}) al? (\\d{1,2})\\b(?![:/.-]| [ap]m)`, 'g'),
    'del $2 al $3 de $1',
  ],
  [
    new RegExp(
      `(?<!\\bde )\\b(${MONTHS}) (?:el )?(\\d{1,2})\\b(?![:/.-]| [oyu] \\d| a \\d| [ap]m| de la )`,
      'g',
    ),
    '$2 de $1',
  ],
  // As weeks are counted: both ends.
  [
    new RegExp(`\\b(?:de )?(?:este |el )?(hoy|manana|${WEEKDAY_NAMES}) en (8|15)(?: dias)?\\b`, 'g'),
    (_, day = '', days = '') => `${days === '8' ? '1 semana' : '2 semanas'} despues de ${day}`,
  ],
  [/\b(?:en|durante|dentro de) l[oa]s proxim[oa]s (?=\d+ (?:dias|semanas))/g, 'hasta en '],
  [/\b(?:en|durante) los proximos dias\b/g, 'hasta en 5 dias'],
  [
    /\b(en|dentro de) (8|15) dias\b/g,
    (_, within = '', days = '') => `${within} ${days === '8' ? '1 semana' : '2 semanas'}`,
  ],
  // "4, 5 o 6 de enero": each number is a day.
  [/\b(\d{1,2}) (\d{1,2}) ([oyu]) (?=\d{1,2} de [a-z]{4})/g, 'el $1 el $2 $3 '],
  [/\b(?<!el )(\d{1,2}) ([oyu]) (?=\d{1,2} de [a-z]{4})/g, 'el $1 $2 '],
  [/\bsemana (?=del \d{1,2} al )/g, ''],
  // Times have "las".
  [/\bdel (\d{1,2}) al (\d{1,2})\b(?! de [a-z])/g, 'el $1 al el $2'],
  [new RegExp(`\\b(?:en|dentro de) \\d{1,2} (?=(?:${WEEKDAY_NAMES})\\b)`, 'g'), 'sinentender '],
  [/\ba partir del (\d{1,2})\b(?! de [a-z]|\/)/g, 'a partir de el $1'],
  [/\b(antes|despues) del (\d{1,2})\b(?! de [a-z]|\/)/g, '$1 de el $2'],
  [/\bsemana del (\d{1,2})\b(?! de [a-z]|\/)/g, 'semana del el $1'],
  // "Cuarto para las doce de la noche" is still in the evening.
  [
    /\b(?:(?:(?:un|1) )?cuarto|([1-5]?\d)(?: minutos)?) (?:para|antes de) (?:la |el )?(medianoche|mediodia)\b/g,
    (_, minutes = '15', noon = '') => `${to('12', Number(minutes))} ${noon === 'medianoche' ? 'pm' : 'am'}`,
  ],
  // "Las 11 o 12 de la noche", "las 12 de la noche o la 1": one night.
  [
    /\b(1[01]|[5-9])(:\d\d)? ([oy]) (?:a )?(?:las? )?(?=12 de la noche\b)/g,
    (_, hour = '', minutes = '', or = '') => `${hour}${minutes} pm ${or} `,
  ],
  [
    /\b12 de la noche ([oy]) (?:a )?(?:las? )?([1-4])\b(?![:./-]| (?:am|pm|de|y|menos)\b)/g,
    '12:00 am nochera $1 $2 am',
  ],
  // "La medianoche entre el viernes y el sábado" ends the first of the two.
  [
    new RegExp(
      `\\b(medianoche|12 de la noche|noche) (?:entre el|del) (${WEEKDAY_NAMES}) (?:y el|al) (?:${WEEKDAY_NAMES})\\b`,
      'g',
    ),
    '$1 del $2',
  ],
  [/(?<!\bpara las? )\b12 de la noche\b/g, '12:00 am nochera'],
  [/\b(lunes|martes|miercoles|jueves|viernes|sabado|domingo) (?=\d{1,2}(?:$| a las?\b))/g, '$1 el '],
  [
    /\b(?:al?|de|del|las?|los?) (?:12 del )?mediodia\b|\bmediodia\b|\b12 del mediodia\b/g,
    (found) => found.replace(/(?:12 del )?mediodia/, '12:00 pm'),
  ],
  [/\b(?:la )?medianoche\b/g, '12:00 am nochera'],
  // "Tres y veinte"; days of the month have "el", and "entre" has another "y".
  [
    /(?<!\b(?:el|dia|dias|los|entre|entre las?) |[\d:/.-])\b(\d|1[0-2]) y (5|10|20|25|35|40|50|55)\b(?! de [a-z]|:)/g,
    (_, hour = '', minutes = '') => `${hour}:${minutes.padStart(2, '0')}`,
  ],
  [/\b(\d{1,2}) y media\b/g, '$1:30'],
  [/\b(\d{1,2}) y cuarto\b/g, '$1:15'],
  [/\b(\d{1,2}) menos cuarto\b/g, (_, hour = '') => to(hour, 15)],
  [/\b(?:(?:un|1) )?cuarto para las? (\d{1,2})\b/g, (_, hour = '') => to(hour, 15)],
  [
    /(?<!\b(?:el|dia) )\b(\d{1,2}) (?:minutos )?para las? (\d{1,2})\b/g,
    (_, minutes = '', hour = '') => to(hour, Number(minutes)),
  ],
  [/\b(\d{1,2}) menos (\d{1,2})\b/g, (_, hour = '', minutes = '') => to(hour, Number(minutes))],
  [/\blas? (\d{1,2}) (?:y )?([0-5]\d)\b/g, '$1:$2'],
  [/\blas? (\d{1,2}) y (5)\b/g, '$1:0$2'],
  // How long, or for how many, says nothing about when.
  [
    /\b(?:durante|por|para) (?:\d{1,3} (?:horas?|minutos)|\d{1,2} (?:personas|adultos|ninos))\b(?! (?:antes|despues))/g,
    'duracion',
  ],
  [
    /(?<!\b(?:en|dentro de|las?|proximas|cada) )\b(?:\d|1[0-2]) horas?\b(?! (?:antes|despues|en punto))/g,
    'cuantotiempo',
  ],
  [
    /\bpara (?:\d|1[0-2])(?: [ou] (?:\d|1[0-2]))*\b(?![:./-]| [ou] \d| (?:am|pm|hrs?|h|horas|de|del|y|menos|en|por)\b)/g,
    'duracion',
  ],
  [/(?<!\b(?:en|dentro de) )\b(\d{1,2}) (?:en punto|hrs?|h|horas)\b(?! (?:antes|despues))/g, '$1'],
  // The morning ends at noon, "las doce de la mañana"; midnight is "las doce de la noche".
  [/\b12(?::(\d\d))? (?:de la manana|del dia)\b/g, (_, m = '00') => `12:${m} pm`],
  [/\b(\d{1,2})(?::(\d\d))? de la (manana|madrugada)\b/g, (_, h = '', m = '00') => `${h}:${m} am`],
  [/\bmedia hora\b/g, '30 minutos'],
  [/\b(?:1 )?quincena\b/g, '2 semanas'],
  [/(?<=\d) ?hrs?\b|(?<=:\d\d) ?h\b/g, ''],
  [/\bdel? (\d{1,2}) al? (\d{1,2}) de ([a-z]+)\b/g, '$1 a $2 de $3'],
  // A time after a date without "a las": "5 de diciembre 10 am".
  [
    new RegExp(`(\\bde (?:${MONTHS})) (?=(?:1?\\d|2[0-3])(?::\\d\\d)?(?: [ap]m)?(?![\\d/-]))`, 'g'),
    '$1 a las ',
  ],
];

/** "Las tres menos cuarto" is 2:45. */
function to(hour: string, minutes: number): string {
  return `${((Number(hour) + 10) % 12) + 1}:${String(60 - minutes).padStart(2, '0')}`;
}
