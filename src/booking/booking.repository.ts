import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import { SqlState, sqlStateOf } from '../platform/database/sql-error.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { changesBetween } from './audit.js';
import { AuditRepository, type ChangeRecord } from './audit.repository.js';
import type { Asker } from './asker.js';
import type { Author } from './author.js';
import type { Booking, BookingCustomer, BookingStatus } from './booking.js';
import type { Interval } from './engine/intervals.js';
import { localDateOf } from './engine/zoned-time.js';

/** A position in the list of bookings: the last one that was seen. */
export interface BookingPosition {
  startsAt: Date;
  id: string;
}

export interface BookingFilter {
  from?: Date;
  to?: Date;
  status?: BookingStatus;
  phone?: string;
  serviceId?: string;
  resourceId?: string;
  reference?: string;
  after?: BookingPosition;
  limit: number;
}

/** Where and when a booking takes place. */
export interface BookingPlace {
  resourceId: string;
  startsAt: Date;
  endsAt: Date;
  /** With buffers. */
  blocked: Interval;
  timezone: string;
  /** The date of the start in that zone. */
  localDate: string;
}

export type NewBooking = BookingPlace & Omit<Booking, 'createdAt' | 'cancelReason' | 'cancelledAt'>;

export const BOOKING_COLUMNS = `id, reference, resource_id AS "resourceId", service_id AS "serviceId", status,
  starts_at AS "startsAt", ends_at AS "endsAt", timezone, customer_name AS "customerName", phone,
  phone_extension AS "phoneExtension", email, purpose, source,
  cancel_reason AS "cancelReason", cancelled_at AS "cancelledAt", created_at AS "createdAt"`;

