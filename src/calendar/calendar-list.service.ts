import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { mayWrite } from './access-role.js';
import { isCalendarError } from './calendar-error.js';
import { CalendarProvider } from './calendar-provider.js';
import { CalendarRepository } from './calendar.repository.js';
import { ConnectionRepository, type ConnectedAccount } from './connection.repository.js';

/** A calendar that a resource can read for conflicts or write its bookings to. */
export interface ChoosableCalendar {
  /** What a resource names. */
  id: string;
  accountId: string;
  accountEmail: string;
  googleId: string;
  summary: string;
  timezone: string;
  accessRole: string;
  isPrimary: boolean;
  canWrite: boolean;
  /** Whether it counts for resources that have chosen none. */
  readsConflicts: boolean;
  writesBookings: boolean;
  /**
   * - `listed`: Google has just named it
   * - `gone`: chosen by a resource, and no longer in the account's list
   * - `unverified`: the account could not be asked in time; this is what was last known
   * - `needs_reconnect`: the account has to be connected again; this is what was last known
   */
  state: 'listed' | 'gone' | 'unverified' | 'needs_reconnect';
}

/** The calendars of all connected accounts. */
@Injectable()
export class CalendarListService {
  readonly #logger = new Logger(CalendarListService.name);

  constructor(
    private readonly connections: ConnectionRepository,
    private readonly calendars: CalendarRepository,
    private readonly provider: CalendarProvider,
    private readonly settings: Settings,
  ) {}

  /** Asks Google, all accounts at once and within the time budget; what cannot be heard in time is as last known. */
  async list(tenant: TenantId): Promise<ChoosableCalendar[]> {
    const deadline = Deadline.in(this.settings.calendarBudgetMs);
    const accounts = await this.connections.findAccounts(tenant);
    const asked = await Promise.all(
      accounts.map(async (account) => ((await this.#refresh(tenant, account, deadline)) ? [account.id] : [])),
    );
    const heardOf = new Set(asked.flat());
    const known = await this.calendars.findKnown(tenant);
    return known.map(({ connectionId, connectionState, isDefault, ...calendar }) => ({
      id: calendar.id,
      accountId: connectionId,
      accountEmail: calendar.accountEmail,
      googleId: calendar.googleId,
      summary: calendar.summary,
      timezone: calendar.timezone,
      accessRole: calendar.accessRole,
      isPrimary: calendar.googleId === 'primary',
      canWrite: mayWrite(calendar.accessRole),
      readsConflicts: isDefault,
      writesBookings: isDefault,
      state: stateOf(calendar.accessRole, connectionState, heardOf.has(connectionId)),
    }));
  }

  /** @returns whether what is stored is what Google says now */
  async #refresh(tenant: TenantId, account: ConnectedAccount, deadline: Deadline): Promise<boolean> {
    if (account.state !== 'connected') return false;
    const connection = { tenant, connectionId: account.id };
    try {
      const listed = await deadline.race(this.provider.listCalendars(connection, deadline));
      if (listed === undefined) return false;
      await this.calendars.store(connection, listed);
      return true;
    } catch (error) {
      if (!isCalendarError(error)) throw error;
      const { kind, status, reason } = error;
      this.#logger.warn(
        { ...connection, kind, status, reason },
        'The calendars of an account could not be listed',
      );
      if (kind === 'forbidden_scope') await this.connections.markNeedsReconnect(connection, 'missing_scope');
      return false;
    }
  }
}

function stateOf(
  accessRole: string,
  connectionState: 'connected' | 'needs_reconnect',
  isHeardOf: boolean,
): ChoosableCalendar['state'] {
  if (connectionState !== 'connected') return 'needs_reconnect';
  if (accessRole === 'none') return 'gone';
  return isHeardOf ? 'listed' : 'unverified';
}
