import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { AccountTurns } from './account-turns.js';
import { CALENDAR_WRITES, calendarWriteOptions } from './calendar-writes.queue.js';
import type { ClaimedWrite, WriteOutcome } from './claimed-write.js';
import { ConnectionRepository } from './connection.repository.js';
import { EventAttempt, missingMs } from './event-attempt.js';
import { EventFollower } from './event-follower.js';
import { EventWriteRepository } from './event-write.repository.js';
import { LeftoverEvents, type RemovedLeftovers } from './leftover-events.js';
import { SyncRepository } from './mirror/sync.repository.js';
import { WaitingWrites } from './waiting-writes.js';
import { WriteClaimRepository } from './write-claim.repository.js';
import { unchanged, withLeftovers, type Decision } from './write-decision.js';

/** How often one run follows a booking that keeps changing before it leaves the rest to a job. */
const MOST_ROUNDS = 3;
/**
 * Brings a booking's event to what is wanted. Whoever does so holds the row's lease while talking to Google, so that two
 * never do at once; no transaction is open meanwhile. A job that outlasts the lease is enqueued together with taking it: an
 * attempt that dies at any moment is finished by that job.
 */
@Injectable()
export class EventReconciler {
  readonly #leaseMs: number;
  readonly #attempted: (labels: { wanted: string; outcome: string; reason: string }) => void;

