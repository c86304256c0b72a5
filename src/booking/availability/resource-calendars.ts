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
  // The same objects for the same hours and calendars: a search works out only once what follows from them.
  const tenantHours = withHolidays(snapshot.workingHours ?? DEFAULT_WORKING_HOURS, snapshot.holidays);
  const busyOf = busyByCalendars(busyIn);
  const calendarsOf = new Map<string, string[]>();
  for (const { id, resourceIds } of snapshot.calendars) {
    for (const resourceId of resourceIds) {
      const read = calendarsOf.get(resourceId) ?? [];
      calendarsOf.set(resourceId, read);
      read.push(id);
    }
  }
  return snapshot.resources.map(({ id, timezone, workingHours, timeOff }) => ({
    resourceId: id,
    timezone: timezone ?? snapshot.timezone,
    workingHours: workingHours === null ? tenantHours : withHolidays(workingHours, snapshot.holidays),
    booked: booked.get(id) ?? [],
    busy: busyOf(calendarsOf.get(id) ?? []),
    timeOff: timeOff ?? [],
    fullDays: snapshot.fullDays,
  }));
}

/** What blocks in several calendars together. */
function busyByCalendars(
  busyIn: ReadonlyMap<string, readonly Interval[]>,
): (calendarIds: readonly string[]) => readonly Interval[] {
  const known = new Map<string, readonly Interval[]>();
  return (calendarIds) => {
    const [only = '', ...others] = calendarIds;
    if (others.length === 0) return busyIn.get(only) ?? NOTHING;
    const key = calendarIds.join();
    const busy = known.get(key) ?? calendarIds.flatMap((id) => busyIn.get(id) ?? NOTHING);
    known.set(key, busy);
    return busy;
  };
}

const NOTHING: readonly Interval[] = [];

function lastKnownBusy({ calendars }: AvailabilitySnapshot): Map<string, readonly Interval[]> {
  return new Map(calendars.map(({ id, busy }) => [id, busy ?? []]));
}

/** Nothing starts on a holiday, unless an override gives that date hours of its own. */
export function withHolidays(hours: WorkingHours, holidays: readonly string[]): WorkingHours {
  if (holidays.length === 0) return hours;
  const decided = new Set(hours.overrides.map(({ date }) => date));
  const closed = holidays.filter((date) => !decided.has(date));
  if (closed.length === 0) return hours;
  return {
    ...hours,
    overrides: [...hours.overrides, ...closed.map((date) => ({ date, intervals: [] }))],
  };
}
