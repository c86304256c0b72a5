import fc from 'fast-check';
import type { AvailabilitySnapshot } from '../../src/booking/availability/availability.repository.js';
import type { Interval } from '../../src/booking/engine/intervals.js';
import { resourceCalendars } from '../../src/booking/availability/resource-calendars.js';
import {
  blockedRange,
  checkStart,
  findSlots,
  type SlotSearch,
} from '../../src/booking/engine/slot-finder.js';
import { onePerStart } from './one-per-start.js';
import { OCCASIONS, search, searchAndHolidays } from './search-arbitrary.js';
import { clockIn, slotsByOracle } from './slot-oracle.js';

/** The seed is fixed so that a build does not fail by chance; ENGINE_SEED and ENGINE_RUNS look further. */
const seed = Number(process.env['ENGINE_SEED'] ?? 20260121);
const runs = (usual: number): { seed: number; numRuns: number } => ({
  seed,
  numRuns: Number(process.env['ENGINE_RUNS'] ?? usual),
});
const minute = 60_000;

describe('the slot finder, whatever the calendar', () => {
  it('offers exactly the slots that a minute-by-minute search finds', () => {
    let offered = 0;
    const zonesSeen = new Set<string>();
    fc.assert(
      fc.property(search, (given) => {
        const slots = findSlots(given);
        offered += slots.length;
        if (slots.length > 0) zonesSeen.add(given.resources[0]?.timezone ?? '');
        expect(slots).toEqual(slotsByOracle(given));
      }),
      runs(500),
    );
    expect(offered).toBeGreaterThan(1000);
    // A search that never comes to one of the occasions would prove nothing about it.
    const zones = OCCASIONS.map(([zone]) => zone);
    expect([...zonesSeen].sort()).toEqual([...new Set(zones)].sort());
  });

  it('finds the same from what the database tells of holidays, hours, bookings and calendars', () => {
    let closed = 0;
    fc.assert(
      fc.property(searchAndHolidays, ([given, dates]) => {
        const slots = findSlots({ ...given, resources: resourceCalendars(snapshotOf(given, dates)) });
        expect(slots).toEqual(slotsByOracle(given, dates));
        if (slots.length < findSlots(given).length) closed++;
      }),
      runs(200),
    );
    expect(closed).toBeGreaterThan(10);
  });

  it('accepts a start exactly if it offers it', () => {
    fc.assert(
      fc.property(search, (given) => {
        const [resource] = given.resources;
        if (!resource) return;
        const offered = findSlots({ ...given, resources: [resource] });
        const accepted = [];
        const first = Math.ceil(given.from / minute) * minute;
        for (let start = first; start < given.to; start += minute) {
          const check = checkStart(start, { ...given, resource });
          if (check.ok) accepted.push(check.slot);
          // One millisecond beside a start is none.
          expect(checkStart(start + 1, { ...given, resource }).ok).toBe(false);
        }
        expect(accepted).toEqual(offered);
      }),
      runs(60),
    );
  });

  it('never overlaps anything booked or busy, buffers included', () => {
    fc.assert(
      fc.property(search, (given) => {
        for (const slot of findSlots(given)) {
          const blocked = blockedRange(slot.start, given.rules);
          const resource = given.resources.find(({ resourceId }) => resourceId === slot.resourceId);
          const overlapped = [...(resource?.booked ?? []), ...(resource?.busy ?? [])].filter(
            ({ start, end }) => start < end && start < blocked.end && end > blocked.start,
          );
          expect(overlapped).toEqual([]);
        }
      }),
      runs(1000),
    );
  });

  it('keeps the appointment, though not its buffers, clear of time off', () => {
    fc.assert(
      fc.property(search, (given) => {
        for (const slot of findSlots(given)) {
          const resource = given.resources.find(({ resourceId }) => resourceId === slot.resourceId);
          const overlapped = (resource?.timeOff ?? []).filter(
            ({ start, end }) => start < end && start < slot.end && end > slot.start,
          );
          expect(overlapped).toEqual([]);
        }
      }),
      runs(500),
    );
  });

  it('starts nothing on a local date that is full', () => {
    fc.assert(
      fc.property(search, (given) => {
        for (const slot of findSlots(given)) {
          const resource = given.resources.find(({ resourceId }) => resourceId === slot.resourceId);
          const date = clockIn(resource?.timezone ?? '')(slot.start / minute).slice(0, 10);
          expect(resource?.fullDays).not.toContain(date);
        }
      }),
      runs(500),
    );
  });

  it('shows a time inside the hours on the wall at every minute of the appointment', () => {
    fc.assert(
      fc.property(search, ({ resources: [given], ...rest }) => {
        if (!given) return;
        const clock = clockIn(given.timezone);
        const hours = { weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:45', end: '02:15' })) };
        const workingHours = { ...hours, overrides: [] } as typeof given.workingHours;
        for (const { start, end } of findSlots({ ...rest, resources: [{ ...given, workingHours }] })) {
          for (let m = start / minute; m < end / minute; m++) {
            const reading = clock(m).slice(11);
            expect(reading >= '00:45' && reading < '02:15').toBe(true);
          }
        }
      }),
      runs(300),
    );
  });

  it('says the same whatever the order of resources, hours and blocks', () => {
    fc.assert(
      fc.property(search, (given) => {
        expect(findSlots(reversed(given))).toEqual(findSlots(given));
      }),
      runs(500),
    );
  });

  it('says the same of blocks that are cut in pieces, repeated, or have others inside', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 });
    fc.assert(
      fc.property(search, cuts, (given, percent) => {
        const cut = (blocks: readonly Interval[] = []): Interval[] =>
          blocks.flatMap((block) => inPieces(block, percent));
        const resources = given.resources.map((resource) => ({
          ...resource,
          booked: cut(resource.booked),
          busy: cut(resource.busy),
          timeOff: cut(resource.timeOff),
          fullDays: [...(resource.fullDays ?? []), ...(resource.fullDays ?? [])],
        }));
        expect(findSlots({ ...given, resources })).toEqual(findSlots(given));
      }),
      runs(300),
    );
  });

  it('says the same of hours that are repeated', () => {
    fc.assert(
      fc.property(search, (given) => {
        const resources = given.resources.map(({ workingHours, ...resource }) => {
          const weekly = [...workingHours.weekly, ...workingHours.weekly.toReversed()];
          const overrides = [...workingHours.overrides, ...workingHours.overrides.toReversed()];
          return { ...resource, workingHours: { weekly, overrides } };
        });
        expect(findSlots({ ...given, resources })).toEqual(findSlots(given));
      }),
      runs(300),
    );
  });

  it('leaves one slot for each start where several resources are free', () => {
    fc.assert(
      fc.property(search, (given) => {
        const slots = findSlots(given);
        const left = onePerStart(slots);
        expect(left.map(({ start }) => start)).toEqual([...new Set(slots.map(({ start }) => start))]);
        expect(slots).toEqual(expect.arrayContaining(left));
      }),
      runs(300),
    );
  });

  it('says the same for a range as for its two parts', () => {
    fc.assert(
      fc.property(search, fc.nat({ max: 3000 }), (given, minutes) => {
        const middle = Math.min(given.from + minutes * minute, given.to);
        expect([...findSlots({ ...given, to: middle }), ...findSlots({ ...given, from: middle })]).toEqual(
          findSlots(given),
        );
      }),
      runs(500),
    );
  });

  it('leaves what it is given as it was', () => {
    fc.assert(
      fc.property(search, (given) => {
        const before = structuredClone(given);
        findSlots(given);
        expect(given).toEqual(before);
      }),
      runs(100),
    );
  });

  it('agrees with the minute-by-minute search over 62 days with 10,000 busy blocks', () => {
    const from = Date.UTC(2026, 9, 1, 3, 17, 5);
    const busy = fc.sample(
      fc.tuple(fc.nat({ max: 62 * 1440 * 60 }), fc.integer({ min: 0, max: 120 })).map(([second, length]) => ({
        start: from + second * 1000,
        end: from + (second + length) * 1000,
      })),
      { seed, numRuns: 10_000 },
    );
    const given: SlotSearch = {
      now: from,
      from,
      to: from + 62 * 1440 * minute,
      rules: {
        durationMinutes: 25,
        bufferBeforeMinutes: 0,
        bufferAfterMinutes: 5,
        slotStepMinutes: 5,
        minNoticeMinutes: 0,
        maxAdvanceDays: 730,
      },
      resources: [
        {
          resourceId: 'room',
          timezone: 'America/New_York',
          workingHours: { weekly: [1, 3, 7].map(nightOf), overrides: [] },
          booked: [],
          busy,
        },
      ],
    };
    const slots = findSlots(given);
    expect(slots.length).toBeGreaterThan(10);
    expect(slots).toEqual(slotsByOracle(given));
  });
});

