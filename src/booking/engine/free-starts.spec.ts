import { execFileSync } from 'node:child_process';
import { searchFreeStarts } from './free-starts.js';
import { freeStarts, onePerStart } from '../../../test/engine/one-per-start.js';
import { findSlots, type ResourceCalendar, type SlotSearch } from './slot-finder.js';

const HOUR = 3_600_000;
const now = Date.parse('2027-01-18T00:00:00Z');
const rules = {
  durationMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  slotStepMinutes: 30,
  minNoticeMinutes: 0,
  maxAdvanceDays: 60,
};

function resource(
  resourceId: string,
  start: string,
  end: string,
  busyHours: number[] = [],
): ResourceCalendar {
  return {
    resourceId,
    timezone: 'UTC',
    workingHours: { weekly: [1, 2, 3].map((day) => ({ day: day as 1 | 2 | 3, start, end })), overrides: [] },
    booked: [],
    busy: busyHours.map((hour) => ({ start: now + hour * HOUR, end: now + (hour + 1) * HOUR })),
  };
}

const search: SlotSearch = {
  now,
  from: now,
  to: now + 7 * 24 * HOUR,
  rules,
  resources: [
    resource('c', '08:00', '18:00'),
    resource('a', '10:00', '12:00', [10]),
    resource('d', '06:15', '09:15'),
    resource('b', '09:00', '20:00', [9, 17, 34]),
    resource('e', '22:00', '02:00'),
  ],
};

describe('the starts at which any of several resources is free', () => {
  it('are each there once, in order, with the first resource by id that has it', () => {
    const expected = onePerStart(findSlots(search));
    expect(expected.length).toBeGreaterThan(50);
    expect(freeStarts(search)).toEqual(expected);
    expect(freeStarts({ ...search, resources: [...search.resources].reverse() })).toEqual(expected);
    expect(freeStarts({ ...search, resources: [] })).toEqual([]);
  });

  it('are those of resources whose slot suits', () => {
    const slots = freeStarts(search, (_start, { resourceId }) => resourceId !== 'a');
    expect(slots).toEqual(
      onePerStart(findSlots({ ...search, resources: search.resources.filter((r) => r.resourceId !== 'a') })),
    );
  });

  it('are the same however the range is divided', () => {
    const expected = freeStarts(search);
    for (const hours of [1, 7, 50, 1000]) expect(freeStarts(search, undefined, hours)).toEqual(expected);
  });

  it('are looked for no further than is asked', () => {
    const everyDay = Array.from({ length: 7 }, (_, day) => ({
      from: now + day * 24 * HOUR,
      to: now + (day + 1) * 24 * HOUR,
    }));
    const steps = [...searchFreeStarts(search, everyDay, { mostLookedAt: 100 })];
    const end = steps.at(-1);
    expect(end?.kind).toBe('exhausted');
    // What was not looked at can be asked for next.
    const rest = end?.kind === 'exhausted' ? end.piece.from : NaN;
    const found = steps.flatMap((step) => (step.kind === 'piece' ? step.slots : []));
    expect(found).toEqual(freeStarts(search).filter(({ start }) => start < rest));
    // After each resource of each piece there is a moment for others.
    expect(steps.filter(({ kind }) => kind === 'pause').length).toBeGreaterThanOrEqual(
      search.resources.length,
    );
  });

  it('take little memory, however many resources there are', () => {
    const module = new URL('../../../dist/booking/engine/free-starts.js', import.meta.url);
    const program = `
      import { searchFreeStarts } from ${JSON.stringify(module.href)};
      const search = ${JSON.stringify({ ...search, to: now + 40 * 24 * HOUR, rules: { ...rules, slotStepMinutes: 1 } })};
      const weekly = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' }));
      const resources = Array.from({ length: 100 }, (_, i) => ({
        resourceId: String(i), timezone: 'UTC', workingHours: { weekly, overrides: [] }, booked: [], busy: [],
      }));
      let found = 0;
      for (const { slots = [] } of searchFreeStarts({ ...search, resources }, [search], { mostLookedAt: Infinity })) {
        found += slots.length;
      }
      console.log(found);`;
    const args = ['--max-old-space-size=96', '--input-type=module', '-e', program];
    const starts = execFileSync(process.execPath, args, { encoding: 'utf8' });
    expect(Number(starts)).toBeGreaterThan(50_000);
  });
});
