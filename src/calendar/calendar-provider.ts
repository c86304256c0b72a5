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
}

/** A time that an event blocks. */
export interface BusyEvent extends BusyInterval {
  /** Null for one that we did not make, or where that cannot be seen. */
  mark: EventMark | null;
}

/** What blocks in one calendar, or why that is not known. Unknown is never free. */
export type BusyReading = { known: true; events: BusyEvent[] } | { known: false; reason: string };

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
}

/** An event as the provider has it. */
export interface ProviderEvent {
  id: string;
  etag: string | null;
  /** True for what is left of a deleted event. */
  cancelled: boolean;
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

  /** All calendars that the account has in its list. */
  abstract listCalendars(connection: ConnectionRef, deadline: Deadline): Promise<ListedCalendar[]>;

  /** @throws CalendarError `already_exists` when there is, or once was, an event with this id */
  abstract insertEvent(calendar: CalendarRef, event: EventDraft, deadline: Deadline): Promise<ProviderEvent>;

  /** @throws CalendarError `not_found` */
  abstract getEvent(calendar: CalendarRef, eventId: string, deadline: Deadline): Promise<ProviderEvent>;

  /**
   * Brings an event to the content, leaving alone what the owner added to it.
   * @throws CalendarError `not_found` or `gone`
   */
  abstract updateEvent(calendar: CalendarRef, event: EventDraft, deadline: Deadline): Promise<ProviderEvent>;

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
