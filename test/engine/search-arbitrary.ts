import fc from 'fast-check';
import type { Interval } from '../../src/booking/engine/intervals.js';
import type { ResourceCalendar, ServiceRules, SlotSearch } from '../../src/booking/engine/slot-finder.js';
import type { WallInterval, Weekday, WorkingHours } from '../../src/booking/engine/working-hours.js';

/** Zones, each with a date on which something happens there. */
export const OCCASIONS: readonly (readonly [zone: string, date: string, what: string])[] = [
  ['UTC', '2026-06-10', 'nothing'],
  ['Asia/Tokyo', '2026-06-10', 'no change of clocks'],
  ['Asia/Kathmandu', '2026-06-10', 'no change of clocks, quarter of an hour'],
  ['America/New_York', '2026-03-08', 'forward at 02:00'],
  ['America/New_York', '2026-11-01', 'back at 02:00'],
  ['Europe/London', '2026-03-29', 'forward at 01:00, from UTC'],
  ['Australia/Lord_Howe', '2026-10-04', 'forward half an hour'],
  ['Australia/Lord_Howe', '2026-04-05', 'back half an hour'],
  ['Pacific/Chatham', '2026-04-05', 'back at 03:45'],
  ['Antarctica/Troll', '2026-03-29', 'forward two hours'],
  ['Antarctica/Troll', '2026-10-25', 'back two hours'],
  ['Asia/Beirut', '2026-03-29', 'forward at midnight'],
  ['Asia/Beirut', '2026-10-25', 'back at midnight'],
  ['Africa/Cairo', '2026-04-24', 'forward at midnight'],
  ['Africa/Cairo', '2026-10-30', 'back at midnight'],
  ['America/Havana', '2026-03-08', 'forward at midnight'],
  ['America/Havana', '2026-11-01', 'back to midnight'],
  ['America/St_Johns', '2010-11-07', 'back at 00:01, so that midnight comes twice'],
  ['Asia/Pyongyang', '2018-05-05', 'forward half an hour to midnight, for good'],
  ['America/Caracas', '2007-12-09', 'back half an hour, for good'],
  ['America/Sao_Paulo', '2018-11-04', 'forward at midnight'],
  ['America/Sao_Paulo', '2018-02-18', 'back at midnight, into the day before'],
  ['Africa/Casablanca', '2026-02-15', 'back at 03:00, for Ramadan'],
  ['Europe/Dublin', '2026-10-25', 'back, with a winter time that is the exception'],
  ['Pacific/Apia', '2011-12-30', 'date skipped'],
  ['Pacific/Kwajalein', '1993-08-21', 'date skipped'],
];

const minute = 60_000;
const day = 86_400_000;

const time = (latest: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.integer({ min: 0, max: Math.floor(latest / 30) }).map((halfHours) => halfHours * 30),
      fc.integer({ min: 0, max: latest }),
    )
    .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);

/** Also past midnight, whole days and nearly so; sometimes the hours in which clocks change. */
const wallInterval: fc.Arbitrary<WallInterval> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ start: time(1439), end: time(1440) }) },
  { weight: 2, arbitrary: fc.record({ start: time(240), end: time(300) }) },
  { weight: 1, arbitrary: fc.constant({ start: '09:00', end: '17:00' }) },
  { weight: 1, arbitrary: fc.constant({ start: '00:00', end: '24:00' }) },
);

function near(date: string): fc.Arbitrary<string> {
  return fc
    .integer({ min: -2, max: 3 })
    .map((days) => new Date(Date.parse(date) + days * day).toISOString().slice(0, 10));
}

/** Hours that overlap are refused at the door, but the engine has to make sense of them. */
function workingHours(date: string): fc.Arbitrary<WorkingHours> {
  return fc.record({
    weekly: fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 7 }), wallInterval)
        .map(([weekday, interval]) => ({ day: weekday as Weekday, ...interval })),
      { maxLength: 14 },
    ),
    overrides: fc.array(
      fc.record({ date: near(date), intervals: fc.array(wallInterval, { maxLength: 3 }) }),
      { maxLength: 2 },
    ),
  });
}

