import { readAskedTime } from '../../src/agent-tools/asked/asked-time.js';
import { conversation } from '../../src/agent-tools/conversation.js';
import { ToolRefusal } from '../../src/agent-tools/tool-refusal.js';

/* What the arguments of a tool say together: models spread a wish over them as they please. */

// A Tuesday, 10 AM in New York.
const now = Date.parse('2026-12-01T15:00:00Z');

function asked(given: Record<string, string>, locale = 'en-US', callerZones: string[] = []): string {
  try {
    const { dates, times, preference, notBefore, before, until } = readAskedTime(
      given,
      conversation(locale, 'America/New_York', now, callerZones),
    );
    return [
      ...dates,
      ...times,
      preference === 'any' ? [] : preference,
      notBefore === undefined ? [] : `from ${notBefore}`,
      before === undefined ? [] : `before ${before}`,
      until === undefined ? [] : `until ${until}`,
    ]
      .flat()
      .join(' ');
  } catch (error) {
    if (error instanceof ToolRefusal) return error.say;
    throw error;
  }
}

describe('a day and a time, in whichever arguments', () => {
  it.each([
    [{ date: 'Friday at 3 PM' }, '2026-12-04 15:00'],
    [{ time: 'Friday at 3 PM' }, '2026-12-04 15:00'],
    [{ date: 'Friday', time: 'Friday at 3 PM' }, '2026-12-04 15:00'],
    [{ date: 'Friday at 3', time: '3 PM' }, '2026-12-04 15:00'],
    [{ date: '2026-12-04', time: '2026-12-04T15:00:00' }, '2026-12-04 15:00'],
    [{ date: 'next week', time: 'Thursday at 3 PM' }, '2026-12-10 15:00'],
    [{ date: 'Friday', time: '7', time_preference: 'evening' }, '2026-12-04 19:00 evening'],
    [{ date: 'Friday', time: '8', time_preference: 'morning' }, '2026-12-04 08:00 morning'],
    [{ date: 'Friday', time: '3', time_preference: 'morning' }, '2026-12-04 15:00 03:00 morning'],
    [{ date: 'Friday', time: '3 in the morning' }, '2026-12-04 03:00 morning'],
    // Models say "Friday night at midnight" by the day and the evening.
    [{ date: 'Friday', time: '12 AM', time_preference: 'evening' }, '2026-12-05 00:00'],
    [{ date: '2026-12-04', time: '00:30', time_preference: 'evening' }, '2026-12-05 00:30'],
    [{ date: 'Friday', time: '12', time_preference: 'evening' }, '2026-12-05 00:00'],
    [{ date: 'Friday', time: '4', time_preference: 'evening' }, '2026-12-04 16:00 evening'],
    [{ date: 'tonight', time: '12 AM' }, '2026-12-02 00:00'],
    [{ date: '5' }, '2026-12-05'],
    [{ date: '5', time: '3 PM' }, '2026-12-05 15:00'],
    [{ date: '32' }, 'That date is not in the calendar. Which day would you like?'],
  ])('%j is %s', (given, meant) => {
    expect(asked(given)).toBe(meant);
  });

  it.each([
    [{ date: 'Friday at 3 PM', time: '4 PM' }, 'Do you mean 3 PM or 4 PM?'],
    [{ date: 'tonight', time: '12:30' }, 'Do you mean 12:30 AM or 12:30 PM?'],
    [{ date: 'Friday night', time: '12 PM' }, 'Do you mean 12 AM or 12 PM?'],
    [{ date: 'Friday', time: '12:30 PM', time_preference: 'evening' }, 'Do you mean 12:30 AM or 12:30 PM?'],
    [{ date: 'Friday', time: '12 or 1', time_preference: 'evening' }, 'Do you mean 12 AM or 12 PM?'],
    [{ date: 'Friday', time: 'Thursday at 3' }, 'Do you mean Friday, December 4 or Thursday, December 3?'],
    [
      { date: '2026-12-04', time: '2026-12-11T15:00:00' },
      'Do you mean Friday, December 4 or Friday, December 11?',
    ],
  ])('%j contradicts itself, so it is asked about', (given, question) => {
    expect(asked(given)).toBe(question);
  });

  it('asks again for a stretch of the day without time in it', () => {
    expect(asked({ date: 'Friday after 3', time: 'before 2 PM' })).toBe(
      "I'm sorry, I didn't get the time you would like. Could you say that again?",
    );
  });

  it('takes the UTC that models write for what they say beside it', () => {
    expect(asked({ date: '2026-12-02T15:00:00Z' })).toBe('2026-12-02 10:00');
    expect(asked({ date: '2026-12-02T15:00:00Z', time: '10 AM' })).toBe('2026-12-02 10:00');
    expect(asked({ date: '2026-12-02T15:00:00Z', time: '3 PM' })).toBe('2026-12-02 15:00');
    expect(asked({ date: '2026-12-02T21:00:00Z', time: '21:00' })).toBe('2026-12-02 21:00');
  });

  it('takes "mañana" for tomorrow as a day, and for the morning as a time', () => {
    expect(asked({ date: 'mañana', time: 'mañana' }, 'es-MX')).toBe('2026-12-02 morning');
    expect(asked({ date: 'mañana', time_preference: 'mañana' }, 'es-MX')).toBe('2026-12-02 morning');
    expect(asked({ time: 'mañana' }, 'es-MX')).toBe('2026-12-02');
  });
});

