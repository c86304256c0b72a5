import type { OfferedSlot } from '../booking/availability/availability.service.js';
import { toIsoWithOffset, wallOf } from '../booking/engine/zoned-time.js';
import type { Conversation } from './conversation.js';
import type { SpokenOffer } from './language/sentences.js';

/** A free time as agents get it. */
export interface ToolSlot {
  /** Opaque; books exactly this. */
  slot_id: string;
  /** ISO 8601 by the organisation's clock, as is everything that is said, wherever the resource may be. */
  starts_at: string;
  ends_at: string;
  /** For saying: "Wednesday, January 21 at 2 PM". */
  label: string;
}

/** As many slots as an agent is given; further ones are only counted. */
export const MOST_SLOTS = 50;
/** As many times as a caller can keep in mind. */
export const MOST_SAID = 3;

/** @param named those that are said, which the agent has to be able to book however many there are */
export function toolSlots(
  slots: readonly OfferedSlot[],
  { say, timezone }: Pick<Conversation, 'say' | 'timezone'>,
  named: readonly OfferedSlot[] = spread(slots),
): ToolSlot[] {
  return atMost(MOST_SLOTS, slots, named).map((slot) => {
    const start = startOf(slot);
    return {
      slot_id: slot.slotId,
      starts_at: toIsoWithOffset(start, timezone),
      ends_at: byTheClockOf(timezone, slot.endsAt),
      label: say.label(start),
    };
  });
}

/** Those that are named, and of the others as many as there is room for, evenly. */
function atMost(
  most: number,
  slots: readonly OfferedSlot[],
  named: readonly OfferedSlot[],
): readonly OfferedSlot[] {
  if (slots.length <= most) return slots;
  const others = slots.filter((slot) => !named.includes(slot));
  const room = most - named.length;
  const even = Array.from({ length: room }, (_, n) => others[Math.floor((n * others.length) / room)]);
  const kept = new Set([...even, ...named]);
  return slots.filter((slot) => kept.has(slot));
}

/** The same instant with the offset of `timezone`. */
export function byTheClockOf(timezone: string, instant: string): string {
  return toIsoWithOffset(Date.parse(instant), timezone);
}

/** Epoch milliseconds. */
export function startOf(slot: OfferedSlot): number {
  return Date.parse(slot.startsAt);
}

/** The time by the clock of a zone, `HH:MM`. */
export function wallTimeOf(instant: number, timezone: string): string {
  return new Date(wallOf(instant, timezone)).toISOString().slice(11, 16);
}

/** The first three, for whoever cannot wait. */
export function soonest(slots: readonly OfferedSlot[]): OfferedSlot[] {
  return slots.slice(0, MOST_SAID);
}

/**
 * At most three, the first and last and one from the middle: spread over the day rather than the first three.
 */
export function spread<Slot>(slots: readonly Slot[]): Slot[] {
  if (slots.length <= MOST_SAID) return [...slots];
  const last = slots.length - 1;
  return slots.filter((_, index) => index === 0 || index === Math.floor(last / 2) || index === last);
}

/** At most three, those nearest to an instant, in order of start. */
export function nearest(slots: readonly OfferedSlot[], instant: number): OfferedSlot[] {
  return [...slots]
    .sort((a, b) => Math.abs(startOf(a) - instant) - Math.abs(startOf(b) - instant))
    .slice(0, MOST_SAID)
    .sort((a, b) => startOf(a) - startOf(b));
}

/** What of these slots is said: the spread ones. */
export function offerOf(slots: readonly OfferedSlot[]): SpokenOffer {
  const said = spread(slots);
  return { starts: said.map(startOf), more: slots.length > said.length };
}
