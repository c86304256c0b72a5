import type { ListedCalendar } from './accounts.js';
import type { CalendarEvent, Person } from './calendar-event.js';
import { shownTime } from './event-times.js';

/** An event as the API shows it to an account: times in the answer's zone, people marked `self`. */
export function shownEvent(
  event: CalendarEvent,
  { calendar, accessRole }: ListedCalendar,
  zone = calendar.timeZone,
): CalendarEvent {
  const self = <P extends Person>(person: P): P =>
    person.email === calendar.id ? { ...person, self: true } : person;
  const times = {
    start: event.start && shownTime(event.start, zone),
    end: event.end && shownTime(event.end, zone),
    originalStartTime: event.originalStartTime && shownTime(event.originalStartTime, zone),
  };
  const frame = { kind: 'calendar#event', etag: event.etag, id: event.id, status: event.status };
  if (accessRole === 'freeBusyReader') {
    const { recurringEventId, iCalUID, sequence, updated, transparency } = event;
    return {
      ...frame,
      ...times,
      recurringEventId,
      iCalUID,
      sequence,
      updated,
      transparency,
      visibility: 'private',
    };
  }
  const eid = Buffer.from(`${event.id} ${calendar.id}`).toString('base64url');
  return {
    ...frame,
    htmlLink: `${calendar.surroundings.origin()}/calendar/event?eid=${eid}`,
    ...event,
    ...times,
    creator: event.creator && self(event.creator),
    organizer: event.organizer && self(event.organizer),
    attendees: event.attendees?.map((one) => self({ responseStatus: 'needsAction', ...one })),
    ...calendar.oddities.get(event.id),
  };
}

/** In lists, Google says little more of a cancelled event than that it is gone. */
export function shownTombstone(event: CalendarEvent, zone: string): CalendarEvent {
  return {
    kind: 'calendar#event',
    etag: event.etag,
    id: event.id,
    status: 'cancelled',
    recurringEventId: event.recurringEventId,
    originalStartTime: event.originalStartTime && shownTime(event.originalStartTime, zone),
  };
}
