import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { BookingEvent, isMoved } from './booking-event.js';
import { CalendarError, isCalendarError } from './calendar-error.js';
import type { CalendarRef, EventContent, ProviderEvent } from './calendar-provider.js';
import { CALENDAR_WRITES, calendarWriteKey } from './calendar-writes.queue.js';
import { ConnectionRepository } from './connection.repository.js';
import type { ClaimedWrite, WriteOutcome } from './claimed-write.js';
import { EventWriteRepository } from './event-write.repository.js';
import { IN_CONFLICT, MEET_LINK_PENDING, REMOVAL_UNCONFIRMED } from './event-write.sql.js';
import { LeftoverEvents } from './leftover-events.js';
import { MirrorRepository } from './mirror/mirror.repository.js';
import { SyncRepository } from './mirror/sync.repository.js';
import { OwnerChanges } from './owner-changes.js';
import { retryDelayMs } from './retry-delay.js';
import { WriteClaimRepository } from './write-claim.repository.js';
import { removed, unchanged, withLeftovers, type Decision, type OwnerEdit } from './write-decision.js';
import { decideFailure } from './write-failure.js';

/** How often one run follows a booking that keeps changing before it leaves the rest to a job. */
const MOST_ROUNDS = 3;
/** For this long a Meet link that is being made is looked for. */
const MEET_LINK_PATIENCE_MS = 3_600_000;

/** The event is there without a link: the account cannot make one, or Google has not in all that time. */
const NO_MEET_LINK = 'no_meet_link';
/** The owner has deleted the event of a booking that is over. */
const EVENT_DELETED = 'event_deleted';
/** A look that cannot succeed at present is taken again after this time. */
const LOOK_AGAIN_MS = 3_600_000;

/**
 * Brings a booking's event to what is wanted. Whoever does so holds the row's lease while talking to Google, so that two
 * never do at once; no transaction is open meanwhile. A job that outlasts the lease is enqueued together with taking it: an
 * attempt that dies at any moment is finished by that job.
 */
@Injectable()
export class EventReconciler {
  readonly #logger = new Logger(EventReconciler.name);
  readonly #leaseMs: number;
  readonly #attempted: (labels: { wanted: string; outcome: string; reason: string }) => void;
  readonly #followed: (labels: { change: string; outcome: string }) => void;

