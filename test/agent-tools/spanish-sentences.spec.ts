import { EnglishSentences } from '../../src/agent-tools/language/en/en-sentences.js';
import { SpanishSentences } from '../../src/agent-tools/language/es/es-sentences.js';
import { SpokenClock } from '../../src/agent-tools/language/spoken-clock.js';
import type { NotOffered, Sentences } from '../../src/agent-tools/language/sentences.js';
import { zonedInstant } from '../../src/booking/engine/zoned-time.js';

const timezone = 'America/New_York';
const now = at('2027-01-18', '10:04');
const say = new SpanishSentences(new SpokenClock('es-MX', timezone, now));
const { bookings, business } = say;
const wednesday = '2027-01-20';
const two = at(wednesday, '14:00');

function at(date: string, time: string): number {
  return zonedInstant(date, time, timezone).instants[0] ?? NaN;
}

function on(date: string, ...times: string[]): number[] {
  return times.map((time) => at(date, time));
}

const ana = { start: two, name: '**Ana** <Flores>' };
const elsewhere = [...on('2027-01-25', '09:00', '16:00'), ...on('2027-01-26', '09:00')];
const open = { hours: [], isSpecial: false, holiday: null, isOpen: true, openUntil: '17:00', opensAt: null };
const week = [
  {
    days: [1, 2, 3, 4] as const,
    hours: [
      { start: '09:00', end: '13:00' },
      { start: '15:00', end: '19:00' },
    ],
  },
  { days: [5, 6] as const, hours: [{ start: '09:00', end: '14:00' }] },
  { days: [7] as const, hours: [] },
];

