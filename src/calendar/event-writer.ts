import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import type { SqlTransaction } from '../platform/database/database.js';
import { Database } from '../platform/database/database.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import type { EventContent } from './calendar-provider.js';
import { CALENDAR_WRITES, calendarWriteOptions, type CalendarWriteJob } from './calendar-writes.queue.js';
import { EventReconciler } from './event-reconciler.js';
import { EventWriteRepository, type EventState, type WantedWrite } from './event-write.repository.js';
import { clock } from '../platform/time/clock.js';

export type { EventContent } from './calendar-provider.js';
export type { EventState } from './event-write.repository.js';

/** How often one who waits for somebody else's attempt looks whether it is over. */
const POLL_MS = 50;

/**
 * Keeps a booking's event in the tenant's calendar. What is wanted is noted in the booking's own transaction together with
 * a job that sees to it; trying at once only makes it come sooner.
 */
@Injectable()
export class EventWriter implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #logger = new Logger(EventWriter.name);
  readonly #running = new Set<Promise<unknown>>();

  constructor(
    private readonly database: Database,
    private readonly writes: EventWriteRepository,
    private readonly reconciler: EventReconciler,
    private readonly jobs: JobQueue,
    private readonly settings: Settings,
  ) {}

  /**
   * The booking has, or moves to, this event, in the calendar that its resource's bookings are written to. Part of the
   * transaction `sql`.
   */
  async want(
    sql: SqlTransaction,
    tenant: TenantId,
    booking: { id: string; resourceId: string },
    content: EventContent,
  ): Promise<void> {
    const bookingId = booking.id;
    const wanted = await this.writes.wantPresent(sql, tenant, booking, content);
    await this.#enqueue(sql, { tenant, bookingId }, wanted);
  }

  /** The booking has no event any more. Part of the transaction `sql`. */
  async unwant(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void> {
    const wanted = await this.writes.wantAbsent(sql, tenant, bookingId);
    await this.#enqueue(sql, { tenant, bookingId }, wanted);
  }

  /**
   * Tries at once. Answers when the event is as wanted or when the deadline passes, whichever is first; the attempt goes on
   * by itself. Never throws because of Google.
   */
  async writeNow(tenant: TenantId, bookingId: string, deadline: Deadline): Promise<EventState> {
    const attempt = this.#attempt(tenant, bookingId, deadline)
      // The booking stands, and its job is there: whatever went wrong here is no failure of booking.
      .catch((error: unknown) =>
        this.#logger.error({ tenant, bookingId, error }, 'An attempt at once failed'),
      )
      .finally(() => this.#running.delete(attempt));
    this.#running.add(attempt);
    await deadline.race(attempt);
    return (await this.states(tenant, [bookingId])).get(bookingId) ?? NOTHING_WANTED;
  }

  /** The states of the events of those bookings for which one was ever wanted. */
  async states(tenant: TenantId, bookingIds: readonly string[]): Promise<Map<string, EventState>> {
    return bookingIds.length === 0 ? new Map() : this.writes.findStates(tenant, bookingIds);
  }

  async onApplicationBootstrap(): Promise<void> {
    // A job whose process died is run again after this time; one that takes longer may be run beside, and finds the lease taken.
    const definition = { name: CALENDAR_WRITES, runSeconds: 60, concurrency: 6, perGroup: 2 };
    await this.jobs.work<CalendarWriteJob>(definition, (job) => this.#run(job));
  }

  /** What was begun is finished, as far as its own time limit lets it. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** Nor is what requests in hand began since then left in the midst of it. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #attempt(tenant: TenantId, bookingId: string, deadline: Deadline): Promise<void> {
    if (await this.reconciler.attempt(tenant, bookingId)) return;
    // Somebody else may be at it, and will see what is wanted now.
    while (deadline.remainingMs > 0) {
      const leasedUntil = await this.writes.leasedUntil(tenant, bookingId);
      if (leasedUntil === null || leasedUntil.getTime() < clock.now()) return;
      await sleep(Math.min(POLL_MS, deadline.remainingMs));
    }
  }

  async #run({ tenant: id, bookingId }: CalendarWriteJob): Promise<void> {
    const tenant = asTenantId(id);
    if (await this.reconciler.attempt(tenant, bookingId)) return;
    const leasedUntil = await this.writes.leasedUntil(tenant, bookingId);
    if (leasedUntil === null) return;
    // Also when it ended since: nobody else may come back for the write.
    const job = { tenant, bookingId };
    const delayMs = Math.max(0, leasedUntil.getTime() - clock.now()) + POLL_MS;
    await this.database.inTenant(tenant, (sql) =>
      this.jobs.enqueue(sql, CALENDAR_WRITES, job, calendarWriteOptions(job, { delayMs })),
    );
  }

  /** The job waits until the attempt at once has had its time. */
  async #enqueue(sql: SqlTransaction, job: CalendarWriteJob, wanted: WantedWrite | undefined): Promise<void> {
    if (wanted?.state !== 'pending' || wanted.failure !== null) return;
    const delayMs = this.settings.calendarBudgetMs + this.settings.calendarRetryMs;
    await this.jobs.enqueue(sql, CALENDAR_WRITES, job, calendarWriteOptions(job, { delayMs }));
  }
}

const NOTHING_WANTED: EventState = {
  status: 'not_connected',
  reason: null,
  meetLink: null,
  htmlLink: null,
  eventId: null,
  attempts: 0,
};
