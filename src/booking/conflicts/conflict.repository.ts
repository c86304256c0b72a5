import { Injectable } from '@nestjs/common';
import type { ChangedTimes, MovedEvent } from '../../calendar/owner-changes.js';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { PageCursor } from '../../tenant/page-cursor.js';
import type { Conflict, Resolution } from './conflict.js';

/** Of `calendar_conflict c` and its `booking b`: they are in each other's way still, and there is something to decide. */
const IS_OPEN = `(c.resolved_at IS NULL AND b.status IN ('pending', 'confirmed') AND CASE c.kind
  WHEN 'event_over_booking' THEN b.ends_at > now() AND b.starts_at < c.ends_at AND b.ends_at > c.starts_at
  ELSE (b.starts_at, b.ends_at) IS DISTINCT FROM (c.starts_at, c.ends_at) END)`;

const COLUMNS = `c.id, c.kind, c.booking_id AS "bookingId", b.reference, b.resource_id AS "resourceId",
  b.starts_at AS "bookingStartsAt", b.ends_at AS "bookingEndsAt", b.timezone, c.calendar_id AS "calendarId",
  c.event_id AS "eventId", c.starts_at AS "eventStartsAt", c.ends_at AS "eventEndsAt", c.reason,
  c.detected_at AS "detectedAt", CASE WHEN ${IS_OPEN} THEN NULL ELSE coalesce(c.resolved_at, b.updated_at) END AS "resolvedAt",
  CASE WHEN ${IS_OPEN} THEN NULL ELSE coalesce(c.resolution, 'cleared') END AS resolution`;

/** What of the owner's doing in the calendars is in the way of bookings (`calendar_conflict`). */
@Injectable()
export class ConflictRepository {
  constructor(private readonly database: Database) {}

