import {
  blockedRange,
  checkStart,
  findSlots,
  matchesPreference,
  type ResourceCalendar,
  type ServiceRules,
  type Slot,
} from './slot-finder.js';
import type { Interval } from './intervals.js';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from './working-hours.js';
import { addDays, startOfDay, toIsoWithOffset } from './zoned-time.js';

const wednesday = '2026-01-21';

const rules = (changes: Partial<ServiceRules> = {}): ServiceRules => ({
  durationMinutes: 60,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  slotStepMinutes: 60,
  minNoticeMinutes: 0,
  maxAdvanceDays: 730,
  ...changes,
});
const resource = (changes: Partial<ResourceCalendar> = {}): ResourceCalendar => ({
  resourceId: 'chair',
  timezone: 'UTC',
  workingHours: DEFAULT_WORKING_HOURS,
  booked: [],
  busy: [],
  ...changes,
});
const daily = (start: string, end: string): WorkingHours => ({
  weekly: ([1, 2, 3, 4, 5, 6, 7] as const).map((day) => ({ day, start, end })),
  overrides: [],
});
const utc = (time: string, date = wednesday): number => Date.parse(`${date}T${time}Z`);
const block = (start: string, end: string): Interval => ({ start: utc(start), end: utc(end) });

interface Offer extends Partial<ServiceRules> {
  calendar?: Partial<ResourceCalendar>;
  date?: string;
  now?: number;
}

/** The slots of one date in the calendar's zone. */
function slotsOn({ calendar, date = wednesday, now, ...changes }: Offer): Slot[] {
  const given = resource(calendar);
  const from = startOfDay(date, given.timezone);
  const to = startOfDay(addDays(date, 1), given.timezone);
  return findSlots({ now: now ?? from - 1, from, to, rules: rules(changes), resources: [given] });
}
const timesOn = (offer: Offer): string[] =>
  slotsOn(offer).map(({ start }) => toIsoWithOffset(start, offer.calendar?.timezone ?? 'UTC').slice(11, 16));

