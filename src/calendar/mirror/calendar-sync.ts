import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../../platform/config/settings.js';
import { Deadline } from '../../platform/deadline.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { CalendarError, isCalendarError } from '../calendar-error.js';
import { CalendarProvider, type SeenEvent, type SyncStart } from '../calendar-provider.js';
import { ConnectionRepository } from '../connection.repository.js';
import { bookingIdOf } from '../event-id.js';
import { WaitingWrites } from '../waiting-writes.js';
import { EventLooks } from './event-looks.js';
import { MirrorRepository, type AppliedPage, type MirrorRun } from './mirror.repository.js';
import { fullWindow, neededUntil } from './mirror-window.js';
import { PushChannels } from './push-channels.js';
import { nextPollMs, retrySyncMs } from './sync-schedule.js';
import { SyncRepository, type ClaimedSync, type SyncState } from './sync.repository.js';
import { clock } from '../../platform/time/clock.js';

/** A run holds its calendar for so long after each page: longer than the next page can take. */
export function leaseMsFor({ calendarAttemptMs }: Settings): number {
  return Math.ceil(calendarAttemptMs * 1.5);
}

/** So many recurring events are listed one by one; more, with everything else. */
const MOST_SERIES = 5;

/** What a run found. */
interface Synced {
  hasChanged: boolean;
  changedBookings: string[];
}

/** Ends a run of which somebody else has taken over the calendar: it is theirs now. */
class LeaseLost extends Error {}

/**
 * Synchronises one calendar: what changed since the last time by its sync token, or everything where there is no token that is good, or
 * where the window that was listed does not reach far enough any more.
 * @see https://developers.google.com/workspace/calendar/api/guides/sync
 */
@Injectable()
export class CalendarSync {
  readonly #logger = new Logger(CalendarSync.name);
  readonly #ended: (labels: { outcome: string }, seconds: number) => void;
  readonly #listed: (labels: { kind: string }) => void;
  readonly #leaseMs: number;
  #calendars = 0;

