import { findSlots, type ServiceRules } from '../../src/booking/engine/slot-finder.js';
import type { WorkingHours } from '../../src/booking/engine/working-hours.js';
import { addDays, startOfDay, toIsoWithOffset } from '../../src/booking/engine/zoned-time.js';

const everyDay = ([1, 2, 3, 4, 5, 6, 7] as const).map((day) => day);
const daily = (start: string, end: string): WorkingHours => ({
  weekly: everyDay.map((day) => ({ day, start, end })),
  overrides: [],
});

/** What is offered on a local date, as the clock reads and how far it is from UTC: `01:00-04:00`. */
function offered(
  date: string,
  timezone: string,
  workingHours: WorkingHours,
  changes: Partial<ServiceRules & { fullDays: string[] }> = {},
): string[] {
  const { fullDays, ...rules } = changes;
  const from = startOfDay(date, timezone);
  const slots = findSlots({
    now: from - 86_400_000,
    from,
    to: startOfDay(addDays(date, 1), timezone),
    rules: {
      durationMinutes: 60,
      bufferBeforeMinutes: 0,
      bufferAfterMinutes: 0,
      slotStepMinutes: 60,
      minNoticeMinutes: 0,
      maxAdvanceDays: 730,
      ...rules,
    },
    resources: [{ resourceId: 'chair', timezone, workingHours, booked: [], busy: [], fullDays }],
  });
  for (const { start } of slots) expect(toIsoWithOffset(start, timezone).slice(0, 10)).toBe(date);
  return slots.map(({ start }) => toIsoWithOffset(start, timezone).replace(/^.*T(\d\d:\d\d):00/, '$1'));
}

describe('days on which the clock is changed', () => {
  it('in spring have no slots in the gap: New York', () => {
    expect(offered('2026-03-08', 'America/New_York', daily('00:00', '05:00'))).toEqual([
      '00:00-05:00',
      '01:00-05:00',
      '03:00-04:00',
      '04:00-04:00',
    ]);
  });

  it('in autumn offer the repeated hour once for each instant: New York', () => {
    expect(offered('2026-11-01', 'America/New_York', daily('00:00', '04:00'))).toEqual([
      '00:00-04:00',
      '01:00-04:00',
      '01:00-05:00',
      '02:00-05:00',
      '03:00-05:00',
    ]);
    expect(offered('2026-11-01', 'America/New_York', daily('01:00', '02:00'))).toEqual([
      '01:00-04:00',
      '01:00-05:00',
    ]);
  });

  it.each([
    ['of 23 hours', '2026-03-29', 'Europe/Berlin', '+02:00'],
    ['of 24 hours', '2026-06-10', 'Europe/Berlin', '+02:00'],
    ['of 25 hours', '2026-10-25', 'Europe/Berlin', '+01:00'],
  ])('%s end hours of 09:00 to 17:00 at 17:00 on the clock', (_, date, zone, offset) => {
    const slots = offered(date, zone, daily('09:00', '17:00'));
    expect([slots.length, slots[0], slots.at(-1)]).toEqual([8, `09:00${offset}`, `16:00${offset}`]);
    // Hours that have the change inside them, too.
    expect(offered(date, zone, daily('00:00', '17:00')).at(-1)).toBe(`16:00${offset}`);
  });

  it('shrink hours that begin or end inside a gap, and leave none of those that lie in it', () => {
    const zone = 'America/New_York';
    const half = { durationMinutes: 30, slotStepMinutes: 30 };
    expect(offered('2026-03-08', zone, daily('02:30', '04:00'), half)).toEqual([
      '03:00-04:00',
      '03:30-04:00',
    ]);
    expect(offered('2026-03-08', zone, daily('01:00', '02:30'), half)).toEqual([
      '01:00-05:00',
      '01:30-05:00',
    ]);
    expect(offered('2026-03-08', zone, daily('02:10', '02:50'), half)).toEqual([]);
  });

  it('have half an hour less or more on Lord Howe', () => {
    const half = { durationMinutes: 30, slotStepMinutes: 30 };
    const hours = daily('01:00', '03:00');
    expect(offered('2026-10-04', 'Australia/Lord_Howe', hours, half)).toEqual([
      '01:00+10:30',
      '01:30+10:30',
      '02:30+11:00',
    ]);
    expect(offered('2026-04-05', 'Australia/Lord_Howe', hours, half)).toEqual([
      '01:00+11:00',
      '01:30+11:00',
      '01:30+10:30',
      '02:00+10:30',
      '02:30+10:30',
    ]);
  });

  it.each([
    ['Beirut', '2026-03-29', 'Asia/Beirut', '+03:00'],
    ['Cairo', '2026-04-24', 'Africa/Cairo', '+03:00'],
    ['Havana', '2026-03-08', 'America/Havana', '-04:00'],
    ['São Paulo, while it did', '2018-11-04', 'America/Sao_Paulo', '-02:00'],
  ])('have no midnight in %s', (_, date, zone, offset) => {
    expect(offered(date, zone, daily('00:00', '03:00'))).toEqual([`01:00${offset}`, `02:00${offset}`]);
    const lateNight = offered(date, zone, daily('22:00', '02:00'));
    expect(lateNight).toEqual([`01:00${offset}`, `22:00${offset}`, `23:00${offset}`]);
  });

  it.each([
    ['Beirut', '2026-10-24', 'Asia/Beirut', '+03:00', '+02:00'],
    ['Cairo', '2026-10-29', 'Africa/Cairo', '+03:00', '+02:00'],
    ['São Paulo, while it did', '2018-02-17', 'America/Sao_Paulo', '-02:00', '-03:00'],
  ])('have the hour before midnight twice in %s', (_, date, zone, first, second) => {
    expect(offered(date, zone, daily('22:00', '24:00'))).toEqual([
      `22:00${first}`,
      `23:00${first}`,
      `23:00${second}`,
    ]);
  });

  it('may have the hour after midnight twice: Havana', () => {
    expect(offered('2026-11-01', 'America/Havana', daily('00:00', '02:00'))).toEqual([
      '00:00-04:00',
      '00:00-05:00',
      '01:00-05:00',
    ]);
  });
});

