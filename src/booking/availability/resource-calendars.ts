import type { AvailabilitySnapshot } from './availability.repository.js';
import type { Interval } from '../engine/intervals.js';
import type { ResourceCalendar } from '../engine/slot-finder.js';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from '../engine/working-hours.js';

/**
 * The engine's view of a snapshot: each resource with its hours, its bookings and what its calendars block.
 * @param busyIn what blocks in each calendar, by its id; default: what was last known of it
 */
export function resourceCalendars(
  snapshot: AvailabilitySnapshot,
  busyIn: ReadonlyMap<string, readonly Interval[]> = lastKnownBusy(snapshot),
): ResourceCalendar[] {
  const booked = Map.groupBy(snapshot.booked, ({ resourceId }) => resourceId);
  return snapshot.resources.map(({ id, timezone, workingHours, timeOff }) => ({
    resourceId: id,
    timezone: timezone ?? snapshot.timezone,
    workingHours: withHolidays(
      workingHours ?? snapshot.workingHours ?? DEFAULT_WORKING_HOURS,
      snapshot.holidays,
    ),
    booked: booked.get(id) ?? [],
    busy: snapshot.calendars
      .filter(({ resourceIds }) => resourceIds.includes(id))
      .flatMap((calendar) => busyIn.get(calendar.id) ?? []),
    timeOff: timeOff ?? [],
    fullDays: snapshot.fullDays,
  }));
}

function lastKnownBusy({ calendars }: AvailabilitySnapshot): Map<string, readonly Interval[]> {
  return new Map(calendars.map(({ id, busy }) => [id, busy ?? []]));
}

/** Nothing starts on a holiday, unless an override gives that date hours of its own. */
export function withHolidays(hours: WorkingHours, holidays: readonly string[]): WorkingHours {
  const decided = new Set(hours.overrides.map(({ date }) => date));
  const closed = holidays.filter((date) => !decided.has(date));
  if (closed.length === 0) return hours;
  return {
    ...hours,
    overrides: [...hours.overrides, ...closed.map((date) => ({ date, intervals: [] }))],
  };
}
