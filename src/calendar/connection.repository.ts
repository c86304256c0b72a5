import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { CalendarDescription, ConnectionRef } from './calendar-provider.js';
import type { OAuthAccount } from './oauth-provider.js';

export type ConnectionState = 'connected' | 'needs_reconnect' | 'disconnected';

interface ConnectedCalendar {
  id: string;
  googleId: string;
  summary: string;
  timezone: string;
  readsConflicts: boolean;
  writesBookings: boolean;
  /** When its busy times were last read. */
  knownAsOf: Date | null;
}

export interface Connection {
  id: string;
  accountSub: string;
  accountEmail: string | null;
  state: ConnectionState;
  stateReason: string | null;
  connectedAt: Date;
  calendars: ConnectedCalendar[];
}

/** Connected Google accounts and their calendars. A tenant has at most one connection that is not `disconnected`. */
@Injectable()
export class ConnectionRepository {
  constructor(private readonly database: Database) {}

  /** The connection in use; or else the last one there was; null when there never was any. */
  async findCurrent(tenant: TenantId): Promise<Connection | null> {
    return this.database.prismaInTenant(tenant, async (prisma) => {
      const connections = await prisma.calendarConnection.findMany({
        where: { tenantId: tenant },
        orderBy: { connectedAt: 'desc' },
        take: 20,
      });
      const current = connections.find(({ state }) => state !== 'disconnected') ?? connections[0];
      if (current === undefined) return null;
      const calendars = await prisma.calendar.findMany({
        where: { tenantId: tenant, connectionId: current.id },
        orderBy: { googleId: 'asc' },
      });
      return { ...current, state: current.state as ConnectionState, calendars };
    });
  }

  /** Connecting and disconnecting of one tenant happen one after the other: held until the transaction ends. */
  async lock(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('calendar connection ' || $1, 0))`, [
      tenant,
    ]);
  }

  async findActive(sql: SqlTransaction, tenant: TenantId): Promise<{ id: string; accountSub: string }[]> {
    return sql.query(
      `SELECT id, account_sub AS "accountSub" FROM calendar_connection WHERE tenant_id = $1 AND state <> 'disconnected'`,
      [tenant],
    );
  }

  /**
   * Makes or revives the connection of an account, with its own calendar as the one that is read and written.
   * @returns its id, the same for the same account
   */
  async connect(
    sql: SqlTransaction,
    tenant: TenantId,
    account: OAuthAccount,
    scopes: readonly string[],
    primary: CalendarDescription,
  ): Promise<string> {
    const [connection] = await sql.query<{ id: string }>(
      `INSERT INTO calendar_connection (tenant_id, account_sub, account_email, scopes) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, account_sub) DO UPDATE SET account_email = excluded.account_email,
         scopes = excluded.scopes, state = 'connected', state_reason = NULL, connected_at = now()
       RETURNING id`,
      [tenant, account.sub, account.email, scopes],
    );
    if (connection === undefined) throw new Error('A connection was not stored.');
    await sql.query(
      `INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone) VALUES ($1, $2, 'primary', $3, $4)
       ON CONFLICT (tenant_id, connection_id, google_id) DO UPDATE SET summary = excluded.summary,
         timezone = excluded.timezone`,
      [tenant, connection.id, primary.summary, primary.timezone],
    );
    return connection.id;
  }

  /** Only connecting again helps. A connection that was disconnected meanwhile stays so. */
  async needsReconnect(
    sql: SqlTransaction,
    { tenant, connectionId }: ConnectionRef,
    reason: string,
  ): Promise<void> {
    await sql.query(
      `UPDATE calendar_connection SET state = 'needs_reconnect', state_reason = $3
       WHERE tenant_id = $1 AND id = $2 AND state = 'connected'`,
      [tenant, connectionId, reason],
    );
  }

  /** As `needsReconnect`, in a transaction of its own. */
  async markNeedsReconnect(connection: ConnectionRef, reason: string): Promise<void> {
    await this.database.inTenant(connection.tenant, (sql) => this.needsReconnect(sql, connection, reason));
  }

  /** Forgets the address and all that was read. The account stays known by its `sub`, for when it is connected again. */
  async disconnect(sql: SqlTransaction, { tenant, connectionId }: ConnectionRef): Promise<void> {
    // The calendars first: their locks keep out a reading that is about to be stored. The summary of an account's own
    // calendar is its address.
    await sql.query(
      `UPDATE calendar SET summary = '', known_from = NULL, known_to = NULL, known_as_of = NULL
       WHERE tenant_id = $1 AND connection_id = $2`,
      [tenant, connectionId],
    );
    await sql.query(
      `DELETE FROM busy_block WHERE tenant_id = $1
         AND calendar_id IN (SELECT id FROM calendar WHERE tenant_id = $1 AND connection_id = $2)`,
      [tenant, connectionId],
    );
    await sql.query(
      `UPDATE calendar_connection SET state = 'disconnected', state_reason = NULL, account_email = NULL, scopes = '{}'
       WHERE tenant_id = $1 AND id = $2`,
      [tenant, connectionId],
    );
  }

  /** Whether any tenant has this account connected at present. */
  async isAccountInUse(accountSub: string): Promise<boolean> {
    const rows = await this.database.inSystem((sql) =>
      sql.query(
        `SELECT 1 FROM calendar_connection WHERE account_sub = $1 AND state <> 'disconnected' LIMIT 1`,
        [accountSub],
      ),
    );
    return rows.length > 0;
  }
}
