import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  addDays,
  instantsOfDate,
  isLocalDate,
  localDateOf,
  startOfDay,
  toIsoWithOffset,
  weekdayOf,
  zonedInstant,
} from './zoned-time.js';

const hour = 3_600_000;
const hoursOf = (date: string, zone: string): number =>
  instantsOfDate(date, zone).reduce((sum, { start, end }) => sum + (end - start) / hour, 0);
const read = (date: string, time: string, zone: string): string[] =>
  zonedInstant(date, time, zone).instants.map((instant) => toIsoWithOffset(instant, zone));

describe('dates of the calendar', () => {
  it.each(['2026-01-31', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])('%s is one', (text) => {
    expect(isLocalDate(text)).toBe(true);
  });

  it.each([
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '20260101',
    ' 2026-01-01',
    '',
  ])('"%s" is not', (text) => {
    expect(isLocalDate(text)).toBe(false);
  });

  it('are added up over the ends of months and years', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  });

  it('have weekdays from Monday, 1, to Sunday, 7', () => {
    expect(weekdayOf('2026-01-19')).toBe(1);
    expect(weekdayOf('2026-01-25')).toBe(7);
  });
});

describe('zonedInstant', () => {
  it('finds one instant on an ordinary day', () => {
    expect(read('2026-01-21', '14:00', 'America/New_York')).toEqual(['2026-01-21T14:00:00-05:00']);
  });

  it('finds none inside a gap', () => {
    expect(read('2026-03-08', '02:30', 'America/New_York')).toEqual([]);
    expect(read('2026-10-04', '02:15', 'Australia/Lord_Howe')).toEqual([]);
    expect(read('2026-03-29', '00:30', 'Asia/Beirut')).toEqual([]);
    expect(read('2011-12-30', '12:00', 'Pacific/Apia')).toEqual([]);
  });

  it('finds both when the clock goes back, the earlier first', () => {
    expect(read('2026-11-01', '01:30', 'America/New_York')).toEqual([
      '2026-11-01T01:30:00-04:00',
      '2026-11-01T01:30:00-05:00',
    ]);
    expect(read('2026-04-05', '01:45', 'Australia/Lord_Howe')).toEqual([
      '2026-04-05T01:45:00+11:00',
      '2026-04-05T01:45:00+10:30',
    ]);
    expect(read('2026-10-24', '23:30', 'Asia/Beirut')).toHaveLength(2);
  });

  it('takes 24:00 for midnight at the end of the date', () => {
    expect(read('2026-01-21', '24:00', 'Europe/Berlin')).toEqual(['2026-01-22T00:00:00+01:00']);
  });
});

describe('a local date', () => {
  it.each([
    ['2026-06-10', 'Europe/Berlin', 24],
    ['2026-03-29', 'Europe/Berlin', 23],
    ['2026-10-25', 'Europe/Berlin', 25],
    ['2026-10-04', 'Australia/Lord_Howe', 23.5],
    ['2026-04-05', 'Australia/Lord_Howe', 24.5],
    ['2026-04-24', 'Africa/Cairo', 23],
    ['2026-10-29', 'Africa/Cairo', 25],
    ['2011-12-30', 'Pacific/Apia', 0],
    ['2011-12-31', 'Pacific/Apia', 24],
  ])('%s in %s has %d hours', (date, zone, hours) => {
    expect(hoursOf(date, zone)).toBe(hours);
  });

  it.each([
    ['2026-06-10', 'Europe/Berlin', '2026-06-10T00:00:00+02:00'],
    ['2026-03-29', 'Asia/Beirut', '2026-03-29T01:00:00+03:00'],
    ['2026-10-25', 'Asia/Beirut', '2026-10-25T00:00:00+02:00'],
    ['2026-11-01', 'America/Havana', '2026-11-01T00:00:00-04:00'],
    ['2011-12-30', 'Pacific/Apia', '2011-12-31T00:00:00+14:00'],
  ])('%s in %s begins at %s', (date, zone, begins) => {
    expect(toIsoWithOffset(startOfDay(date, zone), zone)).toBe(begins);
  });

  it('is read from the clock of the zone', () => {
    const instant = Date.parse('2026-01-21T23:30:00Z');
    expect(localDateOf(instant, 'Europe/Berlin')).toBe('2026-01-22');
    expect(localDateOf(instant, 'America/New_York')).toBe('2026-01-21');
    expect(() => localDateOf(NaN, 'UTC')).toThrow(RangeError);
  });
});

describe('toIsoWithOffset', () => {
  it.each([
    ['2026-01-21T19:00:00Z', 'America/New_York', '2026-01-21T14:00:00-05:00'],
    ['2026-01-21T19:00:00Z', 'Asia/Kathmandu', '2026-01-22T00:45:00+05:45'],
    ['2026-01-21T19:00:00Z', 'America/St_Johns', '2026-01-21T15:30:00-03:30'],
    ['2026-01-21T19:00:00.250Z', 'UTC', '2026-01-21T19:00:00.250+00:00'],
    ['1970-12-31T12:00:00Z', 'Africa/Monrovia', '1970-12-31T11:16:00-00:44'], // really -00:44:30
  ])('writes %s in %s as %s, the same instant', (instant, zone, text) => {
    const written = toIsoWithOffset(Date.parse(instant), zone);
    expect(Date.parse(written)).toBe(Date.parse(instant));
    expect(written).toBe(text);
  });

  it('writes every instant as Date does, in UTC', () => {
    const instants = fc.oneof(
      fc.integer({ min: Date.parse('0000-01-01'), max: Date.parse('9999-12-31T23:59:59.999Z') }),
      fc.integer({ min: Date.UTC(1890, 0, 1), max: Date.UTC(2110, 0, 1) }),
      fc.integer({ min: -8.64e15 + 366 * 24 * hour, max: 8.64e15 - 366 * 24 * hour }),
    );
    fc.assert(
      fc.property(instants, (instant) => {
        const written = new Date(instant).toISOString().replace(/(\.000)?Z$/, '+00:00');
        expect(toIsoWithOffset(instant, 'UTC')).toBe(written);
        expect(localDateOf(instant, 'UTC')).toBe(written.slice(0, written.indexOf('T')));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('any instant of four-digit years, anywhere', () => {
  const zones = [
    'UTC',
    'America/St_Johns',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Asia/Beirut',
  ];
  const instant = fc.oneof(
    fc.integer({ min: Date.parse('1972-01-01'), max: Date.parse('2100-01-01') }),
    fc.integer({ min: Date.parse('0001-01-02'), max: Date.parse('9999-12-30') }),
    // Around the ends of months, leap days among them.
    fc
      .tuple(
        fc.integer({ min: 1, max: 9998 }),
        fc.nat({ max: 11 }),
        fc.integer({ min: -90_000, max: 90_000 }),
      )
      .map(([year, month, seconds]) => new Date(0).setUTCFullYear(year, month, 1) + seconds * 1000),
  );

  it('has the date and the time of day that Temporal reads', () => {
    fc.assert(
      fc.property(instant, fc.constantFrom(...zones), (epochMs, zone) => {
        const wall = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone);
        expect(localDateOf(epochMs, zone)).toBe(wall.toPlainDate().toString());
        const written = toIsoWithOffset(epochMs, zone);
        expect(Date.parse(written)).toBe(epochMs);
        // Before there was standard time, offsets had seconds, which the format does not know.
        if (wall.offsetNanoseconds % 6e10 !== 0) return;
        const fractionalSecondDigits = epochMs % 1000 === 0 ? 0 : 3;
        expect(written).toBe(wall.toString({ timeZoneName: 'never', fractionalSecondDigits }));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
