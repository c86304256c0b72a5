import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { isCalendarError } from './calendar-error.js';
import { CalendarProvider, type BusyEvent, type BusyInterval } from './calendar-provider.js';
import { ConnectionRepository } from './connection.repository.js';
import { MirrorRepository } from './mirror/mirror.repository.js';
import { OwnEvents } from './mirror/own-events.js';
import { SyncLoop } from './mirror/sync-loop.js';
import type { Window } from './mirror/sync.repository.js';
import { clock } from '../platform/time/clock.js';

/** A calendar that is read for conflicts, with what the mirror has of it. */
export interface ConflictCalendar {
  id: string;
  connectionId: string;
  connectionState: 'connected' | 'needs_reconnect';
  googleId: string;
  /**
   * The window that is mirrored, and as of when; null before the first synchronisation. `isBehind` where it is known to have changed since,
   * or cannot be read any more.
   */
  lastKnown: (Window & { asOf: number; isBehind?: boolean }) | null;
  /** What blocks in it by the mirror. */
  lastBusy: readonly BusyInterval[];
}

/** What is known of the times that a calendar blocks. */
export interface CalendarKnowledge {
  /**
   * - `fresh`: known, as of a time not longer ago than may be, and not known to have changed since
   * - `stale`: known, as of a time before that
   * - `unknown`: part of the window was never read, and could not be read now
   */
  state: 'fresh' | 'stale' | 'unknown';
  /** When what `busy` rests on was read, epoch milliseconds; null where that is unknown. */
  asOf: number | null;
  busy: readonly BusyInterval[];
}

export interface ReadOptions {
  /** How old the mirror may be to count as fresh, in milliseconds. */
  staleAfterMs: number;
  /** Also what is mirrored is looked at once more: what cannot be read now is then stale at best. */
  live: boolean;
}

/** So many calendars of one account are read at the same time. */
const AT_ONCE = 20;
/** A window that is over, or beyond all that is offered, has nothing to be read in it; Google takes none that is empty, to the second. */
const LEAST_WINDOW_MS = 60_000;

/** Says when calendars are busy: by the mirror, and live where that does not reach or somebody is about to book. */
@Injectable()
export class CalendarReader {
  readonly #logger = new Logger(CalendarReader.name);
  readonly #reading = new Map<string, Promise<BusyInterval[] | null>>();
  readonly #readMs: number;

  constructor(
    private readonly database: Database,
    private readonly mirror: MirrorRepository,
    private readonly ownEvents: OwnEvents,
    private readonly syncs: SyncLoop,
    private readonly connections: ConnectionRepository,
    private readonly provider: CalendarProvider,
    settings: Settings,
  ) {
    this.#readMs = settings.calendarBudgetMs;
  }

