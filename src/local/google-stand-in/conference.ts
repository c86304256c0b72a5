import { randomInt } from 'node:crypto';
import { badRequest } from './api-error.js';
import type { CalendarEvent, ConferenceData } from './calendar-event.js';
import type { StoredEvent } from './event-store.js';

/** What becomes of a wished conference: it is made, refused at once, or found to have failed. */
export type MeetPolicy = 'works' | 'refused' | 'fails';

interface ConferenceChange {
  /** Undefined when the body does not mention conferences, null when it clears one. */
  asked: ConferenceData | null | undefined;
  conferenceDataVersion: number;
  replacesWholeEvent: boolean;
  policy: MeetPolicy;
  pendingReads: number;
}

type Conference = Pick<CalendarEvent, 'conferenceData' | 'hangoutLink'> & Pick<StoredEvent, 'conference'>;

/** The conference after a change. Without version 1, Google does not look at the body's conference. */
export function conferenceAfter(before: StoredEvent | undefined, change: ConferenceChange): Conference {
  const kept: Conference = {
    conferenceData: before?.event.conferenceData,
    hangoutLink: before?.event.hangoutLink,
    conference: before?.conference,
  };
  const none: Conference = { conference: before?.conference };
  const { asked, replacesWholeEvent } = change;
  if (change.conferenceDataVersion !== 1 || asked === undefined) return replacesWholeEvent ? none : kept;
  if (asked === null) return none;

  const request = asked.createRequest;
  const isRepeat = request?.requestId !== undefined && request.requestId === before?.conference?.requestId;
  if (request && !isRepeat) return requested(request, change);
  if (isRepeat || asked.conferenceId === kept.conferenceData?.conferenceId) return kept;
  // A conference copied from another event.
  const uri = asked.entryPoints?.find((entry) => entry.entryPointType === 'video')?.uri;
  if (!asked.conferenceId || !uri) throw badRequest('Invalid conference data.', 'invalid');
  return { conferenceData: asked, hangoutLink: uri };
}

function requested(
  request: NonNullable<ConferenceData['createRequest']>,
  { policy, pendingReads }: ConferenceChange,
): Conference {
  const { requestId, conferenceSolutionKey: key } = request;
  if (!requestId) throw badRequest('Missing conference create request ID.', 'required');
  if (key?.type !== 'hangoutsMeet' || policy === 'refused') {
    throw badRequest('Invalid conference type value.', 'invalid');
  }
  const conference = { requestId, pendingReads };
  const createRequest = { requestId, conferenceSolutionKey: { type: key.type } };
  if (policy === 'fails') {
    return {
      conference,
      conferenceData: { createRequest: { ...createRequest, status: { statusCode: 'failure' } } },
    };
  }
  if (pendingReads > 0) {
    return {
      conference,
      conferenceData: { createRequest: { ...createRequest, status: { statusCode: 'pending' } } },
    };
  }
  return { conference, ...ready(createRequest) };
}

/** Counts one read of an event whose link is still pending; true when the link is there now. */
export function becomesReady(stored: StoredEvent): boolean {
  if (stored.event.conferenceData?.createRequest?.status?.statusCode !== 'pending' || !stored.conference) {
    return false;
  }
  stored.conference.pendingReads -= 1;
  return stored.conference.pendingReads < 0;
}

export function ready(createRequest: NonNullable<ConferenceData['createRequest']>): Conference {
  const conferenceId = [3, 4, 3].map(letters).join('-');
  const hangoutLink = `https://meet.google.com/${conferenceId}`;
  return {
    hangoutLink,
    conferenceData: {
      createRequest: { ...createRequest, status: { statusCode: 'success' } },
      entryPoints: [{ entryPointType: 'video', uri: hangoutLink, label: `meet.google.com/${conferenceId}` }],
      conferenceSolution: { key: { type: 'hangoutsMeet' }, name: 'Google Meet' },
      conferenceId,
    },
  };
}

function letters(count: number): string {
  return Array.from({ length: count }, () => String.fromCharCode(97 + randomInt(26))).join('');
}
