import type { Secret } from '../platform/config/secret.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';

/** The account in whose name a call is made. */
export interface ConnectionRef {
  tenant: TenantId;
  connectionId: string;
}

/** A calendar of a connected account; `googleId` may be `primary`. */
export interface CalendarRef extends ConnectionRef {
  googleId: string;
  /** By which its whole days begin and end; only asked for where the times of single events matter. */
  timezone?: string;
}

/** Epoch milliseconds, half-open. */
export interface BusyInterval {
  start: number;
  end: number;
}

/** Whose event this is, as we note it in those that we make. */
export interface EventMark {
  tenant: string;
  bookingId: string;
  /** When we last put it: at another time, its owner has moved it. Left out where that is not told. */
  time?: BusyInterval;
  /** From which a booking that was lost can be made again; left out of events that were made before there was this. */
  booked?: BookedDetails;
}

/** What a booking's event knows of its booking, beside the time. */
export interface BookedDetails {
  reference: string;
  serviceId: string;
  resourceId: string;
  name: string;
  phone: string;
  phoneExtension?: string;
  email: string | null;
  /** Cut off where it does not fit. */
  purpose: string | null;
  /** The idempotency key that the booking was made with, and the hash of that request. */
  request?: { key: string; hash: string };
}

/** A time that an event blocks. */
export interface BusyEvent extends BusyInterval {
  /** Null where the account may see that there is something, and not what. */
  id: string | null;
  etag: string | null;
  /** The recurring event that this is an instance of. */
  seriesId: string | null;
  /** Null for one that we did not make, or where that cannot be seen. */
  mark: EventMark | null;
}

/** What blocks in one calendar, or why that is not known. Unknown is never free. */
export type BusyReading = { known: true; events: BusyEvent[] } | { known: false; reason: string };

/** An event, or an instance of a recurring one, as a list of events or of changes tells of it. */
export interface SeenEvent {
  id: string;
  seriesId: string | null;
  /** Null where it is not told, as of what is cancelled. */
  etag: string | null;
  /** Of a cancelled one nothing but the id is sure. */
  cancelled: boolean;
  /**
   * When it takes place or, where that cannot be read, when it may by what can be told; null for what is cancelled, for what neither blocks
   * nor is ours, and where nothing can be told.
   */
  time: BusyInterval | null;
  blocks: boolean;
  /** False for one that blocks at a time that cannot be read, or that has no id. */
  isReadable: boolean;
  /** Null for one that we did not make. */
  mark: EventMark | null;
}

/** A part of a calendar's events, or of what changed in it. */
export interface EventPage {
  events: SeenEvent[];
  /** Of the calendar: its all-day events begin and end by it. */
  timezone: string;
  /** From which the next changes are asked for; on the last page only. */
  nextSyncToken: string | null;
}

/** What a synchronisation asks for: everything in a window, or of one recurring event, or what changed since. */
export type SyncStart = { window: { from: number; to: number }; seriesId?: string } | { syncToken: string };

/** A channel by which the provider tells of changes. */
export interface WatchRequest {
  /** Random, at most 64 characters. */
  id: string;
  /** Comes back with every message, at most 256 characters. */
  token: Secret;
  /** Where messages are to be sent. */
  address: string;
  ttlSeconds: number;
}

export interface WatchedChannel {
  /** The provider's name for what is watched; needed to stop the channel. */
  resourceId: string;
  expiresAt: Date;
}

/** A calendar in an account's list. */
export interface ListedCalendar {
  /** As the provider names it; `primary` for the account's own. */
  googleId: string;
  summary: string;
  timezone: string;
  /** What the account may do there, in the provider's words (`access-role.ts`). */
  accessRole: string;
}

/** What a booking's event should say. Instants are ISO 8601 in UTC; the zone is the one it is shown in. */
export interface EventContent {
  summary: string;
  description: string;
  startsAt: string;
  endsAt: string;
  timezone: string;
  location?: string;
  /** Who is invited. Google sends the invitation. */
  attendeeEmail?: string;
  /** Kept in the event beside what people see of it. */
  booked?: BookedDetails;
}

/** An event as we make it. */
export interface EventDraft {
  /** Chosen by us, unique in its calendar, never used again after a deletion: `[a-v0-9]{5,1024}`. */
  id: string;
  /** The booking whose event this is; kept in the event so that we recognise it. */
  bookingId: string;
  content: EventContent;
  /** Whether a conference (a Meet link) is asked for. */
  withConference: boolean;
  /** Which request for a conference this is; what was refused or failed is not asked for again by the same. Left out: the first. */
  conferenceTry?: number;
}

