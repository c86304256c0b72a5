import { es } from 'chrono-node';
import { chronoParsers } from './chrono-parsers.js';
import { SPANISH_NUMBERS } from './es-numbers.js';
import { inDigits } from './number-words.js';
import { whenReader } from './when-reader.js';

/** Where Spanish speakers write dates as their neighbours do, as well as in their own way. */
const EITHER_ORDER = new Set(['US', 'PR']);

/** Days and times in Spanish. */
export const readSpanish = whenReader({
  parsers: chronoParsers(es.casual, [
    'ESTimeUnitWithinFormatParser',
    'ESMonthNameLittleEndianParser',
    'ESMonthNameParser',
    'ESCasualDateParser',
  ]),
  weekdays: {
    ...{ lunes: 1, martes: 2, miercoles: 3, jueves: 4, viernes: 5, sabado: 6, domingo: 7 },
    ...{ sabados: 6, domingos: 7, lun: 1, mie: 3, jue: 4, vie: 5, sab: 6, dom: 7 },
  },
  next: { before: [], after: [] },
  // "El próximo martes" is the next one to come, also where English would skip it.
  coming: {
    before: ['proximo', 'este proximo', 'siguiente'],
    after: ['que viene', 'proximo', 'siguiente', 'que entra'],
  },
  ordinal: { before: ['el', 'dia', 'el dia'], after: ['º', 'er', 'ro', 'o'] },
  days: { 'pasado manana': 2, anteayer: -2 },
  weeks: {
    ...{ 'esta semana': 0, 'de la semana': 0, 'de semana': 0, 'semana que viene': 1, 'proxima semana': 1 },
    ...{ 'semana proxima': 1, 'semana siguiente': 1, 'semana que entra': 1, 'siguiente semana': 1 },
    ...{ 'de la semana que viene': 1, 'de la semana proxima': 1, 'semana de despues': 2 },
  },
  weekends: {
    ...{ 'fin de semana': 0, 'este fin de semana': 0, 'el fin de semana que viene': 1, finde: 0 },
    ...{ 'fin de semana que viene': 1, 'proximo fin de semana': 1, 'fin de semana proximo': 1 },
  },
  months: {
    ...{ 'este mes': 0, 'del mes': 0, 'de mes': 0, 'mes que viene': 1, 'proximo mes': 1, 'mes proximo': 1 },
    ...{ 'del mes que viene': 1, 'del proximo mes': 1, 'de este mes': 0 },
  },
  shifts: {
    ...{ 'dia despues del': 1, 'dias despues del': 1, 'dia despues de': 1, 'dias despues de': 1 },
    ...{ 'semana despues del': 7, 'semanas despues del': 7, 'semana despues de': 7, 'semanas despues de': 7 },
  },
  parts: {
    any: [
      ...['cualquier hora', 'a cualquier hora', 'cualquiera', 'cuando sea', 'cualquier dia', 'me da igual'],
      ...['da igual', 'no importa', 'sin preferencia', 'indiferente', 'cualquier momento', 'todo el dia'],
    ],
    morning: [
      ...['por la manana', 'de la manana', 'en la manana', 'a la manana', 'mananas', 'por las mananas'],
      ...['antes de comer', 'antes de almorzar', 'antes del mediodia', 'de la madrugada'],
    ],
    afternoon: [
      ...['tarde', 'por la tarde', 'de la tarde', 'en la tarde', 'a la tarde', 'tardes', 'por las tardes'],
      ...[
        'despues de comer',
        'despues de almorzar',
        'despues del almuerzo',
        'despues del mediodia',
        'mediodia pasado',
      ],
    ],
    evening: [
      ...['noche', 'por la noche', 'de la noche', 'en la noche', 'a la noche', 'noches', 'por las noches'],
      ...['despues del trabajo', 'al final del dia', 'al salir del trabajo'],
    ],
  },
  earliest: [
    ...['lo antes posible', 'cuanto antes', 'lo mas pronto posible', 'lo mas pronto', 'ahora', 'ahora mismo'],
    ...['ya mismo', 'en cuanto pueda', 'lo primero que tenga', 'la primera hora disponible', 'primer hueco'],
    ...[
      'primera disponible',
      'primera cita',
      'proxima disponible',
      'lo mas temprano posible',
      'asap',
      'el primer hueco',
    ],
  ],
  rewrites: [
    [/\b(?:a )?primera hora(?: de la manana)?\b(?! disponible)/g, 'por la manana lo antes posible'],
    [/\bprimera hora de la tarde\b/g, 'por la tarde lo antes posible'],
    [/\b(?:a )?ultima hora\b(?: del dia| de la tarde)?/g, 'despues de las 16:00'],
    [/\besta (manana|tarde|noche)\b/g, 'hoy por la $1'],
    [
      /\b(hoy|lunes|martes|miercoles|jueves|viernes|sabado|domingo) en 8(?: dias)?\b/g,
      '1 semana despues del $1',
    ],
    inDigits(SPANISH_NUMBERS),
    [/\b12 de la noche\b/g, '12:00 am'],
    [/\b(lunes|martes|miercoles|jueves|viernes|sabado|domingo) (?=\d{1,2}(?:$| a las?\b))/g, '$1 el '],
    [
      /\b(?:al?|de|del|las?|los?) (?:12 del )?mediodia\b|\bmediodia\b|\b12 del mediodia\b/g,
      (found) => found.replace(/(?:12 del )?mediodia/, '12:00 pm'),
    ],
    [/\b(?:la )?medianoche\b/g, '12:00 am'],
    [/\b(\d{1,2}) y media\b/g, '$1:30'],
    [/\b(\d{1,2}) y cuarto\b/g, '$1:15'],
    [/\b(\d{1,2}) menos cuarto\b/g, (_, hour = '') => to(hour, 15)],
    [/\b(?:un )?cuarto para las? (\d{1,2})\b/g, (_, hour = '') => to(hour, 15)],
    [
      /\b(\d{1,2}) (?:minutos )?para las? (\d{1,2})\b/g,
      (_, minutes = '', hour = '') => to(hour, Number(minutes)),
    ],
    [/\b(\d{1,2}) menos (\d{1,2})\b/g, (_, hour = '', minutes = '') => to(hour, Number(minutes))],
    [/\blas? (\d{1,2}) (?:y )?([0-5]\d)\b/g, '$1:$2'],
    [/\blas? (\d{1,2}) y (5)\b/g, '$1:0$2'],
    [/(?<!\b(?:en|dentro de) )\b(\d{1,2}) (?:en punto|hrs?|h|horas)\b/g, '$1'],
    [/\b(\d{1,2})(?::(\d\d))? de la (manana|madrugada)\b/g, (_, h = '', m = '00') => `${h}:${m} am`],
    [/\bmedia hora\b/g, '30 minutos'],
    [/\bquincena\b/g, '15 dias'],
    [/\bdel? (\d{1,2}) al? (\d{1,2}) de ([a-z]+)\b/g, '$1 a $2 de $3'],
  ],
  connectors: {
    BETWEEN: ['entre'],
    AND: ['y', 'e'],
    OR: ['o', 'u', 'o el', 'o bien'],
    TO: ['-', 'a', 'al', 'a las', 'a la', 'hasta el'],
    FROM: ['desde', 'a partir de', 'a partir del', 'desde el', 'a partir de las', 'desde las'],
    AFTER: ['despues de', 'despues del', 'mas tarde de', 'no antes de', 'pasadas', 'pasada', 'luego de'],
    BEFORE: ['antes de', 'antes del', 'mas temprano de'],
    UNTIL: ['hasta', 'hasta las', 'hasta la', 'no despues de', 'no mas tarde de', 'a mas tardar'],
    ONWARDS: ['en adelante', 'o despues', 'o mas tarde'],
    EARLIER: ['o antes', 'como muy tarde'],
    ABOUT: [
      'sobre',
      'alrededor de',
      'hacia',
      'como a',
      'como',
      'cerca de',
      'mas o menos',
      'aproximadamente',
      'a eso de',
    ],
    WEEK_OF: ['semana del', 'semana de', 'semana que empieza el', 'semana que comienza el'],
    EARLY: ['principios', 'a principios', 'inicio', 'inicios', 'comienzo', 'comienzos', 'temprano'],
    MID: ['mediados', 'a mediados', 'mitad'],
    LATE: ['finales', 'a finales', 'final', 'fin', 'fines', 'a fines'],
    REST: ['mas tarde', 'resto', 'lo que queda'],
  },
  fillers: [
    ...[
      'el',
      'la',
      'las',
      'los',
      'lo',
      'de',
      'del',
      'en',
      'por',
      'para',
      'a',
      'al',
      'un',
      'una',
      'dia',
      'que',
      'hora',
    ],
    ...[
      'horas',
      'favor',
      'algun',
      'alguna',
      'momento',
      'puede',
      'ser',
      'si',
      'estaria',
      'bien',
      'me',
      'viene',
    ],
    ...[
      'cita',
      'hueco',
      'posible',
      'disponible',
      'este',
      'esta',
      'sea',
      'quiero',
      'quisiera',
      'pues',
      'fecha',
      'durante',
    ],
  ],
  numericOrder: (locale) => (EITHER_ORDER.has(new Intl.Locale(locale).region ?? '') ? 'either' : 'day first'),
});

/** "Las tres menos cuarto" is 2:45. */
function to(hour: string, minutes: number): string {
  return `${((Number(hour) + 10) % 12) + 1}:${String(60 - minutes).padStart(2, '0')}`;
}
