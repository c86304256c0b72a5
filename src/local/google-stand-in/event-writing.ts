import { randomBytes } from 'node:crypto';
import { ApiError, badRequest, notFound } from './api-error.js';
import type { CalendarEvent, EventTime, Person } from './calendar-event.js';
import { becomesReady, conferenceAfter, ready, type MeetPolicy } from './conference.js';
import { checkEvent } from './event-rules.js';
import { seriesOf, type EventStore, type StoredEvent } from './event-store.js';
import { storedTime } from './event-times.js';
import type { Surroundings } from './surroundings.js';

type EventBody = Record<string, unknown>;

/** What writing an event needs of its calendar. */
interface EventCalendar {
  readonly store: EventStore;
  readonly surroundings: Surroundings;
  readonly timeZone: string;
  readonly meet: MeetPolicy;
  organizer(): Person;
  changed(): void;
}

export interface WriteOptions {
  conferenceDataVersion: number;
  /** E-mail of the account that writes. */
  by: string;
  ifMatch?: string;
}

/** Accepted in a body, as a client may send back what it read, but never taken from there. */
const readOnly = new Set([
  ...['kind', 'etag', 'id', 'htmlLink', 'created', 'updated', 'creator', 'organizer', 'iCalUID', 'sequence'],
  ...['recurringEventId', 'originalStartTime', 'eventType', 'locked', 'privateCopy', 'attendeesOmitted'],
  ...['endTimeUnspecified', 'hangoutLink', 'conferenceData'],
]);

export function insertEvent(calendar: EventCalendar, body: EventBody, options: WriteOptions): CalendarEvent {
  const id = typeof body.id === 'string' && body.id ? body.id : randomId();
  if (!/^[a-v0-9]{5,1024}$/.test(id)) throw badRequest('Invalid resource id value.', 'invalid');
  if (calendar.store.find(id)) {
    throw new ApiError(409, 'duplicate', 'The requested identifier already exists.');
  }
  const created = secondsOnly(calendar.surroundings.now());
  const event = {
    status: 'confirmed',
    ...writable(body),
    id,
    created,
    creator: { email: options.by },
    organizer: calendar.organizer(),
    iCalUID: typeof body.iCalUID === 'string' ? body.iCalUID : `${id}@google.com`,
    sequence: 0,
    eventType: typeof body.eventType === 'string' ? body.eventType : 'default',
  };
  return write(calendar, undefined, event, body, { ...options, replacesWholeEvent: true });
}

/** PUT: what the body leaves out is gone. */
export function updateEvent(
  calendar: EventCalendar,
  id: string,
  body: EventBody,
  options: WriteOptions,
): CalendarEvent {
  const before = existing(calendar, id, options.ifMatch);
  const kept = Object.entries(before.event).filter(([name]) => readOnly.has(name));
  const event = { status: 'confirmed', ...Object.fromEntries(kept), ...writable(body) } as CalendarEvent;
  return write(calendar, before, event, body, { ...options, replacesWholeEvent: true });
}

/** PATCH: objects are merged, lists replaced, null clears. */
export function patchEvent(
  calendar: EventCalendar,
  id: string,
  body: EventBody,
  options: WriteOptions,
): CalendarEvent {
  const before = existing(calendar, id, options.ifMatch);
  const changes = Object.fromEntries(Object.entries(body).filter(([name]) => !readOnly.has(name)));
  const event = merge(before.event, changes) as unknown as CalendarEvent;
  return write(calendar, before, event, body, { ...options, replacesWholeEvent: false });
}

export function deleteEvent(calendar: EventCalendar, id: string, ifMatch?: string): void {
  const before = existing(calendar, id, ifMatch);
  if (before.event.status === 'cancelled') throw new ApiError(410, 'deleted', 'Resource has been deleted');
  const updated = new Date(calendar.surroundings.now()).toISOString();
  const sequence = (before.event.sequence ?? 0) + 1;
  calendar.store.put({ ...before.event, status: 'cancelled', updated, sequence });
  cancelInstances(calendar, id, updated);
  calendar.changed();
}

function cancelInstances(calendar: EventCalendar, id: string, updated: string | undefined): void {
  for (const { event } of [...calendar.store.all()]) {
    if (event.recurringEventId !== id || event.status === 'cancelled') continue;
    calendar.store.put({ ...event, status: 'cancelled', updated });
  }
}

