import { type Piece, searchFreeStarts, type Suits } from '../../src/booking/engine/free-starts.js';
import type { Slot, SlotSearch } from '../../src/booking/engine/slot-finder.js';

/** What a search for free starts finds, said plainly: of all slots in their order, the first at each start. */
export function onePerStart(slots: readonly Slot[]): Slot[] {
  return slots.filter((slot, index) => slots[index - 1]?.start !== slot.start);
}

/** All of what a search for free starts finds, in pieces of so many hours, however much it has to look at. */
export function freeStarts(search: SlotSearch, suits?: Suits, hours = 24): Slot[] {
  const pieces: Piece[] = [];
  for (let from = search.from; from < search.to; from += hours * 3_600_000) {
    pieces.push({ from, to: Math.min(search.to, from + hours * 3_600_000) });
  }
  return [...searchFreeStarts(search, pieces, { suits, mostLookedAt: Infinity })].flatMap((step) =>
    step.kind === 'piece' ? step.slots : [],
  );
}
