import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { EventContent, EventDraft, ProviderEvent } from '../calendar-provider.js';
import { blocks } from './google-busy.mapper.js';
import { fromGoogleMark, toGoogleMark } from './google-event-mark.js';
import { eventTime, isAllDay, toldTime } from './google-event-times.js';

/** Google's limits; longer text would be refused, and with it the event. */
const SUMMARY_LENGTH = 1024;
const DESCRIPTION_LENGTH = 8192;

/** An event as `events.insert` takes it. */
export function toGoogleEvent(tenant: string, event: EventDraft): calendar_v3.Schema$Event {
  const { attendeeEmail } = event.content;
  return {
    id: event.id,
    ...toGoogleChange(tenant, event),
    ...timesOf(event.content),
    attendees: attendeeEmail === undefined ? undefined : [{ email: attendeeEmail }],
    reminders: {
      useDefault: false,
      overrides: [
        { method: 'popup', minutes: 30 },
        { method: 'popup', minutes: 10 },
      ],
    },
  };
}

/**
 * What `events.patch` changes: what the booking says, as far as it says anything else than was written before. What the owner has made
 * of the rest, guests, reminders and colours among it, belongs to the owner from the moment the event is there.
 */
export function toGoogleChange(
  tenant: string,
  { content, bookingId, id, withConference, conferenceTry = 0 }: EventDraft,
  written: EventContent | null = null,
): calendar_v3.Schema$Event {
  const isNew = (...fields: (keyof EventContent)[]): boolean =>
    written === null || fields.some((field) => content[field] !== written[field]);
  const isPutAnew = isNew('startsAt', 'endsAt', 'timezone');
  const time = { start: Date.parse(content.startsAt), end: Date.parse(content.endsAt) };
  return {
    ...(isNew('summary') ? { summary: content.summary.slice(0, SUMMARY_LENGTH) } : {}),
    ...(isNew('description') ? { description: content.description.slice(0, DESCRIPTION_LENGTH) } : {}),
    ...(isNew('location') ? { location: content.location } : {}),
    // What the owner has made an event of whole days has dates, which make way for the times.
    ...(isPutAnew ? timesOf(content, { date: null }) : {}),
    ...toGoogleMark({ tenant, bookingId, booked: content.booked, ...(isPutAnew ? { time } : {}) }),
    // The same request id as before is ignored by Google, so a repeat never makes a second conference.
    conferenceData: withConference
      ? {
          createRequest: {
            requestId: conferenceTry === 0 ? id : `${id}r${conferenceTry}`,
            conferenceSolutionKey: { type: 'hangoutsMeet' },
          },
        }
      : undefined,
  };
}

function timesOf(
  { startsAt, endsAt, timezone }: EventContent,
  beside: calendar_v3.Schema$EventDateTime = {},
): Pick<calendar_v3.Schema$Event, 'start' | 'end'> {
  return {
    start: { ...beside, dateTime: startsAt, timeZone: timezone },
    end: { ...beside, dateTime: endsAt, timeZone: timezone },
  };
}

/**
 * @param calendarZone by which its whole days begin and end
 * @param offsetMs by how much Google's clock is ahead of ours
 */
export function fromGoogleEvent(
  event: calendar_v3.Schema$Event,
  calendarZone: string,
  offsetMs = 0,
): ProviderEvent {
  const meetLink = meetLinkOf(event);
  const cancelled = event.status === 'cancelled';
  const updatedAt = new Date(Date.parse(event.updated ?? '') - offsetMs);
  const time = cancelled ? null : eventTime(event, calendarZone);
  return {
    id: event.id ?? '',
    etag: event.etag ?? null,
    updatedAt: Number.isNaN(updatedAt.getTime()) ? null : updatedAt,
    cancelled,
    time,
    occupied: cancelled ? null : (time ?? toldTime(event, calendarZone)),
    isAllDay: isAllDay(event),
    blocks: blocks(event),
    mark: fromGoogleMark(event),
    conference: meetLink === null ? conferenceOf(event) : 'ready',
    meetLink,
    htmlLink: event.htmlLink ?? null,
  };
}

/** The link as Google gives it, never made up. */
function meetLinkOf({ hangoutLink, conferenceData }: calendar_v3.Schema$Event): string | null {
  const video = conferenceData?.entryPoints?.find((entry) => entry.entryPointType === 'video');
  return video?.uri ?? hangoutLink ?? null;
}

function conferenceOf({ conferenceData }: calendar_v3.Schema$Event): 'none' | 'pending' | 'failed' {
  const status = conferenceData?.createRequest?.status?.statusCode;
  if (status === 'pending') return 'pending';
  return status === 'failure' ? 'failed' : 'none';
}