/** How an event of ours is to be changed. */
export interface EventChange {
  draft: EventDraft;
  /** What the event says by our last writing; null where that is not known. What is the same now is left as its owner has it. */
  written: EventContent | null;
  /** Nothing is changed where the event has changed since this version of it; null for changing it whatever it is. */
  ifMatch: string | null;
}

/** An event as the provider has it. */
export interface ProviderEvent {
  id: string;
  etag: string | null;
  /** When anything about it was changed last, by the provider's clock; null where it does not say. */
  updatedAt: Date | null;
  /** True for what is left of a deleted event. */
  cancelled: boolean;
  /** When it takes place: null for what is deleted, or is at no time that can be read. */
  time: BusyInterval | null;
  /** The time it takes up as far as that can be told: `time` where it can be read. */
  occupied: BusyInterval | null;
  /** Whether it takes whole days, which no booking does. */
  isAllDay: boolean;
  /** Whether it takes that time up. */
  blocks: boolean;
  /** Whose event this is by the mark that we left in it; null when it bears none. */
  mark: EventMark | null;
  /** `pending`: asked for, and not there yet. */
  conference: 'none' | 'pending' | 'ready' | 'failed';
  meetLink: string | null;
  htmlLink: string | null;
}

export interface CalendarDescription {
  summary: string;
  timezone: string;
}

/**
 * Where calendars are kept. Every method answers before the deadline or throws, and throws nothing but `CalendarError`;
 * calls that failed temporarily are repeated within the deadline. All of them may be made again after an unknown
 * outcome without doing harm.
 */
export abstract class CalendarProvider {
  /**
   * What blocks in a calendar within the window: times that reach into it, in any order, overlapping or not. A reading that
   * would be incomplete is unknown.
   * @param window epoch milliseconds, half-open
   */
  abstract readBusy(
    calendar: CalendarRef,
    window: { from: number; to: number },
    deadline: Deadline,
  ): Promise<BusyReading>;

  /**
   * All events in a window with every instance of recurring ones, or what changed since a token was given, page by page. Times may lie
   * outside of the window. The token comes with the last page; where lists end without one, everything has to be listed each time.
   * @param pageMs how long one page may take
   * @throws CalendarError `gone` for a token, also one between two pages, that is no longer good, and for a series that is gone, as
   * `not_found` and `invalid`; `forbidden` where the account may see no events, with the reason
   * `free_busy_only` if it may see when the calendar is busy; `unavailable` for a page that cannot be read
   */
  abstract eventPages(calendar: CalendarRef, start: SyncStart, pageMs: number): AsyncIterable<EventPage>;

  /** @throws CalendarError `invalid` for a calendar that cannot be watched */
  abstract watch(calendar: CalendarRef, channel: WatchRequest, deadline: Deadline): Promise<WatchedChannel>;

  /** Messages may come for a while after. @throws CalendarError `not_found` for a channel that has ended */
  abstract stopWatching(
    connection: ConnectionRef,
    channel: { id: string; resourceId: string },
    deadline: Deadline,
  ): Promise<void>;

  /** All calendars that the account has in its list. */
  abstract listCalendars(connection: ConnectionRef, deadline: Deadline): Promise<ListedCalendar[]>;

  /**
   * @throws CalendarError `already_exists` when there is, or once was, an event with this id; `conference_refused` or `guest_refused` where
   * it can be made without those; `wrong_event` when another event was made instead
   */
  abstract insertEvent(calendar: CalendarRef, event: EventDraft, deadline: Deadline): Promise<ProviderEvent>;

  /** @throws CalendarError `not_found` */
  abstract getEvent(calendar: CalendarRef, eventId: string, deadline: Deadline): Promise<ProviderEvent>;

  /**
   * Brings an event to the content, leaving alone what the owner added to it.
   * @throws CalendarError `not_found` or `gone`; `precondition_failed` where it is not the version that was said; `conference_refused`
   */
  abstract updateEvent(
    calendar: CalendarRef,
    change: EventChange,
    deadline: Deadline,
  ): Promise<ProviderEvent>;

  /** @throws CalendarError `not_found` when there never was such an event, `gone` when it had been deleted before */
  abstract deleteEvent(
    calendar: CalendarRef,
    eventId: string,
    options: { notify: boolean },
    deadline: Deadline,
  ): Promise<void>;

  /** The account's own calendar, asked for with a token that is not stored yet. */
  abstract describePrimary(accessToken: Secret, deadline: Deadline): Promise<CalendarDescription>;
}
