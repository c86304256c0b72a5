/** How a booking and an event came into each other's way. */
export const CONFLICT_KINDS = ['event_over_booking', 'booking_event_moved'] as const;
export type ConflictKind = (typeof CONFLICT_KINDS)[number];

/** What can be done about a conflict. */
export const RESOLVE_ACTIONS = ['dismiss', 'cancel_booking', 'keep_booking', 'accept_event'] as const;
export type ResolveAction = (typeof RESOLVE_ACTIONS)[number];

/** How a conflict ended; `cleared` when they got out of each other's way without anybody deciding here. */
export const RESOLUTIONS = [
  'cleared',
  'dismissed',
  'booking_cancelled',
  'booking_kept',
  'event_accepted',
] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export const RESOLUTION_OF: Readonly<Record<ResolveAction, Exclude<Resolution, 'cleared'>>> = {
  dismiss: 'dismissed',
  cancel_booking: 'booking_cancelled',
  keep_booking: 'booking_kept',
  accept_event: 'event_accepted',
};

/** A booking and an event of the connected calendar that are in each other's way by the owner's doing. */
export interface Conflict {
  id: string;
  kind: ConflictKind;
  bookingId: string;
  /** The booking's, by which it can be recognised. */
  reference: string;
  resourceId: string;
  /** When the booking takes place. */
  bookingStartsAt: Date;
  bookingEndsAt: Date;
  timezone: string;
  calendarId: string;
  eventId: string;
  /** When the event does; null for a time that cannot be read. */
  eventStartsAt: Date | null;
  eventEndsAt: Date | null;
  /**
   * Why the booking could not follow its event: its resource is booked then, or it is at no time that a booking can have. Null for another
   * event over a booking.
   */
  reason: 'booked' | 'not_a_time' | null;
  detectedAt: Date;
  resolvedAt: Date | null;
  resolution: Resolution | null;
}
