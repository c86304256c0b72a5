import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Settings } from '../../platform/config/settings.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { requestContext } from '../../platform/logging/request-context.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { EventReconciler } from '../event-reconciler.js';
import { CalendarSync, leaseMsFor } from './calendar-sync.js';
import { SyncRepository, type ClaimedSync } from './sync.repository.js';

/** So many calendars are synchronised at the same time by one instance: each mostly waits for Google. */
const AT_ONCE = 16;
/** So many bookings follow their events at once; where there are more, the rest is left to their jobs. */
const MOST_AT_ONCE = 20;
/** How often it is counted among how many calendars the quota is shared. */
const PLAN_EVERY_MS = 60_000;

/**
 * Synchronises the calendars that are due, on whichever instance is free: it looks for them at intervals, and at once when this instance
 * is told of something new. What it does not get to, or dies over, is due still.
 */
@Injectable()
export class SyncLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(SyncLoop.name);
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #plannedAt = -Infinity;
  #stopped = true;

  constructor(
    private readonly syncs: SyncRepository,
    private readonly sync: CalendarSync,
    private readonly reconciler: EventReconciler,
    private readonly settings: Settings,
    metrics: Metrics,
  ) {
    metrics.gauge(
      {
        name: 'calendar_sync_calendars',
        help: 'Mirrored calendars of all tenants: all, those that are due, those whose last synchronisation failed',
        labels: ['state'],
      },
      async () => {
        const { calendars, due, failing } = await this.syncs.backlog();
        return [
          [{ state: 'all' }, calendars],
          [{ state: 'due' }, due],
          [{ state: 'failing' }, failing],
        ];
      },
    );
    metrics.gauge(
      {
        name: 'calendar_sync_oldest_due_seconds',
        help: 'How long the first of those that are due waits',
        labels: [],
      },
      async () => [[{}, (await this.syncs.backlog()).oldestSeconds]],
    );
    metrics.gauge(
      {
        name: 'calendar_unreadable_events',
        help: 'Events in mirrored calendars whose times cannot be read',
        labels: [],
      },
      async () => [[{}, (await this.syncs.backlog()).unreadableEvents]],
    );
  }

  onApplicationBootstrap(): void {
    this.#stopped = false;
    this.#wait(0);
  }

  /** Takes no more; those in hand are finished, as far as their time limits let them. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.allSettled(this.#running);
  }

  /** Something may be new in a calendar: it is synchronised as soon as there is room. */
  async request(tenant: TenantId, calendarId: string): Promise<void> {
    if (await this.syncs.request(tenant, calendarId)) this.wake();
  }

  /** As `request`, for a calendar that is used and may not be mirrored yet. */
  async want(tenant: TenantId, calendarId: string): Promise<void> {
    await this.syncs.want(tenant, calendarId);
    this.wake();
  }

  /** Looks at once for what is due. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.wake();
      } else this.#wait(this.settings.jobPollIntervalMs);
    });
  }

  #wait(milliseconds: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), milliseconds);
  }

  async #look(): Promise<void> {
    try {
      await this.#plan();
      const room = AT_ONCE - this.#running.size;
      if (room <= 0) return;
      const claimed = await this.syncs.claimDue(room, leaseMsFor(this.settings));
      for (const each of claimed) this.#start(each);
    } catch (error) {
      // The database may be away for a while.
      this.#logger.warn({ error }, 'It could not be looked for calendars that are due');
    }
  }

  #start(claimed: ClaimedSync): void {
    const running = requestContext
      .run({ job: 'calendar-sync' }, () => this.#run(claimed))
      .catch((error: unknown) =>
        this.#logger.error({ ...claimed, error }, 'A calendar was left in the midst of being synchronised'),
      )
      .finally(() => {
        this.#running.delete(running);
        this.wake();
      });
    this.#running.add(running);
  }

  async #run(claimed: ClaimedSync): Promise<void> {
    const changedBookings = await this.sync.run(claimed);
    // Their jobs are there; this only makes it come sooner.
    for (const bookingId of changedBookings.slice(0, MOST_AT_ONCE))
      await this.reconciler.attempt(claimed.tenant, bookingId);
  }

  async #plan(): Promise<void> {
    const now = performance.now();
    if (now - this.#plannedAt < PLAN_EVERY_MS) return;
    this.#plannedAt = now;
    this.sync.plan((await this.syncs.backlog()).calendars);
  }
}
