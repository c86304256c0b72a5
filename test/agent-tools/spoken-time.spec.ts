import { english } from '../../src/agent-tools/language/en/en.js';

/** What is said of the time; nothing for what is not understood. */
function read(text: string) {
  const moment = { now: Date.parse('2026-11-22T15:00:00Z'), timezone: 'America/New_York', locale: 'en-US' };
  const { time, rest } = english.readWhen(text, moment);
  return rest === '' ? time : { times: [], preference: undefined };
}

describe('times as they are said', () => {
  it.each([
    ['14:00', ['14:00']],
    ['14:00:00', ['14:00']],
    ['09:00', ['09:00']],
    ['10:30', ['10:30']],
    ['1430', ['14:30']],
    ['2 PM', ['14:00']],
    ['2pm', ['14:00']],
    ['2:30 p.m.', ['14:30']],
    ['2.30pm', ['14:30']],
    ['at 2 P. M.', ['14:00']],
    ['10:00 AM', ['10:00']],
    ['12 am', ['00:00']],
    ['12 pm', ['12:00']],
    ['12:30 am', ['00:30']],
    ['14:00 pm', ['14:00']],
    ["9 o'clock in the morning", ['09:00']],
    ['7 in the evening', ['19:00']],
    ['noon', ['12:00']],
    ['midnight', ['00:00']],
    // Open halves, the likelier first.
    ['7', ['07:00', '19:00']],
    ['2', ['14:00', '02:00']],
    ['12', ['12:00', '00:00']],
    ['2:30', ['14:30', '02:30']],
    ["8 o'clock", ['08:00', '20:00']],
    ['14', ['14:00']],
    ['0:30', ['00:30']],
    ['', []],
    ['25:00', []],
    ['24:00', []],
    ['12:60', []],
    ['0 pm', []],
    ['14 am', []],
    ['2 am pm', []],
    ['later', []],
    ['-2', []],
  ])('reads %j as %j', (text, times) => {
    expect(read(text).times).toEqual(times);
  });
});

describe('parts of the day as they are said', () => {
  it.each([
    ['morning', 'morning'],
    ['Mornings', 'morning'],
    ['AM', 'morning'],
    ['a.m.', 'morning'],
    ['in the morning', 'morning'],
    ['before lunch', 'morning'],
    ['early morning', 'morning'],
    ['afternoon', 'afternoon'],
    ['sometime in the afternoon', 'afternoon'],
    ['after lunch', 'afternoon'],
    ['PM', 'afternoon'],
    ['evening', 'evening'],
    ['after work', 'evening'],
    ['any', 'any'],
    ['Anytime', 'any'],
    ['no_preference', 'any'],
    ['purple', undefined],
    ['', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
  ])('reads %j as %s', (text, preference) => {
    expect(read(text).preference).toBe(preference);
  });
});