function nightOf(day: number): { day: 1 | 3 | 7; start: string; end: string } {
  return { day: day as 1 | 3 | 7, start: '20:00', end: '04:00' };
}

/** The same time as `block`: cut at some percent of its length, and each piece there once more as part of a longer one. */
function inPieces(block: Interval, percent: readonly number[]): Interval[] {
  const { start, end } = block;
  if (start >= end) return [block];
  const at = percent.map((share) => start + Math.floor(((end - start) * share) / 100)).sort((a, b) => a - b);
  const bounds = [start, ...at, end];
  const pieces = bounds.slice(1).map((until, i) => ({ start: bounds[i] ?? start, end: until }));
  return [...pieces.toReversed(), ...pieces.map((piece) => ({ start, end: piece.end }))];
}

/** As the database would tell of it: the first resource has the zone and the hours of its tenant. */
function snapshotOf(given: SlotSearch, dates: string[]): AvailabilitySnapshot {
  const [first] = given.resources;
  return {
    timezone: first?.timezone ?? 'UTC',
    locale: 'en-US',
    unreadableCalendarPolicy: 'use_last_known',
    calendarStaleAfterMinutes: 60,
    workingHours: first?.workingHours ?? null,
    holidays: dates,
    service: null,
    fullDays: [...(first?.fullDays ?? [])],
    resources: given.resources.map(({ resourceId, timezone, workingHours, timeOff = [] }) => ({
      id: resourceId,
      name: resourceId,
      timezone: resourceId === first?.resourceId ? null : timezone,
      workingHours: resourceId === first?.resourceId ? null : workingHours,
      timeOff: timeOff.length === 0 ? null : [...timeOff],
    })),
    booked: given.resources.flatMap(({ resourceId, booked }) =>
      booked.map((block) => ({ ...block, resourceId })),
    ),
    // Each resource reads two calendars.
    calendars: given.resources.flatMap(({ resourceId, busy }) =>
      [busy.slice(0, 3), busy.slice(3)].map((some, i) => ({
        id: `${resourceId} ${i}`,
        resourceIds: [resourceId],
        googleId: `${resourceId} ${i}`,
        connectionId: 'account',
        connectionState: 'connected' as const,
        knownFrom: null,
        knownTo: null,
        knownAsOf: null,
        isBehind: false,
        busy: some.length === 0 ? null : some,
      })),
    ),
  };
}

function reversed(given: SlotSearch): SlotSearch {
  const resources = given.resources.toReversed().map((resource) => ({
    ...resource,
    booked: resource.booked.toReversed(),
    busy: resource.busy.toReversed(),
    timeOff: resource.timeOff?.toReversed(),
    fullDays: resource.fullDays?.toReversed(),
    workingHours: {
      weekly: resource.workingHours.weekly.toReversed(),
      overrides: resource.workingHours.overrides.toReversed().map(({ date, intervals }) => ({
        date,
        intervals: intervals.toReversed(),
      })),
    },
  }));
  return { ...given, resources };
}
