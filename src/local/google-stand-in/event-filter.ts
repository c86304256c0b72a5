import type { CalendarEvent } from './calendar-event.js';
import type { QueryValue } from './discovery-check.js';

/** The filters of events.list that look at one event by itself. */
export function matches(
  event: CalendarEvent,
  query: Readonly<Record<string, QueryValue>>,
  eventTypes: string[],
): boolean {
  if (eventTypes.length && !eventTypes.includes(event.eventType ?? 'default')) return false;
  if (query.iCalUID !== undefined && event.iCalUID !== query.iCalUID) return false;
  if (typeof query.q === 'string' && !mentions(event, query.q)) return false;
  const { private: own, shared } = event.extendedProperties ?? {};
  return hasAll(own, query.privateExtendedProperty) && hasAll(shared, query.sharedExtendedProperty);
}

function hasAll(properties: Record<string, string> | undefined, wished: QueryValue | undefined): boolean {
  if (!Array.isArray(wished)) return true;
  return wished.every((constraint) => {
    const at = constraint.indexOf('=');
    return properties?.[constraint.slice(0, at)] === constraint.slice(at + 1);
  });
}

function mentions(event: CalendarEvent, words: string): boolean {
  const people = [event.organizer ?? {}, ...(event.attendees ?? [])];
  const texts = [event.summary, event.description, event.location];
  const text = [...texts, ...people.flatMap((one) => [one.displayName, one.email])].join(' ').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
