import type { AvailabilitySnapshot } from './availability.repository.js';
import type { Interval } from './intervals.js';
import type { ResourceCalendar } from './slot-finder.js';
import { DEFAULT_WORKING_HOURS } from './working-hours.js';
import { localDateOf } from './zoned-time.js';

/** The engine's view of a snapshot: each resource with its hours, its bookings and what its calendars block. */
export function resourceCalendars(
  snapshot: AvailabilitySnapshot,
  busy: readonly Interval[],
): ResourceCalendar[] {
  return snapshot.resources.map(({ id, timezone, workingHours }) => {
    const zone = timezone ?? snapshot.timezone;
    const booked = snapshot.booked.filter((booking) => booking.resourceId === id);
    return {
      resourceId: id,
      timezone: zone,
      workingHours: workingHours ?? snapshot.workingHours ?? DEFAULT_WORKING_HOURS,
      booked,
      busy,
      bookingsPerDay: bookingsPerDay(booked, snapshot, zone),
    };
  });
}

/** Only counted where the service has a limit, because it asks for the local date of every booking. */
function bookingsPerDay(
  booked: AvailabilitySnapshot['booked'],
  { service }: AvailabilitySnapshot,
  zone: string,
): Map<string, number> {
  const counts = new Map<string, number>();
  if (service?.maxPerDay == null) return counts;
  for (const { serviceId, startsAt } of booked) {
    if (serviceId !== service.id) continue;
    const date = localDateOf(startsAt, zone);
    counts.set(date, (counts.get(date) ?? 0) + 1);
  }
  return counts;
}
