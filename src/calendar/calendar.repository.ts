import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { ConnectionRef, ListedCalendar } from './calendar-provider.js';

/** Of `calendar k`: a resource that was not deleted has chosen it. */
const IS_CHOSEN = `EXISTS (
  SELECT FROM resource_calendar u JOIN resource r ON r.tenant_id = u.tenant_id AND r.id = u.resource_id
  WHERE u.tenant_id = k.tenant_id AND u.calendar_id = k.id AND r.deleted_at IS NULL)`;

/** Of `calendar k`: no resource has chosen it, and it has no event of ours. */
export const UNUSED = `NOT ${IS_CHOSEN}
  AND NOT EXISTS (SELECT FROM event_write u WHERE u.tenant_id = k.tenant_id AND u.calendar_id = k.id)
  AND NOT EXISTS (SELECT FROM event_leftover u WHERE u.tenant_id = k.tenant_id AND u.calendar_id = k.id)`;

/** A calendar of a connected account, as last heard of. */
export interface KnownCalendar {
  id: string;
  connectionId: string;
  accountEmail: string;
  connectionState: 'connected' | 'needs_reconnect';
  googleId: string;
  summary: string;
  timezone: string;
  /** `none` when it is no longer in the account's list. */
  accessRole: string;
  isDefault: boolean;
}

/** The calendars of connected accounts (`calendar`). */
@Injectable()
export class CalendarRepository {
  constructor(private readonly database: Database) {}

  /** Those that can be chosen, and those that were and are gone by now; the default first, then by account and name. */
  async findKnown(tenant: TenantId): Promise<KnownCalendar[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<KnownCalendar>(
        `SELECT k.id, c.id AS "connectionId", c.account_email AS "accountEmail", c.state AS "connectionState",
           k.google_id AS "googleId", k.summary, k.timezone, k.access_role AS "accessRole",
           k.writes_bookings AS "isDefault"
         FROM calendar k JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
         WHERE k.tenant_id = $1 AND c.state <> 'disconnected' AND (k.access_role <> 'none' OR ${IS_CHOSEN})
         ORDER BY k.writes_bookings DESC, c.connected_at, c.id, k.google_id <> 'primary', k.summary, k.google_id`,
        [tenant],
      ),
    );
  }

  /** Keeps an account's list. What is no longer in it is forgotten, unless something refers to it. */
  async store({ tenant, connectionId }: ConnectionRef, calendars: readonly ListedCalendar[]): Promise<void> {
    // Pages of a list that changes meanwhile may name one twice.
    const listed = [...new Map(calendars.map((calendar) => [calendar.googleId, calendar])).values()];
    await this.database.inTenant(tenant, async (sql) => {
      // In one order with whoever else locks several of them; and only then is looked whether they are still wanted:
      // disconnecting takes the same locks first, so nothing that it deleted comes back.
      await sql.query(
        `SELECT 1 FROM calendar WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id FOR NO KEY UPDATE`,
        [tenant, connectionId],
      );
      const active = await sql.query(
        `SELECT 1 FROM calendar_connection WHERE tenant_id = $1 AND id = $2 AND state <> 'disconnected'`,
        [tenant, connectionId],
      );
      if (active.length === 0) return;
      await sql.query(
        `INSERT INTO calendar AS k (tenant_id, connection_id, google_id, summary, timezone, access_role)
         SELECT $1, $2, l.google_id, l.summary, l.timezone, l.access_role
         FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS l (google_id, summary, timezone, access_role)
         -- Whole days in the mirror are those of the zone that is noted: of a mirrored calendar, synchronisations see to both.
         ON CONFLICT (tenant_id, connection_id, google_id) DO UPDATE SET summary = excluded.summary,
           timezone = CASE WHEN k.known_as_of IS NULL THEN excluded.timezone ELSE k.timezone END, access_role = excluded.access_role
         WHERE (k.summary, k.timezone, k.access_role)
           IS DISTINCT FROM (excluded.summary, excluded.timezone, excluded.access_role)`,
        [
          tenant,
          connectionId,
          listed.map(({ googleId }) => googleId),
          listed.map(({ summary }) => summary),
          listed.map(({ timezone }) => timezone),
          listed.map(({ accessRole }) => accessRole),
        ],
      );
      await sql.query(
        `UPDATE calendar SET access_role = 'none'
         WHERE tenant_id = $1 AND connection_id = $2 AND google_id <> 'primary' AND google_id <> ALL ($3::text[])`,
        [tenant, connectionId, listed.map(({ googleId }) => googleId)],
      );
      await sql.query(
        `DELETE FROM calendar k
         WHERE tenant_id = $1 AND connection_id = $2 AND google_id <> 'primary' AND access_role = 'none' AND ${UNUSED}`,
        [tenant, connectionId],
      );
    });
  }
}
