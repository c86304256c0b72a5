import { execFileSync } from 'node:child_process';
import { freeStarts } from './free-starts.js';
import { onePerStart } from '../../../test/engine/one-per-start.js';
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
    const slots = freeStarts(search, (_slot, { resourceId }) => resourceId !== 'a');
    expect(slots).toEqual(
      onePerStart(findSlots({ ...search, resources: search.resources.filter((r) => r.resourceId !== 'a') })),
    );
  });

  it('take little memory, however many resources there are', () => {
    const module = new URL('../../../dist/booking/engine/free-starts.js', import.meta.url);
    const program = `
      import { freeStarts } from ${JSON.stringify(module.href)};
      const search = ${JSON.stringify({ ...search, to: now + 40 * 24 * HOUR, rules: { ...rules, slotStepMinutes: 1 } })};
      const weekly = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' }));
      const resources = Array.from({ length: 100 }, (_, i) => ({
        resourceId: String(i), timezone: 'UTC', workingHours: { weekly, overrides: [] }, booked: [], busy: [],
      }));
      console.log(freeStarts({ ...search, resources }).length);`;
    const args = ['--max-old-space-size=96', '--input-type=module', '-e', program];
    const starts = execFileSync(process.execPath, args, { encoding: 'utf8' });
    expect(Number(starts)).toBeGreaterThan(50_000);
  });
});
