import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { BusyMirrorRepository, type ConflictCalendars, type Window } from './busy-mirror.repository.js';
import { isCalendarError } from './calendar-error.js';
import { CalendarProvider, type BusyInterval } from './calendar-provider.js';
import { ConnectionRepository } from './connection.repository.js';
import { MirrorWindow } from './mirror-window.js';

/** What is known of the times that a tenant's calendars block. */
export interface CalendarKnowledge {
  /**
   * - `not_connected`: there is no calendar to ask
   * - `checked`: every calendar that counts was read just now
   * - `unreachable`: at least one could not be read in time; `busy` is what was last known
   */
  state: 'not_connected' | 'checked' | 'unreachable';
  /** Of the oldest reading that `busy` rests on, epoch milliseconds; null where part of the window was never read. */
  asOf: number | null;
  busy: BusyInterval[];
}

/** Reads when a tenant's calendars are busy: live if Google answers in time, else as last known. */
@Injectable()
export class CalendarReader {
  readonly #logger = new Logger(CalendarReader.name);
  readonly #reading = new Map<string, Promise<BusyInterval[] | null>>();
  readonly #readMs: number;

  constructor(
    private readonly mirror: BusyMirrorRepository,
    private readonly connections: ConnectionRepository,
    private readonly provider: CalendarProvider,
    settings: Settings,
  ) {
    this.#readMs = settings.calendarBudgetMs;
  }

  /**
   * @param window epoch milliseconds, half-open
   * @returns before the deadline; never throws because of Google
   */
  async readBusy(tenant: TenantId, window: Window, deadline: Deadline): Promise<CalendarKnowledge> {
    const connection = await this.mirror.findConflictCalendars(tenant);
    if (connection === null) return { state: 'not_connected', asOf: null, busy: [] };
    if (connection.state === 'connected') {
      const now = Date.now();
      const busy = await deadline.race(this.#readTogether(tenant, connection, window, now));
      if (busy != null) return { state: 'checked', asOf: now, busy: within(busy, window) };
    }
    const ids = connection.calendars.map(({ id }) => id);
    const busy = await this.mirror.findBusy(tenant, ids, window);
    return { state: 'unreachable', asOf: oldestReading(connection, window), busy: within(busy, window) };
  }

  /** Callers who ask for the same at the same moment share one request. */
  #readTogether(
    tenant: TenantId,
    connection: ConflictCalendars,
    window: Window,
    now: number,
  ): Promise<BusyInterval[] | null> {
    const key = `${connection.connectionId} ${window.from} ${window.to}`;
    const running = this.#reading.get(key);
    if (running !== undefined) return running;
    const reading = this.#readLive(tenant, connection, window, now).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  /** Reads and remembers; null when any of the calendars could not be read. */
  async #readLive(
    tenant: TenantId,
    { connectionId, calendars }: ConflictCalendars,
    wanted: Window,
    now: number,
  ): Promise<BusyInterval[] | null> {
    const { window, extent } = MirrorWindow.around(wanted, now);
    const googleIds = calendars.map(({ googleId }) => googleId);
    try {
      const deadline = Deadline.in(this.#readMs);
      const readings = await this.provider.freeBusy({ tenant, connectionId }, googleIds, window, deadline);
      const busy: BusyInterval[] = [];
      let isComplete = true;
      for (const { id, googleId } of calendars) {
        const reading = readings.get(googleId);
        if (reading?.known === true) {
          await this.#remember(tenant, id, { window, extent, busy: reading.busy, asOf: now });
          busy.push(...reading.busy);
        } else {
          this.#logger.warn(
            { tenant, calendarId: id, reason: reading?.reason },
            'A calendar could not be read',
          );
          isComplete = false;
        }
      }
      return isComplete ? busy : null;
    } catch (error) {
      if (!isCalendarError(error)) throw error;
      const { kind, status, reason } = error;
      this.#logger.warn({ tenant, connectionId, kind, status, reason }, 'The calendars could not be read');
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

/** Null unless all that is still to come of the window was read in every calendar. */
function oldestReading({ calendars }: ConflictCalendars, { from, to }: Window): number | null {
  const start = Math.max(from, Date.now());
  const readings = calendars.map(({ known }) =>
    known !== null && known.from <= start && known.to >= to ? known.asOf : null,
  );
  return readings.reduce(
    (oldest, asOf) => (oldest === null || asOf === null ? null : Math.min(oldest, asOf)),
    readings[0] ?? null,
  );
}

function within(busy: readonly BusyInterval[], { from, to }: Window): BusyInterval[] {
  return busy
    .map(({ start, end }) => ({ start: Math.max(start, from), end: Math.min(end, to) }))
    .filter(({ start, end }) => start < end)
    .sort((one, other) => one.start - other.start);
}