  constructor(
    private readonly database: Database,
    private readonly claims: WriteClaimRepository,
    private readonly writes: EventWriteRepository,
    private readonly connections: ConnectionRepository,
    private readonly bookingEvent: BookingEvent,
    private readonly leftovers: LeftoverEvents,
    private readonly mirror: MirrorRepository,
    private readonly syncs: SyncRepository,
    private readonly ownerChanges: OwnerChanges,
    private readonly jobs: JobQueue,
    private readonly settings: Settings,
    metrics: Metrics,
  ) {
    this.#attempted = metrics.counter({
      name: 'calendar_event_writes_total',
      help: 'Attempts to bring an event to what its booking wants, by what came of them',
      labels: ['wanted', 'outcome', 'reason'],
    });
    this.#followed = metrics.counter({
      name: 'calendar_owner_changes_total',
      help: 'Events of bookings that their owner has moved or deleted, by whether the booking followed',
      labels: ['change', 'outcome'],
    });
    this.#leaseMs = Math.ceil(settings.calendarAttemptMs * 1.5);
  }

  /** @returns false when there was nothing to do here, or somebody else is at it */
  async attempt(tenant: TenantId, bookingId: string): Promise<boolean> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const write = await this.#claim(tenant, bookingId);
      if (write === null) return round > 0;
      const deadline = Deadline.in(this.settings.calendarAttemptMs);
      const decision = write.isDue
        ? await this.#decide(tenant, bookingId, write, deadline)
        : unchanged(write);
      const { status, reason } = decision.outcome;
      if (write.isDue) this.#attempted({ wanted: write.wanted, outcome: status, reason: reason ?? '' });
      // Only then, so that the event is nowhere no longer than it cannot be made where it belongs.
      const removed = await this.leftovers.remove(tenant, bookingId, write, deadline);
      const isCurrent = await this.#settle(tenant, bookingId, write, withLeftovers(decision, removed));
      if (isCurrent) break;
    }
    return true;
  }

  async #claim(tenant: TenantId, bookingId: string): Promise<ClaimedWrite | null> {
    return this.database.inTenant(tenant, async (sql) => {
      const write = await this.claims.claim(sql, tenant, bookingId, this.#leaseMs);
      if (write !== null) {
        const job = { tenant, bookingId };
        await this.jobs.enqueue(sql, CALENDAR_WRITES, job, {
          key: calendarWriteKey(job),
          delayMs: this.#leaseMs,
        });
      }
      return write;
    });
  }

  /** @returns false when something else is wanted by now */
  async #settle(
    tenant: TenantId,
    bookingId: string,
    write: ClaimedWrite,
    { outcome, ownerEdit, retryInMs, needsReconnect }: Decision & { outcome: WriteOutcome },
  ): Promise<boolean> {
    return this.database.inTenant(tenant, async (sql) => {
      // What is noted of the event must not outlive the mirror of its calendar, where that is disconnected at this moment.
      if (outcome.event !== undefined || ownerEdit !== undefined) await this.syncs.share(sql, tenant);
      const followed =
        ownerEdit === undefined
          ? outcome
          : { ...outcome, ...(await this.#follow(sql, tenant, bookingId, write, ownerEdit)) };
      const settled = await this.writes.settle(sql, tenant, bookingId, write, followed);
      if (settled === undefined) return true;
      await this.#placeInMirror(sql, tenant, bookingId, write, followed);
      if (needsReconnect && write.target !== null) {
        const connection = { tenant, connectionId: write.target.connectionId };
        await this.connections.needsReconnect(sql, connection, needsReconnect);
      }
      const isStillToWrite = followed.adopted !== undefined && followed.status === 'pending';
      const delayMs = settled.isCurrent && !isStillToWrite ? retryInMs : 0;
      if (delayMs !== null) {
        const job = { tenant, bookingId };
        await this.jobs.enqueue(sql, CALENDAR_WRITES, job, { key: calendarWriteKey(job), delayMs });
      }
      return settled.isCurrent && !isStillToWrite;
    });
  }

  /** An event that is where its booking is blocks nothing beside it; one that is elsewhere does, there. */
  async #placeInMirror(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    { target, eventId, content }: ClaimedWrite,
    { event, adopted }: WriteOutcome,
  ): Promise<void> {
    if (event === undefined || target === null) return;
    const isElsewhere = event?.blocks === true && isMoved(event, adopted ?? content);
    const ids = [event?.id, eventId].filter((id) => id !== null && id !== undefined);
    const place = { bookingId, calendarId: target.calendarId };
    await this.mirror.placeOwn(sql, tenant, place, ids, isElsewhere ? event : null);
    if (event !== null && !isElsewhere) await this.ownerChanges.agreed(sql, tenant, bookingId);
  }

  /** Lets the booking follow what its owner did with the event, unless it has been changed meanwhile. */
  async #follow(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    write: ClaimedWrite,
    edit: OwnerEdit,
  ): Promise<Partial<WriteOutcome>> {
    await this.ownerChanges.lock(sql, tenant, bookingId);
    if (!(await this.writes.isCurrent(sql, tenant, bookingId, write))) return {};
    const known = { writtenVersion: write.version, eventAttempt: write.eventAttempt };
    if (edit.kind === 'deleted') {
      const unwanted = await this.ownerChanges.deleted(sql, tenant, bookingId);
      this.#followed({ change: 'deleted', outcome: unwanted ? 'followed' : 'left' });
      const reason = unwanted ? null : EVENT_DELETED;
      return { ...known, status: 'synced', reason, event: null, unwanted };
    }
    const { event, written: texts } = edit;
    const { time, id: eventId } = event;
    const calendarId = write.target?.calendarId ?? '';
    const moved = await this.ownerChanges.moved(sql, tenant, { bookingId, calendarId, eventId, time });
    this.#followed({ change: 'moved', outcome: moved.outcome });
    // What is not known to be there is written anew.
    const written = atTimeOf(event, texts ?? { ...write.content, summary: '', description: '' });
    switch (moved.outcome) {
      case 'followed': {
        const adopted = moved.content;
        // What else the booking says by now is still to be written.
        return isDeepStrictEqual(written, atTimeOf(event, adopted))
          ? { ...known, status: 'synced', reason: null, event, written, adopted }
          : { status: 'pending', reason: null, event, eventAttempt: write.eventAttempt, written, adopted };
      }
      case 'conflict':
        return { ...known, status: 'failed', reason: IN_CONFLICT, event, written };
      case 'left':
        return { ...known, status: 'synced', reason: null, event, written };
    }
  }

  async #decide(
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
      return this.#failed(tenant, bookingId, write, error);
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
    const mayStillCome = isFirstLook || Date.now() - write.since.getTime() < MEET_LINK_PATIENCE_MS;
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
      { attempts, waitingMs: Date.now() - since.getTime() },
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
    return Date.now() - write.since.getTime() < MEET_LINK_PATIENCE_MS && retryInMs !== null
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

/** What the event says, at the time that its owner gave it. */
function atTimeOf({ time }: ProviderEvent, content: EventContent): EventContent {
  if (time === null) return content;
  return {
    ...content,
    startsAt: new Date(time.start).toISOString(),
    endsAt: new Date(time.end).toISOString(),
  };
}