describe('a day that is full', () => {
  const zone = 'America/New_York';
  const full = (date: string) => ({ fullDays: [date] });

  it('is full to its last hour when it has 25', () => {
    const hours = daily('20:00', '24:00');
    expect(offered('2026-11-01', zone, hours, full('2026-11-01'))).toEqual([]);
    expect(offered('2026-11-01', zone, hours, full('2026-10-31'))).toHaveLength(4);
  });

  it('leaves the first hour of the next day alone when it has 23', () => {
    const hours = daily('00:00', '02:00');
    expect(offered('2026-03-09', zone, hours, full('2026-03-08'))).toEqual(['00:00-04:00', '01:00-04:00']);
    expect(offered('2026-03-08', zone, hours, full('2026-03-08'))).toEqual([]);
  });
});

describe('a clock that goes back over midnight', () => {
  // In St. John's, on 7 November 2010, a minute after midnight it was 23:01 of the day before again.
  const timezone = 'America/St_Johns';
  const midnight = Date.parse('2010-11-07T00:00:00-02:30');
  const minutes = (from: number, to: number, workingHours: WorkingHours): string[] =>
    findSlots({
      now: midnight - 86_400_000,
      from,
      to,
      rules: {
        durationMinutes: 1,
        bufferBeforeMinutes: 0,
        bufferAfterMinutes: 0,
        slotStepMinutes: 1,
        minNoticeMinutes: 0,
        maxAdvanceDays: 30,
      },
      resources: [{ resourceId: 'chair', timezone, workingHours, booked: [], busy: [] }],
    }).map(({ start }) => toIsoWithOffset(start, timezone).slice(0, 16));

  it('comes back to the hours of the night before last', () => {
    const friday: WorkingHours = { weekly: [{ day: 5, start: '23:10', end: '23:03' }], overrides: [] };
    expect(minutes(midnight, midnight + 3_600_000, friday)).toEqual(['2010-11-06T23:01', '2010-11-06T23:02']);
  });

  it('has been in the hours of the next day already', () => {
    const sunday: WorkingHours = { weekly: [{ day: 7, start: '00:00', end: '01:00' }], overrides: [] };
    expect(minutes(midnight - 60_000, midnight + 120_000, sunday)).toEqual(['2010-11-07T00:00']);
  });
});