describe('what callers hear in Spanish', () => {
  it.each([
    [
      'El miércoles 20 de enero tengo libre a las 9 de la mañana, a las 12 del mediodía y a las 4 de la tarde, entre otras horas.',
      say.offer({ starts: on(wednesday, '09:00', '12:00', '16:00'), more: true }, { withYear: false }),
    ],
    [
      'El miércoles 20 de enero de 2027 tengo libre a la 1, a las 2 y media y a las 3 y cuarto de la tarde.',
      say.offer({ starts: on(wednesday, '13:00', '14:30', '15:15'), more: false }, { withYear: true }),
    ],
    [
      'Tengo libre el lunes 25 de enero a las 9 de la mañana y a las 4 de la tarde, y el martes 26 de enero a las 9 de la mañana.',
      say.offer({ starts: elsewhere, more: false }, { withYear: false }),
    ],
    ['Lo más pronto que tengo es el miércoles 20 de enero a las 2 de la tarde.', say.earliest([two])],
    ['Sí, el miércoles 20 de enero a las 2 de la tarde está libre.', say.timeIsFree(two)],
    [
      'El miércoles 20 de enero a las 2 de la tarde no está libre, pero ese día tengo a la 1 y a las 3 de la tarde.',
      say.timeIsNotFree(wednesday, '14:00', on(wednesday, '13:00', '15:00')),
    ],
    [
      'No tengo nada libre el miércoles 20 de enero por la mañana, pero ese día tengo a las 2 de la tarde.',
      say.nothingFree({ dates: [wednesday], preference: 'morning' }, [two]),
    ],
    [
      'No tengo nada libre el miércoles 20 de enero ni poco después. ¿Quiere probar otro día?',
      say.nothingFree({ dates: [wednesday], preference: 'any' }, []),
    ],
    [
      'No tengo nada libre antes de las 9 de la mañana entre el lunes 18 de enero y el miércoles 20 de enero. ' +
        'Le puedo ofrecer el martes 26 de enero a las 9 de la mañana.',
      say.nothingFree(
        { dates: ['2027-01-18', '2027-01-19', wednesday], preference: 'any', before: '09:00' },
        on('2027-01-26', '09:00'),
      ),
    ],
    [
      'Su cita queda reservada para el miércoles 20 de enero a las 2 de la tarde. Está a nombre de Ana Flores.',
      say.booked({ ...ana, hasVideoLink: false }),
    ],
    [
      'Lo siento, el miércoles 20 de enero a las 2 de la tarde ya está ocupado. Ese día tengo a la 1 y a las 3 de la tarde.',
      say.taken(two, on(wednesday, '13:00', '15:00')),
    ],
    ['¿Me puede decir su nombre y su número de teléfono?', say.askFor(['name', 'phone'])],
    ['¿Me puede decir qué día y a qué hora quiere la cita y su nombre?', say.askFor(['day', 'time', 'name'])],
    ['Lo siento, no he entendido su correo electrónico. ¿Me lo puede repetir?', say.askAgain(['email'])],
    [
      '¿Se refiere al miércoles 20 de enero o al miércoles 27 de enero?',
      say.whichDay([wednesday, '2027-01-27']),
    ],
    ['¿Se refiere a las 7 de la mañana o a las 7 de la tarde?', say.whichHalf(['07:00', '19:00'])],
    [
      'No conozco ese tipo de cita. Ofrecemos Limpieza e Implante.',
      say.unknownService(['Limpieza', 'Implante']),
    ],
    [
      'Le guardo el miércoles 20 de enero a las 2 de la tarde durante 3 minutos. ¿Se lo reservo?',
      bookings.held(two, 3),
    ],
    [
      'Tiene una cita el miércoles 20 de enero a las 2 de la tarde, a nombre de Ana Flores.',
      bookings.found([ana], false),
    ],
    [
      '¿Se refiere a la cita del miércoles 20 de enero a las 2 de la tarde, o a la del lunes 25 de enero a las 9 de la mañana?',
      bookings.which([two, at('2027-01-25', '09:00')]),
    ],
    [
      'Su cita es ahora el miércoles 20 de enero a las 2 de la tarde. Está a nombre de Ana Flores.',
      bookings.moved(ana),
    ],
    [
      'La cita del miércoles 20 de enero a las 2 de la tarde, a nombre de Ana Flores, queda cancelada.',
      bookings.cancelled(ana),
    ],
    [
      'Ofrecemos Revisión, que dura media hora; Limpieza, que dura una hora y media. ¿Cuál le interesa?',
      business.services(
        [
          { name: 'Revisión', minutes: 30 },
          { name: 'Limpieza', minutes: 90 },
        ],
        false,
      ),
    ],
    [
      'Clínica abre de lunes a jueves de las 9 de la mañana a la 1 de la tarde y de las 3 de la tarde a las 7 de la tarde, ' +
        'y los viernes y sábados de las 9 de la mañana a las 2 de la tarde. Ahora está abierto, hasta las 5 de la tarde.',
      business.hours('Clínica', week, open),
    ],
    ['Hoy es lunes 18 de enero de 2027, y aquí son las 10 y 4 de la mañana.', business.now()],
    [
      'Ahora está cerrado. ¿De qué día quiere saber el horario?',
      business.hours('Clínica', null, { ...open, isOpen: false, openUntil: null }),
    ],
  ])('%s', (expected, said) => expect(said).toBe(expected));

  it.each([
    ['00:00', 'las 12 de la noche'],
    ['01:00', 'la 1 de la madrugada'],
    ['12:15', 'las 12 y cuarto de la tarde'],
    ['20:45', 'las 8 y 45 de la noche'],
  ])('says %s as %s', (time, said) => expect(say.label(at(wednesday, time))).toContain(`a ${said}`));
});

