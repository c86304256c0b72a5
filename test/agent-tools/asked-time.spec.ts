import { readAskedTime } from '../../src/agent-tools/asked/asked-time.js';
import { conversation } from '../../src/agent-tools/conversation.js';
import { ToolRefusal } from '../../src/agent-tools/tool-refusal.js';

/* What the arguments of a tool say together: models spread a wish over them as they please. */

// A Tuesday, 10 AM in New York.
const now = Date.parse('2026-12-01T15:00:00Z');

function asked(given: Record<string, string>, locale = 'en-US'): string {
  try {
    const { dates, times, preference } = readAskedTime(given, conversation(locale, 'America/New_York', now));
    return [...dates, ...times, ...(preference === 'any' ? [] : [preference])].join(' ');
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
    [{ date: '5' }, '2026-12-05'],
    [{ date: '5', time: '3 PM' }, '2026-12-05 15:00'],
    [{ date: '32' }, 'That date is not in the calendar. Which day would you like?'],
  ])('%j is %s', (given, meant) => {
    expect(asked(given)).toBe(meant);
  });

  it.each([
    [{ date: 'Friday at 3 PM', time: '4 PM' }, 'Do you mean 3 PM or 4 PM?'],
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
