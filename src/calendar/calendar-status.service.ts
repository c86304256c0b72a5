import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { ConnectionRepository, type ConnectionState } from './connection.repository.js';

export interface CalendarStatus {
  connected: boolean;
  email: string | null;
  state: ConnectionState;
  reason: string | null;
  connectedAt: Date | null;
  calendars: {
    id: string;
    summary: string;
    timezone: string;
    readsConflicts: boolean;
    writesBookings: boolean;
    lastReadAt: Date | null;
  }[];
}

const NEVER_CONNECTED: CalendarStatus = {
  connected: false,
  email: null,
  state: 'disconnected',
  reason: null,
  connectedAt: null,
  calendars: [],
};

/** What a dashboard shows of a tenant's calendar. */
@Injectable()
export class CalendarStatusService {
  constructor(private readonly connections: ConnectionRepository) {}

  async get(tenant: TenantId): Promise<CalendarStatus> {
    const connection = await this.connections.findCurrent(tenant);
    if (connection === null || connection.state === 'disconnected') return NEVER_CONNECTED;
    const { state, stateReason, accountEmail, connectedAt, calendars } = connection;
    return {
      connected: state === 'connected',
      email: accountEmail,
      state,
      reason: stateReason,
      connectedAt,
      calendars: calendars.map(
        ({ googleId, knownAsOf, summary, timezone, readsConflicts, writesBookings }) => ({
          id: googleId,
          summary,
          timezone,
          readsConflicts,
          writesBookings,
          lastReadAt: knownAsOf,
        }),
      ),
    };
  }
}
