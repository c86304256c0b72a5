import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import { BookingEvent, isMoved } from './booking-event.js';
import { CalendarError, isCalendarError } from './calendar-error.js';
import type { CalendarRef, ProviderEvent } from './calendar-provider.js';
import type { ClaimedWrite, EventPart } from './claimed-write.js';
import { MEET_LINK_PENDING } from './event-write.sql.js';
import { retryDelayMs } from './retry-delay.js';
import { removed, type Decision } from './write-decision.js';
import { decideFailure } from './write-failure.js';
import { clock } from '../platform/time/clock.js';

/** For this long a Meet link that is being made is looked for. */
const MEET_LINK_PATIENCE_MS = 3_600_000;
/** A look that cannot succeed at present is taken again after this time. */
const LOOK_AGAIN_MS = 3_600_000;

/** The event is there without a link: the account cannot make one, or Google has not in all that time. */
const NO_MEET_LINK = 'no_meet_link';
/** A Meet link that was refused is asked for again at this interval, and for this long. */
const MEET_LINK_AGAIN_MS = 3_600_000;
const MEET_LINK_GIVE_UP_MS = 2 * 86_400_000;
/** Asked for again, it may take a moment. */
const MEET_LINK_MOMENT_MS = 60_000;
/** The event is there without its guest: Google refused the address. */
const GUEST_REFUSED = 'guest_refused';
const MOMENT_MS = 500;
/** A removal is confirmed for this long at most. */
const REMOVAL_GIVE_UP_MS = 7 * 86_400_000;

/** That something is not there is believed when Google still says so after this time: a minute, with the usual settings. */
export function missingMs({ calendarRetryMs }: Pick<Settings, 'calendarRetryMs'>): number {
  return 12 * calendarRetryMs;
}

/** Talks to Google about a booking's event, and says what follows from that. Changes nothing here. */
@Injectable()
export class EventAttempt {
  readonly #logger = new Logger(EventAttempt.name);

  constructor(
    private readonly bookingEvent: BookingEvent,
    private readonly settings: Settings,
  ) {}

