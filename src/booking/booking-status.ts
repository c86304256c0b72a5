import type { BookingStatus } from './booking.js';

/** A row of `booking` is a hold until somebody books it. */
export type RowStatus = BookingStatus | 'held';

/**
 * Which status may follow which. A hold that is given back or runs out is no status: its row is deleted. What came of an
 * appointment may be set at any time once it is confirmed, and be corrected; what is cancelled stays so, since its time may be
 * somebody else's by now.
 */
const FOLLOWERS: Readonly<Record<RowStatus, readonly RowStatus[]>> = {
  held: ['confirmed'],
  pending: ['confirmed', 'cancelled'],
  confirmed: ['completed', 'no_show', 'cancelled'],
  completed: ['no_show'],
  no_show: ['completed'],
  cancelled: [],
};

export function mayFollow(from: RowStatus, to: RowStatus): boolean {
  return FOLLOWERS[from].includes(to);
}

/** Only what nothing came of yet can be moved or corrected; when its time has passed, too: moved by one who missed it. */
export function isMovable(status: RowStatus): boolean {
  return status === 'pending' || status === 'confirmed';
}

/** Why a booking in this status cannot be changed as was asked: a sentence for a person. */
export const UNCHANGEABLE: Readonly<Record<RowStatus, string>> = {
  held: 'This is a hold: book it or release it.',
  pending: 'This booking is not confirmed yet.',
  confirmed: 'This booking is confirmed.',
  cancelled: 'This booking has been cancelled. Make a new one instead.',
  completed: 'This booking is over: it was completed.',
  no_show: 'This booking is over: nobody came.',
};
