import { DAY, firstEndingAfter, type Interval, mergeIntervals } from './intervals.js';
import {
  bookingHorizon,
  closedByBlocks,
  closedByFullDays,
  closedByTimeOff,
  grid,
  nextOnGrid,
  type ResourceCalendar,
  type StartSearch,
} from './start-rules.js';
import { endOfWork, type WorkingHours, workingStretches } from './working-hours.js';

/** Working hours are expanded this far at a time: a search that stops early expands no more than it looks at. */
const BLOCK = 8 * DAY;

/** A stretch of working hours, and until when an appointment that starts in it may go on. */
interface Stretch extends Interval {
  endOfWork: number;
}

/** What is known of one resource for the whole search. */
interface Prepared {
  window: Interval;
  /** Starts that cannot be had, sorted and merged. */
  closed: readonly Interval[];
}

/**
 * The starts that resources have open in one search, piece by piece. What several resources share is worked out once: the
 * same hours in the same zone, the same connected calendars, the same full days. (Shared means the same object.)
 */
export class OpenStarts {
  readonly #search: StartSearch;
  readonly #prepared = new Map<ResourceCalendar, Prepared>();
  readonly #stretches = new Map<WorkingHours, Map<string, readonly Stretch[]>>();
  readonly #closedByBusy = new Map<readonly Interval[], readonly Interval[]>();
  readonly #closedByFullDays = new Map<readonly string[], Map<string, readonly Interval[]>>();

  constructor(search: StartSearch) {
    this.#search = search;
  }

  /** Ascending, each once; `[from, to)` lies within the search. */
  of(resource: ResourceCalendar, from: number, to: number): number[] {
    const { window, closed } = this.#prepare(resource);
    const [first, end] = [Math.max(from, window.start), Math.min(to, window.end)];
    if (!(first < end)) return [];
    const { step, length } = grid(this.#search.rules);
    const starts: number[] = [];
    for (let at = first; at < end;) {
      const block = Math.floor((at - this.#search.from) / BLOCK);
      const blockEnd = Math.min(end, this.#search.from + (block + 1) * BLOCK);
      for (const stretch of this.#stretchesOf(resource, block)) {
        if (stretch.start >= blockEnd || stretch.end <= at) continue;
        collect(starts, stretch, { start: at, end: blockEnd }, closed, step, length);
      }
      at = blockEnd;
    }
    return inOrderOnce(starts);
  }

  #prepare(resource: ResourceCalendar): Prepared {
    let prepared = this.#prepared.get(resource);
    if (prepared === undefined) {
      const { from, to, rules, now } = this.#search;
      const horizon = bookingHorizon(resource, rules, now);
      const window = { start: Math.max(from, horizon.start), end: Math.min(to, horizon.end) };
      const busy = this.#busy(resource);
      const others = [
        ...closedByBlocks(resource.booked, rules, { start: from, end: to }),
        ...closedByTimeOff(resource, rules, { start: from, end: to }),
        ...this.#fullDays(resource),
      ];
      prepared = { window, closed: others.length === 0 ? busy : mergeIntervals([...busy, ...others]) };
      this.#prepared.set(resource, prepared);
    }
    return prepared;
  }

  #busy({ busy }: ResourceCalendar): readonly Interval[] {
    let closed = this.#closedByBusy.get(busy);
    if (closed === undefined) {
      const { from, to, rules } = this.#search;
      closed = mergeIntervals(closedByBlocks(busy, rules, { start: from, end: to }));
      this.#closedByBusy.set(busy, closed);
    }
    return closed;
  }

  #fullDays(resource: ResourceCalendar): readonly Interval[] {
    const { fullDays = [], timezone } = resource;
    if (fullDays.length === 0) return [];
    const zones = this.#closedByFullDays.get(fullDays) ?? new Map<string, readonly Interval[]>();
    this.#closedByFullDays.set(fullDays, zones);
    let closed = zones.get(timezone);
    if (closed === undefined) {
      closed = closedByFullDays(resource, { start: this.#search.from, end: this.#search.to });
      zones.set(timezone, closed);
    }
    return closed;
  }

  /** The working stretches that touch a block of the search. */
  #stretchesOf({ workingHours, timezone }: ResourceCalendar, block: number): readonly Stretch[] {
    const blocks = this.#stretches.get(workingHours) ?? new Map<string, readonly Stretch[]>();
    this.#stretches.set(workingHours, blocks);
    const key = `${block} ${timezone}`;
    let stretches = blocks.get(key);
    if (stretches === undefined) {
      const start = this.#search.from + block * BLOCK;
      // What starts last may go on into the hours after these.
      const end = Math.min(this.#search.to, start + BLOCK) + grid(this.#search.rules).length;
      const all = workingStretches(workingHours, timezone, start, end + 1);
      stretches = all.map((stretch) => ({ ...stretch, endOfWork: endOfWork(stretch, all, timezone) }));
      blocks.set(key, stretches);
    }
    return stretches;
  }
}

function collect(
  starts: number[],
  stretch: Stretch,
  { start: from, end: to }: Interval,
  closed: readonly Interval[],
  step: number,
  length: number,
): void {
  const last = Math.min(stretch.endOfWork - length, stretch.end - 1, to - 1);
  let start = nextOnGrid(stretch, step, from);
  let next = firstEndingAfter(closed, start);
  while (start <= last) {
    const closure = closed[next];
    if (!closure || start < closure.start) {
      starts.push(start);
      start += step;
    } else if (start < closure.end) {
      start = nextOnGrid(stretch, step, closure.end);
    } else {
      next++;
    }
  }
}

/** Stretches may overlap (an override and the evening before), and then share starts or mix them. */
function inOrderOnce(starts: number[]): number[] {
  const ascending = starts.every((start, i) => i === 0 || (starts[i - 1] ?? 0) < start);
  return ascending ? starts : [...new Set(starts)].sort((a, b) => a - b);
}
