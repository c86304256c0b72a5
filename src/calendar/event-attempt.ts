import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import { BookingEvent, isMoved } from './booking-event.js';
import { CalendarError, isCalendarError } from './calendar-error.js';
import type { CalendarRef, ProviderEvent } from './calendar-provider.js';
import type { ClaimedWrite } from './claimed-write.js';
import { MEET_LINK_PENDING, REMOVAL_UNCONFIRMED } from './event-write.sql.js';
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
    if (write.wanted === 'absent' && write.calendarId === null) return removed(write, true);
    if (target === null) return { outcome: { status: 'not_connected', reason: null }, retryInMs: null };
    if (target.connectionState !== 'connected') {
      return { outcome: { status: 'pending', reason: 'needs_reconnect' }, retryInMs: null };
    }
    const { connectionId, googleId, timezone } = target;
    const calendar = { tenant, connectionId, googleId, timezone };
    try {
      if (write.wanted === 'absent') {
        const { wasThere } = await this.bookingEvent.makeAbsent(calendar, bookingId, write, deadline);
        return removed(write, wasThere);
      }
      if (write.writtenVersion === write.version) {
        return await this.#look(calendar, bookingId, write, deadline);
      }
      return await this.#write(calendar, bookingId, write, deadline);
    } catch (error) {
      const decision = this.#failed(tenant, bookingId, write, error);
      return { ...decision, timedOut: isCalendarError(error, 'timeout') };
    }
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
    const { event, eventAttempt, isMovedByOwner, written } = made;
    if (!isMovedByOwner) return this.#written(write, event, eventAttempt);
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
    if (!isMoved(event, write.content)) return this.#written(write, event, write.eventAttempt);
    const { written, state } = write;
    if (!isMoved(event, written) && state !== 'pending') {
      // Still where the booking could not follow it to, and nobody has asked for another try.
      return { outcome: { ...unfollowed(write), event }, retryInMs: null };
    }
    return { outcome: unfollowed(write), ownerEdit: { kind: 'moved', event, written }, retryInMs: null };
  }

  #written(write: ClaimedWrite, event: ProviderEvent, eventAttempt: number): Decision {
    const { content: written } = write;
    const outcome = {
      status: 'synced',
      event,
      eventAttempt,
      written,
      writtenVersion: write.version,
    } as const;
    if (event.conference === 'ready') return { outcome: { ...outcome, reason: null }, retryInMs: null };
    const isFirstLook = write.writtenVersion !== write.version;
    const mayStillCome = isFirstLook || clock.now() - write.since.getTime() < MEET_LINK_PATIENCE_MS;
    if (event.conference === 'pending' && !event.cancelled && mayStillCome) {
      const attempt = isFirstLook ? 1 : write.attempts;
      const retryInMs = retryDelayMs({ attempt, baseMs: this.settings.calendarRetryMs });
      return { outcome: { ...outcome, reason: MEET_LINK_PENDING }, retryInMs };
    }
    return { outcome: { ...outcome, reason: NO_MEET_LINK }, retryInMs: null };
  }

  #failed(tenant: TenantId, bookingId: string, write: ClaimedWrite, error: unknown): Decision {
    // A defect here must not lose the write: it is tried again like anything else that went wrong.
    const failure = isCalendarError(error)
      ? error
      : new CalendarError('unavailable', { reason: 'internal_error' });
    const { attempts, since } = write;
    const { status, reason, retryInMs, needsReconnect } = decideFailure(
      failure,
      { attempts, waitingMs: clock.now() - since.getTime() },
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
    const { kind: what } = failure;
    // What was written of this version stays written: only the look whether it is all there failed.
    if (write.writtenVersion === write.version && needsReconnect === null && what !== 'calendar_gone') {
      return this.#notSeen(write, retryInMs);
    }
    // With its calendar the event is gone, so that the next attempt may choose another calendar.
    const gone = what === 'calendar_gone' ? { event: null, writtenVersion: 0 } : {};
    return { outcome: { status, reason, ...gone }, retryInMs, needsReconnect };
  }

  /** @param retryInMs by what was in the way of the look */
  #notSeen(write: ClaimedWrite, retryInMs: number | null): Decision {
    if (write.lookRequestedAt !== null) {
      return { outcome: unfollowed(write), retryInMs: retryInMs ?? LOOK_AGAIN_MS };
    }
    const isPresent = write.wanted === 'present';
    return clock.now() - write.since.getTime() < MEET_LINK_PATIENCE_MS && retryInMs !== null
      ? {
          outcome: { status: 'synced', reason: isPresent ? MEET_LINK_PENDING : REMOVAL_UNCONFIRMED },
          retryInMs,
        }
      : { outcome: { status: 'synced', reason: isPresent ? NO_MEET_LINK : null }, retryInMs: null };
  }
}

/** As long as nothing is followed, everything is as it was. */
function unfollowed({ state, failure }: ClaimedWrite): Decision['outcome'] {
  return { status: state, reason: failure };
}