/** Every statement names the tenant itself, although row-level security would also confine it. */
@Injectable()
export class BookingRepository {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditRepository,
  ) {}

  /** @throws an exclusion violation when the time is taken, a unique violation when the reference is */
  async insert(
    sql: SqlTransaction,
    tenant: TenantId,
    booking: NewBooking,
    { author, asker }: { author: Author; asker?: Asker },
  ): Promise<Booking> {
    const { id, reference, resourceId, serviceId, status, startsAt, endsAt, blocked } = booking;
    const rows = await this.audit.changing<Booking>(
      sql,
      {
        action: 'created',
        author,
        changes: changesBetween({}, { status, serviceId, resourceId, startsAt, endsAt }),
      },
      `INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked,
         timezone, local_date, customer_name, phone, phone_extension, email, purpose, source, asked_in, asked_from, asked_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, $10), $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
       RETURNING ${BOOKING_COLUMNS}`,
      [
        tenant,
        ...[id, reference, resourceId, serviceId, status, startsAt, endsAt],
        ...[new Date(blocked.start), new Date(blocked.end), booking.timezone, booking.localDate],
        ...[booking.customerName, booking.phone, booking.phoneExtension, booking.email, booking.purpose],
        booking.source,
        ...[asker?.conversation ?? null, asker?.number ?? null, asker?.credential ?? null],
      ],
    );
    return changedOne(rows);
  }

  /** @throws an exclusion violation when the time is taken */
  async move(
    sql: SqlTransaction,
    tenant: TenantId,
    { id, ...before }: Booking,
    { resourceId, startsAt, endsAt, blocked, timezone, localDate }: BookingPlace,
    author: Author,
  ): Promise<Booking> {
    const changes = {
      // Always both: from them it is known where the event of a moved booking may still stand (availability_snapshot).
      startsAt: { from: before.startsAt.toISOString(), to: startsAt.toISOString() },
      endsAt: { from: before.endsAt.toISOString(), to: endsAt.toISOString() },
      ...changesBetween({ resourceId: before.resourceId }, { resourceId }),
    };
    const rows = await this.audit.changing<Booking>(
      sql,
      { action: 'rescheduled', author, changes },
      `UPDATE booking SET resource_id = $3, starts_at = $4, ends_at = $5, blocked = tstzrange($6, $7), timezone = $8,
         local_date = $9, updated_at = now()
       WHERE tenant_id = $1 AND id = $2
       RETURNING ${BOOKING_COLUMNS}`,
      [
        tenant,
        ...[id, resourceId, startsAt, endsAt],
        ...[new Date(blocked.start), new Date(blocked.end), timezone, localDate],
      ],
    );
    return changedOne(rows);
  }

  /** @param record with what is different from before */
  async edit(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    { name, phone, phoneExtension, email, purpose }: BookingCustomer,
    { author, changes }: Omit<ChangeRecord, 'action'>,
  ): Promise<Booking> {
    const rows = await this.audit.changing<Booking>(
      sql,
      { action: 'edited', author, changes },
      `UPDATE booking SET customer_name = $3, phone = $4, phone_extension = $5, email = $6, purpose = $7,
         updated_at = now()
       WHERE tenant_id = $1 AND id = $2
       RETURNING ${BOOKING_COLUMNS}`,
      [tenant, id, name, phone, phoneExtension, email, purpose],
    );
    return changedOne(rows);
  }

  /**
   * Moves a booking to where its event is, with its resource and its buffers, whatever the rules of its service say.
   * @param time epoch milliseconds
   * @returns null where its resource is booked or held then: the transaction goes on
   */
  async follow(
    sql: SqlTransaction,
    tenant: TenantId,
    booking: Booking,
    { start, end }: Interval,
    author: Author,
  ): Promise<Booking | null> {
    const { id, resourceId, timezone } = booking;
    const [buffers] = await sql.query<{ before: number; after: number }>(
      `SELECT extract(epoch FROM starts_at - lower(blocked))::float8 * 1000 AS before,
         extract(epoch FROM upper(blocked) - ends_at)::float8 * 1000 AS after
       FROM booking WHERE tenant_id = $1 AND id = $2`,
      [tenant, id],
    );
    const blocked = { start: start - (buffers?.before ?? 0), end: end + (buffers?.after ?? 0) };
    // A hold that has run out does not block, whether or not anybody has swept it away.
    await sql.query(
      `DELETE FROM booking WHERE tenant_id = $1 AND resource_id = $2 AND status = 'held'
         AND hold_expires_at <= clock_timestamp() AND blocked && tstzrange($3, $4)`,
      [tenant, resourceId, new Date(blocked.start), new Date(blocked.end)],
    );
    const place = {
      resourceId,
      startsAt: new Date(start),
      endsAt: new Date(end),
      blocked,
      timezone,
      localDate: localDateOf(start, timezone),
    };
    await sql.query('SAVEPOINT before_following');
    try {
      return await this.move(sql, tenant, booking, place, author);
    } catch (error) {
      if (sqlStateOf(error) !== SqlState.exclusionViolation) throw error;
      await sql.query('ROLLBACK TO SAVEPOINT before_following');
      return null;
    }
  }

  /** @param record with what changes beside the status */
  async setStatus(
    sql: SqlTransaction,
    tenant: TenantId,
    { id, status: before }: Pick<Booking, 'id' | 'status'>,
    { status, cancelReason = null }: { status: BookingStatus; cancelReason?: string | null },
    { action, author }: Omit<ChangeRecord, 'changes'>,
  ): Promise<Booking> {
    const changes = changesBetween({ status: before }, { status, cancelReason });
    const rows = await this.audit.changing<Booking>(
      sql,
      { action, author, changes },
      `UPDATE booking SET status = $3, cancel_reason = $4, updated_at = now(),
         cancelled_at = CASE WHEN $3 = 'cancelled' THEN now() END
       WHERE tenant_id = $1 AND id = $2
       RETURNING ${BOOKING_COLUMNS}`,
      [tenant, id, status, cancelReason],
    );
    return changedOne(rows);
  }

  /** Until the transaction ends, nobody else changes this booking. */
  async lock(sql: SqlTransaction, tenant: TenantId, id: string): Promise<Booking | undefined> {
    const [row] = await sql.query<Booking>(
      `SELECT ${BOOKING_COLUMNS} FROM booking
       WHERE tenant_id = $1 AND id = $2 AND status <> 'held' FOR NO KEY UPDATE`,
      [tenant, id],
    );
    return row;
  }

  async find(tenant: TenantId, id: string): Promise<Booking | undefined> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<Booking>(
        `SELECT ${BOOKING_COLUMNS} FROM booking WHERE tenant_id = $1 AND id = $2 AND status <> 'held'`,
        [tenant, id],
      ),
    );
    return row;
  }

  /** In the order of their start. */
  async list(tenant: TenantId, filter: BookingFilter): Promise<Booking[]> {
    const { from, to, status, phone, serviceId, resourceId, reference, after, limit } = filter;
    return this.database.inTenant(tenant, (sql) =>
      sql.query<Booking>(
        `SELECT ${BOOKING_COLUMNS} FROM booking
         WHERE tenant_id = $1 AND status <> 'held'
           AND ($2::timestamptz IS NULL OR starts_at >= $2)
           AND ($3::timestamptz IS NULL OR starts_at < $3)
           AND ($4::text IS NULL OR status = $4)
           AND ($5::text IS NULL OR phone = $5)
           AND ($6::uuid IS NULL OR service_id = $6)
           AND ($7::uuid IS NULL OR resource_id = $7)
           AND ($8::text IS NULL OR reference = $8)
           AND ($9::timestamptz IS NULL OR (starts_at, id) > ($9, $10::uuid))
         ORDER BY starts_at, id
         LIMIT $11`,
        [
          tenant,
          ...[from, to, status, phone, serviceId, resourceId, reference].map((wanted) => wanted ?? null),
          ...[after?.startsAt ?? null, after?.id ?? null, limit],
        ],
      ),
    );
  }
}

function changedOne(rows: readonly Booking[]): Booking {
  const [row] = rows;
  if (row === undefined) throw new Error('The booking that was changed was not returned.');
  return row;
}
