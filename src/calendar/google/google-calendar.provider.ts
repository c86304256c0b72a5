import { Injectable } from '@nestjs/common';
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { Secret } from '../../platform/config/secret.js';
import type { Deadline } from '../../platform/deadline.js';
import { clock, CLOCK_TOLERANCE_MS } from '../../platform/time/clock.js';
import { CalendarError } from '../calendar-error.js';
import {
  CalendarProvider,
  type BusyReading,
  type CalendarDescription,
  type CalendarRef,
  type ConnectionRef,
  type EventChange,
  type EventDraft,
  type EventPage,
  type ListedCalendar,
  type ProviderEvent,
  type SyncStart,
  type WatchedChannel,
  type WatchRequest,
} from '../calendar-provider.js';
import { isEventIdOf } from '../event-id.js';
import { GoogleBusyReader } from './google-busy-reader.js';
import { GoogleCalendarApi, type GoogleCall } from './google-calendar-api.js';
import { fromGoogleCalendarList } from './google-calendar-list.mapper.js';
import { headerIn } from './google-error.js';
import { GoogleEventLists } from './google-event-lists.js';
import { fromGoogleMark } from './google-event-mark.js';
import { fromGoogleEvent, toGoogleChange, toGoogleEvent } from './google-event.mapper.js';

/** Accounts with more calendars are beyond what a person chooses from. */
const MOST_LIST_PAGES = 20;
/** On every insert and change: one without it would lose the Meet link. */
const CONFERENCE_VERSION = { conferenceDataVersion: 1 };

/** Google Calendar. Together with `GoogleOAuthProvider` the only code that knows Google's client library. */
@Injectable()
export class GoogleCalendarProvider extends CalendarProvider {
  constructor(
    private readonly api: GoogleCalendarApi,
    private readonly busyReader: GoogleBusyReader,
    private readonly lists: GoogleEventLists,
  ) {
    super();
  }

  readBusy(
    calendar: CalendarRef,
    window: { from: number; to: number },
    deadline: Deadline,
  ): Promise<BusyReading> {
    return this.busyReader.read(calendar, window, deadline);
  }

  eventPages(calendar: CalendarRef, start: SyncStart, pageMs: number): AsyncIterable<EventPage> {
    return this.lists.pages(calendar, start, pageMs);
  }

  async watch(
    calendar: CalendarRef,
    { id, token, address, ttlSeconds }: WatchRequest,
    deadline: Deadline,
  ): Promise<WatchedChannel> {
    return this.api.call('events.watch', calendar, deadline, async (api) => {
      const { data } = await api.events.watch({
        calendarId: calendar.googleId,
        requestBody: {
          id,
          type: 'web_hook',
          address,
          token: token.reveal(),
          params: { ttl: String(ttlSeconds) },
        },
      });
      const expiresAt = new Date(Number(data.expiration));
      if (data.id !== id || !data.resourceId || Number.isNaN(expiresAt.getTime()))
        throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
      return { data: { resourceId: data.resourceId, expiresAt } };
    });
  }

  async stopWatching(
    connection: ConnectionRef,
    { id, resourceId }: { id: string; resourceId: string },
    deadline: Deadline,
  ): Promise<void> {
    await this.api.call('channels.stop', connection, deadline, (api) =>
      emptyAnswer(api.channels.stop({ requestBody: { id, resourceId } })),
    );
  }