describe('findSlots', () => {
  it('offers the hours in steps, the last appointment ending as the hours end', () => {
    expect(timesOn({})).toEqual(['09:00', '10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00']);
    expect(timesOn({ durationMinutes: 90, slotStepMinutes: 120 })).toEqual([
      '09:00',
      '11:00',
      '13:00',
      '15:00',
    ]);
    expect(slotsOn({})[0]).toEqual({ resourceId: 'chair', start: utc('09:00'), end: utc('10:00') });
  });

  it('lets an appointment go on into hours that touch its own over midnight', () => {
    const allDay = { calendar: { workingHours: daily('00:00', '24:00') }, slotStepMinutes: 30 };
    expect(timesOn(allDay)).toHaveLength(48);
    expect(timesOn(allDay).at(-1)).toBe('23:30');
    const chair = resource({ workingHours: daily('00:00', '24:00') });
    const asked = { resource: chair, rules: rules({ slotStepMinutes: 30 }), now: utc('00:00') };
    expect(checkStart(utc('23:30'), asked).ok).toBe(true);

    const nights: WorkingHours = {
      weekly: [
        { day: 3, start: '22:00', end: '24:00' },
        { day: 4, start: '00:00', end: '02:00' },
      ],
      overrides: [],
    };
    const night = { calendar: { workingHours: nights }, durationMinutes: 180 };
    expect(timesOn(night)).toEqual(['22:00', '23:00']);
    expect(timesOn({ ...night, date: '2026-01-22' })).toEqual([]);
    const closed = { ...nights, overrides: [{ date: '2026-01-22', intervals: [] }] };
    expect(timesOn({ ...night, calendar: { workingHours: closed }, durationMinutes: 120 })).toEqual([
      '22:00',
    ]);
  });

  it('lets an appointment of days go on through all hours that touch, and over a change of the clocks', () => {
    const workingHours = daily('00:00', '24:00');
    expect(timesOn({ calendar: { workingHours }, durationMinutes: 24 * 60 })).toHaveLength(24);
    const change = { calendar: { workingHours, timezone: 'America/New_York' }, date: '2026-03-07' };
    expect(timesOn({ ...change, durationMinutes: 300 }).at(-1)).toBe('23:00');
  });

  it('ends appointments with hours that others of the same day touch', () => {
    const weekly = [
      { day: 3 as const, start: '09:00', end: '12:00' },
      { day: 3 as const, start: '12:00', end: '14:00' },
    ];
    const workingHours = { weekly, overrides: [] };
    expect(timesOn({ calendar: { workingHours }, durationMinutes: 120 })).toEqual([
      '09:00',
      '10:00',
      '12:00',
    ]);
  });

  it('counts the grid from the start of each interval', () => {
    const weekly = [
      { day: 3 as const, start: '08:50', end: '10:30' },
      { day: 3 as const, start: '13:05', end: '14:05' },
    ];
    const workingHours = { weekly, overrides: [] };
    expect(timesOn({ calendar: { workingHours }, durationMinutes: 30, slotStepMinutes: 30 })).toEqual([
      '08:50',
      '09:20',
      '09:50',
      '13:05',
      '13:35',
    ]);
  });

  it('fits appointments exactly between blocks', () => {
    const calendar = { booked: [block('09:00', '10:00')], busy: [block('11:00', '17:00')] };
    expect(timesOn({ calendar })).toEqual(['10:00']);
  });

  it('keeps its own buffers free, and lets them reach outside the hours', () => {
    const calendar = { busy: [block('12:00', '13:00')] };
    const buffers = { bufferBeforeMinutes: 30, bufferAfterMinutes: 30 };
    expect(timesOn({ calendar, ...buffers })).toEqual(['09:00', '10:00', '14:00', '15:00', '16:00']);
  });

  it('takes neither a buffer that reaches into what is busy outside the hours', () => {
    const calendar = { busy: [block('08:45', '09:00')] };
    expect(timesOn({ calendar, bufferBeforeMinutes: 15 })[0]).toBe('10:00');
  });

  it('begins the grid anew with each interval, also where an appointment goes on into the next', () => {
    const calendar = { workingHours: daily('00:00', '24:00') };
    expect(timesOn({ calendar, durationMinutes: 120, slotStepMinutes: 90 }).at(-1)).toBe('22:30');
    expect(timesOn({ calendar, durationMinutes: 120, slotStepMinutes: 100 })[0]).toBe('00:00');
  });

  it('offers hours past midnight on the following date', () => {
    const weekly = [{ day: 2 as const, start: '22:30', end: '02:30' }];
    expect(timesOn({ calendar: { workingHours: { weekly, overrides: [] } } })).toEqual(['00:30', '01:30']);
  });

  it('offers a repeated hour once for each instant', () => {
    const calendar = { timezone: 'America/New_York', workingHours: daily('00:00', '03:00') };
    expect(timesOn({ calendar, date: '2026-11-01' })).toEqual(['00:00', '01:00', '01:00', '02:00']);
    expect(timesOn({ calendar, date: '2026-03-08' })).toEqual(['00:00', '01:00']);
  });

  it('offers nothing before now and the notice', () => {
    expect(timesOn({ now: utc('12:00') })[0]).toBe('12:00');
    expect(timesOn({ now: utc('12:00:00.001') })[0]).toBe('13:00');
    expect(timesOn({ now: utc('12:00'), minNoticeMinutes: 90 })[0]).toBe('14:00');
  });

  it('counts the advance in local days', () => {
    const calendar = { timezone: 'Pacific/Auckland', workingHours: daily('00:00', '24:00') };
    const now = utc('10:00'); // 23:00 in Auckland
    expect(timesOn({ calendar, now, maxAdvanceDays: 0 })).toEqual(['23:00']);
    expect(timesOn({ calendar, now, maxAdvanceDays: 0, date: '2026-01-22' })).toEqual([]);
    expect(timesOn({ calendar, now, maxAdvanceDays: 1, date: '2026-01-22' })).toHaveLength(24);
  });

  it('offers nothing on a date that is full', () => {
    const calendar = { fullDays: [wednesday] };
    expect(timesOn({ calendar })).toEqual([]);
    expect(timesOn({ calendar, date: '2026-01-22' })).toHaveLength(8);
  });

  it('means the local date of the start by a date that is full', () => {
    const workingHours = daily('22:00', '02:00');
    const calendar = { timezone: 'Asia/Tokyo', workingHours, fullDays: [wednesday] };
    expect(timesOn({ calendar })).toEqual([]);
    // The evening that begins on the full date goes on after midnight.
    expect(timesOn({ calendar, date: '2026-01-22' })).toEqual(['00:00', '01:00', '22:00', '23:00']);
  });

  it('keeps the appointment clear of time off, and lets buffers lie in it', () => {
    const calendar = { timeOff: [block('12:00', '13:00')] };
    const buffers = { bufferBeforeMinutes: 30, bufferAfterMinutes: 30 };
    const left = ['09:00', '10:00', '11:00', '13:00', '14:00', '15:00', '16:00'];
    expect(timesOn({ calendar })).toEqual(left);
    expect(timesOn({ calendar, ...buffers })).toEqual(left);
    expect(timesOn({ calendar: { timeOff: [block('12:59', '13:01')] } })).not.toContain('12:00');
  });

  it('is not moved off its grid by what is taken', () => {
    const calendar = { busy: [block('09:00', '09:20')], timeOff: [block('12:05', '12:06')] };
    expect(timesOn({ calendar, durationMinutes: 30, slotStepMinutes: 45 }).slice(0, 5)).toEqual([
      '09:45',
      '10:30',
      '11:15',
      '12:45',
      '13:30',
    ]);
  });

  it('makes the same of blocks in any order, nested, touching, empty, reversed and repeated', () => {
    const plain = [block('10:00', '12:00'), block('14:00', '15:00')];
    const odd = [
      block('14:30', '15:00'),
      block('11:00', '12:00'),
      block('16:00', '16:00'),
      block('10:00', '11:00'),
      block('14:00', '15:00'),
      block('13:00', '09:00'),
      block('10:15', '10:30'),
      block('14:00', '15:00'),
    ];
    const expected = ['09:00', '12:00', '13:00', '15:00', '16:00'];
    for (const blocks of [plain, odd, odd.toReversed()]) {
      expect(timesOn({ calendar: { booked: blocks } })).toEqual(expected);
      expect(timesOn({ calendar: { busy: blocks } })).toEqual(expected);
      expect(timesOn({ calendar: { timeOff: blocks } })).toEqual(expected);
    }
  });

  it('orders by start, then by resource', () => {
    const resources = ['b', 'a'].map((resourceId) => resource({ resourceId }));
    const slots = findSlots({
      now: 0,
      from: utc('09:00'),
      to: utc('10:01'),
      rules: rules({ maxAdvanceDays: 30_000 }),
      resources,
    });
    expect(slots.map(({ resourceId, start }) => [resourceId, start])).toEqual([
      ['a', utc('09:00')],
      ['b', utc('09:00')],
      ['a', utc('10:00')],
      ['b', utc('10:00')],
    ]);
  });

  it('offers nothing in a range that is empty or reversed', () => {
    const search = { now: utc('00:00'), rules: rules(), resources: [resource()] };
    expect(findSlots({ ...search, from: utc('09:00'), to: utc('09:00') })).toEqual([]);
    expect(findSlots({ ...search, from: utc('12:00'), to: utc('09:00') })).toEqual([]);
  });

  it('offers once what two overlapping intervals both have', () => {
    const weekly = [
      { day: 3 as const, start: '09:00', end: '11:00' },
      { day: 3 as const, start: '09:30', end: '12:00' },
      { day: 3 as const, start: '10:00', end: '12:00' },
    ];
    expect(timesOn({ calendar: { workingHours: { weekly, overrides: [] } } })).toEqual([
      '09:00',
      '09:30',
      '10:00',
      '10:30',
      '11:00',
    ]);
  });

  it('refuses a step or duration that would never end', () => {
    expect(() => slotsOn({ slotStepMinutes: 0 })).toThrow(RangeError);
    expect(() => slotsOn({ durationMinutes: -5 })).toThrow(RangeError);
  });
});

