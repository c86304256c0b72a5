import fc from 'fast-check';
import { firstEndingAfter, mergeIntervals, overlaps } from './intervals.js';

const at = (start: number, end: number): { start: number; end: number } => ({ start, end });

describe('mergeIntervals', () => {
  it('joins intervals that overlap, touch, repeat or lie in one another', () => {
    const given = [at(50, 60), at(10, 20), at(20, 30), at(12, 15), at(50, 60), at(55, 70)];
    expect(mergeIntervals(given)).toEqual([at(10, 30), at(50, 70)]);
  });

  it('drops intervals that are empty or reversed', () => {
    expect(mergeIntervals([at(10, 10), at(30, 20)])).toEqual([]);
  });

  it('leaves its input as it was', () => {
    const given = [at(20, 30), at(10, 25)];
    mergeIntervals(given);
    expect(given).toEqual([at(20, 30), at(10, 25)]);
  });

  it('holds exactly the instants of its input, in intervals that neither overlap nor touch', () => {
    const few = fc.array(fc.record({ start: fc.nat({ max: 40 }), end: fc.nat({ max: 40 }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(few, (given) => {
        const merged = mergeIntervals(given);
        for (let t = 0; t <= 40; t++) {
          const inside = ({ start, end }: { start: number; end: number }): boolean => start <= t && t < end;
          expect(merged.filter(inside)).toHaveLength(given.some(inside) ? 1 : 0);
        }
        expect(merged.every(({ start }, i) => i === 0 || start > (merged[i - 1]?.end ?? Infinity))).toBe(
          true,
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('firstEndingAfter', () => {
  const intervals = [at(0, 10), at(20, 30), at(40, 50)];

  it.each([
    [-5, 0],
    [9, 0],
    [10, 1],
    [35, 2],
    [50, 3],
  ])('finds for %i the interval number %i', (instant, index) => {
    expect(firstEndingAfter(intervals, instant)).toBe(index);
  });
});

describe('overlaps', () => {
  it('is having an instant in common', () => {
    expect(overlaps(at(10, 20), at(19, 30))).toBe(true);
    expect(overlaps(at(10, 40), at(20, 30))).toBe(true);
    expect(overlaps(at(10, 20), at(20, 30))).toBe(false);
    expect(overlaps(at(10, 40), at(20, 20))).toBe(false);
    expect(overlaps(at(10, 40), at(30, 20))).toBe(false);
  });
});
