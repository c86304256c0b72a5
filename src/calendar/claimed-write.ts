import type { EventContent, ProviderEvent } from './calendar-provider.js';

export type EventWriteStatus = 'not_connected' | 'pending' | 'synced' | 'failed';

/** A part of an event that can be left out where Google refuses it. */
export type EventPart = 'conference' | 'guest';

/** A booking's event to be written, held by whoever has the lease. */
export interface ClaimedWrite {
  wanted: 'present' | 'absent';
  content: EventContent;
  version: number;
  writtenVersion: number;
  /** False when the event itself is as wanted, and only leftovers are to be taken away. */
  isDue: boolean;
  state: EventWriteStatus;
  failure: string | null;
  /** The event that was written, if any is known of. */
  eventId: string | null;
  eventAttempt: number;
  /** Of the event as it was last written or looked at. */
  eventEtag: string | null;
  /** What the event says by our last writing, with the times that its owner has given it since; null where that is not known. */
  written: EventContent | null;
  writtenAt: Date | null;
  /** Since when this version is wanted. */
  wantedAt: Date;
  /** When a synchronisation last saw the event otherwise than it is known here. */
  lookRequestedAt: Date | null;
  meetLink: string | null;
  /** What Google refused of the event that is there. */
  leftOut: readonly EventPart[];
  /** Whether a Meet link that was left out is to be asked for again. */
  isMeetLinkDue: boolean;
  /** An event that Google made instead of this one, to be taken away. */
  strayEventId: string | null;
  /** Whether Google said some time ago that the event or its calendar is not there, and it has not been seen since. */
  isLongMissing: boolean;
  /** Whether it had been given up, and is tried once more. */
  isRevived: boolean;
  attempts: number;
  /** Since when it waits, or is settled. */
  since: Date;
  /** When an earlier attempt in the same calendar began, whose outcome may be unknown. */
  previousAttemptAt: Date | null;
  leaseUntil: Date;
  /** Where the event is, or may be; null when it can be nowhere. */
  calendarId: string | null;
  /** Null when there is no calendar to write to. */
  target: WriteTarget | null;
  leftovers: LeftoverEvent[];
  strays: StrayEvent[];
}

export interface WriteTarget {
  connectionId: string;
  connectionState: string;
  connectedAt: Date;
  /** Whether the account's last attempt ran out of time (`account-turns.ts`). */
  isHanging: boolean;
  calendarId: string;
  googleId: string;
  timezone: string;
}

/** A calendar that can be reached, where the event may be and does not belong. */
export interface LeftoverEvent {
  calendarId: string;
  connectionId: string;
  googleId: string;
  eventAttempt: number;
  since: Date;
  /** As of a `WriteTarget`. */
  isHanging: boolean;
}

/** An event in a calendar that can be reached, whose booking wants none, or another. */
export interface StrayEvent {
  calendarId: string;
  connectionId: string;
  googleId: string;
  eventId: string;
  since: Date;
  /** As of a `WriteTarget`. */
  isHanging: boolean;
}

/** What one attempt came to. */
export interface WriteOutcome {
  status: EventWriteStatus;
  reason: string | null;
  /** The version that the calendar has now; unchanged when nothing was written. */
  writtenVersion?: number;
  /** Null when the event is gone; left out when nothing is known anew. */
  event?: ProviderEvent | null;
  eventAttempt?: number;
  /** Google says that the event, or its calendar, is not there: believed when it is said again some time later. */
  missing?: boolean;
  /** An event that is to be taken away; null when that is done. */
  strayEventId?: string | null;
  /** What Google refused of the event; left out when that is not known anew. */
  leftOut?: readonly EventPart[];
  /** When to ask for the Meet link again that was left out. Only together with an event. */
  meetLinkInMs?: number;
  /** What the event says now; left out when that is not known anew. */
  written?: EventContent;
  /** The booking has followed its event: this is its content from now on; written already unless the status is `pending`. */
  adopted?: EventContent;
  /** The booking was cancelled because its event is gone: none is wanted any more. */
  unwanted?: boolean;
  /** The calendars that no longer have a leftover. */
  removedFrom: readonly string[];
  /** The strays that need not be taken away any more. */
  doneStrays: readonly Pick<StrayEvent, 'calendarId' | 'eventId'>[];
}
