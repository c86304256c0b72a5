import type { Booking } from '../booking/booking.js';
import { isMovable } from '../booking/booking-status.js';
import type { Conversation } from './conversation.js';

/** Whether an appointment has been: it was noted what came of it, or its time has passed. */
export function isOver({ status, endsAt }: Booking, { now }: Pick<Conversation, 'now'>): boolean {
  return !isMovable(status) || endsAt.getTime() <= now;
}
