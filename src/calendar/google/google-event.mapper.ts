import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { EventContent, EventDraft, ProviderEvent } from '../calendar-provider.js';
import { fromGoogleMark, toGoogleMark } from './google-event-mark.js';

/** Google's limits; longer text would be refused, and with it the event. */
const SUMMARY_LENGTH = 1024;
const DESCRIPTION_LENGTH = 8192;

/** An event as `events.insert` takes it. */
export function toGoogleEvent(tenant: string, event: EventDraft): calendar_v3.Schema$Event {
  const { attendeeEmail } = event.content;
  return {
    id: event.id,
    ...toGoogleChange(tenant, event),
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
 * What `events.patch` changes: what the booking says. Guests, reminders and colours belong to the owner from the moment the
 * event is there.
 */
export function toGoogleChange(tenant: string, event: EventDraft): calendar_v3.Schema$Event {
  const { content, bookingId, id, withConference } = event;
  return {
    summary: content.summary.slice(0, SUMMARY_LENGTH),
    description: content.description.slice(0, DESCRIPTION_LENGTH),
    location: content.location,
    ...timesOf(content),
    ...toGoogleMark({ tenant, bookingId }),
    // The same request id as before is ignored by Google, so a repeat never makes a second conference.
    conferenceData: withConference
      ? { createRequest: { requestId: id, conferenceSolutionKey: { type: 'hangoutsMeet' } } }
      : undefined,
  };
}

function timesOf({
  startsAt,
  endsAt,
  timezone,
}: EventContent): Pick<calendar_v3.Schema$Event, 'start' | 'end'> {
  return { start: { dateTime: startsAt, timeZone: timezone }, end: { dateTime: endsAt, timeZone: timezone } };
}

export function fromGoogleEvent(event: calendar_v3.Schema$Event): ProviderEvent {
  const meetLink = meetLinkOf(event);
  return {
    id: event.id ?? '',
    etag: event.etag ?? null,
    cancelled: event.status === 'cancelled',
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