describe('checkStart', () => {
  const now = utc('09:30');
  const check = (start: number, offer: Omit<Offer, 'date'> = {}): string => {
    const { calendar, now: at = now, ...changes } = offer;
    const result = checkStart(start, { now: at, rules: rules(changes), resource: resource(calendar) });
    return result.ok ? 'ok' : result.reason;
  };

  it('gives the slot and the range it blocks', () => {
    const given = {
      now,
      rules: rules({ bufferBeforeMinutes: 5, bufferAfterMinutes: 10 }),
      resource: resource(),
    };
    expect(checkStart(utc('10:00'), given)).toEqual({
      ok: true,
      slot: { resourceId: 'chair', start: utc('10:00'), end: utc('11:00') },
      blocked: { start: utc('09:55'), end: utc('11:10') },
    });
  });

  it('says why not', () => {
    expect(check(utc('09:00'))).toBe('in_past');
    expect(check(utc('10:00'), { minNoticeMinutes: 31 })).toBe('too_soon');
    expect(check(utc('10:00', '2026-01-23'), { maxAdvanceDays: 1 })).toBe('too_far');
    expect(check(utc('17:00'))).toBe('outside_hours');
    expect(check(utc('16:30'))).toBe('outside_hours');
    expect(check(utc('10:15'))).toBe('off_grid');
    expect(check(utc('10:00:00.001'))).toBe('off_grid');
    expect(check(utc('10:00'), { calendar: { timeOff: [block('10:59', '12:00')] } })).toBe('outside_hours');
    expect(check(utc('10:00'), { calendar: { fullDays: [wednesday] } })).toBe('day_full');
    expect(check(utc('10:00'), { calendar: { booked: [block('10:59', '11:00')] } })).toBe('booked');
    expect(check(utc('10:00'), { calendar: { busy: [block('10:00', '10:01')] } })).toBe('busy');
  });

  it('says the first of several reasons', () => {
    const calendar = { booked: [block('10:00', '11:00')], busy: [block('10:00', '11:00')] };
    expect(check(utc('10:00'), { calendar })).toBe('booked');
    expect(check(utc('10:30'), { calendar })).toBe('off_grid');
    const full = { ...calendar, fullDays: [wednesday] };
    expect(check(utc('10:00'), { calendar: full })).toBe('day_full');
    const away = { ...full, timeOff: [block('10:00', '11:00')] };
    expect(check(utc('10:00'), { calendar: away })).toBe('outside_hours');
    expect(check(utc('03:00'), { calendar })).toBe('in_past');
  });

  it('accepts a start exactly at now, at the notice, and beside a block', () => {
    expect(check(utc('10:00'), { now: utc('10:00') })).toBe('ok');
    expect(check(utc('10:00'), { minNoticeMinutes: 30 })).toBe('ok');
    expect(
      check(utc('10:00'), { calendar: { booked: [block('09:00', '10:00'), block('11:00', '12:00')] } }),
    ).toBe('ok');
  });
});

