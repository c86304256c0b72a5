import { badRequest } from './api-error.js';
import type { CalendarEvent } from './calendar-event.js';
import { checkRecurrence } from './recurrence.js';

const allowed: Record<'status' | 'transparency' | 'visibility' | 'eventType', string[]> = {
  status: ['confirmed', 'tentative', 'cancelled'],
  transparency: ['opaque', 'transparent'],
  visibility: ['default', 'public', 'private', 'confidential'],
  eventType: ['default', 'outOfOffice', 'focusTime', 'workingLocation', 'birthday', 'fromGmail'],
};
const responses = ['needsAction', 'declined', 'tentative', 'accepted'];

/** Rules Google states in prose, which the discovery document cannot express. */
export function checkEvent(event: CalendarEvent): void {
  for (const field of ['status', 'transparency', 'visibility', 'eventType'] as const) {
    const value = event[field];
    if (value !== undefined && !allowed[field].includes(value)) throw invalid(`Invalid ${field} value.`);
  }
  checkOrder(event);
  checkAttendees(event);
  checkReminders(event);
  checkExtendedProperties(event);
  if (event.recurrence?.length) checkRecurrence(event.recurrence);
}

function checkOrder({ start, end }: CalendarEvent): void {
  if (Boolean(start?.date) !== Boolean(end?.date)) {
    throw invalid('Invalid start or end time: one has a date only.');
  }
  const from = start?.date ?? start?.dateTime ?? '';
  const to = end?.date ?? end?.dateTime ?? '';
  if (Date.parse(to) < Date.parse(from)) {
    throw badRequest('The specified time range is empty.', 'timeRangeEmpty');
  }
}

function checkAttendees({ attendees = [] }: CalendarEvent): void {
  for (const { email, responseStatus } of attendees) {
    if (!email) throw badRequest('Missing attendee email.', 'required');
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw invalid('Invalid attendee email.');
    if (responseStatus && !responses.includes(responseStatus)) {
      throw invalid('Invalid attendee response status.');
    }
  }
}

function checkReminders({ reminders }: CalendarEvent): void {
  const overrides = reminders?.overrides ?? [];
  if (reminders?.useDefault && overrides.length) {
    throw badRequest(
      'Cannot specify both default reminders and overrides at the same time.',
      'cannotUseDefaultRemindersAndSpecifyOverride',
    );
  }
  if (overrides.length > 5) throw invalid('Too many reminders: at most 5 overrides.');
  for (const { method, minutes } of overrides) {
    if (method !== 'popup' && method !== 'email') throw invalid('Invalid reminder method.');
    if (minutes === undefined || minutes < 0 || minutes > 40_320) throw invalid('Invalid reminder minutes.');
  }
}

/** The limits of Google's guide "Extended properties". */
function checkExtendedProperties({ extendedProperties = {} }: CalendarEvent): void {
  const entries = Object.values(extendedProperties).flatMap((properties) => Object.entries(properties));
  if (entries.length > 300) throw invalid('Too many extended properties: at most 300.');
  let size = 0;
  for (const [key, value] of entries) {
    if (!key || key.length > 44) throw invalid(`Invalid extended property key: at most 44 characters.`);
    if (value.length > 1024) throw invalid(`Invalid extended property value: at most 1024 characters.`);
    size += key.length + value.length;
  }
  if (size > 32_768) throw invalid('The extended properties are larger than 32 kB.');
}

function invalid(message: string): Error {
  return badRequest(message, 'invalid');
}