  constructor(
    private readonly database: Database,
    private readonly claims: WriteClaimRepository,
    private readonly writes: EventWriteRepository,
    private readonly connections: ConnectionRepository,
    private readonly eventAttempt: EventAttempt,
    private readonly follower: EventFollower,
    private readonly leftovers: LeftoverEvents,
    private readonly syncs: SyncRepository,
    private readonly turns: AccountTurns,
    private readonly waiting: WaitingWrites,
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
      if (write === 'postponed') return true;
      if (write === null) return round > 0;
      const deadline = Deadline.in(this.settings.calendarAttemptMs);
      const decision = write.isDue
        ? await this.eventAttempt.make(tenant, bookingId, write, deadline)
        : unchanged(write);
      const { status, reason } = decision.outcome;
      if (write.isDue) this.#attempted({ wanted: write.wanted, outcome: status, reason: reason ?? '' });
      // Only then, so that the event is nowhere no longer than it cannot be made where it belongs.
      const removed = await this.leftovers.remove(tenant, bookingId, write, deadline);
      const isCurrent = await this.#settle(tenant, bookingId, write, withLeftovers(decision, removed));
      await this.#noteAnswers(tenant, write, decision, removed);
      // Until it is seen to be gone there, its time is taken.
      for (const calendarId of removed.takenFrom) await this.syncs.request(tenant, calendarId);
      if (isCurrent) break;
    }
    return true;
  }

  /** @returns `postponed` when its account does not answer, and another attempt or a later one has the turn */
  async #claim(tenant: TenantId, bookingId: string): Promise<ClaimedWrite | 'postponed' | null> {
    try {
      return await this.#take(tenant, bookingId, []);
    } catch (error) {
      if (!(error instanceof AccountsHang)) throw error;
      const { connectionIds } = error;
      const delayMs = await this.turns.take(tenant, connectionIds, this.#leaseMs);
      if (delayMs !== 0) return this.#postpone({ tenant, bookingId }, delayMs);
      const write = await this.#take(tenant, bookingId, connectionIds);
      if (write === null) await this.turns.giveBack(tenant, connectionIds);
      return write;
    }
  }

  /**
   * @param turns the accounts that it may try although they did not answer lately
   * @throws AccountsHang for others, and then has changed nothing
   */
  async #take(tenant: TenantId, bookingId: string, turns: readonly string[]): Promise<ClaimedWrite | null> {
    return this.database.inTenant(tenant, async (sql) => {
      const times = { leaseMs: this.#leaseMs, missingMs: missingMs(this.settings) };
      const write = await this.claims.claim(sql, tenant, bookingId, times);
      if (write === null) return null;
      const hanging = accountsOf(write).filter(
        ({ isHanging, connectionId }) => isHanging && !turns.includes(connectionId),
      );
      if (hanging.length > 0) throw new AccountsHang(hanging.map(({ connectionId }) => connectionId));
      const job = { tenant, bookingId };
      const options = calendarWriteOptions(job, { delayMs: this.#leaseMs });
      await this.jobs.enqueue(sql, CALENDAR_WRITES, job, options);
      return write;
    });
  }

  async #postpone(job: { tenant: TenantId; bookingId: string }, delayMs: number): Promise<'postponed'> {
    const options = calendarWriteOptions(job, { delayMs });
    await this.database.inTenant(job.tenant, (sql) => this.jobs.enqueue(sql, CALENDAR_WRITES, job, options));
    return 'postponed';
  }

  /** An account that does not answer is tried one write at a time from then on; one that does has its other writes at once. */
  async #noteAnswers(
    tenant: TenantId,
    write: ClaimedWrite,
    { timedOut: isTimedOut }: Decision,
    removed: RemovedLeftovers,
  ): Promise<void> {
    const timedOut = new Set(removed.timedOut);
    if (isTimedOut === true && write.target !== null) timedOut.add(write.target.connectionId);
    for (const connectionId of timedOut) {
      await this.turns.timedOut({ tenant, connectionId }, this.settings.calendarRetryMs);
    }
    for (const { connectionId, isHanging } of accountsOf(write)) {
      if (!isHanging || timedOut.has(connectionId)) continue;
      await this.database.inTenant(tenant, async (sql) => {
        if (await this.turns.answered(sql, { tenant, connectionId })) {
          await this.waiting.enqueuePostponed(sql, tenant);
        }
      });
    }
  }

  /** @returns false when something else is wanted by now */
  async #settle(
    tenant: TenantId,
    bookingId: string,
    write: ClaimedWrite,
    { outcome, ownerEdit, retryInMs, needsReconnect }: Decision & { outcome: WriteOutcome },
  ): Promise<boolean> {
    return this.database.inTenant(tenant, async (sql) => {
      // What is noted of the event must not outlive the mirror of its calendar, where that is disconnected at this moment; and a booking
      // that follows is compared with calendars that must not change meanwhile.
      if (ownerEdit !== undefined) await this.syncs.lock(sql, tenant);
      else if (outcome.event !== undefined) await this.syncs.share(sql, tenant);
      const followed =
        ownerEdit === undefined
          ? outcome
          : { ...outcome, ...(await this.follower.follow(sql, tenant, bookingId, write, ownerEdit)) };
      const settled = await this.writes.settle(sql, tenant, bookingId, write, followed);
      if (settled === undefined) return true;
      await this.follower.placeInMirror(sql, tenant, bookingId, write, followed);
      if (needsReconnect && write.target !== null) {
        const connection = { tenant, connectionId: write.target.connectionId };
        await this.connections.needsReconnect(sql, connection, needsReconnect);
      }
      const isStillToWrite = followed.adopted !== undefined && followed.status === 'pending';
      const delayMs = settled.isCurrent && !isStillToWrite ? retryInMs : 0;
      if (delayMs !== null) {
        const job = { tenant, bookingId };
        await this.jobs.enqueue(sql, CALENDAR_WRITES, job, calendarWriteOptions(job, { delayMs }));
      }
      return settled.isCurrent && !isStillToWrite;
    });
  }
}

/** The accounts that an attempt turns to. */
function accountsOf({ isDue, target, leftovers, strays }: ClaimedWrite): {
  connectionId: string;
  isHanging: boolean;
}[] {
  const others = [...leftovers, ...strays];
  return isDue && target !== null ? [target, ...others] : others;
}

class AccountsHang extends Error {
  constructor(readonly connectionIds: readonly string[]) {
    super('Accounts do not answer.');
  }
}
