import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { BusyMirrorRepository, type Window } from './busy-mirror.repository.js';
import { isCalendarError } from './calendar-error.js';
import { CalendarProvider, type BusyInterval } from './calendar-provider.js';
import { ConnectionRepository } from './connection.repository.js';
import { MirrorWindow } from './mirror-window.js';
import { OwnEventRepository } from './own-event.repository.js';

/** A calendar that is read for conflicts, with what was last known of it. */
export interface ConflictCalendar {
  id: string;
  connectionId: string;
  connectionState: 'connected' | 'needs_reconnect';
  googleId: string;
  /** The window that was read last, and when; null before the first reading. */
  lastKnown: (Window & { asOf: number }) | null;
  /** What was last known to block, also outside of that window. */
  lastBusy: readonly BusyInterval[];
}

/** What is known of the times that a calendar blocks. */
export interface CalendarKnowledge {
  /**
   * - `checked`: read just now
   * - `unreachable`: it could not be read in time; `busy` is what was last known
   */
  state: 'checked' | 'unreachable';
  /** When what `busy` rests on was read, epoch milliseconds; null where part of the window was never read. */
  asOf: number | null;
  busy: readonly BusyInterval[];
}

/** So many calendars of one account are read at the same time. */
const AT_ONCE = 20;

/** Reads when calendars are busy: live if Google answers in time, else as last known. */
@Injectable()
export class CalendarReader {
  readonly #logger = new Logger(CalendarReader.name);
  readonly #reading = new Map<string, Promise<BusyInterval[] | null>>();
  readonly #readMs: number;

  constructor(
    private readonly mirror: BusyMirrorRepository,
    private readonly ownEvents: OwnEventRepository,
    private readonly connections: ConnectionRepository,
    private readonly provider: CalendarProvider,
    settings: Settings,
  ) {
    this.#readMs = settings.calendarBudgetMs;
  }

  /**
   * Each calendar by itself: one that cannot be read, or an account in trouble, changes nothing for the others.
   * @param window epoch milliseconds, half-open
   * @returns what is known of each calendar, by its id, before the deadline; never throws because of Google
   */
  async readBusy(
    tenant: TenantId,
    calendars: readonly ConflictCalendar[],
    window: Window,
    deadline: Deadline,
  ): Promise<Map<string, CalendarKnowledge>> {
    const now = Date.now();
    const known = new Map<string, CalendarKnowledge>();
    const accounts = Map.groupBy(calendars, ({ connectionId }) => connectionId);
    const readOne = async (calendar: ConflictCalendar): Promise<void> => {
      const isConnected = calendar.connectionState === 'connected' && deadline.remainingMs > 0;
      const busy = isConnected ? await deadline.race(this.#readOnce(tenant, calendar, window, now)) : null;
      known.set(
        calendar.id,
        busy === undefined || busy === null
          ? lastKnown(calendar, window)
          : { state: 'checked', asOf: now, busy: within(busy, window) },
      );
    };
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

  /** Reads and remembers. @returns null for a calendar that could not be read */
  async #readLive(
    tenant: TenantId,
    { id, connectionId, googleId }: ConflictCalendar,
    wanted: Window,
    now: number,
  ): Promise<BusyInterval[] | null> {
    const { window, extent } = MirrorWindow.around(wanted, now);
    try {
      const deadline = Deadline.in(this.#readMs);
      const reading = await this.provider.readBusy({ tenant, connectionId, googleId }, window, deadline);
      if (!reading.known) {
        const { reason } = reading;
        this.#logger.warn({ tenant, calendarId: id, reason }, 'A calendar could not be read');
        return null;
      }
      // After the reading, so that whatever we had written before it is known here.
      const blocking = await this.ownEvents.withoutOwn(tenant, id, reading.events, now);
      const busy = joined(within(blocking, window));
      await this.#remember(tenant, id, { window, extent, busy, asOf: now });
      return busy;
    } catch (error) {
      if (!isCalendarError(error)) throw error;
      const { kind, status, reason } = error;
      this.#logger.warn({ tenant, calendarId: id, kind, status, reason }, 'A calendar could not be read');
      if (kind === 'forbidden_scope')
        await this.connections.markNeedsReconnect({ tenant, connectionId }, 'missing_scope');
      return null;
    }
  }

  /** What was read is good even where it cannot be kept. */
  async #remember(
    tenant: TenantId,
    calendarId: string,
    reading: Parameters<BusyMirrorRepository['store']>[2],
  ): Promise<void> {
    await this.mirror.store(tenant, calendarId, reading).catch((error: unknown) => {
      this.#logger.warn({ tenant, calendarId, error }, 'What was read of a calendar could not be stored');
    });
  }
}

/** As of null unless all that is still to come of the window was read. */
function lastKnown({ lastKnown: known, lastBusy }: ConflictCalendar, window: Window): CalendarKnowledge {
  const isCovered =
    known !== null && known.from <= Math.max(window.from, Date.now()) && known.to >= window.to;
  return { state: 'unreachable', asOf: isCovered ? known.asOf : null, busy: within(lastBusy, window) };
}

function within(busy: readonly BusyInterval[], { from, to }: Window): BusyInterval[] {
  return busy
    .map(({ start, end }) => ({ start: Math.max(start, from), end: Math.min(end, to) }))
    .filter(({ start, end }) => start < end)
    .sort((one, other) => one.start - other.start);
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
