import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import { BookingEvent } from './booking-event.js';
import { CalendarError, isCalendarError } from './calendar-error.js';
import type { ClaimedWrite, LeftoverEvent, StrayEvent } from './claimed-write.js';
import { ConnectionRepository } from './connection.repository.js';
import { isEventIdOf } from './event-id.js';
import { decideFailure, type FailureDecision } from './write-failure.js';
import { clock } from '../platform/time/clock.js';

/** For this long an event that was asked for, and not heard of, may still appear. */
export const MAY_STILL_APPEAR_MS = 60_000;

/** What became of the events that are to be taken away. */
export interface RemovedLeftovers {
  /** The calendars that have none any more, or will not let it be taken away. */
  removedFrom: string[];
  /** The strays that are gone, that will not let themselves be taken away, or that are to stay. */
  doneStrays: StrayEvent[];
  /** The calendars that a stray was taken from. */
  takenFrom: string[];
  /** Whether an event is known to remain for now. */
  remains: boolean;
  /** When to come back; null when there is nothing to come back for. */
  retryInMs: number | null;
  /** The accounts that did not answer within the attempt's time. */
  timedOut: string[];
}

/** Takes a booking's event away from the calendars where it does not belong any more. */
@Injectable()
export class LeftoverEvents {
  readonly #logger = new Logger(LeftoverEvents.name);

  constructor(
    private readonly bookingEvent: BookingEvent,
    private readonly connections: ConnectionRepository,
    private readonly settings: Settings,
  ) {}

  /** Never throws because of Google: what fails is left for later, or given up after a week. */
  async remove(
    tenant: TenantId,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<RemovedLeftovers> {
    const removed: RemovedLeftovers = {
      removedFrom: [],
      doneStrays: [],
      takenFrom: [],
      remains: false,
      retryInMs: null,
      timedOut: [],
    };
    for (const leftover of write.leftovers) {
      const retryInMs = await this.#removeOne(tenant, bookingId, write, leftover, removed, deadline);
      if (retryInMs !== null) removed.retryInMs = Math.min(retryInMs, removed.retryInMs ?? Infinity);
    }
    for (const stray of write.strays) {
      const retryInMs = await this.#removeStray(tenant, bookingId, write, stray, removed, deadline);
      if (retryInMs !== null) removed.retryInMs = Math.min(retryInMs, removed.retryInMs ?? Infinity);
    }
    return removed;
  }

  /** @returns when to come back */
  async #removeStray(
    tenant: TenantId,
    bookingId: string,
    { wanted, eventId: presentId, target, content }: ClaimedWrite,
    stray: StrayEvent,
    removed: RemovedLeftovers,
    deadline: Deadline,
  ): Promise<number | null> {
    const { connectionId, googleId, eventId } = stray;
    try {
      // Of two, the one goes that the booking does not know; where it has none, the owner may have moved that one here. What Google made
      // under an id of its own is never the booking's.
      const isToStay =
        isEventIdOf(bookingId, eventId) &&
        wanted === 'present' &&
        (presentId === null ||
          target === null ||
          !(await this.bookingEvent.isThere({ tenant, ...target }, presentId, deadline)));
      if (!isToStay) {
        const notify = wanted === 'absent' && content.attendeeEmail !== undefined;
        await this.bookingEvent.remove({ tenant, connectionId, googleId }, eventId, notify, deadline);
        removed.takenFrom.push(stray.calendarId);
        this.#logger.log({ tenant, bookingId, eventId }, 'Removed an event that its booking does not want');
      }
      removed.doneStrays.push(stray);
      return null;
    } catch (error) {
      const { status, retryInMs } = await this.#failed(tenant, bookingId, stray, removed, error);
      // Should it be seen again, it is tried again.
      if (status === 'failed') removed.doneStrays.push(stray);
      else removed.remains = true;
      return retryInMs;
    }
  }

  /** @returns when to come back */
  async #removeOne(
    tenant: TenantId,
    bookingId: string,
    { content }: ClaimedWrite,
    leftover: LeftoverEvent,
    removed: RemovedLeftovers,
    deadline: Deadline,
  ): Promise<number | null> {
    const { calendarId, connectionId, googleId, eventAttempt, since } = leftover;
    try {
      const calendar = { tenant, connectionId, googleId };
      const { isSure } = await this.bookingEvent.makeAbsent(
        calendar,
        bookingId,
        { content, eventAttempt },
        deadline,
      );
      if (!isSure && clock.now() - since.getTime() < MAY_STILL_APPEAR_MS) return MAY_STILL_APPEAR_MS;
      removed.removedFrom.push(calendarId);
      return null;
    } catch (error) {
      const decision = await this.#failed(tenant, bookingId, leftover, removed, error);
      if (decision.status === 'failed') removed.removedFrom.push(calendarId);
      else removed.remains = true;
      return decision.retryInMs;
    }
  }

  async #failed(
    tenant: TenantId,
    bookingId: string,
    { calendarId, connectionId, since }: Pick<LeftoverEvent, 'calendarId' | 'connectionId' | 'since'>,
    removed: RemovedLeftovers,
    error: unknown,
  ): Promise<FailureDecision> {
    // A defect here must not lose the removal: it is tried again like anything else that went wrong.
    if (!isCalendarError(error)) this.#logger.error(error);
    if (isCalendarError(error, 'timeout')) removed.timedOut.push(connectionId);
    const failure = isCalendarError(error) ? error : new CalendarError('unavailable');
    // As long again as it has waited so far: attempts to take it away are not counted.
    const waitingMs = clock.now() - since.getTime();
    const baseMs = this.settings.calendarRetryMs;
    const attempts = Math.max(1, Math.ceil(Math.log2(1 + waitingMs / baseMs)));
    const decision = decideFailure(failure, { attempts, waitingMs }, { baseMs });
    const { kind, status, reason } = failure;
    this.#logger.warn(
      { tenant, bookingId, calendarId, kind, status, reason },
      'An event remains where it was',
    );
    if (decision.needsReconnect !== null) {
      await this.connections.markNeedsReconnect({ tenant, connectionId }, decision.needsReconnect);
    }
    return decision;
  }
}
