import fc from 'fast-check';

/** What callers and agents say, the sensible more often than the odd. */
const WORDS = {
  en: {
    days: [
      'tomorrow',
      'today',
      'the day after tomorrow',
      'Monday',
      'next Tuesday',
      'next week',
      'in two weeks',
      'Friday',
    ],
    oddDays: [
      ...[
        'this weekend',
        'Friday the 13th',
        'the 31st',
        'February 30',
        'yesterday',
        'as soon as possible',
        '1/5',
      ],
      ...[
        'Christmas Eve',
        'not Monday',
        'Monday morning or Friday afternoon',
        'in three years',
        'next month',
      ],
      ...['whenever it suits Bob', 'January 1', 'last Tuesday'],
    ],
    times: ['2 PM', '13:00', '10', 'noon', '11:30', '3 PM'],
    oddTimes: ['7', 'any time after 3', 'between 9 and noon', '3:07 PM', 'midnight', 'teatime', '1 AM'],
  },
  es: {
    days: [
      'mañana',
      'hoy',
      'pasado mañana',
      'el lunes',
      'el martes que viene',
      'la semana que viene',
      'en dos semanas',
      'el viernes',
    ],
    oddDays: [
      ...[
        'este fin de semana',
        'el viernes 13',
        'el 31',
        '30 de febrero',
        'ayer',
        'cuanto antes',
        'de hoy en ocho',
      ],
      ...[
        'Nochebuena',
        'lunes o jueves',
        'el lunes por la mañana o el viernes por la tarde',
        'en tres años',
        'el mes que viene',
      ],
      ...['cuando le venga bien a Paco', 'el 1 de enero'],
    ],
    times: ['a las dos de la tarde', '13:00', 'a la una', 'a mediodía', 'a las once y media', 'a las 3'],
    oddTimes: [
      'a las 7',
      'por la tarde',
      'después de las 4',
      'entre las 9 y las 12',
      '15:07',
      'a medianoche',
      'a la hora del té',
    ],
  },
};
const NAMES = [
  'Ana Flores',
  'Dr. O’Neil',
  '**Bob** <b>X</b>',
  'عبد الله',
  'Zoë 🦷',
  'María '.repeat(33).trim(),
  'J. R. Smith',
  '12',
];
const PHONES = ['+14155550123', '415 555 0199', '+34 612 345 678', 'this number', 'five'];
const CALLERS = ['+14155550123', '+34612345678', '+6421123456', null];
const TOOLS = [
  ...[
    'check_availability',
    'check_availability',
    'check_availability',
    'create_booking',
    'create_booking',
    'create_booking',
  ],
  ...['hold_slot', 'hold_slot', 'find_booking', 'find_booking', 'reschedule_booking', 'reschedule_booking'],
  ...['cancel_booking', 'list_services', 'get_business_info', 'make_coffee'],
];

const of = (...items: readonly (string | number | undefined)[]) => fc.constantFrom(...items);
/** Mostly one of the first, now and then one of the second. */
const mostly = (
  usual: readonly (string | number | undefined)[],
  odd: readonly (string | number | undefined)[],
) => fc.oneof({ arbitrary: of(...usual), weight: 5 }, { arbitrary: of(...odd), weight: 1 });

/** Things that an agent does in a conversation. `last`: with what the answers before gave. */
export const steps = (locale: string) => {
  const { days, oddDays, times, oddTimes } = locale.startsWith('es') ? WORDS.es : WORDS.en;
  return fc.record({
    tool: fc.constantFrom(...TOOLS),
    given: fc.record({
      date: fc.oneof(of(...days), of(...oddDays, undefined)),
      time: fc.oneof(of(undefined), of(...times), of(...oddTimes)),
      time_preference: mostly([undefined], ['any', 'morning', 'evening', 'purple']),
      service: mostly([undefined], ['Appointment', 'Haircut', 'Ítem 7', 'Consultation']),
      resource: mostly([undefined], ['Ana', 'Ana Ruiz', 'Nobody']),
      name: mostly(NAMES, [undefined]),
      phone: mostly([undefined, ...PHONES], [undefined]),
      email: mostly([undefined], ['ana at example dot com', 'none of your business']),
      reference: mostly([undefined], ['ZZZZZZ', 'the Tuesday one']),
      topic: of('hours', 'address', 'phone', 'today', 'parking'),
      seconds: of(undefined, 10, 60, 600, 'soon'),
      caller_timezone: mostly([undefined], ['America/Los_Angeles', 'nowhere']),
    }),
    last: of('nothing', 'nothing', 'slot', 'slot', 'hold', 'reference'),
    caller: fc.constantFrom(...CALLERS),
  });
};
