import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { BusyInterval } from './calendar-provider.js';

export interface Window {
  /** Epoch milliseconds, half-open. */
  from: number;
  to: number;
}

/** What blocks in the connected calendars, as last read (`busy_block`). */
@Injectable()
export class BusyMirrorRepository {
  constructor(private readonly database: Database) {}

  /**
   * Replaces what is known of a calendar within the window; what reaches beyond it stays known there. A reading older than
   * the one that is stored is dropped.
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
      await sql.query(`SELECT 1 FROM calendar WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`, [
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
      // Of what is known from now on, whatever lies before it is over: it would only grow.
      const from = extent === null ? window.from : -Infinity;
      const replaced = await sql.query<{ start: Date; end: Date }>(
        `DELETE FROM busy_block WHERE tenant_id = $1 AND calendar_id = $2 AND starts_at < $4
           AND ($3::timestamptz IS NULL OR ends_at > $3) RETURNING starts_at AS start, ends_at AS end`,
        [tenant, calendarId, extent === null ? new Date(from) : null, new Date(window.to)],
      );
      const blocks = [...busy, ...replaced.flatMap((block) => outsideOf(block, { from, to: window.to }))];
      await sql.query(
        `INSERT INTO busy_block (tenant_id, calendar_id, starts_at, ends_at)
         SELECT $1, $2, starts_at, ends_at FROM unnest($3::timestamptz[], $4::timestamptz[]) AS b (starts_at, ends_at)
         ON CONFLICT DO NOTHING`,
        [
          tenant,
          calendarId,
          blocks.map(({ start }) => new Date(start)),
          blocks.map(({ end }) => new Date(end)),
        ],
      );
      if (extent === null) return;
      await sql.query(
        `UPDATE calendar SET known_from = $3, known_to = $4, known_as_of = $5 WHERE tenant_id = $1 AND id = $2`,
        [tenant, calendarId, new Date(extent.from), new Date(extent.to), new Date(asOf)],
      );
    });
  }
}

function outsideOf({ start, end }: { start: Date; end: Date }, { from, to }: Window): BusyInterval[] {
  return [
    { start: start.getTime(), end: Math.min(end.getTime(), from) },
    { start: Math.max(start.getTime(), to), end: end.getTime() },
  ].filter((part) => part.start < part.end);
}
