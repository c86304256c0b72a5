import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import { asTenantId, type TenantId } from '../../platform/database/tenant-id.js';
import type { CalendarRef, ConnectionRef } from '../calendar-provider.js';
import type { ConnectionState } from '../connection.repository.js';

/** Epoch milliseconds, half-open. */
export interface Window {
  from: number;
  to: number;
}

/** A calendar that is due, and in hand. */
export interface ClaimedSync {
  tenant: TenantId;
  calendarId: string;
  dueAt: Date;
  /** By the database's clock, as all that is compared with it. */
  beganAt: Date;
  /** Names the lease: whoever finds another one there has lost it. */
  leaseUntil: Date;
}

/** What is known of a calendar that is being synchronised. */
export interface SyncState {
  calendar: CalendarRef & { timezone: string };
  connectionState: ConnectionState;
  /** Whether it is still kept in the mirror. */
  isWanted: boolean;
  /** Null when everything has to be listed. */
  syncToken: string | null;
  /** What a full synchronisation has listed; null before the first. */
  known: Window | null;
  generation: string;
  failures: number;
  /** What went wrong the last time; null when nothing did. */
  failure: string | null;
  changedAt: Date | null;
  push: 'none' | 'open' | 'refused';
  isPushDue: boolean;
  /** Of the tenant's services. */
  maxAdvanceDays: number;
  staleAfterMs: number;
}

/** Of all tenants' calendars. */
export interface SyncBacklog {
  calendars: number;
  due: number;
  oldestSeconds: number;
  failing: number;
  unreadableEvents: number;
}

/** How a run ended. */
export type SyncEnd =
  | { failure: null; hasChanged: boolean; nextInMs: number }
  /** `nextInMs` is null when only the owner can help. */
  | { failure: string; nextInMs: number | null };

/**
 * When calendars are due to be synchronised, and who is at it (`calendar_sync`). The row is the job: to ask for a run is to say that it
 * is due, however many ask, and one run serves all who asked before it began.
 */
@Injectable()
export class SyncRepository {
  constructor(private readonly database: Database) {}

  /**
   * Until the transaction `sql` ends, no run changes anything of the tenant's calendars. Before any other lock of calendars or events, as
   * runs lock their own row before those.
   */
  async lock(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(`SELECT 1 FROM calendar_sync WHERE tenant_id = $1 ORDER BY calendar_id FOR UPDATE`, [
      tenant,
    ]);
  }

  /** Until the transaction `sql` ends, none of the tenant's calendars is taken out of the mirror. As `lock`, before others. */
  async share(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(`SELECT 1 FROM calendar_sync WHERE tenant_id = $1 ORDER BY calendar_id FOR KEY SHARE`, [
      tenant,
    ]);
  }

  /**
   * Sees to it that the calendars are mirrored which the tenant's resources use now, and that those are looked after which are no longer.
   * Part of the transaction `sql`.
   */
  async adopt(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(
      // A row that is there is not even tried: that would wait for a run which is changing it, and may itself wait for this transaction.
      `INSERT INTO calendar_sync (tenant_id, calendar_id) SELECT $1, m.calendar_id FROM mirrored_calendars($1) m
       WHERE NOT EXISTS (SELECT FROM calendar_sync s WHERE s.tenant_id = $1 AND s.calendar_id = m.calendar_id)
       ORDER BY m.calendar_id ON CONFLICT DO NOTHING`,
      [tenant],
    );
    await sql.query(
      `UPDATE calendar_sync SET due_at = now()
       WHERE tenant_id = $1 AND due_at > now() AND calendar_id NOT IN (SELECT calendar_id FROM mirrored_calendars($1))`,
      [tenant],
    );
  }

