import fc from 'fast-check';
import { blockedRange, checkStart, findSlots, type SlotSearch } from '../../src/booking/slot-finder.js';
import { search } from './search-arbitrary.js';
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
    fc.assert(
      fc.property(search, (given) => {
        const slots = findSlots(given);
        offered += slots.length;
        expect(slots).toEqual(slotsByOracle(given));
      }),
      runs(400),
    );
    expect(offered).toBeGreaterThan(1000);
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
        maxPerDay: null,
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

function reversed(given: SlotSearch): SlotSearch {
  const resources = given.resources.toReversed().map((resource) => ({
    ...resource,
    booked: resource.booked.toReversed(),
    busy: resource.busy.toReversed(),
    bookingsPerDay: new Map([...(resource.bookingsPerDay ?? [])].toReversed()),
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
