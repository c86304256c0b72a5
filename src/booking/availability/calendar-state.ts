import type { CalendarKnowledge } from '../../calendar/calendar-reader.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { ResourceCalendar } from '../engine/slot-finder.js';
import type { AvailabilitySnapshot } from './availability.repository.js';

/** How well the connected calendars are known, and as of when; all of them together as the one that is known least. */
export interface CalendarState {
  state: 'not_connected' | CalendarKnowledge['state'];
  asOf: string | null;
}

/**
 * The resources that may be offered, by how well their calendars are known.
 * @throws DomainError `calendar_unreadable` when the tenant's policy leaves nobody
 */
export function readable(
  { calendars, unreadableCalendarPolicy }: AvailabilitySnapshot,
  knowledge: ReadonlyMap<string, CalendarKnowledge>,
  resources: ResourceCalendar[],
): ResourceCalendar[] {
  if (unreadableCalendarPolicy !== 'refuse' || resources.length === 0) return resources;
  const unreadable = new Set(
    calendars
      .filter(({ id }) => knowledge.get(id)?.state !== 'fresh')
      .flatMap(({ resourceIds }) => resourceIds),
  );
  const left = resources.filter(({ resourceId }) => !unreadable.has(resourceId));
  if (left.length > 0) return left;
  throw new DomainError(
    'calendar_unreadable',
    'The connected calendar cannot be read at the moment, and this organisation offers no times without it.',
    { retryAfterSeconds: 30 },
  );
}

/** Of all calendars that count: as good as the one that is known least. */
export function calendarState(knowledge: ReadonlyMap<string, CalendarKnowledge>): CalendarState {
  const all = [...knowledge.values()];
  if (all.length === 0) return { state: 'not_connected', asOf: null };
  const isNeverRead = all.some(({ asOf }) => asOf === null);
  const worst = (['unknown', 'stale'] as const).find((bad) => all.some(({ state }) => state === bad));
  return {
    state: worst ?? 'fresh',
    asOf: isNeverRead ? null : new Date(Math.min(...all.map(({ asOf }) => asOf ?? 0))).toISOString(),
  };
}
