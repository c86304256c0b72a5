import fc from 'fast-check';
import {
  workingHoursProblems,
  type Weekday,
  type WorkingHours,
} from '../../src/booking/engine/working-hours.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';

/*
 * Organisations as they might be: what the dashboard's routes take, in every combination.
 */

export interface ServiceDraft {
  durationMinutes: number;
  bufferBeforeMinutes: number;
  bufferAfterMinutes: number;
  slotStepMinutes: number;
  minNoticeMinutes: number;
  maxPerDay: number | null;
}

export interface ResourceDraft {
  /** Null: the organisation's. */
  timezone: string | null;
  workingHours: WorkingHours | null;
  /** Minutes from midnight UTC at the beginning of the world's first date, and how many. */
  timeOff: [start: number, minutes: number][];
}

export interface World {
  timezone: string;
  /** The first of three dates; something happens to the clock on the second, where it ever does. */
  date: string;
  workingHours: WorkingHours;
  holidays: string[];
  resources: ResourceDraft[];
  /** What is asked for, and what else the same resources do. */
  service: ServiceDraft;
  otherService: ServiceDraft;
  /** Events in the connected calendar, as time off; null where none is connected. */
  events: [start: number, minutes: number][] | null;
}

export const DATES = 3;

const hhmm = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

const wallInterval = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom({ start: '09:00', end: '13:00' }, { start: '14:10', end: '17:00' }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }))
      .filter(([start, end]) => start !== end && (end - start + 1440) % 1440 < 600)
      .map(([start, end]) => ({ start: hhmm(start), end: hhmm(end) })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom({ start: '22:30', end: '03:15' }, { start: '00:00', end: '04:00' }),
  },
);

function hours(dates: string[]): fc.Arbitrary<WorkingHours> {
  const day = fc.constantFrom<Weekday>(1, 2, 3, 4, 5, 6, 7);
  return fc
    .record({
      weekly: fc.array(
        fc.tuple(day, wallInterval).map(([of, interval]) => ({ day: of, ...interval })),
        { minLength: 10, maxLength: 20 },
      ),
      overrides: fc.uniqueArray(
        fc.record({ date: fc.constantFrom(...dates), intervals: fc.array(wallInterval, { maxLength: 2 }) }),
        { maxLength: 2, selector: ({ date }) => date },
      ),
    })
    .map(withoutProblems);
}

/** Leaves out what the route would refuse: intervals that overlap others. */
function withoutProblems(drawn: WorkingHours): WorkingHours {
  const left: WorkingHours = { weekly: [], overrides: [] };
  for (const interval of drawn.weekly) {
    left.weekly.push(interval);
    if (workingHoursProblems(left).length > 0) left.weekly.pop();
  }
  for (const override of drawn.overrides) {
    left.overrides.push(override);
    if (workingHoursProblems(left).length > 0) left.overrides.pop();
  }
  return left;
}

const blocks = (most: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.integer({ min: -600, max: DATES * 1440 }), fc.integer({ min: 1, max: 500 })), {
    maxLength: most,
  });

const service: fc.Arbitrary<ServiceDraft> = fc.record({
  durationMinutes: fc.oneof(fc.constantFrom(30, 45, 60), fc.integer({ min: 20, max: 200 })),
  bufferBeforeMinutes: fc.constantFrom(0, 0, 10, 37),
  bufferAfterMinutes: fc.constantFrom(0, 0, 15, 41),
  slotStepMinutes: fc.oneof(fc.constantFrom(20, 30, 60), fc.integer({ min: 17, max: 130 })),
  minNoticeMinutes: fc.constantFrom(0, 0, 1, 1500),
  maxPerDay: fc.constantFrom(null, null, null, 1, 3),
});

/** @param dateOf the first date of a world in that zone */
export function world(
  zones: readonly string[],
  dateOf: (timezone: string, which: number) => string,
): fc.Arbitrary<World> {
  return fc.tuple(fc.constantFrom(...zones), fc.nat({ max: 1 })).chain(([timezone, which]) => {
    const date = dateOf(timezone, which);
    const dates = Array.from({ length: DATES + 2 }, (_, i) => addDays(date, i - 1));
    return fc.record({
      timezone: fc.constant(timezone),
      date: fc.constant(date),
      workingHours: hours(dates),
      holidays: fc.uniqueArray(fc.constantFrom(...dates), { maxLength: 1 }),
      resources: fc.array(
        fc.record({
          timezone: fc.option(fc.constantFrom(...zones), { freq: 2 }),
          workingHours: fc.option(hours(dates), { freq: 2 }),
          timeOff: blocks(2),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      service,
      otherService: service,
      events: fc.oneof(fc.constant(null), fc.constant(null), blocks(4)),
    });
  });
}
