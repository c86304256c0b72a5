import type { Slot } from '../../src/booking/engine/slot-finder.js';

/** What `freeStarts` finds, said plainly: of all slots in their order, the first at each start. */
export function onePerStart(slots: readonly Slot[]): Slot[] {
  return slots.filter((slot, index) => slots[index - 1]?.start !== slot.start);
}
