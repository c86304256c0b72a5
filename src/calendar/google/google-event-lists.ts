import { Injectable } from '@nestjs/common';
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { Deadline } from '../../platform/deadline.js';
import { CalendarError, isCalendarError } from '../calendar-error.js';
import type { CalendarRef, EventPage, SyncStart } from '../calendar-provider.js';
import { fromGoogleEventPage } from './google-busy.mapper.js';
import { GoogleCalendarApi } from './google-calendar-api.js';

/** The most that Google gives at once. */
const PAGE_SIZE = 2500;
/** A million events: what has more is no calendar of a person's. */
const MOST_PAGES = 400;
/** What is needed of events, and nothing of what people wrote in them. */
const FIELDS = [
  'kind,timeZone,accessRole,nextPageToken,nextSyncToken,items(id,etag,status,recurringEventId,start,end,transparency',
  'eventType,attendees(self,responseStatus),extendedProperties/private)',
].join();

interface GoogleEventList {
  answer: calendar_v3.Schema$Events | null;
  /** The account may see that there are events, and nothing of them. */
  isFreeBusyOnly: boolean;
  nextPageToken: string | undefined;
}

/** Lists of a calendar's events, recurring ones expanded. */
@Injectable()
export class GoogleEventLists {
  constructor(private readonly api: GoogleCalendarApi) {}

  /** As `CalendarProvider.eventPages`. */
  async *pages(calendar: CalendarRef, start: SyncStart, pageMs: number): AsyncGenerator<EventPage> {
    let pageToken: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const list = await this.page(calendar, start, pageToken, Deadline.in(pageMs));
      if (list.isFreeBusyOnly) throw new CalendarError('forbidden', { reason: 'free_busy_only' });
      yield fromGoogleEventPage(list.answer, calendar.timezone);
      if (list.nextPageToken === undefined) return;
      // A page may be empty and be followed by others, but not for ever.
      if (list.nextPageToken === pageToken) break;
      pageToken = list.nextPageToken;
    }
    throw new CalendarError('unavailable', { reason: 'too_many_pages' });
  }

  /**
   * One page. With a sync token nothing that narrows the list may be asked for: what had been asked for first is remembered by it.
   * @throws CalendarError `gone` where the list has to be begun anew
   */
  async page(
    calendar: CalendarRef,
    start: SyncStart,
    pageToken: string | undefined,
    deadline: Deadline,
  ): Promise<GoogleEventList> {
    const paged = {
      calendarId: calendar.googleId,
      maxResults: PAGE_SIZE,
      fields: FIELDS,
      pageToken,
      ...('window' in start
        ? {
            timeMin: new Date(start.window.from).toISOString(),
            timeMax: new Date(start.window.to).toISOString(),
          }
        : {}),
    };
    const seriesId = 'window' in start ? start.seriesId : undefined;
    const asking =
      seriesId === undefined
        ? this.api.call<calendar_v3.Schema$Events | null>('events.list', calendar, deadline, (api) =>
            api.events.list({
              ...paged,
              singleEvents: true,
              ...('syncToken' in start ? { syncToken: start.syncToken } : {}),
            }),
          )
        : this.api.call<calendar_v3.Schema$Events | null>('events.instances', calendar, deadline, (api) =>
            api.events.instances({ ...paged, eventId: seriesId }),
          );
    const answer = await asking.catch((error: unknown) => {
      // What was asked for was right for the page before: Google does not know its own token any more.
      if (pageToken === undefined || !isCalendarError(error, 'invalid')) throw error;
      // Of a series, that it is gone would say something else.
      const kind = seriesId === undefined ? 'gone' : 'unavailable';
      throw new CalendarError(kind, { status: error.status, reason: 'page_token' });
    });
    if (isCutOff(answer)) throw new CalendarError('unavailable', { reason: 'incomplete_list' });
    return {
      answer,
      isFreeBusyOnly: answer?.accessRole === 'freeBusyReader' || answer?.accessRole === 'none',
      nextPageToken: answer?.nextPageToken ?? undefined,
    };
  }
}

/**
 * Whether a list ends with nothing that Google's end with: a token for what changes next or, where it gives none, at least what the account
 * may do in the calendar. Taken for a whole list, it would make busy times free.
 */
function isCutOff(answer: calendar_v3.Schema$Events | null): boolean {
  return (
    answer?.kind === 'calendar#events' &&
    !answer.nextPageToken &&
    !answer.nextSyncToken &&
    typeof answer.accessRole !== 'string'
  );
}
