import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { UNUSED } from './calendar.repository.js';
import type { CalendarDescription, ConnectionRef } from './calendar-provider.js';
import type { OAuthAccount } from './oauth-provider.js';

export type ConnectionState = 'connected' | 'needs_reconnect' | 'disconnected';

/** Why a calendar cannot be kept in step as others are. */
export type Limitation = 'no_sync_token' | 'free_busy_only';

/** A calendar of a connected account that counts for some resource. */
export interface ConnectedCalendar {
  googleId: string;
  summary: string;
  timezone: string;
  readsConflicts: boolean;
  writesBookings: boolean;
  /** As of when it is mirrored; null before the first synchronisation. */
  lastReadAt: Date | null;
  /** Whether that is not longer ago than it may be, and it is not known to be behind; null where it is not mirrored. */
  isFresh: boolean | null;
  /** Why the last synchronisation failed, as a stable word; null when it did not. */
  syncFailure: string | null;
  /**
   * Why it cannot be kept in step as others are: Google gives no sync token for it, so it is listed each time; or the account may see no
   * more than when it is busy. Null where it can.
   */
  limitation: Limitation | null;
  /** How many of its events have times that cannot be read. */
  unreadableEvents: number;
  /** Whether Google tells of changes. */
  hasPush: boolean;
}

/** A Google account that is connected. */
export interface ConnectedAccount {
  id: string;
  email: string;
  state: Exclude<ConnectionState, 'disconnected'>;
  reason: string | null;
  connectedAt: Date;
  calendars: ConnectedCalendar[];
}

export interface ActiveAccount {
  id: string;
  accountSub: string;
}

/**
 * Connected Google accounts. One of them is the tenant's default: its own calendar counts for resources that have chosen
 * none.
 */
@Injectable()
export class ConnectionRepository {
  constructor(private readonly database: Database) {}

  /** The connected accounts with the calendars in use, the default account first, then by age. */
  async findAccounts(tenant: TenantId): Promise<ConnectedAccount[]> {
    return this.database.inTenant(tenant, async (sql) => {
      const accounts = await sql.query<Omit<ConnectedAccount, 'calendars'>>(
        `SELECT c.id, c.account_email AS email, c.state, c.state_reason AS reason, c.connected_at AS "connectedAt"
         FROM calendar_connection c WHERE c.tenant_id = $1 AND c.state <> 'disconnected'
         ORDER BY NOT EXISTS (
           SELECT FROM calendar k WHERE k.tenant_id = $1 AND k.connection_id = c.id AND k.writes_bookings
         ), c.connected_at, c.id`,
        [tenant],
      );
      if (accounts.length === 0) return [];
      const calendars = await sql.query<ConnectedCalendar & { connectionId: string }>(
        `SELECT k.connection_id AS "connectionId", k.google_id AS "googleId", k.summary, k.timezone,
           k.known_as_of AS "lastReadAt", s.failure AS "syncFailure",
           s.limitation, coalesce(cardinality(s.unreadable_events), 0) AS "unreadableEvents",
           coalesce(s.push = 'open', false) AS "hasPush",
           k.known_as_of > now() - t.calendar_stale_after_minutes * interval '1 minute'
             AND NOT mirror_is_behind(s.failure, s.requested_at, k.known_as_of) AS "isFresh",
           bool_or(o.reads_conflicts) AS "readsConflicts",
           bool_or(o.writes_bookings) AS "writesBookings"
         FROM calendars_of_resources($1) o JOIN calendar k ON k.tenant_id = $1 AND k.id = o.calendar_id
         JOIN resource r ON r.tenant_id = $1 AND r.id = o.resource_id AND r.deleted_at IS NULL
         JOIN tenant t ON t.id = $1
         LEFT JOIN calendar_sync s ON s.tenant_id = $1 AND s.calendar_id = k.id
         WHERE o.reads_conflicts OR o.writes_bookings
         GROUP BY k.tenant_id, k.id, s.tenant_id, s.calendar_id, t.id ORDER BY k.google_id <> 'primary', k.summary, k.google_id`,
        [tenant],
      );
      const byAccount = Map.groupBy(calendars, ({ connectionId }) => connectionId);
      return accounts.map((account) => ({
        ...account,
        calendars: (byAccount.get(account.id) ?? []).map(({ connectionId: _, ...calendar }) => calendar),
      }));
    });
  }

  /** Connecting and disconnecting of one tenant happen one after the other: held until the transaction ends. */
  async lock(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('calendar connection ' || $1, 0))`, [
      tenant,
    ]);
  }

  async findActive(sql: SqlTransaction, tenant: TenantId): Promise<ActiveAccount[]> {
    return sql.query(
      `SELECT id, account_sub AS "accountSub" FROM calendar_connection
       WHERE tenant_id = $1 AND state <> 'disconnected' ORDER BY connected_at, id`,
      [tenant],
    );
  }

  /**
   * Makes or revives the connection of an account, with its own calendar.
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
         timezone = excluded.timezone, access_role = 'owner'`,
      [tenant, connection.id, primary.summary, primary.timezone],
    );
    return connection.id;
  }

  /**
   * Sees to it that the own calendar of one connected account is the tenant's default: where none is, that of the account
   * which was connected first.
   */
  async ensureDefault(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(
      `UPDATE calendar SET reads_conflicts = true, writes_bookings = true
       WHERE tenant_id = $1 AND id = (
         SELECT k.id FROM calendar_connection c
         JOIN calendar k ON k.tenant_id = c.tenant_id AND k.connection_id = c.id AND k.google_id = 'primary'
         WHERE c.tenant_id = $1 AND c.state <> 'disconnected'
         ORDER BY k.writes_bookings DESC, c.connected_at, c.id LIMIT 1)`,
      [tenant],
    );
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

  /**
   * Forgets the address, and the calendars that nothing refers to. The account stays known by its
   * `sub`, and what was chosen of it by its ids, for when it is connected again.
   */
  async disconnect(sql: SqlTransaction, { tenant, connectionId }: ConnectionRef): Promise<void> {
    // The calendars first, in the order in which others lock several of them: that keeps out a list that is about to be stored.
    await sql.query(
      `SELECT 1 FROM calendar WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id FOR NO KEY UPDATE`,
      [tenant, connectionId],
    );
    // The summary of an account's own calendar is its address.
    await sql.query(
      `UPDATE calendar SET summary = '', known_from = NULL, known_to = NULL, known_as_of = NULL,
         reads_conflicts = false, writes_bookings = false
       WHERE tenant_id = $1 AND connection_id = $2`,
      [tenant, connectionId],
    );
    await sql.query(
      `DELETE FROM calendar k WHERE tenant_id = $1 AND connection_id = $2 AND google_id <> 'primary' AND ${UNUSED}`,
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
