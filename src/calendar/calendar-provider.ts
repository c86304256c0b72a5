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

/** What is busy in one calendar, or why it is not known. Unknown is never free. */
export type BusyReading = { known: true; busy: BusyInterval[] } | { known: false; reason: string };

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
  mark: { tenant: string; bookingId: string } | null;
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
   * When the calendars are busy within the window, merged and clipped to it.
   * @returns a reading for each calendar asked for
   */
  abstract freeBusy(
    connection: ConnectionRef,
    googleIds: readonly string[],
    window: { from: number; to: number },
    deadline: Deadline,
  ): Promise<Map<string, BusyReading>>;

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
