import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';

export interface KnownBooking {
  id: string;
  reference: string;
  status: string;
  startsAt: Date;
  endsAt: Date;
  eventId: string | null;
  calendarId: string | null;
  /** Whether its event is as it should be, by all that is known here. */
  isWritten: boolean;
}

/** What a booking needs of its service and resource. */
export interface BookingFrame {
  serviceName: string;
  bufferBeforeMs: number;
  bufferAfterMs: number;
  timezone: string;
}

const COLUMNS = `b.id, b.reference, b.status, b.starts_at AS "startsAt", b.ends_at AS "endsAt", w.event_id AS "eventId",
  w.calendar_id AS "calendarId", coalesce(w.state = 'synced' AND w.wanted = 'present', false) AS "isWritten"`;
const WRITES = `LEFT JOIN event_write w ON w.tenant_id = b.tenant_id AND w.booking_id = b.id`;

/** What reconciling asks of the database. */
@Injectable()
export class ReconciliationRepository {
  async tenants(sql: SqlTransaction): Promise<{ id: string; name: string }[]> {
    return sql.query('SELECT id, name FROM tenant ORDER BY created_at, id');
  }

  async byId(sql: SqlTransaction, tenant: TenantId, ids: readonly string[]): Promise<KnownBooking[]> {
    return sql.query(
      `SELECT ${COLUMNS} FROM booking b ${WRITES} WHERE b.tenant_id = $1 AND b.id = ANY ($2::uuid[])`,
      [tenant, ids],
    );
  }

  /** Confirmed bookings that are not over, whose events are in one of the calendars. */
  async upcomingIn(
    sql: SqlTransaction,
    tenant: TenantId,
    calendarIds: readonly string[],
    before: Date,
  ): Promise<KnownBooking[]> {
    return sql.query(
      `SELECT ${COLUMNS} FROM booking b ${WRITES}
       WHERE b.tenant_id = $1 AND b.status = 'confirmed' AND b.ends_at > now() AND b.starts_at < $3
         AND w.event_id IS NOT NULL AND w.calendar_id = ANY ($2::uuid[]) ORDER BY b.starts_at, b.id`,
      [tenant, calendarIds, before],
    );
  }

  /** @returns undefined where the service or the resource is not there any more */
  async frame(
    sql: SqlTransaction,
    tenant: TenantId,
    serviceId: string,
    resourceId: string,
  ): Promise<BookingFrame | undefined> {
    const [frame] = await sql.query<BookingFrame>(
      `SELECT s.name AS "serviceName", s.buffer_before_minutes * 60000 AS "bufferBeforeMs",
         s.buffer_after_minutes * 60000 AS "bufferAfterMs", coalesce(r.timezone, t.timezone) AS timezone
       FROM service s JOIN resource r ON r.tenant_id = s.tenant_id AND r.id::text = $3 JOIN tenant t ON t.id = s.tenant_id
       WHERE s.tenant_id = $1 AND s.id::text = $2`,
      [tenant, serviceId, resourceId],
    );
    return frame;
  }

  /** What is left of the hold that a booking was made from. */
  async dropHold(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void> {
    await sql.query(`DELETE FROM booking WHERE tenant_id = $1 AND id = $2 AND status = 'held'`, [
      tenant,
      bookingId,
    ]);
  }

  /** The event is in a calendar that its booking's events are not written to: it is to be taken away from there. */
  async noteLeftover(
    sql: SqlTransaction,
    tenant: TenantId,
    { bookingId, resourceId, calendarId }: { bookingId: string; resourceId: string; calendarId: string },
  ): Promise<void> {
    await sql.query(
      `INSERT INTO event_leftover (tenant_id, booking_id, calendar_id, event_attempt)
       SELECT $1, $2, $4, 0 WHERE NOT EXISTS (SELECT FROM event_place($1, $3, NULL) p WHERE p.calendar_id = $4)
       ON CONFLICT DO NOTHING`,
      [tenant, bookingId, resourceId, calendarId],
    );
  }
}
