import { findSlots, type ResourceCalendar, type Slot, type SlotSearch } from './slot-finder.js';

/**
 * Each start at which any of the resources is free, once, in order: of several resources the one whose id comes first. One
 * resource is looked at at a time, since all slots of two hundred resources with a step of a minute would be gigabytes.
 * @param suits which of a resource's slots will do; default: all
 */
export function freeStarts(
  { resources, ...search }: SlotSearch,
  suits: (slot: Slot, resource: ResourceCalendar) => boolean = () => true,
): Slot[] {
  let free: Slot[] = [];
  for (const resource of [...resources].sort(byResourceId)) {
    const slots = findSlots({ ...search, resources: [resource] }).filter((slot) => suits(slot, resource));
    free = free.length === 0 ? slots : withOthers(free, slots);
  }
  return free;
}

/** Both, in order; of two that start at once, the one in `first`. Neither has two of the same start. */
function withOthers(first: readonly Slot[], others: readonly Slot[]): Slot[] {
  const both: Slot[] = [];
  let next = 0;
  for (const slot of first) {
    for (let other = others[next]; other !== undefined && other.start <= slot.start; other = others[++next]) {
      if (other.start < slot.start) both.push(other);
    }
    both.push(slot);
  }
  for (; next < others.length; next += 1) both.push(others[next] as Slot);
  return both;
}

function byResourceId(a: ResourceCalendar, b: ResourceCalendar): number {
  return a.resourceId < b.resourceId ? -1 : a.resourceId > b.resourceId ? 1 : 0;
}
