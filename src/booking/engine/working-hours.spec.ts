import {
  DEFAULT_WORKING_HOURS,
  workingHoursProblems,
  workingStretches,
  type WeeklyInterval,
  type WorkingHours,
} from './working-hours.js';
import { startOfDay, toIsoWithOffset, type Weekday } from './zoned-time.js';

const daily = (start: string, end: string): WorkingHours => ({
  weekly: ([1, 2, 3, 4, 5, 6, 7] as const).map((day) => ({ day, start, end })),
  overrides: [],
});
const on = (day: Weekday, start: string, end: string): WeeklyInterval => ({ day, start, end });
const weekly = (...intervals: WeeklyInterval[]): WorkingHours => ({ weekly: intervals, overrides: [] });

/** The stretches that begin on a date, as local time with offset. */
function stretchesOn(date: string, zone: string, hours: WorkingHours): string[] {
  const noon = startOfDay(date, zone) + 43_200_000;
  return workingStretches(hours, zone, noon - 86_400_000, noon + 86_400_000)
    .map(({ start, end }) => `${toIsoWithOffset(start, zone)}/${toIsoWithOffset(end, zone)}`)
    .filter((text) => text.startsWith(date));
}

describe('working hours on the clock', () => {
  it('end at 17:00 on days of 23, 24 and 25 hours', () => {
    const zone = 'Europe/Berlin';
    const hours = daily('00:00', '17:00');
    expect(stretchesOn('2026-03-29', zone, hours)).toEqual([
      '2026-03-29T00:00:00+01:00/2026-03-29T17:00:00+02:00',
    ]);
    expect(stretchesOn('2026-06-10', zone, hours)).toEqual([
      '2026-06-10T00:00:00+02:00/2026-06-10T17:00:00+02:00',
    ]);
    expect(stretchesOn('2026-10-25', zone, hours)).toEqual([
      '2026-10-25T00:00:00+02:00/2026-10-25T17:00:00+01:00',
    ]);
  });

  it('shrink by what lies in a gap, and vanish inside one', () => {
    const zone = 'America/New_York';
    expect(stretchesOn('2026-03-08', zone, daily('02:30', '04:00'))).toEqual([
      '2026-03-08T03:00:00-04:00/2026-03-08T04:00:00-04:00',
    ]);
    expect(stretchesOn('2026-03-08', zone, daily('02:15', '02:45'))).toEqual([]);
    expect(stretchesOn('2026-03-29', 'Asia/Beirut', daily('00:00', '02:00'))).toEqual([
      '2026-03-29T01:00:00+03:00/2026-03-29T02:00:00+03:00',
    ]);
    expect(stretchesOn('2011-12-30', 'Pacific/Apia', daily('09:00', '17:00'))).toEqual([]);
  });

  it('last for both passes of an hour that the clock repeats', () => {
    expect(stretchesOn('2026-11-01', 'America/New_York', daily('01:00', '02:00'))).toEqual([
      '2026-11-01T01:00:00-04:00/2026-11-01T02:00:00-05:00',
    ]);
    expect(stretchesOn('2026-11-01', 'America/New_York', daily('00:30', '01:30'))).toEqual([
      '2026-11-01T00:30:00-04:00/2026-11-01T01:30:00-04:00',
      '2026-11-01T01:00:00-05:00/2026-11-01T01:30:00-05:00',
    ]);
  });

  it('past midnight belong to the day on which they start', () => {
    const hours = weekly(on(5, '22:00', '02:00'));
    expect(stretchesOn('2026-01-23', 'Europe/Berlin', hours)).toEqual([
      '2026-01-23T22:00:00+01:00/2026-01-24T02:00:00+01:00',
    ]);
    const closedOnSaturday = { ...hours, overrides: [{ date: '2026-01-24', intervals: [] }] };
    expect(stretchesOn('2026-01-23', 'Europe/Berlin', closedOnSaturday)).toHaveLength(1);
    const closedOnFriday = { ...hours, overrides: [{ date: '2026-01-23', intervals: [] }] };
    expect(stretchesOn('2026-01-23', 'Europe/Berlin', closedOnFriday)).toEqual([]);
  });

  it('that touch at midnight have each their own beginning', () => {
    expect(stretchesOn('2026-01-21', 'UTC', daily('00:00', '24:00'))).toEqual([
      '2026-01-21T00:00:00+00:00/2026-01-22T00:00:00+00:00',
    ]);
  });

  it('are those of the override on its date', () => {
    const hours = {
      ...DEFAULT_WORKING_HOURS,
      overrides: [{ date: '2026-01-21', intervals: [{ start: '12:00', end: '13:00' }] }],
    };
    expect(stretchesOn('2026-01-21', 'UTC', hours)).toEqual([
      '2026-01-21T12:00:00+00:00/2026-01-21T13:00:00+00:00',
    ]);
    expect(stretchesOn('2026-01-22', 'UTC', hours)).toEqual([
      '2026-01-22T09:00:00+00:00/2026-01-22T17:00:00+00:00',
    ]);
  });
});

