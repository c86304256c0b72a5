/** Reasons that ask for another look although the event is as it should be. */
export const MEET_LINK_PENDING = 'meet_link_pending';
export const REMOVAL_UNCONFIRMED = 'removal_unconfirmed';
/** The owner has moved the event to a time that the booking could not follow to. */
export const IN_CONFLICT = 'in_conflict';
/** Google made another event than the one that was asked for. Tried again, it would make one more. */
export const WRONG_EVENT = 'wrong_event';

/** Of `event_write w`: nobody is at it. */
export const LEASE_IS_FREE = `(w.lease_until IS NULL OR w.lease_until < clock_timestamp())`;

/** Of `event_write w`. One that waits for its owner to connect again is set going by that. */
export const HAS_WORK = `(w.state = 'pending' AND w.failure IS DISTINCT FROM 'needs_reconnect'
  OR w.state = 'synced' AND w.failure IS NOT NULL AND w.failure IN ('${MEET_LINK_PENDING}', '${REMOVAL_UNCONFIRMED}')
  OR w.state = 'synced' AND w.wanted = 'present' AND w.meet_link_due_at <= clock_timestamp()
  OR w.stray_event_id IS NOT NULL
  OR w.look_requested_at IS NOT NULL AND w.wanted = 'present' AND w.event_id IS NOT NULL AND w.state IN ('synced', 'failed'))`;

const inReach = (table: string): string => `EXISTS (
  SELECT FROM ${table} o
  JOIN calendar k ON k.tenant_id = o.tenant_id AND k.id = o.calendar_id
  JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
  WHERE o.tenant_id = w.tenant_id AND o.booking_id = w.booking_id AND c.state = 'connected')`;

/** Of `event_write w`: an event is to be taken away from a calendar that can be reached. */
export const HAS_LEFTOVERS = `(${inReach('event_leftover')} OR ${inReach('event_stray')})`;

/**
 * Of `event_write w`: the calendar that a present event stays in while its account is connected, whatever its resource has
 * chosen since; null where it is not known to be anywhere, or where the booking has moved to another resource.
 */
export const staysIn = (resource: string): string =>
  `CASE WHEN w.event_id IS NOT NULL AND w.placed_for IS NOT DISTINCT FROM ${resource} THEN w.calendar_id END`;
