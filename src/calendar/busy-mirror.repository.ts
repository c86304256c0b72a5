import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { BusyInterval } from './calendar-provider.js';

export interface Window {
  /** Epoch milliseconds, half-open. */
  from: number;
  to: number;
}

/** A calendar that is read for conflicts, with what is known of it. */
interface ConflictCalendar {
  id: string;
  googleId: string;
  /** The window that was read last, and when; null before the first reading. */
  known: (Window & { asOf: number }) | null;
}

export interface ConflictCalendars {
  connectionId: string;
  state: 'connected' | 'needs_reconnect';
  calendars: ConflictCalendar[];
}

interface CalendarRow {
  connectionId: string;
  state: 'connected' | 'needs_reconnect';
  id: string | null;
  googleId: string;
  knownFrom: Date | null;
  knownTo: Date | null;
  knownAsOf: Date | null;
}

/** What blocks in the connected calendars, as last read (`busy_block`). */
@Injectable()
export class BusyMirrorRepository {
  constructor(private readonly database: Database) {}

  /** The calendars that are read for conflicts; null without a connection. */
  async findConflictCalendars(tenant: TenantId): Promise<ConflictCalendars | null> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query<CalendarRow>(
        `SELECT c.id AS "connectionId", c.state, k.id, k.google_id AS "googleId",
           k.known_from AS "knownFrom", k.known_to AS "knownTo", k.known_as_of AS "knownAsOf"
         FROM calendar_connection c
         LEFT JOIN calendar k ON k.tenant_id = c.tenant_id AND k.connection_id = c.id AND k.reads_conflicts
         WHERE c.tenant_id = $1 AND c.state <> 'disconnected'`,
        [tenant],
      ),
    );
    const [first] = rows;
    if (first === undefined) return null;
    const calendars = rows.flatMap(({ id, googleId, knownFrom, knownTo, knownAsOf }) => {
      if (id === null) return [];
      const isKnown = knownFrom !== null && knownTo !== null && knownAsOf !== null;
      const known = isKnown ? { from: +knownFrom, to: +knownTo, asOf: +knownAsOf } : null;
      return [{ id, googleId, known }];
    });
    return { connectionId: first.connectionId, state: first.state, calendars };
  }

  /** What blocks within the window in the calendars named, as last read. */
  async findBusy(
    tenant: TenantId,
    calendarIds: readonly string[],
    { from, to }: Window,
  ): Promise<BusyInterval[]> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query<{ startsAt: Date; endsAt: Date }>(
        `SELECT starts_at AS "startsAt", ends_at AS "endsAt" FROM busy_block
         WHERE tenant_id = $1 AND calendar_id = ANY ($2::uuid[]) AND starts_at < $4 AND ends_at > $3
         ORDER BY starts_at`,
        [tenant, calendarIds, new Date(from), new Date(to)],
      ),
    );
    return rows.map(({ startsAt, endsAt }) => ({ start: +startsAt, end: +endsAt }));
  }

  /**
   * Replaces what is known of a calendar within the window. A reading older than the one that is stored is dropped.
   * @param asOf when the reading began, epoch milliseconds
   * @param extent the window that is known from now on; null leaves that as it is
   */
  async store(
    tenant: TenantId,
    calendarId: string,
    {
      window,
      extent,
      busy,
      asOf,
    }: { window: Window; extent: Window | null; busy: BusyInterval[]; asOf: number },
  ): Promise<void> {
    await this.database.inTenant(tenant, async (sql) => {
      // With the lock on the calendar's row readings of it follow one another. Only then is looked whether it is still
      // connected: disconnecting takes the same lock first, so nothing that it deleted comes back.
      await sql.query(`SELECT 1 FROM calendar WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, [
        tenant,
        calendarId,
      ]);
      const current = await sql.query(
        `SELECT 1 FROM calendar k
         JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
         WHERE k.tenant_id = $1 AND k.id = $2 AND c.state <> 'disconnected'
           AND (k.known_as_of IS NULL OR k.known_as_of <= $3)`,
        [tenant, calendarId, new Date(asOf)],
      );
      if (current.length === 0) return;
      await sql.query(
        `DELETE FROM busy_block WHERE tenant_id = $1 AND calendar_id = $2 AND starts_at < $4 AND ends_at > $3`,
        [tenant, calendarId, new Date(window.from), new Date(window.to)],
      );
      await sql.query(
        `INSERT INTO busy_block (tenant_id, calendar_id, starts_at, ends_at)
         SELECT $1, $2, starts_at, ends_at FROM unnest($3::timestamptz[], $4::timestamptz[]) AS b (starts_at, ends_at)
         ON CONFLICT DO NOTHING`,
        [tenant, calendarId, busy.map(({ start }) => new Date(start)), busy.map(({ end }) => new Date(end))],
      );
      if (extent === null) return;
      await sql.query(
        `UPDATE calendar SET known_from = $3, known_to = $4, known_as_of = $5 WHERE tenant_id = $1 AND id = $2`,
        [tenant, calendarId, new Date(extent.from), new Date(extent.to), new Date(asOf)],
      );
    });
  }
}
