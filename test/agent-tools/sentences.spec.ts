import { spokenName } from '../../src/agent-tools/language/spoken-name.js';
import { conversation } from '../../src/agent-tools/conversation.js';
import { phoneNumber } from '../../src/agent-tools/language/phone-number.js';
import { zonedInstant } from '../../src/booking/engine/zoned-time.js';

const timezone = 'America/New_York';
const now = at('2027-01-18', '10:00');
const { say, clock } = conversation('en-US', timezone, now);
const wednesday = '2027-01-20';

function at(date: string, time: string): number {
  return zonedInstant(date, time, timezone).instants[0] ?? NaN;
}

function on(date: string, ...times: string[]): number[] {
  return times.map((time) => at(date, time));
}

describe('what callers hear', () => {
  const threeTimes = on(wednesday, '14:00', '15:00', '16:00');
  const elsewhere = [...on('2027-01-25', '09:00', '16:00'), ...on('2027-01-26', '09:00')];

  it.each([
    [
      'On Wednesday, January 20 I have 2 PM, 3 PM and 4 PM.',
      say.offer({ starts: threeTimes, more: false }, { withYear: false }),
    ],
    [
      'On Wednesday, January 20, 2027 I have 2 PM, 3 PM and 4 PM, among others.',
      say.offer({ starts: threeTimes, more: true }, { withYear: true }),
    ],
    [
      'On Wednesday, January 20 I have 2:30 PM.',
      say.offer({ starts: on(wednesday, '14:30'), more: false }, { withYear: false }),
    ],
    ['Yes, Wednesday, January 20 at 12 PM is free.', say.timeIsFree(at(wednesday, '12:00'))],
    [
      "2 PM on Wednesday, January 20 isn't free, but I have 1 PM and 3 PM that day.",
      say.timeIsNotFree(wednesday, '14:00', on(wednesday, '13:00', '15:00')),
    ],
    [
      'I have nothing free on Wednesday, January 20 in the morning, but I have 2 PM, 3 PM and 4 PM that day.',
      say.nothingFree({ dates: [wednesday], preference: 'morning' }, threeTimes),
    ],
    [
      'I have nothing free on Wednesday, January 20. ' +
        'I could offer Monday, January 25 at 9 AM and 4 PM, and Tuesday, January 26 at 9 AM.',
      say.nothingFree({ dates: [wednesday], preference: 'any' }, elsewhere),
    ],
    [
      'I have nothing free on Wednesday, January 20 or soon after. Would you like to try another day?',
      say.nothingFree({ dates: [wednesday], preference: 'any' }, []),
    ],
    [
      "You're booked for Wednesday, January 20 at 2 PM. The appointment is under the name Ana Flores.",
      say.booked({ start: at(wednesday, '14:00'), name: 'Ana Flores', hasVideoLink: false }),
    ],
    [
      "You're booked for Wednesday, January 20 at 2 PM. " +
        'The appointment is under the name Ana Flores, and the video link is in the booking.',
      say.booked({ start: at(wednesday, '14:00'), name: '**Ana** <Flores>', hasVideoLink: true }),
    ],
    [
      "I'm sorry, Wednesday, January 20 at 2 PM is already taken. That day I have 1 PM and 3 PM.",
      say.taken(at(wednesday, '14:00'), on(wednesday, '13:00', '15:00')),
    ],
    [
      'Saturday, January 23 at 2 PM is outside our hours. I could offer Monday, January 25 at 9 AM and Tuesday, January 26 at 9 AM.',
      say.notOffered(at('2027-01-23', '14:00'), 'outside_hours', [
        ...on('2027-01-25', '09:00'),
        ...on('2027-01-26', '09:00'),
      ]),
    ],
    [
      "Appointments don't start at 2:20 PM on Wednesday, January 20. That day I have 2 PM.",
      say.notOffered(at(wednesday, '14:20'), 'off_grid', on(wednesday, '14:00')),
    ],
    [
      "That is as of Monday, January 18 at 9:30 AM, as I can't see the calendar at the moment.",
      say.knownAsOf(at('2027-01-18', '09:30')),
    ],
    ["I couldn't check the calendar just now, so it may have changed.", say.knownAsOf(null)],
    ['May I have the day you would like?', say.askFor(['day'])],
    ['May I have your name and phone number?', say.askFor(['name', 'phone'])],
    [
      'May I have the day and time you would like, your name and phone number?',
      say.askFor(['day', 'time', 'name', 'phone']),
    ],
    [
      'On Wednesday, January 20 I have 2 PM. Would that suit you, and may I have your name?',
      say.whichTime({ starts: threeTimes.slice(0, 1), more: false }, ['name']),
    ],
    [
      'On Wednesday, January 20 I have 2 PM, 3 PM and 4 PM. Which time would you like, and may I have your name?',
      say.whichTime({ starts: threeTimes, more: false }, ['name']),
    ],
    ['Do you mean Tuesday, January 19 or Tuesday, January 26?', say.whichDay(['2027-01-19', '2027-01-26'])],
    ['Do you mean 7 AM or 7 PM?', say.whichHalf(['07:00', '19:00'])],
    [
      'Thursday, September 10, 2026 has already passed. Do you mean Friday, September 10, 2027, or another day?',
      say.dayPassed('2026-09-10', '2027-09-10'),
    ],
  ])('is %j', (expected, sentence) => {
    expect(sentence).toBe(expected);
  });

  it('has the year where a date might be taken for another', () => {
    expect(clock.day('2027-11-14')).toBe('Sunday, November 14, 2027');
    expect(clock.day('2027-01-17')).toBe('Sunday, January 17, 2027');
    expect(clock.day('2027-11-13')).toBe('Saturday, November 13');
  });

  it('follows the locale of the tenant', () => {
    const british = conversation('en-GB', 'Europe/London', now);
    expect(british.say.label(at(wednesday, '09:00'))).toBe('Wednesday 20 January at 2 PM');
  });

  it('is English with American dates for a language that is not spoken yet', () => {
    const german = conversation('de-DE', timezone, now);
    expect(german.say.label(at(wednesday, '14:00'))).toBe('Wednesday, January 20 at 2 PM');
    expect(phoneNumber('030 12345678', { timezone: 'UTC', locale: german.locale })).toBe('+493012345678');
  });
});

describe('names', () => {
  it.each([
    ['Ana Flores', 'Ana Flores'],
    ['**Ana** <b>Flores</b> 🦷', 'Ana Flores'],
    ['[Ana](https://example.com) Flores, https://example.com', 'Ana Flores,'],
    ['عبد الله', 'عبد الله'],
    ['Main Street 12, <Floor 3>, NY', 'Main Street 12, Floor 3, NY'],
    ['Ana '.repeat(50), 'Ana Ana Ana Ana Ana Ana Ana Ana Ana Ana Ana Ana Ana Ana Ana'],
    ['a'.repeat(200), 'a'.repeat(60)],
    ['✂️ 💈', ''],
  ])('of %j are said as %j', (name, said) => {
    expect(spokenName(name)).toBe(said);
  });
});