  /** The calendars that are mirrored, or are about to be. */
  async mirrored(sql: SqlTransaction, tenant: TenantId): Promise<string[]> {
    const rows = await sql.query<{ id: string }>(
      'SELECT calendar_id AS id FROM calendar_sync WHERE tenant_id = $1 ORDER BY calendar_id',
      [tenant],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * All calendars of an account that has just been connected are listed anew; who is still at it with what the account granted before has
   * lost its lease. Part of the transaction `sql`.
   */
  async restart(sql: SqlTransaction, { tenant, connectionId }: ConnectionRef): Promise<void> {
    await sql.query(
      `UPDATE calendar_sync SET due_at = now(), requested_at = clock_timestamp(), sync_token = NULL, push_due_at = now(), failures = 0,
         lease_until = NULL, push = CASE push WHEN 'refused' THEN 'none' ELSE push END
       WHERE tenant_id = $1 AND calendar_id IN (SELECT id FROM calendar WHERE tenant_id = $1 AND connection_id = $2)`,
      [tenant, connectionId],
    );
  }

  /** Says that there may be something new in a calendar. @returns false where it is not mirrored (yet) */
  async request(tenant: TenantId, calendarId: string): Promise<boolean> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query(
        // One that waits for its owner goes on waiting; one that Google has asked to leave it alone for a while, too. For another that
        // failed this is a sign that it can be read again, though not for each of many messages.
        `UPDATE calendar_sync SET requested_at = clock_timestamp(),
           due_at = CASE WHEN failure IS NULL THEN least(due_at, now())
             WHEN failure IN ('grant_revoked', 'forbidden_scope', 'quota_exhausted', 'rate_limited') THEN due_at
             ELSE least(due_at, now() + interval '2 seconds') END
         WHERE tenant_id = $1 AND calendar_id = $2 RETURNING 1`,
        [tenant, calendarId],
      ),
    );
    return rows.length > 0;
  }

  /** As `request`, for a calendar that is used and may not be mirrored yet. */
  async want(tenant: TenantId, calendarId: string): Promise<void> {
    if (await this.request(tenant, calendarId)) return;
    await this.database.inTenant(tenant, (sql) => this.adopt(sql, tenant));
  }

  /** Takes calendars in hand that are due, longest first, of whatever tenants. Nobody else gets them until the lease ends. */
  async claimDue(limit: number, leaseMs: number): Promise<ClaimedSync[]> {
    const rows = await this.database.inSystem((sql) =>
      sql.query<Omit<ClaimedSync, 'tenant'> & { tenantId: string }>(
        `WITH due AS (
           SELECT tenant_id, calendar_id FROM calendar_sync
           WHERE due_at <= now() AND (lease_until IS NULL OR lease_until < clock_timestamp())
           ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
         UPDATE calendar_sync s SET lease_until = clock_timestamp() + $2::int * interval '1 ms'
         FROM due WHERE s.tenant_id = due.tenant_id AND s.calendar_id = due.calendar_id
         RETURNING s.tenant_id AS "tenantId", s.calendar_id AS "calendarId", s.due_at AS "dueAt", clock_timestamp() AS "beganAt",
           s.lease_until AS "leaseUntil"`,
        [limit, leaseMs],
      ),
    );
    return rows.map(({ tenantId, ...claimed }) => ({ tenant: asTenantId(tenantId), ...claimed }));
  }

