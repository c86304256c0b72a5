import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Booking, BookingStatus } from './booking.js';
import type { Interval } from './intervals.js';

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
  after?: BookingPosition;
  limit: number;
}

const COLUMNS = `id, reference, resource_id AS "resourceId", service_id AS "serviceId", status, starts_at AS "startsAt",
  ends_at AS "endsAt", timezone, customer_name AS "customerName", phone, email, purpose, source,
  cancel_reason AS "cancelReason", cancelled_at AS "cancelledAt", created_at AS "createdAt"`;

/** Every statement names the tenant itself, although row-level security would also confine it. */
@Injectable()
export class BookingRepository {
  constructor(private readonly database: Database) {}

  /**
   * Makes everybody else who books this resource wait until the transaction ends, so that limits can be checked and the
   * exclusion constraint cannot deadlock between two inserts.
   */
  async lockResource(sql: SqlTransaction, tenant: TenantId, resourceId: string): Promise<void> {
    await sql.query('SELECT FROM resource WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE', [
      tenant,
      resourceId,
    ]);
  }

  /** Frees the time of holds that have run out, so that they never block without waiting for a sweeper. */
  async deleteExpiredHolds(
    sql: SqlTransaction,
    tenant: TenantId,
    resourceId: string,
    blocked: Interval,
  ): Promise<void> {
    await sql.query(
      `DELETE FROM booking
       WHERE tenant_id = $1 AND resource_id = $2 AND status = 'held' AND hold_expires_at <= now()
         AND blocked && tstzrange($3, $4)`,
      [tenant, resourceId, new Date(blocked.start), new Date(blocked.end)],
    );
  }

  /** @throws an exclusion violation when the time is taken, a unique violation when the reference is */
  async insert(
    sql: SqlTransaction,
    tenant: TenantId,
    booking: Omit<Booking, 'createdAt' | 'cancelReason' | 'cancelledAt'>,
    blocked: Interval,
  ): Promise<Booking> {
    const [row] = await sql.query<Booking>(
      `INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked,
         timezone, customer_name, phone, email, purpose, source)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, $10), $11, $12, $13, $14, $15, $16)
       RETURNING ${COLUMNS}`,
      [
        tenant,
        booking.id,
        booking.reference,
        booking.resourceId,
        booking.serviceId,
        booking.status,
        booking.startsAt,
        booking.endsAt,
        new Date(blocked.start),
        new Date(blocked.end),
        booking.timezone,
        booking.customerName,
        booking.phone,
        booking.email,
        booking.purpose,
        booking.source,
      ],
    );
    if (row === undefined) throw new Error('The inserted booking was not returned.');
    return row;
  }

  /** Until the transaction ends, nobody else changes this booking. */
  async lock(sql: SqlTransaction, tenant: TenantId, id: string): Promise<Booking | undefined> {
    const [row] = await sql.query<Booking>(
      `SELECT ${COLUMNS} FROM booking WHERE tenant_id = $1 AND id = $2 AND status <> 'held' FOR NO KEY UPDATE`,
      [tenant, id],
    );
    return row;
  }

  async markCancelled(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    reason: string | null,
  ): Promise<void> {
    await sql.query(
      `UPDATE booking SET status = 'cancelled', cancel_reason = $3, cancelled_at = now(), updated_at = now()
       WHERE tenant_id = $1 AND id = $2`,
      [tenant, id, reason],
    );
  }

  async find(tenant: TenantId, id: string): Promise<Booking | undefined> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<Booking>(
        `SELECT ${COLUMNS} FROM booking WHERE tenant_id = $1 AND id = $2 AND status <> 'held'`,
        [tenant, id],
      ),
    );
    return row;
  }

  /**
   * The booking that this caller already has at this time, if any. Whoever asks the same at this moment waits until the
   * transaction ends, so that of two requests that say the same only one books.
   */
  async lockSame(
    sql: SqlTransaction,
    tenant: TenantId,
    {
      phone,
      startsAt,
      serviceId,
      resourceId,
    }: { phone: string; startsAt: Date; serviceId: string; resourceId?: string },
  ): Promise<Booking | undefined> {
    await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `same booking ${tenant} ${phone} ${startsAt.toISOString()} ${serviceId}`,
    ]);
    const [row] = await sql.query<Booking>(
      `SELECT ${COLUMNS} FROM booking
       WHERE tenant_id = $1 AND phone = $2 AND starts_at = $3 AND service_id = $4
         AND ($5::uuid IS NULL OR resource_id = $5) AND status IN ('pending', 'confirmed')
       LIMIT 1`,
      [tenant, phone, startsAt, serviceId, resourceId ?? null],
    );
    return row;
  }

  /** In the order of their start. */
  async list(tenant: TenantId, { from, to, status, phone, after, limit }: BookingFilter): Promise<Booking[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<Booking>(
        `SELECT ${COLUMNS} FROM booking
         WHERE tenant_id = $1 AND status <> 'held'
           AND ($2::timestamptz IS NULL OR starts_at >= $2)
           AND ($3::timestamptz IS NULL OR starts_at < $3)
           AND ($4::text IS NULL OR status = $4)
           AND ($5::text IS NULL OR phone = $5)
           AND ($6::timestamptz IS NULL OR (starts_at, id) > ($6, $7::uuid))
         ORDER BY starts_at, id
         LIMIT $8`,
        [
          tenant,
          from ?? null,
          to ?? null,
          status ?? null,
          phone ?? null,
          after?.startsAt ?? null,
          after?.id ?? null,
          limit,
        ],
      ),
    );
  }
}