  async insertEvent(target: CalendarRef, event: EventDraft, deadline: Deadline): Promise<ProviderEvent> {
    return this.#event('events.insert', target, event.id, deadline, (api) =>
      api.events.insert({
        calendarId: target.googleId,
        sendUpdates: event.content.attendeeEmail === undefined ? 'none' : 'all',
        requestBody: toGoogleEvent(target.tenant, event),
        ...CONFERENCE_VERSION,
      }),
    );
  }

  async getEvent(target: CalendarRef, eventId: string, deadline: Deadline): Promise<ProviderEvent> {
    return this.#event('events.get', target, eventId, deadline, (api) =>
      api.events.get({ calendarId: target.googleId, eventId }),
    );
  }

  async updateEvent(
    target: CalendarRef,
    { draft, written, ifMatch }: EventChange,
    deadline: Deadline,
  ): Promise<ProviderEvent> {
    const options = ifMatch === null ? {} : { headers: { 'If-Match': ifMatch } };
    return this.#event('events.patch', target, draft.id, deadline, (api) =>
      api.events.patch(
        {
          calendarId: target.googleId,
          eventId: draft.id,
          sendUpdates: draft.content.attendeeEmail === undefined ? 'none' : 'all',
          requestBody: toGoogleChange(target.tenant, draft, written),
          ...CONFERENCE_VERSION,
        },
        options,
      ),
    );
  }

  async deleteEvent(
    target: CalendarRef,
    eventId: string,
    { notify }: { notify: boolean },
    deadline: Deadline,
  ): Promise<void> {
    const sendUpdates = notify ? 'all' : 'none';
    await this.api.call('events.delete', target, deadline, (api) =>
      emptyAnswer(api.events.delete({ calendarId: target.googleId, eventId, sendUpdates })),
    );
  }

  async listCalendars(connection: ConnectionRef, deadline: Deadline): Promise<ListedCalendar[]> {
    const calendars: ListedCalendar[] = [];
    let pageToken: string | undefined;
    for (let pages = 0; pages < MOST_LIST_PAGES; pages += 1) {
      const page = await this.api.call<calendar_v3.Schema$CalendarList | null>(
        'calendarList.list',
        connection,
        deadline,
        (api) =>
          api.calendarList.list({
            maxResults: 250,
            // What its owner has hidden in Google’s own list can be chosen here, and stays chosen.
            showHidden: true,
            fields: 'kind,nextPageToken,items(id,summary,summaryOverride,timeZone,accessRole,primary)',
            pageToken,
          }),
      );
      calendars.push(...fromGoogleCalendarList(page));
      pageToken = page?.nextPageToken ?? undefined;
      if (pageToken === undefined) return calendars;
    }
    throw new CalendarError('invalid', { reason: 'too_many_calendars' });
  }

  async describePrimary(accessToken: Secret, deadline: Deadline): Promise<CalendarDescription> {
    const entry = await this.api.request<calendar_v3.Schema$CalendarListEntry | null>(
      'calendarList.get',
      accessToken,
      deadline,
      (api) => api.calendarList.get({ calendarId: 'primary' }),
    );
    if (typeof entry?.id !== 'string')
      throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
    const { summary, timeZone } = entry;
    return { summary: summary ?? 'Calendar', timezone: timeZone ?? 'UTC' };
  }

  /**
   * A call that answers with the event it is about. Anything else with a status of success is not Google's: taken for the
   * event, it would lose the booking's.
   */
  async #event(
    operation: string,
    target: CalendarRef,
    eventId: string,
    deadline: Deadline,
    call: GoogleCall<calendar_v3.Schema$Event | null>,
  ): Promise<ProviderEvent> {
    return this.api.call(operation, target, deadline, async (api, timeoutMs) => {
      const { data, headers } = await call(api, timeoutMs);
      if (data?.id === eventId)
        return { data: fromGoogleEvent(data, target.timezone ?? 'UTC', googlesOffsetMs(headers)) };
      throw operation === 'events.insert' && isEvent(data)
        ? madeAnother(target.tenant, eventId, data)
        : new CalendarError('unavailable', { reason: 'unexpected_answer' });
    });
  }
}

/**
 * By how much Google's clock is ahead of the one that instances share, by the time that its answer names: what Google says of when an event was
 * changed is compared with when its booking was. 0 for what rounding to the second and the way here explain.
 */
function googlesOffsetMs(headers: unknown): number {
  const offsetMs = Date.parse(headerIn(headers, 'date') ?? '') - clock.now();
  // The header leaves out what is past the full second. Within that second the booking counts as later: it is kept.
  return Math.abs(offsetMs) > CLOCK_TOLERANCE_MS ? offsetMs + 1000 : 0;
}

function isEvent(data: calendar_v3.Schema$Event | null): data is calendar_v3.Schema$Event & { id: string } {
  if (typeof data?.id !== 'string' || data.id === '') return false;
  return data.kind === 'calendar#event' || fromGoogleMark(data) !== null;
}

/** Asked again, it would make one more. What bears the mark of the booking is what came of the insert; nothing else is touched. */
function madeAnother(
  tenant: string,
  eventId: string,
  event: calendar_v3.Schema$Event & { id: string },
): CalendarError {
  const mark = fromGoogleMark(event);
  const isOurs = mark?.tenant === tenant && isEventIdOf(mark.bookingId, eventId);
  return new CalendarError('wrong_event', isOurs ? { strayEventId: event.id } : {});
}

/** Google answers these with 204 and nothing else. Done twice they do no harm, so any other success is no success. */
async function emptyAnswer<Answer extends { status: number; data: unknown }>(
  answered: Promise<Answer>,
): Promise<Answer> {
  const answer = await answered;
  if (answer.status !== 204) throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
  return answer;
}
