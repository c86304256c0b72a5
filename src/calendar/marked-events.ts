import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { isCalendarError } from './calendar-error.js';
import {
  CalendarProvider,
  type BookedDetails,
  type BusyInterval,
  type CalendarRef,
} from './calendar-provider.js';
import { CalendarRepository, type KnownCalendar } from './calendar.repository.js';
import { bookingIdOf, wholeEventId } from './event-id.js';

const PAGE_MS = 30_000;
const REMOVAL_MS = 30_000;

/** An event that bears our mark, as it stands in a calendar. */
export interface MarkedEvent {
  id: string;
  bookingId: string;
  time: BusyInterval;
  calendar: KnownCalendar;
  booked: BookedDetails | null;
}

export interface MarkedEvents {
  events: MarkedEvent[];
  /** The calendars that were read to the end. */
  read: KnownCalendar[];
  unread: { calendar: KnownCalendar; reason: string }[];
}

/** The events of bookings as they are in the calendars now, whatever is known of them here. */
@Injectable()
export class MarkedEventReader {
  constructor(
    private readonly calendars: CalendarRepository,
    private readonly provider: CalendarProvider,
  ) {}

  async read(tenant: TenantId, window: { from: number; to: number }): Promise<MarkedEvents> {
    const found: MarkedEvents = { events: [], read: [], unread: [] };
    const named = new Set<string>();
    for (const calendar of await this.calendars.findKnown(tenant)) {
      if (calendar.connectionState !== 'connected') {
        found.unread.push({ calendar, reason: calendar.connectionState });
        continue;
      }
      // To its owner's account a calendar is `primary`, to another's it has the owner's address for a name.
      const name = calendar.googleId === 'primary' ? calendar.accountEmail : calendar.googleId;
      if (calendar.accessRole === 'none' || named.has(name)) continue;
      try {
        found.events.push(...(await this.#readOne(tenant, calendar, window)));
        found.read.push(calendar);
        named.add(name);
      } catch (error) {
        if (!isCalendarError(error)) throw error;
        found.unread.push({ calendar, reason: error.kind });
      }
    }
    return found;
  }

  async remove(tenant: TenantId, { id, calendar, booked }: MarkedEvent): Promise<void> {
    const notify = typeof booked?.email === 'string';
    await this.provider.deleteEvent(refOf(tenant, calendar), id, { notify }, Deadline.in(REMOVAL_MS));
  }

  async #readOne(
    tenant: TenantId,
    calendar: KnownCalendar,
    window: { from: number; to: number },
  ): Promise<MarkedEvent[]> {
    const events = new Map<string, MarkedEvent>();
    for await (const page of this.provider.eventPages(refOf(tenant, calendar), { window }, PAGE_MS)) {
      for (const { id, mark, time, cancelled } of page.events) {
        // A copy that somebody made of one of our events bears its mark, under an id of its own.
        if (cancelled || time === null || mark?.tenant !== tenant || bookingIdOf(id) !== mark.bookingId)
          continue;
        const whole = wholeEventId(id);
        if (events.has(whole)) continue;
        events.set(whole, {
          id: whole,
          bookingId: mark.bookingId,
          time,
          calendar,
          booked: mark.booked ?? null,
        });
      }
    }
    return [...events.values()];
  }
}

function refOf(tenant: TenantId, { connectionId, googleId, timezone }: KnownCalendar): CalendarRef {
  return { tenant, connectionId, googleId, timezone };
}
