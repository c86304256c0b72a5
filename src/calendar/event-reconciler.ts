import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { BookingEvent } from './booking-event.js';
import { CalendarError, isCalendarError } from './calendar-error.js';
import type { ProviderEvent } from './calendar-provider.js';
import { CALENDAR_WRITES, calendarWriteKey } from './calendar-writes.queue.js';
import { ConnectionRepository } from './connection.repository.js';
import type { ClaimedWrite, WriteOutcome } from './claimed-write.js';
import { EventWriteRepository } from './event-write.repository.js';
import { MEET_LINK_PENDING, REMOVAL_UNCONFIRMED } from './event-write.sql.js';
import { LeftoverEvents } from './leftover-events.js';
import { retryDelayMs } from './retry-delay.js';
import { WriteClaimRepository } from './write-claim.repository.js';
import { removed, unchanged, withLeftovers, type Decision } from './write-decision.js';
import { decideFailure } from './write-failure.js';

/** How often one run follows a booking that keeps changing before it leaves the rest to a job. */
const MOST_ROUNDS = 3;
/** For this long a Meet link that is being made is looked for. */
const MEET_LINK_PATIENCE_MS = 3_600_000;

/** The event is there without a link: the account cannot make one, or Google has not in all that time. */
const NO_MEET_LINK = 'no_meet_link';

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

  constructor(
    private readonly database: Database,
    private readonly claims: WriteClaimRepository,
    private readonly writes: EventWriteRepository,
    private readonly connections: ConnectionRepository,
    private readonly bookingEvent: BookingEvent,
    private readonly leftovers: LeftoverEvents,
    private readonly jobs: JobQueue,
    private readonly settings: Settings,
    metrics: Metrics,
  ) {
    this.#attempted = metrics.counter({
      name: 'calendar_event_writes_total',
      help: 'Attempts to bring an event to what its booking wants, by what came of them',
      labels: ['wanted', 'outcome', 'reason'],
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
    { outcome, retryInMs, needsReconnect }: Decision & { outcome: WriteOutcome },
  ): Promise<boolean> {
    return this.database.inTenant(tenant, async (sql) => {
      const settled = await this.writes.settle(sql, tenant, bookingId, write, outcome);
      if (settled === undefined) return true;
      if (needsReconnect && write.target !== null) {
        const connection = { tenant, connectionId: write.target.connectionId };
        await this.connections.needsReconnect(sql, connection, needsReconnect);
      }
      const delayMs = settled.isCurrent ? retryInMs : 0;
      if (delayMs !== null) {
        const job = { tenant, bookingId };
        await this.jobs.enqueue(sql, CALENDAR_WRITES, job, { key: calendarWriteKey(job), delayMs });
      }
      return settled.isCurrent;
    });
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
    const { connectionId, googleId } = target;
    const calendar = { tenant, connectionId, googleId };
    try {
      if (write.wanted === 'absent') {
        const { wasThere } = await this.bookingEvent.makeAbsent(calendar, bookingId, write, deadline);
        return removed(write, wasThere);
      }
      if (write.writtenVersion === write.version) {
        const event = await this.bookingEvent.look(calendar, bookingId, write, deadline);
        return this.#written(write, event, write.eventAttempt);
      }
      const { event, eventAttempt } = await this.bookingEvent.makePresent(
        calendar,
        bookingId,
        write,
        deadline,
      );
      return this.#written(write, event, eventAttempt);
    } catch (error) {
      return this.#failed(tenant, bookingId, write, error);
    }
  }

  #written(write: ClaimedWrite, event: ProviderEvent, eventAttempt: number): Decision {
    const outcome = { status: 'synced', event, eventAttempt, writtenVersion: write.version } as const;
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
    // What was written of this version stays written: only the look whether it is all there failed.
    if (write.writtenVersion === write.version && needsReconnect === null) {
      const isPresent = write.wanted === 'present';
      return Date.now() - since.getTime() < MEET_LINK_PATIENCE_MS && retryInMs !== null
        ? {
            outcome: { status: 'synced', reason: isPresent ? MEET_LINK_PENDING : REMOVAL_UNCONFIRMED },
            retryInMs,
          }
        : { outcome: { status: 'synced', reason: isPresent ? NO_MEET_LINK : null }, retryInMs: null };
    }
    // With its calendar the event is gone, so that the next attempt may choose another calendar.
    const isGone = failure.kind === 'calendar_gone';
    return {
      outcome: { status, reason, ...(isGone ? { event: null } : {}) },
      retryInMs,
      needsReconnect,
    };
  }
}
