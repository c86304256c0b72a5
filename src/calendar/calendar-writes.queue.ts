/** The queue that brings events to what bookings want. */
export const CALENDAR_WRITES = 'calendar-write';

export interface CalendarWriteJob {
  tenant: string;
  bookingId: string;
}

/** At most one job waits for a booking. */
export function calendarWriteKey({ tenant, bookingId }: CalendarWriteJob): string {
  return `${tenant}:${bookingId}`;
}
