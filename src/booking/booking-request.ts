import type { Deadline } from '../platform/deadline.js';
import type { AskedTime } from './asked-start.js';
import type { Asker } from './asker.js';
import type { Author } from './author.js';
import type { Seeker } from './availability/availability.repository.js';
import type { BookingStatus, BookingView, Customer } from './booking.js';
import type { MoveRequest } from './booking-mover.js';
import type { RepeatedWish } from './repeated-wish.js';

/**
 * Either a slot that was offered or a start (the service is the tenant's first and the resource any that is free, if not
 * given); or a hold, whose time may be said again.
 */
export interface BookingRequest extends AskedTime, Customer {
  holdId?: string;
}

/** To a time, or to that of a hold, which may be said again. */
export interface RescheduleRequest extends MoveRequest {
  holdId?: string;
}

export interface BookingOptions {
  author: Author;
  idempotencyKey?: string;
  /** A wish that repeats a booking (`RepeatedWishes`) is answered with that booking, corrected by what it says otherwise. */
  repeatReturnsExisting?: boolean;
  /** Not only said by the caller, but known to be theirs. */
  phoneIsKnown?: boolean;
  /** Nobody said it: it is the number that calls, and corrects none that was given before. */
  phoneIsAssumed?: boolean;
  /** For whom: their own holds of the time are used, or give way. */
  seeker?: Seeker;
  /** Whom it counts for; without one it counts for nobody. */
  asker?: Asker;
  /** Until when the connected calendar may be waited for; default: the whole budget from now on. */
  deadline?: Deadline;
}

export interface Booked {
  booking: BookingView;
  /** Of a wish that repeats a booking: what came of its corrections. */
  repeated?: Pick<RepeatedWish, 'correction' | 'nameBefore'>;
}

export interface BookingListQuery {
  from?: string;
  to?: string;
  status?: BookingStatus;
  phone?: string;
  serviceId?: string;
  resourceId?: string;
  reference?: string;
  cursor?: string;
  limit: number;
}

export interface BookingPage {
  items: BookingView[];
  /** Null on the last page. */
  nextCursor: string | null;
}
