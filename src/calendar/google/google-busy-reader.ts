import { Injectable } from '@nestjs/common';
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { Deadline } from '../../platform/deadline.js';
import { isCalendarError } from '../calendar-error.js';
import type { BusyEvent, BusyReading, CalendarRef } from '../calendar-provider.js';
import { fromGoogleBusy, fromGoogleEvents } from './google-busy.mapper.js';
import { GoogleCalendarApi } from './google-calendar-api.js';

interface Range {
  from: number;
  to: number;
}

/** The most that Google gives at once, and the most pages that are read: beyond that, what is busy is not known. */
const PAGE_SIZE = 2500;
const MOST_PAGES = 20;
/** What is needed of events, and nothing of what people wrote in them. */
const FIELDS = [
  'kind,timeZone,accessRole,nextPageToken,items(id,status,start,end,transparency,eventType',
  'attendees(self,responseStatus),extendedProperties/private)',
].join();
/** Google refuses free/busy for ranges much longer. */
const LONGEST_RANGE_MS = 30 * 86_400_000;

/** When a calendar is busy, by its events; by free/busy where the account may see no more than that. */
@Injectable()
export class GoogleBusyReader {
  constructor(private readonly api: GoogleCalendarApi) {}

  /** As `CalendarProvider.readBusy`. */
  async read(calendar: CalendarRef, range: Range, deadline: Deadline): Promise<BusyReading> {
    try {
      return (
        (await this.#byEvents(calendar, range, deadline)) ??
        (await this.#byFreeBusy(calendar, range, deadline))
      );
    } catch (error) {
      if (!isCalendarError(error, 'forbidden')) throw error;
      return this.#byFreeBusy(calendar, range, deadline);
    }
  }

  /** @returns null where events tell the account nothing but that they are there */
  async #byEvents(calendar: CalendarRef, range: Range, deadline: Deadline): Promise<BusyReading | null> {
    const events: BusyEvent[] = [];
    let pageToken: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page = await this.api.call<calendar_v3.Schema$Events | null>(
        'events.list',
        calendar,
        deadline,
        (api) =>
          api.events.list({
            calendarId: calendar.googleId,
            singleEvents: true,
            timeMin: new Date(range.from).toISOString(),
            timeMax: new Date(range.to).toISOString(),
            maxResults: PAGE_SIZE,
            fields: FIELDS,
            pageToken,
          }),
      );
      if (page?.accessRole === 'freeBusyReader' || page?.accessRole === 'none') return null;
      const reading = fromGoogleEvents(page);
      if (!reading.known) return reading;
      for (const event of reading.events) events.push(event);
      pageToken = page?.nextPageToken ?? undefined;
      if (pageToken === undefined) return { known: true, events };
    }
    return { known: false, reason: 'too_many_events' };
  }

  async #byFreeBusy(calendar: CalendarRef, range: Range, deadline: Deadline): Promise<BusyReading> {
    const parts = await Promise.all(
      partsOf(range).map(async ({ from, to }) => {
        const answer = await this.api.call<calendar_v3.Schema$FreeBusyResponse | null>(
          'freebusy.query',
          calendar,
          deadline,
          (api) =>
            api.freebusy.query({
              requestBody: {
                timeMin: new Date(from).toISOString(),
                timeMax: new Date(to).toISOString(),
                items: [{ id: calendar.googleId }],
              },
            }),
        );
        return fromGoogleBusy(answer?.calendars?.[calendar.googleId]);
      }),
    );
    return (
      parts.find(({ known }) => !known) ?? {
        known: true,
        events: parts.flatMap((part) => (part.known ? part.events : [])),
      }
    );
  }
}

function partsOf({ from, to }: Range): Range[] {
  const parts: Range[] = [];
  for (let start = from; start < to; start += LONGEST_RANGE_MS) {
    parts.push({ from: start, to: Math.min(to, start + LONGEST_RANGE_MS) });
  }
  return parts;
}