describe('workingHoursProblems', () => {
  const fields = (hours: WorkingHours): string[] => workingHoursProblems(hours).map(({ field }) => field);
  const overriding = (date: string, ...times: [string, string][]): WorkingHours['overrides'][number] => ({
    date,
    intervals: times.map(([start, end]) => ({ start, end })),
  });

  it('finds none in the hours that everybody starts with', () => {
    expect(workingHoursProblems(DEFAULT_WORKING_HOURS)).toEqual([]);
  });

  it('finds none where intervals only touch, over midnight and over the end of the week too', () => {
    const hours = weekly(
      on(1, '02:00', '05:00'),
      on(1, '05:00', '24:00'),
      on(2, '00:00', '01:00'),
      on(7, '22:00', '02:00'),
    );
    expect(workingHoursProblems(hours)).toEqual([]);
  });

  it('names intervals of no length', () => {
    expect(fields(weekly(on(1, '09:00', '17:00'), on(2, '09:00', '09:00')))).toEqual(['weekly[1].end']);
  });

  it('names times that no clock shows', () => {
    expect(fields(weekly(on(1, '24:00', '25:00'), on(2, '9:00', '10:60')))).toEqual([
      'weekly[0].start',
      'weekly[0].end',
      'weekly[1].start',
      'weekly[1].end',
    ]);
  });

  it.each([
    ['on one day', on(1, '09:00', '12:00'), on(1, '11:00', '13:00')],
    ['that are the same', on(1, '09:00', '12:00'), on(1, '09:00', '12:00')],
    ['over midnight', on(1, '20:00', '02:00'), on(2, '01:00', '03:00')],
    ['over midnight, given the other way round', on(2, '01:00', '03:00'), on(1, '20:00', '02:00')],
    ['from Sunday into Monday', on(7, '20:00', '02:00'), on(1, '01:00', '03:00')],
    ['from Sunday into Monday, the other way round', on(1, '01:00', '03:00'), on(7, '20:00', '02:00')],
  ])('names the later of two overlapping intervals %s', (_, first, second) => {
    expect(workingHoursProblems(weekly(first, second))).toEqual([
      { field: 'weekly[1].start', message: 'overlaps weekly[0]' },
    ]);
  });

  it('names dates that do not exist, and second overrides of a date', () => {
    const overrides = [overriding('2026-02-30'), overriding('2026-05-01'), overriding('2026-05-01')];
    expect(fields({ weekly: [], overrides })).toEqual(['overrides[0].date', 'overrides[2].date']);
  });

  it('names overlaps inside an override', () => {
    const overrides = [overriding('2026-05-01', ['09:00', '12:00'], ['10:00', '11:00'])];
    expect(fields({ weekly: [], overrides })).toEqual(['overrides[0].intervals[1].start']);
  });

  it('names overlaps of an override with the hours around it, not with those it replaces', () => {
    const friday = weekly(on(5, '20:00', '02:00')).weekly; // 2026-05-01 is a Friday
    expect(fields({ weekly: friday, overrides: [overriding('2026-05-01', ['19:00', '01:00'])] })).toEqual([]);
    expect(fields({ weekly: friday, overrides: [overriding('2026-05-02', ['01:00', '05:00'])] })).toEqual([
      'overrides[0].intervals[0].start',
    ]);
    expect(fields({ weekly: friday, overrides: [overriding('2026-04-30', ['22:00', '21:00'])] })).toEqual([
      'overrides[0].intervals[0].end',
    ]);
    const both = [overriding('2026-05-03', ['22:00', '03:00']), overriding('2026-05-04', ['02:00', '04:00'])];
    expect(fields({ weekly: [], overrides: both })).toEqual(['overrides[1].intervals[0].start']);
  });
});
