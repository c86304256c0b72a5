import type { OfferedSlot } from '../../booking/availability/availability.service.js';
import { decodeSlotId } from '../../booking/availability/slot-id.js';
import type { DomainError } from '../../platform/errors/domain-error.js';
import type { AskedSlot } from './asked-slot.js';
import type { Conversation } from '../conversation.js';
import type { NotOffered } from '../language/sentences.js';
import { ToolRefusal } from '../tool-refusal.js';
import { startOf, toolSlots } from '../tool-slot.js';

/** A time that a caller wants: a hold's, or one that was said. */
export type WantedTime = AskedSlot & { holdId?: string };

/** Why a time could not be booked, held or moved to, in words for the caller; what is no such reason is returned as it is. */
export function timeRefusal(error: DomainError, time: WantedTime, conversation: Conversation): Error {
  const { say } = conversation;
  const { reason, alternatives = [] } = (error.details.extensions ?? {}) as {
    reason?: NotOffered;
    alternatives?: OfferedSlot[];
  };
  const start = decodeSlotId(time.slotId ?? '')?.start ?? Date.parse(time.startsAt ?? '');
  const starts = alternatives.map(startOf);
  const details = { alternatives: toolSlots(alternatives, conversation) };
  switch (error.code) {
    case 'slot_taken':
      return new ToolRefusal('slot_taken', say.taken(start, starts), details);
    case 'outside_availability':
      return new ToolRefusal(
        'outside_availability',
        say.notOffered(start, reason ?? 'outside_hours', starts),
        details,
      );
    case 'hold_expired':
    case 'conflict':
      break;
    case 'rate_limited':
      return new ToolRefusal('cannot_hold', say.bookings.cannotHold());
    case 'limit_reached':
      return new ToolRefusal('too_many_bookings', say.bookings.tooManyBookings());
    case 'not_found':
    case 'invalid_input':
      if (time.holdId !== undefined) break;
      // What was looked up by name is there, so it is the slot's id that names nothing of this tenant.
      return time.slotId === undefined ? error : new ToolRefusal('unknown_slot', say.unknownSlot());
    default:
      return error;
  }
  return time.holdId === undefined
    ? error
    : new ToolRefusal('unknown_hold', say.bookings.unknownHold(), details);
}