  /** The oldest first. */
  async list(
    tenant: TenantId,
    { state, after, limit }: { state: 'open' | 'resolved'; after: PageCursor | null; limit: number },
  ): Promise<Conflict[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<Conflict>(
        `SELECT ${COLUMNS} FROM calendar_conflict c
         JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id
         WHERE c.tenant_id = $1 AND ${IS_OPEN} = $2
           AND ($3::timestamptz IS NULL OR (c.detected_at, c.id) > ($3, $4::uuid))
         ORDER BY c.detected_at, c.id LIMIT $5`,
        [tenant, state === 'open', after?.createdAt ?? null, after?.id ?? null, limit],
      ),
    );
  }

  async find(tenant: TenantId, id: string): Promise<Conflict | undefined> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<Conflict>(
        `SELECT ${COLUMNS} FROM calendar_conflict c
         JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id
         WHERE c.tenant_id = $1 AND c.id = $2`,
        [tenant, id],
      ),
    );
    return row;
  }

  /** @returns false where it has ended meanwhile; only that the booking is cancelled counts all the same */
  async resolve(sql: SqlTransaction, tenant: TenantId, id: string, resolution: Resolution): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE calendar_conflict SET resolved_at = now(), resolution = $3
       WHERE tenant_id = $1 AND id = $2 AND (resolution IS NULL OR $3 = 'booking_cancelled') RETURNING 1`,
      [tenant, id, resolution],
    );
    return rows.length > 0;
  }

  /** The event of a booking is where the booking cannot follow it to. */
  async noteMoved(
    sql: SqlTransaction,
    tenant: TenantId,
    { bookingId, calendarId, eventId, time }: MovedEvent,
    reason: Conflict['reason'],
  ): Promise<void> {
    await sql.query(
      `INSERT INTO calendar_conflict AS c (tenant_id, kind, booking_id, calendar_id, event_id, reason, starts_at, ends_at)
       SELECT $1::uuid, 'booking_event_moved', $2::uuid, $3::uuid, $4, $5, $6::timestamptz, $7::timestamptz
       -- Nothing is kept of an account that was disconnected meanwhile.
       FROM calendar_sync s WHERE s.tenant_id = $1 AND s.calendar_id = $3
       ON CONFLICT (tenant_id, booking_id, calendar_id, event_id) DO UPDATE SET kind = excluded.kind, reason = excluded.reason,
         starts_at = excluded.starts_at, ends_at = excluded.ends_at, detected_at = excluded.detected_at, resolved_at = NULL,
         resolution = NULL
       -- What somebody has dismissed stays so while the event stays there.
       WHERE c.resolution IS DISTINCT FROM 'dismissed' OR c.kind <> excluded.kind
         OR (c.starts_at, c.ends_at) IS DISTINCT FROM (excluded.starts_at, excluded.ends_at)`,
      [
        tenant,
        bookingId,
        calendarId,
        eventId,
        reason,
        time === null ? null : new Date(time.start),
        time === null ? null : new Date(time.end),
      ],
    );
  }

  /** The event of a booking is where the booking is. */
  async clearMoved(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void> {
    await sql.query(
      `UPDATE calendar_conflict SET resolved_at = now(), resolution = 'cleared'
       WHERE tenant_id = $1 AND booking_id = $2 AND kind = 'booking_event_moved'
         AND (resolution IS NULL OR resolution = 'dismissed')`,
      [tenant, bookingId],
    );
  }

  /** As `noteOverlaps`, in all calendars, of a booking that has just been given another time which nobody has compared with them. */
  async noteOverlapsOf(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void> {
    const calendars = await sql.query<{ id: string }>(
      'SELECT calendar_id AS id FROM calendar_sync WHERE tenant_id = $1 ORDER BY calendar_id',
      [tenant],
    );
    for (const { id } of calendars) {
      await this.noteOverlaps(sql, tenant, id, { eventIds: [], bookingIds: [bookingId] });
    }
  }

  /**
   * Notes which events of a calendar lie over bookings of the resources that read it, and which do no more. What somebody has dismissed
   * stays so, unless the event is at another time since.
   * @param changed what may be in each other's way since; null for everything
   */
  async noteOverlaps(
    sql: SqlTransaction,
    tenant: TenantId,
    calendarId: string,
    changed: ChangedTimes | null,
  ): Promise<void> {
    const touched = [tenant, calendarId, changed?.eventIds ?? null, changed?.bookingIds ?? null];
    await sql.query(
      `UPDATE calendar_conflict c SET resolved_at = now(), resolution = 'cleared'
       WHERE c.tenant_id = $1 AND c.calendar_id = $2 AND c.kind = 'event_over_booking' AND c.resolved_at IS NULL
         AND ($3::text[] IS NULL OR c.event_id = ANY ($3) OR c.booking_id = ANY ($4::uuid[]))
         AND NOT EXISTS (
           SELECT FROM booking b JOIN busy_block u ON u.tenant_id = b.tenant_id AND u.calendar_id = c.calendar_id
             AND u.event_id = c.event_id AND u.starts_at < b.ends_at AND u.ends_at > b.starts_at
           WHERE b.tenant_id = $1 AND b.id = c.booking_id AND b.status IN ('pending', 'confirmed'))`,
      touched,
    );
    await sql.query(
      `WITH reader AS (
         SELECT o.resource_id FROM calendars_of_resources($1) o WHERE o.calendar_id = $2 AND o.reads_conflicts),
       over AS (
         SELECT b.id AS booking_id, u.event_id, u.starts_at, u.ends_at
         FROM busy_block u JOIN booking b ON b.tenant_id = $1 AND b.resource_id IN (SELECT resource_id FROM reader)
           -- No booking is longer than a day.
           AND b.starts_at > u.starts_at - interval '2 days' AND b.starts_at < u.ends_at AND b.ends_at > u.starts_at
         WHERE u.tenant_id = $1 AND u.calendar_id = $2 AND u.ends_at > now()
           AND ($3::text[] IS NULL OR u.event_id = ANY ($3))
           AND b.status IN ('pending', 'confirmed') AND b.ends_at > now() AND b.id IS DISTINCT FROM u.booking_id
         UNION
         SELECT b.id, u.event_id, u.starts_at, u.ends_at
         FROM booking b JOIN busy_block u ON u.tenant_id = $1 AND u.calendar_id = $2
           AND u.starts_at < b.ends_at AND u.ends_at > b.starts_at
         WHERE b.tenant_id = $1 AND b.id = ANY ($4::uuid[]) AND b.resource_id IN (SELECT resource_id FROM reader)
           AND b.status IN ('pending', 'confirmed') AND b.ends_at > now() AND b.id IS DISTINCT FROM u.booking_id)
       INSERT INTO calendar_conflict AS c (tenant_id, kind, booking_id, calendar_id, event_id, starts_at, ends_at)
       SELECT $1, 'event_over_booking', over.booking_id, $2, over.event_id, over.starts_at, over.ends_at FROM over
       -- Where it is the event of another booking, which could not follow it there, that says so.
       WHERE NOT EXISTS (
         SELECT FROM busy_block u JOIN event_write w ON w.tenant_id = u.tenant_id AND w.booking_id = u.booking_id
         WHERE u.tenant_id = $1 AND u.calendar_id = $2 AND u.event_id = over.event_id AND w.wanted = 'present')
       ON CONFLICT (tenant_id, booking_id, calendar_id, event_id) DO UPDATE SET starts_at = excluded.starts_at,
         ends_at = excluded.ends_at, detected_at = excluded.detected_at, resolved_at = NULL, resolution = NULL
       WHERE c.resolution = 'cleared' OR (c.starts_at, c.ends_at) IS DISTINCT FROM (excluded.starts_at, excluded.ends_at)`,
      touched,
    );
  }
}
