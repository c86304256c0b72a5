import type { Wanted } from './language/sentences.js';
import type { ToolBooking } from './tool-booking.js';
import type { ToolSlot } from './tool-slot.js';

/** Why a tool did not do what it was asked to. Stable: agents and their prompts decide by these. */
export const TOOL_REFUSALS = {
  missing_information: 'Something is missing; `missing` names it and `say` asks for it.',
  invalid_arguments: 'The arguments are no object, or one is of the wrong type; `fields` names which.',
  ambiguous_request:
    'The request gives a field twice (`fields` names it), so it cannot be told what of it the platform said. Nothing was done.',
  unclear_date: 'The day could not be understood, or can be either of two.',
  unclear_time: 'The time could not be understood, or can be either of two.',
  date_passed: 'The day is over.',
  unclear_phone: 'The phone number cannot be one.',
  unclear_name: 'The name cannot be one.',
  unknown_slot: 'There is no such slot.',
  unknown_service: 'There is no such service; `say` names those there are.',
  unknown_resource: 'There is no such person or room; `say` names those there are.',
  unknown_hold: 'The time is not held, or not any more.',
  cannot_hold: 'Too many times are held already.',
  too_many_bookings: 'The caller has as many appointments to come as one caller can book.',
  unknown_booking: 'There is no such booking, or none of this caller.',
  too_many_references:
    'Too many wrong references were given. For now only appointments of the number that calls are found.',
  which_booking:
    'The caller has several; `bookings` are those. Ask which, and call again with its `reference`.',
  booking_cancelled: 'The booking was cancelled before.',
  booking_over: 'The booking is over.',
  slot_taken: 'Somebody else has the time; `alternatives` are free.',
  outside_availability: 'The time is not offered; `alternatives` are.',
  calendar_unreadable:
    'The connected calendar cannot be read, and the organisation offers no times without it.',
  unknown_tool: 'There is no tool of that name.',
  unavailable:
    'Something went wrong on our side. Or it takes too long. Asking again is safe: nothing is done twice.',
} as const;

export type ToolRefusalCode = keyof typeof TOOL_REFUSALS;

export interface ToolRefusalDetails {
  /** What to offer instead. */
  alternatives?: readonly ToolSlot[];
  /** Of which one is meant. */
  bookings?: readonly ToolBooking[];
  /** What the caller has to be asked for. */
  missing?: readonly Wanted[];
  /** Names of the arguments that could not be read. */
  fields?: readonly string[];
}

/** An outcome other than the one asked for, with the sentence that tells the caller. */
export class ToolRefusal extends Error {
  constructor(
    readonly code: ToolRefusalCode,
    readonly say: string,
    readonly details: ToolRefusalDetails = {},
  ) {
    super(say);
    this.name = 'ToolRefusal';
  }
}