  constructor(
    private readonly syncs: SyncRepository,
    private readonly mirror: MirrorRepository,
    private readonly looks: EventLooks,
    private readonly provider: CalendarProvider,
    private readonly connections: ConnectionRepository,
    private readonly push: PushChannels,
    private readonly waiting: WaitingWrites,
    private readonly settings: Settings,
    metrics: Metrics,
  ) {
    this.#leaseMs = leaseMsFor(settings);
    this.#ended = metrics.histogram(
      {
        name: 'calendar_sync_lag_seconds',
        help: 'Time from when a calendar is due to be synchronised until it is, by what came of it',
        labels: ['outcome'],
      },
      [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    );
    this.#listed = metrics.counter({
      name: 'calendar_syncs_total',
      help: 'Synchronisations that began: of everything, of changes, or by free/busy',
      labels: ['kind'],
    });
  }

  /** How many calendars there are to be looked at, of all tenants: what the quota is shared among. */
  plan(calendars: number): void {
    this.#calendars = calendars;
  }

  /** @returns the bookings whose events are other than we know of. Never throws because of Google. */
  async run(claimed: ClaimedSync): Promise<string[]> {
    const state = await this.syncs.state(claimed, this.push.address);
    if (state === null) return [];
    if (!state.isWanted) {
      await this.push.stop(state.calendar, claimed.calendarId, Deadline.in(this.settings.calendarBudgetMs));
      await this.syncs.forget(claimed);
      return [];
    }
    // Named anew as its lease is made longer.
    const run: MirrorRun = {
      ...claimed,
      window: state.known ?? { from: 0, to: 0 },
      generation: state.generation,
      isFull: false,
      unreadable: new Set(),
    };
    try {
      if (state.connectionState !== 'connected') throw new CalendarError('grant_revoked');
      const synced = await this.#synchronise(run, state);
      await this.#succeeded(run, state, synced);
      return synced.changedBookings;
    } catch (error) {
      if (!(error instanceof LeaseLost)) await this.#failed(run, state, error);
      return [];
    }
  }

  async #synchronise(run: MirrorRun, state: SyncState): Promise<Synced> {
    const { known, syncToken, calendar } = state;
    const isFarEnough = known !== null && known.to >= neededUntil(clock.now(), state.maxAdvanceDays);
    if (syncToken !== null && isFarEnough) {
      const changes = await this.#changes(run, state, syncToken);
      if (changes !== null) return changes;
      this.#logger.log({ tenant: calendar.tenant, calendarId: run.calendarId }, 'A calendar is listed anew');
    }
    try {
      return await this.#everything(run, state);
    } catch (error) {
      // The list has gone on without us, page by page. From its beginning it can be read.
      if (!isCalendarError(error, 'gone')) throw error;
      return this.#everything(run, state);
    }
  }

  /**
   * @returns null where everything has to be listed: the token is no longer good, none came for the next time, the calendar's zone has
   * changed and with it when its whole days are, or many recurring events have changed
   */
  async #changes(run: MirrorRun, { calendar }: SyncState, syncToken: string): Promise<Synced | null> {
    this.#listed({ kind: 'changes' });
    const found: Synced = { hasChanged: false, changedBookings: [] };
    let nextSyncToken: string | null = null;
    const seriesIds = new Set<string>();
    try {
      for await (const page of this.#pages(calendar, { syncToken })) {
        if (page.timezone !== '' && page.timezone !== calendar.timezone) return null;
        await this.#apply(run, page.events, found);
        for (const { cancelled, seriesId } of page.events) {
          if (cancelled && seriesId !== null) seriesIds.add(seriesId);
        }
        ({ nextSyncToken } = page);
      }
    } catch (error) {
      if (isCalendarError(error, 'gone', 'invalid')) return null;
      throw error;
    }
    if (nextSyncToken === null || !(await this.#lookAtSeries(run, calendar, seriesIds, found))) return null;
    await this.mirror.keep(run, nextSyncToken, '');
    return found;
  }

  /**
   * Google tells of a recurring event that was deleted or ended by the cancelled instances of the next half year or so, and of none beyond. So
   * one with a cancelled instance is listed by itself.
   * @returns false where everything is to be listed: so many are that it costs less, or one cannot be told
   */
  async #lookAtSeries(
    run: MirrorRun,
    calendar: SyncState['calendar'],
    cancelled: ReadonlySet<string>,
    found: Synced,
  ): Promise<boolean> {
    if (cancelled.size === 0) return true;
    const kept = await this.mirror.seriesKept(run, [...cancelled], clock.now());
    if (kept.length > MOST_SERIES) return false;
    for (const seriesId of kept) {
      const seen: string[] = [];
      try {
        for await (const page of this.#pages(calendar, { seriesId, window: run.window })) {
          const events = page.events.filter((event) => !event.cancelled);
          seen.push(...events.map(({ id }) => id));
          await this.#apply(run, events, found);
        }
      } catch (error) {
        // It does not recur any more, or something else is wrong with the question: everything else tells.
        if (isCalendarError(error, 'invalid')) return false;
        // It is gone as a whole.
        if (!isCalendarError(error, 'not_found', 'gone')) throw error;
      }
      this.#took(run, await this.mirror.completeSeries(run, seriesId, seen), found);
    }
    return true;
  }

  async #everything(run: MirrorRun, { calendar, maxAdvanceDays }: SyncState): Promise<Synced> {
    this.#listed({ kind: 'everything' });
    const generation = await this.mirror.beginFull(run);
    if (generation === null) throw new LeaseLost();
    run.generation = generation;
    run.isFull = true;
    run.window = fullWindow(clock.now(), maxAdvanceDays);
    const found: Synced = { hasChanged: false, changedBookings: [] };
    const seen = new Set<string>();
    let nextSyncToken: string | null = null;
    let timezone = '';
    try {
      for await (const page of this.#pages(calendar, { window: run.window })) {
        for (const { id } of page.events) {
          const bookingId = bookingIdOf(id);
          if (bookingId !== null) seen.add(bookingId);
        }
        await this.#apply(run, page.events, found);
        ({ nextSyncToken } = page);
        // Of the first: should it change before the last, that is seen the next time.
        if (timezone === '') ({ timezone } = page);
      }
    } catch (error) {
      if (!isCalendarError(error, 'forbidden')) throw error;
      return this.#byFreeBusy(run, calendar, found);
    }
    await this.#complete(run, [...seen], found);
    await this.mirror.keep(run, nextSyncToken, timezone, nextSyncToken === null ? 'no_sync_token' : null);
    return found;
  }

  /** Where the account may see no more than when the calendar is busy, that is read anew each time. */
  async #byFreeBusy(run: MirrorRun, calendar: SyncState['calendar'], found: Synced): Promise<Synced> {
    this.#listed({ kind: 'free_busy' });
    const deadline = Deadline.in(this.settings.calendarAttemptMs);
    const reading = await this.provider.readBusy(calendar, run.window, deadline);
    if (!reading.known) throw new CalendarError('unavailable', { reason: 'unreadable' });
    const events = reading.events.map(({ start, end }): SeenEvent => ({
      id: `free-busy ${start} ${end}`,
      seriesId: null,
      etag: null,
      cancelled: false,
      time: { start, end },
      blocks: true,
      isReadable: true,
      mark: null,
    }));
    await this.#apply(run, events, found);
    await this.#complete(run, null, found);
    await this.mirror.keep(run, null, '', 'free_busy_only');
    return found;
  }

  #pages(calendar: SyncState['calendar'], start: SyncStart) {
    return this.provider.eventPages(calendar, start, this.settings.calendarAttemptMs);
  }

  async #apply(run: MirrorRun, events: readonly SeenEvent[], found: Synced): Promise<void> {
    this.#took(run, await this.mirror.apply(run, events, this.#leaseMs), found);
  }

  async #complete(run: MirrorRun, seen: readonly string[] | null, found: Synced): Promise<void> {
    this.#took(run, await this.mirror.completeFull(run, seen), found);
  }

  /** @throws LeaseLost */
  #took(run: MirrorRun, { leaseUntil, hasChanged, changedBookings }: AppliedPage, found: Synced): void {
    if (leaseUntil === null) throw new LeaseLost();
    run.leaseUntil = leaseUntil;
    found.hasChanged ||= hasChanged;
    found.changedBookings.push(...changedBookings);
  }

  async #succeeded(run: MirrorRun, state: SyncState, { hasChanged }: Synced): Promise<void> {
    const push = state.isPushDue ? await this.push.keep(state.calendar, run.calendarId) : state.push;
    const { changedAt, staleAfterMs } = state;
    const quietForMs = hasChanged ? 0 : changedAt === null ? Infinity : clock.now() - changedAt.getTime();
    const nextInMs = nextPollMs(
      { quietForMs, hasPush: push === 'open', staleAfterMs },
      { pollMs: this.settings.calendarPollMs, calendars: this.#calendars },
    );
    await this.syncs.settle(run, { failure: null, hasChanged, nextInMs });
    this.#ended({ outcome: 'ok' }, secondsSince(run.dueAt));
    // What can be read can as a rule be written to.
    await this.waiting.reviveGivenUp(run.tenant, run.calendarId);
  }

  async #failed(run: MirrorRun, state: SyncState, error: unknown): Promise<void> {
    const { tenant, connectionId } = state.calendar;
    // A defect here must not end the mirror: it is tried again like anything else that went wrong.
    if (!isCalendarError(error))
      this.#logger.error({ tenant, calendarId: run.calendarId, error }, 'A calendar was not synchronised');
    const failure = isCalendarError(error)
      ? error
      : new CalendarError('unavailable', { reason: 'internal_error' });
    const { kind, status, reason, retryAfterMs } = failure;
    if (state.connectionState === 'connected') {
      this.#logger.warn(
        { tenant, calendarId: run.calendarId, kind, status, reason },
        'A calendar could not be synchronised',
      );
    }
    if (kind === 'forbidden_scope')
      await this.connections.markNeedsReconnect({ tenant, connectionId }, 'missing_scope');
    // Once may be said in error.
    if (kind === 'calendar_gone' && state.failure === kind) await this.looks.requestAll(run);
    const nextInMs = retrySyncMs({ kind, retryAfterMs, failures: state.failures + 1 });
    await this.syncs.settle(run, { failure: kind, nextInMs });
    this.#ended({ outcome: kind }, secondsSince(run.dueAt));
  }
}

function secondsSince(at: Date): number {
  return Math.max(0, (clock.now() - at.getTime()) / 1000);
}
