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
  return bookingIdOf(eventId) === bookingId;
}

/** Whose event this is by its id alone, which is all that is told of a deleted one; null for what cannot be a booking's. */
export function bookingIdOf(eventId: string): string | null {
  const [, hex] = /^bk([0-9a-f]{32})n\d+(?:_|$)/.exec(eventId) ?? [];
  return hex?.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') ?? null;
}

/** Of an instance of an event that the owner has made a series: the id of that event. */
export function wholeEventId(eventId: string): string {
  return eventId.replace(/_.*$/, '');
}

function prefixOf(bookingId: string): string {
  return `bk${bookingId.replaceAll('-', '')}n`;
}
