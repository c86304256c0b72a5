import { Injectable } from '@nestjs/common';
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { Deadline } from '../../platform/deadline.js';
import { isCalendarError } from '../calendar-error.js';
import type { BusyEvent, BusyReading, CalendarRef } from '../calendar-provider.js';
import { fromGoogleBusy, fromGoogleEventPage } from './google-busy.mapper.js';
import { GoogleCalendarApi } from './google-calendar-api.js';
import { GoogleEventLists } from './google-event-lists.js';

interface Range {
  from: number;
  to: number;
}

/** The most pages that are read: beyond that, what is busy is not known. */
const MOST_PAGES = 20;
/** Google refuses free/busy for ranges much longer. */
const LONGEST_RANGE_MS = 30 * 86_400_000;

/** When a calendar is busy, by its events; by free/busy where the account may see no more than that. */
@Injectable()
export class GoogleBusyReader {
  constructor(
    private readonly api: GoogleCalendarApi,
    private readonly lists: GoogleEventLists,
  ) {}

  /** As `CalendarProvider.readBusy`. */
  async read(calendar: CalendarRef, range: Range, deadline: Deadline): Promise<BusyReading> {
    try {
      return await this.#read(calendar, range, deadline);
    } catch (error) {
      if (!isCalendarError(error, 'gone')) throw error;
      return this.#read(calendar, range, deadline);
    }
  }

  async #read(calendar: CalendarRef, range: Range, deadline: Deadline): Promise<BusyReading> {
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
      const list = await this.lists.page(calendar, { window: range }, pageToken, deadline);
      if (list.isFreeBusyOnly) return null;
      const reading = busyEventsOf(list.answer, calendar.timezone);
      if (!reading.known) return reading;
      for (const event of reading.events) events.push(event);
      pageToken = list.nextPageToken;
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

function busyEventsOf(answer: calendar_v3.Schema$Events | null, calendarZone?: string): BusyReading {
  try {
    const events = fromGoogleEventPage(answer, calendarZone).events.flatMap(
      ({ id, etag, seriesId, mark, time, blocks }) =>
        blocks && time !== null ? [{ ...time, id, etag, seriesId, mark }] : [],
    );
    return { known: true, events };
  } catch (error) {
    if (!isCalendarError(error, 'unavailable')) throw error;
    return { known: false, reason: error.reason ?? 'unreadable' };
  }
}

function partsOf({ from, to }: Range): Range[] {
  const parts: Range[] = [];
  for (let start = from; start < to; start += LONGEST_RANGE_MS) {
    parts.push({ from: start, to: Math.min(to, start + LONGEST_RANGE_MS) });
  }
  return parts;
}
