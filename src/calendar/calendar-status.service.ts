import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import {
  ConnectionRepository,
  type ConnectedAccount,
  type ConnectedCalendar,
  type ConnectionState,
} from './connection.repository.js';

/** A calendar as a dashboard shows it: `id` is Google's. */
export interface StatusCalendar extends Omit<ConnectedCalendar, 'googleId' | 'isFresh'> {
  id: string;
  /** How good the mirror is. */
  freshness: 'fresh' | 'stale' | 'unknown';
}

export interface AccountStatus extends Omit<ConnectedAccount, 'calendars'> {
  calendars: StatusCalendar[];
}

/** What is said of the tenant as a whole is that of its default account. */
export interface CalendarStatus {
  connected: boolean;
  email: string | null;
  state: ConnectionState;
  reason: string | null;
  connectedAt: Date | null;
  calendars: StatusCalendar[];
  accounts: AccountStatus[];
}

/** What a dashboard shows of a tenant's calendars. */
@Injectable()
export class CalendarStatusService {
  constructor(private readonly connections: ConnectionRepository) {}

  async get(tenant: TenantId): Promise<CalendarStatus> {
    const accounts = (await this.connections.findAccounts(tenant)).map(({ calendars, ...account }) => ({
      ...account,
      ...whereRefused(account, calendars),
      calendars: calendars.map(({ googleId, isFresh, ...calendar }) => ({
        id: googleId,
        freshness:
          isFresh === null ? ('unknown' as const) : isFresh ? ('fresh' as const) : ('stale' as const),
        ...calendar,
      })),
    }));
    const [first] = accounts;
    return {
      connected: first?.state === 'connected',
      email: first?.email ?? null,
      state: first?.state ?? 'disconnected',
      reason: first?.reason ?? null,
      connectedAt: first?.connectedAt ?? null,
      calendars: first?.calendars ?? [],
      accounts,
    };
  }
}

/** Said by Google of the whole account. Calendars that are gone, or fail, say so themselves. */
const REFUSES_ACCOUNT = new Set(['forbidden', 'unauthorized']);

/** An account of which Google refuses every calendar at present is not connected, whatever was agreed: reconnecting may help. */
function whereRefused(
  { state }: Pick<ConnectedAccount, 'state'>,
  calendars: readonly ConnectedCalendar[],
): Partial<Pick<ConnectedAccount, 'state' | 'reason'>> {
  const [first] = calendars;
  const isRefused =
    first !== undefined && calendars.every(({ syncFailure }) => REFUSES_ACCOUNT.has(syncFailure ?? ''));
  return state === 'connected' && isRefused ? { state: 'needs_reconnect', reason: first.syncFailure } : {};
}