  /** Brings the event to what is wanted or, where it is by all that we know, looks. Never throws because of Google. */
  async make(
    tenant: TenantId,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<Decision> {
    const { target } = write;
    if (write.wanted === 'absent' && write.calendarId === null) return removed(write, true, this.#missingMs);
    if (target === null) return { outcome: { status: 'not_connected', reason: null }, retryInMs: null };
    if (target.connectionState !== 'connected') {
      return { outcome: { status: 'pending', reason: 'needs_reconnect' }, retryInMs: null };
    }
    const { connectionId, googleId, timezone } = target;
    const calendar = { tenant, connectionId, googleId, timezone };
    try {
      if (write.strayEventId !== null) {
        const notify = write.content.attendeeEmail !== undefined;
        await this.bookingEvent.remove(calendar, write.strayEventId, notify, deadline);
        // What else there is to do, the next round does.
        return {
          outcome: { ...unfollowed(write), strayEventId: null },
          retryInMs: hasMore(write) ? 0 : null,
        };
      }
      if (write.wanted === 'absent') {
        const { isSure } = await this.bookingEvent.makeAbsent(calendar, bookingId, write, deadline);
        return removed(write, isSure, this.#missingMs);
      }
      if (write.writtenVersion === write.version) {
        return await this.#look(calendar, bookingId, write, deadline);
      }
      return await this.#write(calendar, bookingId, write, deadline);
    } catch (error) {
      const decision = this.#failed(tenant, bookingId, write, error);
      const strayEventId = isCalendarError(error, 'wrong_event') ? error.strayEventId : undefined;
      if (strayEventId === undefined) return decision;
      // Noted, so that it is taken away however that goes.
      return { ...decision, outcome: { ...decision.outcome, strayEventId }, retryInMs: 0 };
    }
  }

  /** When to ask again whether something is not there: a moment after that would be believed. */
  get #missingMs(): number {
    return missingMs(this.settings) + MOMENT_MS;
  }

  async #write(
    calendar: CalendarRef,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<Decision> {
    const made = await this.bookingEvent.makePresent(calendar, bookingId, write, deadline);
    if (made.event === null)
      return { outcome: unfollowed(write), ownerEdit: { kind: 'deleted' }, retryInMs: null };
    const { event, eventAttempt, leftOut, isMovedByOwner, written } = made;
    if (!isMovedByOwner) return this.#written(write, event, eventAttempt, leftOut);
    return { outcome: unfollowed(write), ownerEdit: { kind: 'moved', event, written }, retryInMs: null };
  }

  /** What is written is there, unless somebody has changed it: then the booking follows. */
  async #look(
    calendar: CalendarRef,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<Decision> {
    const event = await this.bookingEvent.look(calendar, bookingId, write, deadline);
    if (event === null && !write.isLongMissing) {
      return { outcome: { ...unfollowed(write), missing: true }, retryInMs: this.#missingMs };
    }
    if (event === null || event.cancelled) {
      const deletedAt = event?.updatedAt ?? write.writtenAt;
      const wasConnected =
        deletedAt !== null && write.target !== null && deletedAt > write.target.connectedAt;
      // What was deleted while the account was not connected was no word to us: it is put back.
      return wasConnected
        ? { outcome: unfollowed(write), ownerEdit: { kind: 'deleted' }, retryInMs: null }
        : this.#write(
            calendar,
            bookingId,
            { ...write, eventId: null, eventEtag: null, written: null, previousAttemptAt: null },
            deadline,
          );
    }
    if (!isMoved(event, write.content)) {
      const isLinkAskedFor = event.conference === 'ready' || event.conference === 'pending';
      return write.isMeetLinkDue && !isLinkAskedFor
        ? this.#write(calendar, bookingId, { ...write, eventEtag: event.etag }, deadline)
        : this.#written(write, event, write.eventAttempt, write.leftOut);
    }
    const { written, state } = write;
    if (!isMoved(event, written) && state !== 'pending') {
      // Still where the booking could not follow it to, and nobody has asked for another try.
      return { outcome: { ...unfollowed(write), event }, retryInMs: null };
    }
    return { outcome: unfollowed(write), ownerEdit: { kind: 'moved', event, written }, retryInMs: null };
  }

  #written(
    write: ClaimedWrite,
    event: ProviderEvent,
    eventAttempt: number,
    leftOut: readonly EventPart[],
  ): Decision {
    const { content: written } = write;
    const outcome = {
      status: 'synced',
      event,
      eventAttempt,
      written,
      writtenVersion: write.version,
      leftOut,
    } as const;
    const guestReason = leftOut.includes('guest') ? GUEST_REFUSED : null;
    if (event.conference === 'ready')
      return { outcome: { ...outcome, reason: guestReason }, retryInMs: null };
    const waitedMs = clock.now() - write.since.getTime();
    const isFirstLook = write.writtenVersion !== write.version;
    const mayStillCome = isFirstLook || waitedMs < MEET_LINK_PATIENCE_MS;
    if (event.conference === 'pending' && !event.cancelled && mayStillCome) {
      const attempt = isFirstLook ? 1 : write.attempts;
      const retryInMs = retryDelayMs({ attempt, baseMs: this.settings.calendarRetryMs });
      return { outcome: { ...outcome, reason: MEET_LINK_PENDING }, retryInMs };
    }
    const reason = guestReason ?? NO_MEET_LINK;
    const isLater = leftOut.includes('conference') && (isFirstLook || waitedMs < MEET_LINK_GIVE_UP_MS);
    if (!isLater) return { outcome: { ...outcome, reason }, retryInMs: null };
    const meetLinkInMs = event.conference === 'pending' ? MEET_LINK_MOMENT_MS : MEET_LINK_AGAIN_MS;
    // The job comes when it is due, not a moment before.
    return { outcome: { ...outcome, reason, meetLinkInMs }, retryInMs: meetLinkInMs + 1000 };
  }

  #failed(tenant: TenantId, bookingId: string, write: ClaimedWrite, error: unknown): Decision {
    // A defect here must not lose the write: it is tried again like anything else that went wrong.
    const failure = isCalendarError(error)
      ? error
      : new CalendarError('unavailable', { reason: 'internal_error' });
    const { attempts, isRevived } = write;
    const isWritten = write.writtenVersion === write.version;
    const since = isWritten ? (write.lookRequestedAt ?? write.since) : write.since;
    const { status, reason, retryInMs, needsReconnect } = decideFailure(
      failure,
      { attempts, waitingMs: clock.now() - since.getTime(), isRevived },
      { baseMs: this.settings.calendarRetryMs },
    );
    const { kind, status: httpStatus, reason: providerReason } = failure;
    this.#logger.warn(
      {
        tenant,
        bookingId,
        wanted: write.wanted,
        attempts,
        kind,
        httpStatus,
        providerReason,
        status,
        retryInMs,
      },
      'An event could not be brought to what its booking wants',
    );
    if (!isCalendarError(error)) this.#logger.error(error);
    const timedOut = failure.kind === 'timeout';
    if (write.strayEventId !== null) {
      // The booking's own event is as it was.
      return { outcome: unfollowed(write), retryInMs: retryInMs ?? LOOK_AGAIN_MS, needsReconnect, timedOut };
    }
    if (kind === 'calendar_gone' && write.isLongMissing) {
      // With its calendar the event is gone, so that the next attempt may choose another calendar.
      const gone = { event: null, writtenVersion: 0 };
      return { outcome: { status, reason, ...gone }, retryInMs, needsReconnect, timedOut };
    }
    const isMissing = kind === 'calendar_gone' || kind === 'not_found' || kind === 'gone';
    const missing = isMissing ? { missing: true } : {};
    const inMs = isMissing && retryInMs !== null ? this.#missingMs : retryInMs;
    // What was written of this version stays written: only the look whether it is all there failed.
    const decision =
      isWritten && needsReconnect === null
        ? this.#notSeen(write, inMs)
        : { outcome: { status, reason }, retryInMs: inMs, needsReconnect };
    return { ...decision, outcome: { ...decision.outcome, ...missing }, timedOut };
  }

  /** @param retryInMs by what was in the way of the look */
  #notSeen(write: ClaimedWrite, retryInMs: number | null): Decision {
    const waitedMs = clock.now() - write.since.getTime();
    if (write.lookRequestedAt !== null || write.isMeetLinkDue) {
      return { outcome: unfollowed(write), retryInMs: retryInMs ?? LOOK_AGAIN_MS };
    }
    if (write.wanted === 'absent') {
      return waitedMs < REMOVAL_GIVE_UP_MS
        ? { outcome: unfollowed(write), retryInMs: retryInMs ?? LOOK_AGAIN_MS }
        : { outcome: { status: 'synced', reason: null }, retryInMs: null };
    }
    return waitedMs < MEET_LINK_PATIENCE_MS && retryInMs !== null
      ? { outcome: { status: 'synced', reason: MEET_LINK_PENDING }, retryInMs }
      : { outcome: { status: 'synced', reason: NO_MEET_LINK }, retryInMs: null };
  }
}

/** Whether there is more to do than to take away what Google made instead of the event. */
function hasMore({ state, lookRequestedAt }: ClaimedWrite): boolean {
  return state === 'pending' || lookRequestedAt !== null;
}

/** As long as nothing is followed, everything is as it was. */
function unfollowed({ state, failure }: ClaimedWrite): Decision['outcome'] {
  return { status: state, reason: failure };
}