  /**
   * @param pushAddress where Google's messages are to be sent now: channels that send them elsewhere are due to be replaced
   * @returns null where the calendar is gone, or the lease is lost
   */
  async state(
    { tenant, calendarId, leaseUntil }: ClaimedSync,
    pushAddress: string | null,
  ): Promise<SyncState | null> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<
        Omit<SyncState, 'calendar' | 'known'> & {
          connectionId: string;
          googleId: string;
          timezone: string;
          knownFrom: Date | null;
          knownTo: Date | null;
        }
      >(
        `SELECT k.connection_id AS "connectionId", k.google_id AS "googleId", k.timezone, c.state AS "connectionState",
           EXISTS (SELECT FROM mirrored_calendars($1) m WHERE m.calendar_id = s.calendar_id) AS "isWanted",
           s.sync_token AS "syncToken", k.known_from AS "knownFrom", k.known_to AS "knownTo", s.generation, s.failures, s.failure,
           s.changed_at AS "changedAt", s.push, s.push_due_at <= now() OR EXISTS (
             SELECT FROM push_channel p WHERE p.tenant_id = $1 AND p.calendar_id = $2 AND p.address IS DISTINCT FROM $4) AS "isPushDue",
           coalesce((SELECT max(v.max_advance_days) FROM service v WHERE v.tenant_id = $1 AND v.deleted_at IS NULL), 0)
             AS "maxAdvanceDays",
           (SELECT calendar_stale_after_minutes * 60000 FROM tenant WHERE id = $1) AS "staleAfterMs"
         FROM calendar_sync s
         JOIN calendar k ON k.tenant_id = s.tenant_id AND k.id = s.calendar_id
         JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
         WHERE s.tenant_id = $1 AND s.calendar_id = $2 AND s.lease_until = $3`,
        [tenant, calendarId, leaseUntil, pushAddress],
      ),
    );
    if (row === undefined) return null;
    const { connectionId, googleId, timezone, knownFrom, knownTo, ...state } = row;
    return {
      ...state,
      calendar: { tenant, connectionId, googleId, timezone },
      known:
        knownFrom === null || knownTo === null ? null : { from: knownFrom.getTime(), to: knownTo.getTime() },
    };
  }

  /** Ends a run and says when the next is due: at once where somebody has asked since it began. Gives the lease back. */
  async settle({ tenant, calendarId, leaseUntil, beganAt }: ClaimedSync, end: SyncEnd): Promise<void> {
    await this.database.inTenant(tenant, (sql) =>
      sql.query(
        `UPDATE calendar_sync SET lease_until = NULL, failure = $4,
           failing_since = CASE WHEN $4::text IS NULL THEN NULL ELSE coalesce(failing_since, now()) END,
           failures = CASE WHEN $4::text IS NULL THEN 0 ELSE failures + 1 END,
           changed_at = CASE WHEN $7 THEN now() ELSE changed_at END,
           due_at = CASE
             WHEN $4::text IS NULL AND requested_at > $6 THEN now()
             WHEN $5::float8 IS NULL THEN 'infinity' ELSE now() + $5::float8 * interval '1 ms' END
         WHERE tenant_id = $1 AND calendar_id = $2 AND lease_until = $3`,
        [
          tenant,
          calendarId,
          leaseUntil,
          end.failure,
          end.nextInMs,
          beganAt,
          end.failure === null && end.hasChanged,
        ],
      ),
    );
  }

  /** Lets go of a calendar that is not mirrored any more, and of what was read of it. */
  async forget({ tenant, calendarId, leaseUntil }: ClaimedSync): Promise<void> {
    await this.database.inTenant(tenant, async (sql) => {
      const rows = await sql.query(
        `DELETE FROM calendar_sync WHERE tenant_id = $1 AND calendar_id = $2 AND lease_until = $3 RETURNING 1`,
        [tenant, calendarId, leaseUntil],
      );
      if (rows.length === 0) return;
      await this.#clear(sql, tenant, [calendarId]);
      await sql.query(
        `UPDATE calendar SET known_from = NULL, known_to = NULL, known_as_of = NULL WHERE tenant_id = $1 AND id = $2`,
        [tenant, calendarId],
      );
    });
  }

  /**
   * As `forget`, all calendars of an account that is being disconnected. Part of the transaction `sql`, in which it is the first to lock
   * anything of calendars or events: a run that is under way has locked its own row before those.
   */
  async forgetAll(sql: SqlTransaction, { tenant, connectionId }: ConnectionRef): Promise<void> {
    const calendars = await sql.query<{ id: string }>(
      'SELECT id FROM calendar WHERE tenant_id = $1 AND connection_id = $2',
      [tenant, connectionId],
    );
    await this.#clear(
      sql,
      tenant,
      calendars.map(({ id }) => id),
    );
  }

  async #clear(sql: SqlTransaction, tenant: TenantId, calendarIds: readonly string[]): Promise<void> {
    for (const table of ['calendar_sync', 'push_channel', 'calendar_conflict', 'busy_block']) {
      await sql.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND calendar_id = ANY ($2::uuid[])`, [
        tenant,
        calendarIds,
      ]);
    }
  }

  /** For the metrics and for planning: how many are mirrored, how many of them are due, and for how long the first has been. */
  async backlog(): Promise<SyncBacklog> {
    const [row] = await this.database.inSystem((sql) =>
      sql.query<SyncBacklog>(
        `SELECT count(*)::int AS calendars, count(*) FILTER (WHERE due_at <= now())::int AS due,
           count(*) FILTER (WHERE failing_since IS NOT NULL)::int AS failing,
           coalesce(sum(cardinality(unreadable_events)), 0)::int AS "unreadableEvents",
           coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now())), 0)::float8 AS "oldestSeconds"
         FROM calendar_sync`,
      ),
    );
    return row ?? { calendars: 0, due: 0, oldestSeconds: 0, failing: 0, unreadableEvents: 0 };
  }
}