describe('blockedRange', () => {
  it('is the appointment with its buffers, so that neighbours keep both of theirs apart', () => {
    const both = rules({ bufferBeforeMinutes: 10, bufferAfterMinutes: 20 });
    const first = blockedRange(utc('09:00'), both);
    expect(first).toEqual({ start: utc('08:50'), end: utc('10:20') });
    expect(blockedRange(utc('10:30'), both).start).toBe(first.end);
  });

  it('may touch that of a neighbour and never overlap it: buffers are not shared', () => {
    const both = { bufferBeforeMinutes: 10, bufferAfterMinutes: 20, durationMinutes: 30, slotStepMinutes: 5 };
    const calendar = { booked: [blockedRange(utc('12:00'), rules(both))] };
    const times = timesOn({ calendar, ...both });
    // Thirty minutes lie between the end of one appointment and the start of the next, on both sides.
    expect(times.filter((time) => time > '10:50' && time < '13:10')).toEqual([
      '10:55',
      '11:00',
      '13:00',
      '13:05',
    ]);
    // A calendar's events have no buffers, so only the appointment's own lie between.
    const busy = { busy: [{ start: utc('12:00'), end: utc('12:30') }] };
    const around = timesOn({ calendar: busy, ...both }).filter((time) => time > '11:05' && time < '12:50');
    expect(around).toEqual(['11:10', '12:40', '12:45']);
  });
});

describe('matchesPreference', () => {
  it.each([
    ['00:00', 'morning'],
    ['11:59:59.999', 'morning'],
    ['12:00', 'afternoon'],
    ['16:59', 'afternoon'],
    ['17:00', 'evening'],
    ['23:59', 'evening'],
  ] as const)('takes %s for %s', (time, part) => {
    const matching = (['morning', 'afternoon', 'evening'] as const).filter((preference) =>
      matchesPreference(utc(time), 'UTC', preference),
    );
    expect(matching).toEqual([part]);
    expect(matchesPreference(utc(time), 'UTC', 'any')).toBe(true);
  });

  it('goes by the clock of the zone', () => {
    expect(matchesPreference(utc('16:00'), 'America/New_York', 'morning')).toBe(true);
    expect(matchesPreference(utc('16:00'), 'Asia/Kolkata', 'evening')).toBe(true);
  });
});
