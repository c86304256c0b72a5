import type { JobOptions } from '../platform/jobs/job-queue.js';

/** The queue that brings events to what bookings want. */
export const CALENDAR_WRITES = 'calendar-write';

export interface CalendarWriteJob {
  tenant: string;
  bookingId: string;
}

/**
 * At most one job waits for a booking, and one organisation's jobs leave room for the others'.
 * @param timing when it may run, and whether it comes in bulk
 */
export function calendarWriteOptions(
  { tenant, bookingId }: CalendarWriteJob,
  timing: Pick<JobOptions, 'delayMs' | 'isBacklog'> = {},
): JobOptions {
  return { ...timing, key: `${tenant}:${bookingId}`, group: tenant };
}