describe('days of zones that', () => {
  it('never change their clocks are all alike: Tokyo, Kathmandu', () => {
    for (const [zone, offset] of [
      ['Asia/Tokyo', '+09:00'],
      ['Asia/Kathmandu', '+05:45'],
    ] as const) {
      for (const date of ['2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01']) {
        expect(offered(date, zone, daily('22:00', '02:00'))).toEqual(
          ['00:00', '01:00', '22:00', '23:00'].map((time) => time + offset),
        );
      }
    }
  });

  it.each([
    ['Apia', '2011-12-30', 'Pacific/Apia', '-10:00', '+14:00'],
    ['Kwajalein', '1993-08-21', 'Pacific/Kwajalein', '-12:00', '+12:00'],
  ])('skipped a date have nothing on it, and hours on both sides: %s', (_, skipped, zone, before, after) => {
    const hours = daily('09:00', '11:00');
    expect(offered(addDays(skipped, -1), zone, hours)).toEqual([`09:00${before}`, `10:00${before}`]);
    expect(offered(skipped, zone, hours)).toEqual([]);
    expect(offered(addDays(skipped, 1), zone, hours)).toEqual([`09:00${after}`, `10:00${after}`]);
    // Of the night that begins on the skipped date, the part past midnight is left.
    const night = daily('22:00', '02:00');
    expect(offered(addDays(skipped, -1), zone, night).slice(-2)).toEqual([
      `22:00${before}`,
      `23:00${before}`,
    ]);
    expect(offered(addDays(skipped, 1), zone, night)).toEqual(
      ['00:00', '01:00', '22:00', '23:00'].map((time) => time + after),
    );
  });

  it('have hours past midnight offer them on the following date, as hours of the day before', () => {
    const fridayNight: WorkingHours = { weekly: [{ day: 5, start: '22:00', end: '02:00' }], overrides: [] };
    expect(offered('2026-01-23', 'Europe/Berlin', fridayNight)).toEqual(['22:00+01:00', '23:00+01:00']);
    expect(offered('2026-01-24', 'Europe/Berlin', fridayNight)).toEqual(['00:00+01:00', '01:00+01:00']);
    // Over the change of clocks: the night has an hour less, the one in autumn an hour more.
    const saturdayNight: WorkingHours = { weekly: [{ day: 6, start: '22:00', end: '04:00' }], overrides: [] };
    expect(offered('2026-03-29', 'Europe/Berlin', saturdayNight)).toHaveLength(3);
    expect(offered('2026-10-25', 'Europe/Berlin', saturdayNight)).toHaveLength(5);
  });
});

describe('the grid', () => {
  it('is counted in elapsed time from the local start of each interval', () => {
    const hours: WorkingHours = {
      weekly: everyDay.flatMap((day) => [
        { day, start: '00:10', end: '05:00' },
        { day, start: '09:05', end: '11:00' },
      ]),
      overrides: [],
    };
    const rules = { durationMinutes: 30, slotStepMinutes: 50 };
    expect(offered('2026-03-08', 'America/New_York', hours, rules)).toEqual([
      '00:10-05:00',
      '01:00-05:00',
      '01:50-05:00',
      '03:40-04:00',
      '04:30-04:00',
      '09:05-04:00',
      '09:55-04:00',
    ]);
  });

  it('begins anew where the clock goes back over the start of an interval', () => {
    const rules = { durationMinutes: 20, slotStepMinutes: 25 };
    expect(offered('2026-11-01', 'America/New_York', daily('01:10', '02:00'), rules)).toEqual([
      '01:10-04:00',
      '01:35-04:00',
      '01:10-05:00',
      '01:35-05:00',
    ]);
  });
});
