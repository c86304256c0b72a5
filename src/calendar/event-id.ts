/**
 * The id of a booking's event, the same whenever it is asked for, so that writing it again meets the event written before
 * instead of making a second. An id cannot be used again after a deletion, therefore the attempt number; Google takes
 * `[a-v0-9]` only.
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
 */
export function eventIdOf(bookingId: string, attempt: number): string {
  return `${prefixOf(bookingId)}${attempt}`;
}

/**
 * Whether it is the id of that booking's event, in whichever attempt, or of one instance of it where the owner has made it
 * a series. A copy that somebody made of the event has another one.
 */
export function isEventIdOf(bookingId: string, eventId: string): boolean {
  const prefix = prefixOf(bookingId);
  return eventId.startsWith(prefix) && /^\d+(_|$)/.test(eventId.slice(prefix.length));
}

function prefixOf(bookingId: string): string {
  return `bk${bookingId.replaceAll('-', '')}n`;
}