describe('every sentence', () => {
  const reasons: NotOffered[] = [
    'in_past',
    'too_soon',
    'too_far',
    'outside_hours',
    'off_grid',
    'day_full',
    'not_offered',
  ];
  const all = (language: Sentences): string[] => [
    language.knownAsOf(null),
    language.knownAsOf(now),
    ...reasons.map((reason) => language.notOffered(two, reason, elsewhere)),
    ...reasons.map((reason) => language.notOffered(two, reason, [])),
    language.noSuchTime('2027-03-14', '02:30'),
    language.whichTime({ starts: [two], more: true }, ['name', 'phone']),
    language.dayPassed('2027-01-11', null),
    language.dayPassed('2027-01-11', '2028-01-11'),
    language.noSuchDay(),
    language.dayTooFar(),
    language.unknownSlot(),
    language.unknownResource(['Ana', 'Ben', 'Olga']),
    language.nothingToBook(),
    language.calendarUnreadable(),
    language.unknownTool(),
    language.failed(),
    language.bookings.unknownHold(),
    language.bookings.cannotHold(),
    language.bookings.tooManyBookings(),
    language.bookings.held(two, 0),
    language.bookings.found([ana, ana, ana], true),
    language.bookings.noneFound(),
    language.bookings.askReference(),
    language.bookings.unknownReference(),
    language.bookings.tooManyReferences(),
    language.bookings.corrected(ana),
    language.bookings.renamed(ana, 'Leo Hall'),
    language.bookings.unchanged(ana),
    language.bookings.alreadyYours(ana),
    language.bookings.which([two]),
    language.bookings.alreadyCancelled(two),
    language.bookings.over(two),
    language.business.services([{ name: 'A', minutes: 45 }], true),
    language.business.hours('A', [], { ...open, isSpecial: true, holiday: 'B' }),
    language.business.hours('A', week, {
      ...open,
      isSpecial: true,
      hours: [{ start: '09:00', end: '12:00' }],
    }),
    language.business.hours('A', week, { ...open, isOpen: false, openUntil: null, opensAt: '15:00' }),
    language.business.address('1 Main Street'),
    language.business.phone('+1 415 555 0100'),
    language.business.notKnown(),
  ];

  it.each([
    ['English', new EnglishSentences(new SpokenClock('en-US', timezone, now))],
    ['Spanish', say],
  ])('in %s is at most two sentences of plain text', (_, language) => {
    for (const said of all(language)) {
      expect(said.split(/[.?]+(?:\s|$)/).filter((part) => part !== '').length).toBeLessThanOrEqual(2);
      expect(said).toMatch(/^[\p{Lu}¿][^*_#`<>]*[.?]$/u);
      expect(said).not.toMatch(/undefined|null|NaN|Invalid| {2}/);
    }
  });
});

describe('the zone', () => {
  const elsewhereIn = (zones: string[], locale = 'en-US') => {
    const clock = new SpokenClock(locale, timezone, now, zones);
    return locale === 'en-US' ? new EnglishSentences(clock) : new SpanishSentences(clock);
  };

  it('is named where the caller’s clock certainly shows another time', () => {
    expect(elsewhereIn(['Europe/London']).timeIsFree(two)).toBe(
      'Yes, Wednesday, January 20 at 2 PM Eastern Time is free.',
    );
    expect(
      elsewhereIn(['America/Los_Angeles']).offer(
        { starts: on(wednesday, '14:00', '15:00'), more: false },
        { withYear: false },
      ),
    ).toBe('On Wednesday, January 20 I have 2 PM and 3 PM Eastern Time.');
    expect(elsewhereIn(['Europe/Madrid'], 'es-ES').timeIsFree(two)).toBe(
      'Sí, el miércoles 20 de enero a las 2 de la tarde hora oriental está libre.',
    );
  });

  it('is named once for all times in a sentence', () => {
    const london = elsewhereIn(['Europe/London']);
    expect(london.nothingFree({ dates: [wednesday], preference: 'any' }, elsewhere)).toBe(
      'I have nothing free on Wednesday, January 20. ' +
        'I could offer Monday, January 25 at 9 AM and 4 PM, and Tuesday, January 26 at 9 AM Eastern Time.',
    );
    expect(london.taken(two, on(wednesday, '15:00'))).toBe(
      "I'm sorry, Wednesday, January 20 at 2 PM is already taken. That day I have 3 PM Eastern Time.",
    );
    expect(london.bookings.which(elsewhere.slice(1))).toBe(
      'Do you mean the appointment on Monday, January 25 at 4 PM, or Tuesday, January 26 at 9 AM Eastern Time?',
    );
    expect(elsewhereIn(['Europe/Madrid'], 'es-ES').earliest(elsewhere)).toBe(
      'Lo más pronto que tengo es el lunes 25 de enero a las 9 de la mañana, y después ' +
        'el lunes 25 de enero a las 4 de la tarde y el martes 26 de enero a las 9 de la mañana hora oriental.',
    );
  });

  it('is not named where it may be the same', () => {
    for (const zones of [[], ['America/Toronto'], ['America/Los_Angeles', 'America/New_York']]) {
      expect(elsewhereIn(zones).timeIsFree(two)).toBe('Yes, Wednesday, January 20 at 2 PM is free.');
    }
  });
});
