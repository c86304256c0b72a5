import { MINUTE } from './intervals.js';
import { OpenStarts } from './open-starts.js';
import { byResourceId, type ResourceCalendar, type Slot, type SlotSearch } from './slot-finder.js';

/** Which of a resource's starts will do (epoch milliseconds). */
export type Suits = (start: number, resource: ResourceCalendar) => boolean;

/** How many starts one search looks at, those of each resource counted: what it may cost is bounded whatever is asked. */
const MOST_LOOKED_AT = 500_000;
/** What looking at one resource for one piece of the range costs by itself, in starts. */
const COST_OF_PIECE = 20;

/** A part of the range that is looked at as a whole, for instance a day. */
export interface Piece {
  from: number;
  to: number;
}

/** What a search comes to, step by step. */
export type SearchStep<P extends Piece> =
  /** Nothing new: a good moment to let others have the processor. */
  | { kind: 'pause' }
  /** All that is free in a piece: in order, each start once. */
  | { kind: 'piece'; piece: P; slots: Slot[] }
  /** More was asked than one search may look at: it ends here, with this piece and all after it not looked at. */
  | { kind: 'exhausted'; piece: P };

/**
 * Looks for the starts at which any of the resources is free, one piece of the range after the other, so that the search can
 * be left off as soon as there are enough and interrupted meanwhile. Of several resources the one whose id comes first.
 * @param pieces in order, within the range of the search
 */
export function* searchFreeStarts<P extends Piece>(
  { resources, ...search }: SlotSearch,
  pieces: Iterable<P>,
  { suits, mostLookedAt = MOST_LOOKED_AT }: { suits?: Suits; mostLookedAt?: number } = {},
): Generator<SearchStep<P>, void, void> {
  const inOrder = [...resources].sort(byResourceId);
  const open = new OpenStarts(search);
  const length = search.rules.durationMinutes * MINUTE;
  let lookedAt = 0;
  for (const piece of pieces) {
    if (lookedAt > mostLookedAt) {
      yield { kind: 'exhausted', piece };
      return;
    }
    let slots: Slot[] = [];
    for (const resource of inOrder) {
      const all = open.of(resource, piece.from, piece.to);
      lookedAt += all.length + COST_OF_PIECE;
      const starts = suits === undefined ? all : all.filter((start) => suits(start, resource));
      slots = withOthers(slots, starts, resource.resourceId, length);
      yield { kind: 'pause' };
    }
    yield { kind: 'piece', piece, slots };
  }
}

/** `slots`, and the starts of another resource that are not among them, in order. Mostly there are none: resources work alike. */
function withOthers(slots: Slot[], starts: readonly number[], resourceId: string, length: number): Slot[] {
  const slotAt = (start: number): Slot => ({ resourceId, start, end: start + length });
  if (slots.length === 0) return starts.map(slotAt);
  if (!hasNew(slots, starts)) return slots;
  const both: Slot[] = [];
  let next = 0;
  for (const slot of slots) {
    for (let start = starts[next]; start !== undefined && start <= slot.start; start = starts[++next]) {
      if (start < slot.start) both.push(slotAt(start));
    }
    both.push(slot);
  }
  for (; next < starts.length; next += 1) both.push(slotAt(starts[next] as number));
  return both;
}

function hasNew(slots: readonly Slot[], starts: readonly number[]): boolean {
  let at = 0;
  for (const start of starts) {
    while ((slots[at]?.start ?? Infinity) < start) at += 1;
    if (slots[at]?.start !== start) return true;
  }
  return false;
}
