/**
 * The id of a booking's event, the same whenever it is asked for, so that writing it again meets the event written before
 * instead of making a second. An id cannot be used again after a deletion, therefore the attempt number; Google takes
 * `[a-v0-9]` only.
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
 */
export function eventIdOf(bookingId: string, attempt: number): string {
  return `bk${bookingId.replaceAll('-', '')}n${attempt}`;
}