  /**
   * Each calendar by itself: one that cannot be read, or an account in trouble, changes nothing for the others.
   * @param window epoch milliseconds, half-open; what has passed of it matters to nobody
   * @returns what is known of each calendar, by its id, before the deadline; never throws because of Google
   */
  async readBusy(
    tenant: TenantId,
    calendars: readonly ConflictCalendar[],
    window: Window,
    deadline: Deadline,
    { staleAfterMs, live }: ReadOptions,
  ): Promise<Map<string, CalendarKnowledge>> {
    const now = clock.now();
    const known = new Map<string, CalendarKnowledge>();
    const toRead: ConflictCalendar[] = [];
    for (const calendar of calendars) {
      known.set(calendar.id, byMirror(calendar, window, now, staleAfterMs));
      if (live || !isMirrored(calendar, window, now)) toRead.push(calendar);
    }
    const readOne = async (calendar: ConflictCalendar): Promise<void> => {
      const isConnected = calendar.connectionState === 'connected' && deadline.remainingMs > 0;
      const busy = isConnected ? await deadline.race(this.#readOnce(tenant, calendar, window, now)) : null;
      if (busy !== undefined && busy !== null) known.set(calendar.id, { state: 'fresh', asOf: now, busy });
      else if (live) known.set(calendar.id, notFresh(byMirror(calendar, window, now, staleAfterMs)));
    };
    const accounts = Map.groupBy(toRead, ({ connectionId }) => connectionId);
    await Promise.all(
      [...accounts.values()].flatMap((waiting) => {
        const queue = waiting.values();
        return Array.from({ length: Math.min(AT_ONCE, waiting.length) }, async () => {
          for (const calendar of queue) await readOne(calendar);
        });
      }),
    );
    return known;
  }

  /** Callers who ask for the same at the same moment share one request. */
  #readOnce(
    tenant: TenantId,
    calendar: ConflictCalendar,
    window: Window,
    now: number,
  ): Promise<BusyInterval[] | null> {
    const key = `${tenant} ${calendar.id} ${window.from} ${window.to}`;
    const running = this.#reading.get(key);
    if (running !== undefined) return running;
    const reading = this.#readLive(tenant, calendar, window, now).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  /** Reads, and has the mirror catch up where it did not know. @returns null for a calendar that could not be read */
  async #readLive(
    tenant: TenantId,
    calendar: ConflictCalendar,
    window: Window,
    now: number,
  ): Promise<BusyInterval[] | null> {
    const { id, connectionId, googleId } = calendar;
    try {
      const { revision, timezone, at } = await this.mirror.beforeReading(tenant, id);
      const to = Math.max(window.to, now + LEAST_WINDOW_MS);
      const current = { from: Math.min(Math.max(window.from, now), to - LEAST_WINDOW_MS), to };
      const reading = await this.provider.readBusy(
        { tenant, connectionId, googleId, ...(timezone === null ? {} : { timezone }) },
        current,
        Deadline.in(this.#readMs),
      );
      if (!reading.known) {
        const { reason } = reading;
        this.#logger.warn({ tenant, calendarId: id, reason }, 'A calendar could not be read');
        return null;
      }
      const blocking = await this.#withoutOwn(tenant, id, reading.events, at);
      const isMirrorRight = isSame(within(blocking, current), within(calendar.lastBusy, current));
      if (!isMirrorRight || !isMirrored(calendar, window, now))
        await this.#catchUp(tenant, id, blocking, revision);
      return joined(within(blocking, current));
    } catch (error) {
      if (!isCalendarError(error)) throw error;
      const { kind, status, reason } = error;
      this.#logger.warn({ tenant, calendarId: id, kind, status, reason }, 'A calendar could not be read');
      if (kind === 'forbidden_scope')
        await this.connections.markNeedsReconnect({ tenant, connectionId }, 'missing_scope');
      return null;
    }
  }

  /** After the reading, so that whatever we had written before it is known here. */
  async #withoutOwn(
    tenant: TenantId,
    calendarId: string,
    events: readonly BusyEvent[],
    seenAt: Date,
  ): Promise<BusyEvent[]> {
    const seen = events.flatMap(({ id, etag, mark, start, end }) =>
      id === null || mark === null ? [] : [{ id, etag, cancelled: false, time: { start, end } }],
    );
    if (seen.length === 0) return [...events];
    const own = await this.database.inTenant(tenant, (sql) =>
      this.ownEvents.find(sql, tenant, calendarId, seen, seenAt),
    );
    return events.filter(({ id }) => id === null || own.get(id)?.isAccountedFor !== true);
  }

  /** What was read is good even where it cannot be kept. */
  async #catchUp(
    tenant: TenantId,
    calendarId: string,
    events: readonly BusyEvent[],
    revision: string | null,
  ): Promise<void> {
    try {
      if (revision !== null) await this.mirror.add(tenant, calendarId, events, revision);
      await this.syncs.want(tenant, calendarId);
    } catch (error) {
      this.#logger.warn({ tenant, calendarId, error }, 'What was read of a calendar could not be kept');
    }
  }
}

/** Whether all that is still to come of the window is mirrored. */
function isMirrored({ lastKnown }: ConflictCalendar, { from, to }: Window, now: number): boolean {
  return to <= now || (lastKnown !== null && lastKnown.from <= Math.max(from, now) && lastKnown.to >= to);
}

function byMirror(
  calendar: ConflictCalendar,
  window: Window,
  now: number,
  staleAfterMs: number,
): CalendarKnowledge {
  const { lastKnown, lastBusy } = calendar;
  const busy = joined(within(lastBusy, window));
  if (lastKnown === null || !isMirrored(calendar, window, now)) return { state: 'unknown', asOf: null, busy };
  const isFresh = now - lastKnown.asOf <= staleAfterMs && lastKnown.isBehind !== true;
  const state = isFresh ? 'fresh' : 'stale';
  return { state, asOf: lastKnown.asOf, busy };
}

function notFresh(knowledge: CalendarKnowledge): CalendarKnowledge {
  return knowledge.state === 'fresh' ? { ...knowledge, state: 'stale' } : knowledge;
}

function within(busy: readonly BusyInterval[], { from, to }: Window): BusyInterval[] {
  return busy
    .map(({ start, end }) => ({ start: Math.max(start, from), end: Math.min(end, to) }))
    .filter(({ start, end }) => start < end)
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

function isSame(some: readonly BusyInterval[], others: readonly BusyInterval[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ start, end }, index) => {
      const other = others[index];
      return other !== undefined && other.start === start && other.end === end;
    })
  );
}

/** What overlaps or touches is made one. */
function joined(sorted: readonly BusyInterval[]): BusyInterval[] {
  const merged: BusyInterval[] = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}