/**
 * Blocks around `center`: of whole minutes and not, empty and reversed, long and short, some of them twice.
 */
function blocks(center: number): fc.Arbitrary<Interval[]> {
  const block = fc
    .tuple(
      fc.integer({ min: -2 * 96, max: 3 * 96 }),
      fc.oneof(fc.constant(0), fc.integer({ min: -15 * minute, max: 15 * minute })),
      fc.oneof(
        fc.constantFrom(-30, 0, 15, 30, 60).map((m) => m * minute),
        fc.integer({ min: 0, max: 300 * minute }),
      ),
    )
    .map(([quarter, shift, length]) => {
      const start = center + quarter * 15 * minute + shift;
      return { start, end: start + length };
    });
  return fc
    .tuple(fc.array(block, { maxLength: 12 }), fc.nat({ max: 3 }))
    .map(([list, repeated]) => [...list, ...list.slice(0, repeated)]);
}

function resource(resourceId: string, zone: string, date: string): fc.Arbitrary<ResourceCalendar> {
  const center = Date.parse(date);
  return fc.record({
    resourceId: fc.constant(resourceId),
    timezone: fc.constant(zone),
    workingHours: workingHours(date),
    booked: blocks(center),
    busy: blocks(center),
    timeOff: fc.oneof(fc.constant([]), blocks(center)),
  });
}

const rules: fc.Arbitrary<ServiceRules> = fc.record({
  durationMinutes: fc.oneof(fc.constantFrom(15, 30, 60), fc.integer({ min: 1, max: 200 })),
  bufferBeforeMinutes: fc.constantFrom(0, 0, 5, 15, 37),
  bufferAfterMinutes: fc.constantFrom(0, 0, 10, 30, 41),
  slotStepMinutes: fc.oneof(fc.constantFrom(15, 20, 30, 60), fc.integer({ min: 1, max: 130 })),
  minNoticeMinutes: fc.constantFrom(0, 0, 60, 1500),
  maxAdvanceDays: fc.constantFrom(0, 1, 2, 3, 30, 730),
});

/**
 * A search of up to three days around an occasion; the range may begin and end at any millisecond, or be
 * empty.
 */
export const search: fc.Arbitrary<SlotSearch> = fc
  .tuple(fc.constantFrom(...OCCASIONS), fc.boolean())
  .chain(([[zone, date], sameZone]) => {
    const instant = (firstHour: number, lastHour: number): fc.Arbitrary<number> =>
      fc
        .tuple(
          fc.integer({ min: firstHour * 60, max: lastHour * 60 }),
          fc.oneof(fc.constant(0), fc.nat({ max: 59_999 })),
        )
        .map(([m, ms]) => Date.parse(date) + m * minute + ms);
    return fc
      .record({
        now: instant(-60, 24),
        from: instant(-40, 20),
        to: instant(10, 50),
        rules,
        fullDays: fc.oneof(fc.constant([]), fc.constant([date]), fc.array(near(date), { maxLength: 3 })),
        resources: fc.oneof(
          { weight: 4, arbitrary: fc.tuple(resource('b', zone, date)) },
          {
            weight: 1,
            arbitrary: fc.tuple(resource('b', zone, date), resource('a', sameZone ? zone : 'UTC', date)),
          },
        ),
      })
      .map(({ fullDays, resources, ...rest }) => ({
        ...rest,
        resources: resources.map((given) => ({ ...given, fullDays })),
      }));
  });

/** And dates on which the organisation is closed. */
export const searchAndHolidays: fc.Arbitrary<[SlotSearch, string[]]> = search.chain((given) =>
  fc.tuple(
    fc.constant(given),
    fc.uniqueArray(near(new Date(given.from).toISOString().slice(0, 10)), { minLength: 1, maxLength: 3 }),
  ),
);