/** The event as a read sees it; the read that completes a pending conference changes the event. */
export function readEvent(calendar: EventCalendar, id: string): CalendarEvent {
  const stored = existing(calendar, id);
  if (!becomesReady(stored)) return stored.event;
  const { conferenceData, hangoutLink } = ready(stored.event.conferenceData?.createRequest ?? {});
  const updated = new Date(calendar.surroundings.now()).toISOString();
  const completed = calendar.store.put(
    { ...stored.event, conferenceData, hangoutLink, updated },
    stored.conference,
  );
  calendar.changed();
  return completed.event;
}

/** The stored event, or the instance of a recurring event as if it were stored. */
function existing(calendar: EventCalendar, id: string, ifMatch?: string): StoredEvent {
  const instance = calendar.store.find(id) ?? calendar.store.findInstance(id);
  if (!instance) throw notFound();
  if (ifMatch && ifMatch !== '*' && ifMatch !== instance.event.etag) {
    const details = { location: 'If-Match', locationType: 'header' } as const;
    throw new ApiError(412, 'conditionNotMet', 'Precondition Failed', details);
  }
  return { formerSeries: [], ...instance };
}

function write(
  calendar: EventCalendar,
  before: StoredEvent | undefined,
  wished: CalendarEvent,
  body: EventBody,
  options: WriteOptions & { replacesWholeEvent: boolean },
): CalendarEvent {
  if (wished.status === 'cancelled' && before && before.event.status !== 'cancelled') {
    deleteEvent(calendar, wished.id);
    return { ...wished, status: 'cancelled' };
  }
  const { conference, ...link } = conferenceAfter(before, {
    ...options,
    asked: body.conferenceData as CalendarEvent['conferenceData'] | null,
    policy: calendar.meet,
    pendingReads: calendar.surroundings.meetPendingReads,
  });
  const event: CalendarEvent = {
    ...wished,
    ...times(calendar, wished),
    conferenceData: link.conferenceData,
    hangoutLink: link.hangoutLink,
    reminders: wished.reminders ?? { useDefault: true },
    updated: new Date(calendar.surroundings.now()).toISOString(),
    sequence: nextSequence(before?.event, wished, body),
  };
  checkEvent(event);
  const stored = calendar.store.put(event, conference);
  // With the series go the instances that were changed by themselves.
  if (before && seriesOf(before.event) && !seriesOf(event))
    cancelInstances(calendar, event.id, event.updated);
  calendar.changed();
  return stored.event;
}

function times(
  calendar: EventCalendar,
  { start, end, recurrence }: CalendarEvent,
): { start: EventTime; end: EventTime } {
  if (!start) throw badRequest('Missing start time.', 'required');
  if (!end) throw badRequest('Missing end time.', 'required');
  // Without a zone "every day at ten" means nothing once the clocks change.
  if (recurrence?.length && start.dateTime && !start.timeZone) {
    throw badRequest('Missing time zone definition for start time.', 'required');
  }
  return {
    start: storedTime('start', start, calendar.timeZone),
    end: storedTime('end', end, calendar.timeZone),
  };
}

/** iCalendar's revision number: grows when the event is at another time. */
function nextSequence(before: CalendarEvent | undefined, after: CalendarEvent, body: EventBody): number {
  const current = before?.sequence ?? 0;
  if (typeof body.sequence === 'number' && body.sequence < current) {
    const message = 'The specified sequence number is below the current sequence number of the resource.';
    throw badRequest(`Invalid sequence value. ${message}`, 'invalid');
  }
  if (!before) return 0;
  const moved = JSON.stringify(timing(before)) !== JSON.stringify(timing(after));
  return Math.max(typeof body.sequence === 'number' ? body.sequence : 0, current + (moved ? 1 : 0));
}

function timing({ start, end, recurrence }: CalendarEvent): unknown[] {
  const moment = (time?: EventTime): unknown => time?.date ?? Date.parse(time?.dateTime ?? '');
  return [moment(start), moment(end), recurrence ?? []];
}

function writable(body: EventBody): Partial<CalendarEvent> {
  const fields = Object.entries(body).filter(([name]) => !readOnly.has(name));
  return merge({}, Object.fromEntries(fields));
}

function merge(target: object, changes: object): Record<string, unknown> {
  const merged = new Map<string, unknown>(Object.entries(target));
  for (const [name, value] of Object.entries(changes) as [string, unknown][]) {
    if (value === null || value === undefined) merged.delete(name);
    else if (typeof value !== 'object' || Array.isArray(value)) merged.set(name, value);
    else merged.set(name, merge(objectOr(merged.get(name)), value));
  }
  return Object.fromEntries(merged);
}

function objectOr(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function secondsOnly(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}.000Z`;
}

/** Google's own ids: 26 characters of base32hex. */
function randomId(): string {
  return Array.from(randomBytes(26), (byte) => (byte % 32).toString(32)).join('');
}
