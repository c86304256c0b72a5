import { english } from '../../src/agent-tools/language/en/en.js';
import { zonedInstant } from '../../src/booking/engine/zoned-time.js';

const timezone = 'America/New_York';

/** Reads at 10:00 in New York on the given day; 2026-11-22 is a Sunday. */
function read(text: string, today = '2026-11-22') {
  const [now = 0] = zonedInstant(today, '10:00', timezone).instants;
  return readAt(text, now);
}

/** What is said of the day; undefined for what is not understood. */
function readAt(text: string, now: number, zone = timezone) {
  const { day, rest } = english.readWhen(text, { now, timezone: zone, locale: 'en-US' });
  return rest === '' ? day : undefined;
}

/** The times and the part of the day that are said beside it. */
function readTime(text: string) {
  const [now = 0] = zonedInstant('2026-11-22', '10:00', timezone).instants;
  const { times, preference } = english.readWhen(text, { now, timezone, locale: 'en-US' }).time;
  return [...times, preference].join(' ').trim();
}

function found(date: string, rolled = false) {
  return { kind: 'days', dates: [date], rolled };
}

describe('dates as they are written', () => {
  it.each([
    ['2027-01-20', '2027-01-20', ''],
    [' 2027-01-20 ', '2027-01-20', ''],
    ['2027/1/20', '2027-01-20', ''],
    ['2027-01-20 14:00', '2027-01-20', '14:00'],
    ['2027-01-20T14:00', '2027-01-20', '14:00'],
    ['2027-01-20T14:00:00', '2027-01-20', '14:00'],
    ['2027-01-20T14:00:00-05:00', '2027-01-20', '14:00'],
    ['2027-01-20T14:00:00-0500', '2027-01-20', '14:00'],
    ['2027-01-20T14:00:00-05:00[America/New_York]', '2027-01-20', '14:00'],
    ['2027-01-20T19:00:00.000Z', '2027-01-20', '14:00'],
    ['2027-01-21T03:30:00Z', '2027-01-20', '22:30'],
    // Midnight is how software writes a date without a time.
    ['2027-01-20T00:00:00', '2027-01-20', ''],
    ['2027-01-20T00:00:00.000Z', '2027-01-20', ''],
    ['2027-01-20T00:00:00+00:00', '2027-01-20', ''],
    ['2027-01-20T00:00:00-05:00', '2027-01-20', ''],
    ['2026-11-22', '2026-11-22', ''],
  ])('reads %j as %s', (text, date, time) => {
    expect(read(text)).toEqual(found(date));
    expect(readTime(text)).toBe(time);
  });

  it.each([['2027-02-30'], ['2027-13-01'], ['February 30'], ['31 November'], ['13/13'], ['0/0']])(
    'knows that %j is no date',
    (text) => {
      expect(read(text)).toEqual({ kind: 'no_such_date' });
    },
  );

  it.each([['soon'], [''], ['purple'], ['the usual'], ['14:00'], ['{}'], ['2026-1']])(
    'cannot read %j',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});

describe('dates as they are said', () => {
  it.each([
    ['today', '2026-11-22', ''],
    ['Today', '2026-11-22', ''],
    ['tomorrow', '2026-11-23', ''],
    ['the day after tomorrow', '2026-11-24', ''],
    ['tomorrow at 2 PM', '2026-11-23', '14:00'],
    ['tomorrow afternoon', '2026-11-23', 'afternoon'],
    ['this afternoon', '2026-11-22', 'afternoon'],
    ['tonight', '2026-11-22', 'evening'],
    ['January 21', '2027-01-21', ''],
    ['January 21st', '2027-01-21', ''],
    ['January 21, 2027', '2027-01-21', ''],
    ['Jan. 21', '2027-01-21', ''],
    ['21 January', '2027-01-21', ''],
    ['the 21st of January', '2027-01-21', ''],
    ['21st of january 2027', '2027-01-21', ''],
    ['Thursday, January 21', '2027-01-21', ''],
    ['on Thursday the 21st of January at 2:30 p.m.', '2027-01-21', '14:30'],
    ['14:00 January 21', '2027-01-21', '14:00'],
    ['January 21 14:00', '2027-01-21', '14:00'],
    ['21 January 2 pm', '2027-01-21', '14:00'],
    ['Wednesday 2027-01-20', '2027-01-20', ''],
    ['2027-01-20 (Wednesday) at 14:00', '2027-01-20', '14:00'],
    ['tomorrow, Monday', '2026-11-23', ''],
    ['next Tuesday, January 26, in the morning', '2027-01-26', 'morning'],
    ['December 1', '2026-12-01', ''],
    ['November 22', '2026-11-22', ''],
    ['1/21', '2027-01-21', ''],
    ['1/21/2027', '2027-01-21', ''],
    ['21/1/27', '2027-01-21', ''],
    ['5/5', '2027-05-05', ''],
  ])('reads %j as %s', (text, date, time) => {
    expect(read(text)).toEqual(found(date));
    expect(readTime(text)).toBe(time);
  });

  it('asks which is meant where day and month can be exchanged', () => {
    expect(read('1/5')).toEqual({ kind: 'ambiguous', candidates: ['2027-01-05', '2027-05-01'] });
  });

  it('asks which is meant when the weekday is not that of the date', () => {
    expect(read('Wednesday, January 21')).toEqual({
      kind: 'ambiguous',
      candidates: ['2027-01-21', '2027-01-20'],
    });
  });
});

describe('weekdays', () => {
  // 2026-11-23 is a Monday.
  it.each([
    ['2026-11-22', 'Tuesday', '2026-11-24'],
    ['2026-11-22', 'next Tuesday', '2026-11-24'],
    ['2026-11-22', 'Saturday', '2026-11-28'],
    ['2026-11-23', 'tuesday', '2026-11-24'],
    ['2026-11-23', 'this Tuesday', '2026-11-24'],
    ['2026-11-23', 'next Tuesday', '2026-12-01'],
    ['2026-11-23', 'next Fri', '2026-12-04'],
    ['2026-11-23', 'this coming Friday', '2026-11-27'],
    ['2026-11-24', 'next Tuesday', '2026-12-01'],
    ['2026-11-24', 'Monday', '2026-11-30'],
    ['2026-11-28', 'next Monday', '2026-11-30'],
  ])('on %s, %j is %s', (today, text, date) => {
    expect(read(text, today)).toEqual(found(date));
  });

  it('asks which Tuesday is meant on a Tuesday', () => {
    expect(read('Tuesday', '2026-11-24')).toEqual({
      kind: 'ambiguous',
      candidates: ['2026-11-24', '2026-12-01'],
    });
  });

  it('does not take "last Tuesday" for a coming one', () => {
    expect(read('last Tuesday', '2026-11-24')).toEqual({ kind: 'passed', date: '2026-11-17', next: null });
  });

  it('goes by the calendar of the zone, not by that of UTC', () => {
    const now = Date.parse('2026-11-25T03:00:00Z'); // still Tuesday evening in New York
    expect(readAt('tomorrow', now)).toEqual(found('2026-11-25'));
    expect(readAt('Wednesday', now)).toEqual(found('2026-11-25'));
    expect(readAt('tomorrow', now, 'Pacific/Auckland')).toEqual(found('2026-11-26'));
  });
});

describe('the past', () => {
  it.each([
    ['yesterday', '2026-11-21'],
    ['2026-11-20', '2026-11-20'],
    ['2026-10-30', '2026-10-30'],
  ])('says that %j has passed', (text, date) => {
    expect(read(text)).toEqual({ kind: 'passed', date, next: null });
  });

  it.each([
    ['2025-01-21', '2027-01-21'],
    ['2026-01-21', '2027-01-21'],
    ['2024-12-01', '2026-12-01'],
    ['January 21, 2026', '2027-01-21'],
  ])('takes %j, in a year that is over, for %s', (text, date) => {
    expect(read(text)).toEqual(found(date, true));
  });

  it('does not roll a date over most of a year without asking', () => {
    expect(read('2026-09-10')).toEqual({ kind: 'passed', date: '2026-09-10', next: '2027-09-10' });
    expect(read('November 20')).toEqual({ kind: 'passed', date: '2026-11-20', next: '2027-11-20' });
  });
});