describe('a night', () => {
  it.each([
    [{ date: 'Friday night', time: '1 AM' }, 'en-US', '2026-12-05 01:00'],
    [{ date: 'Friday', time: '1 AM', time_preference: 'night' }, 'en-US', '2026-12-05 01:00'],
    [{ date: 'Friday night', time: '1' }, 'en-US', '2026-12-05 01:00'],
    [{ date: 'Friday night', time: '9' }, 'en-US', '2026-12-04 21:00 evening'],
    [{ date: 'tonight', time: '12:30 AM' }, 'en-US', '2026-12-02 00:30'],
    [{ date: '2026-12-04', time: 'midnight' }, 'en-US', '2026-12-05 00:00'],
    [{ date: '2026-12-04', time: '00:30' }, 'en-US', '2026-12-04 00:30'],
    [{ date: "New Year's Eve", time: 'midnight' }, 'en-US', '2027-01-01 00:00'],
    [{ date: 'el viernes', time: 'a la una', time_preference: 'noche' }, 'es-MX', '2026-12-05 01:00'],
    [{ date: 'el viernes por la noche', time: 'a la 1' }, 'es-MX', '2026-12-05 01:00'],
    [{ date: 'Nochevieja', time: 'a medianoche' }, 'es-MX', '2027-01-01 00:00'],
  ])('%j goes on after midnight, on the next date', (given, locale, meant) => {
    expect(asked(given, locale)).toBe(meant);
  });
});

describe('a part of the day beside a limit', () => {
  const ASKS_TIME = "I'm sorry, I didn't get the time you would like. Could you say that again?";
  const ASKS_PART =
    "I'm sorry, I didn't get whether you prefer the morning, the afternoon or the evening. Could you say that again?";

  it.each([
    [{ date: 'Friday', time: 'after 7', time_preference: 'evening' }, '2026-12-04 evening from 19:00'],
    [{ date: 'Friday', time: 'after 9', time_preference: 'morning' }, '2026-12-04 morning from 09:00'],
    [{ date: 'Friday', time: 'after 3 PM', time_preference: 'afternoon' }, '2026-12-04 afternoon from 15:00'],
    [{ date: 'Friday', time: 'after 5 PM', time_preference: 'afternoon' }, '2026-12-04 from 17:00'],
    [{ date: 'Friday', time: 'before noon', time_preference: 'afternoon' }, '2026-12-04 before 12:00'],
    [{ date: 'Friday', time: 'by noon', time_preference: 'morning' }, '2026-12-04 morning until 12:00'],
  ])('%j is %s', (given, meant) => {
    expect(asked(given)).toBe(meant);
  });

  it.each([
    [{ date: 'Friday', time: 'after 5 PM', time_preference: 'morning' }, ASKS_TIME],
    [{ date: 'Friday', time: 'before 10 AM', time_preference: 'evening' }, ASKS_TIME],
    [{ date: 'Friday', time: 'before 10', time_preference: 'afternoon' }, ASKS_TIME],
    [{ date: 'Friday', time: 'afternoon', time_preference: 'morning' }, ASKS_PART],
  ])('%j contradicts itself, so it is asked about', (given, question) => {
    expect(asked(given)).toBe(question);
  });
});

describe("a time by the caller's own clock", () => {
  const given = { date: 'Friday', time: '3 PM my time' };

  it('is put by the clock of the organisation where the zone of the caller is known', () => {
    expect(asked(given, 'en-US', ['America/Los_Angeles'])).toBe('2026-12-04 18:00');
    expect(asked({ date: 'Friday', time: '9 PM my time' }, 'en-US', ['America/Los_Angeles'])).toBe(
      '2026-12-05 00:00',
    );
    expect(asked({ date: 'el viernes', time: 'a las 15:00 de mi hora' }, 'es-US', ['America/Denver'])).toBe(
      '2026-12-04 17:00',
    );
    expect(asked(given, 'en-US', ['America/New_York'])).toBe('2026-12-04 15:00');
  });

  it('is asked about where it is not', () => {
    const question = 'Our times are in Eastern Time. Which time would that be?';
    expect(asked(given)).toBe(question);
    expect(asked(given, 'en-US', ['America/New_York', 'America/Chicago'])).toBe(question);
    expect(asked({ date: 'el viernes', time: 'a las 3 hora mía' }, 'es-US')).toBe(
      'Nuestras horas son en hora oriental. ¿Qué hora sería?',
    );
  });
});
