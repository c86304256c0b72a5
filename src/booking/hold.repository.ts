import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { changesBetween } from './audit.js';
import { AuditRepository } from './audit.repository.js';
import type { Asker } from './asker.js';
import type { Author } from './author.js';
import type { Booking, Customer } from './booking.js';
import { BOOKING_COLUMNS, type BookingPlace } from './booking.repository.js';
import type { HeldTime, Hold } from './hold.js';

/** What became of a hold. */
export type HoldState =
  | { state: 'live' | 'expired'; hold: Hold }
  | { state: 'booked'; booking: Booking }
  /** A booking was moved to its time; `hold` is what it held. */
  | { state: 'used'; bookingId: string; hold: HeldTime }
  /** It was released, or has run out and was swept away; the audit trail still knows what of. */
  | { state: 'gone'; hold: HeldTime };

export interface NewHold extends BookingPlace {
  id: string;
  reference: string;
  serviceId: string;
  ttlSeconds: number;
  /** See `OwnHolds`. */
  heldFor?: string;
  /** Whom it counts for. */
  asker: Asker;
}

/** For so long a hold that has run out is kept, so that one who comes late may still have its time if it is free. */
const KEPT_MINUTES = 60;
/** More than one new hold can leave behind, so nothing piles up. */
const SWEPT_AT_ONCE = 200;

export const HOLD_COLUMNS = `id, service_id AS "serviceId", resource_id AS "resourceId", starts_at AS "startsAt",
  ends_at AS "endsAt", epoch_ms(lower(blocked))::float AS "blockedFrom", epoch_ms(upper(blocked))::float AS "blockedTo",
  timezone, hold_expires_at AS "expiresAt"`;

export type HoldRow = Omit<Hold, 'blocked'> & { blockedFrom: number; blockedTo: number };

/**
 * Holds are rows of `booking` with the status `held`, under the same constraint as bookings. One that has run out does not
 * count, whether or not its row is there.
 */
@Injectable()
export class HoldRepository {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditRepository,
  ) {}

  /** @throws an exclusion violation when the time is taken, a unique violation when the reference is */
  async insert(
    sql: SqlTransaction,
    tenant: TenantId,
    { id, reference, serviceId, resourceId, startsAt, endsAt, ttlSeconds, heldFor, asker, ...hold }: NewHold,
    author: Author,
  ): Promise<Hold> {
    const what = { status: 'held', serviceId, resourceId, startsAt, endsAt };
    // Nothing is recorded when it runs out, so the trail says from the beginning when that is.
    const changes = changesBetween({}, { ...what, ttlSeconds: String(ttlSeconds) });
    const [row] = await this.audit.changing<HoldRow>(
      sql,
      { action: 'held', author, changes },
      `INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked,
         timezone, local_date, source, hold_expires_at, held_for, asked_in, asked_from, asked_by)
       VALUES ($1, $2, $3, $4, $5, 'held', $6, $7, tstzrange($8, $9), $10, $11, $12,
         clock_timestamp() + $13::int * interval '1 second', $14, $15, $16, $17)
       RETURNING ${HOLD_COLUMNS}`,
      [
        tenant,
        ...[id, reference, resourceId, serviceId, startsAt, endsAt],
        ...[new Date(hold.blocked.start), new Date(hold.blocked.end), hold.timezone, hold.localDate],
        ...[author.source, ttlSeconds, heldFor ?? null],
        ...[asker.conversation ?? null, asker.number ?? null, asker.credential],
      ],
    );
    if (row === undefined) throw new Error('The hold that was made was not returned.');
    return toHold(row);
  }

  /**
   * Deletes the tenant's holds that ran out long ago; what another transaction has in hand is left to it. Others may wait for
   * these rows until the transaction ends, so it must not take another lock after this.
   */
  async sweep(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(
      `WITH old AS (
         SELECT tenant_id, id FROM booking
         WHERE tenant_id = $1 AND status = 'held'
           AND hold_expires_at < clock_timestamp() - $2::int * interval '1 minute'
         ORDER BY hold_expires_at LIMIT $3 FOR UPDATE SKIP LOCKED)
       DELETE FROM booking b USING old WHERE b.tenant_id = $1 AND b.tenant_id = old.tenant_id AND b.id = old.id`,
      [tenant, KEPT_MINUTES, SWEPT_AT_ONCE],
    );
  }

  /** @returns undefined for what never was a hold of the tenant */
  async find(tenant: TenantId, id: string): Promise<HoldState | undefined> {
    return this.database.inTenant(tenant, async (sql) => {
      const [held] = await sql.query<HoldRow & { isLive: boolean }>(
        `SELECT ${HOLD_COLUMNS}, hold_expires_at > clock_timestamp() AS "isLive" FROM booking
         WHERE tenant_id = $1 AND id = $2 AND status = 'held'`,
        [tenant, id],
      );
      if (held !== undefined) {
        const { isLive, ...row } = held;
        return { state: isLive ? 'live' : 'expired', hold: toHold(row) };
      }
      const [once] = await sql.query<HeldTime & { usedByBookingId: string | null }>(
        `SELECT changes #>> '{serviceId,to}' AS "serviceId", changes #>> '{resourceId,to}' AS "resourceId",
           (changes #>> '{startsAt,to}')::timestamptz AS "startsAt",
           (SELECT r.changes #>> '{usedByBookingId,to}' FROM audit_entry r
            WHERE r.tenant_id = $1 AND r.booking_id = $2 AND r.action = 'released') AS "usedByBookingId"
         FROM audit_entry WHERE tenant_id = $1 AND booking_id = $2 AND action = 'held'`,
        [tenant, id],
      );
      if (once === undefined) return undefined;
      const { usedByBookingId, ...hold } = once;
      if (usedByBookingId !== null) return { state: 'used', bookingId: usedByBookingId, hold };
      const [booking] = await sql.query<Booking>(
        `SELECT ${BOOKING_COLUMNS} FROM booking WHERE tenant_id = $1 AND id = $2 AND status <> 'held'`,
        [tenant, id],
      );
      return booking === undefined ? { state: 'gone', hold } : { state: 'booked', booking };
    });
  }

  /**
   * Turns a live hold into a booking: the same row, so at no moment is its time free.
   * @returns undefined when it is not live any more
   */
  async book(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    { name, phone, phoneExtension, email, purpose }: Customer,
    { author, asker }: { author: Author; asker?: Asker },
  ): Promise<Booking | undefined> {
    const [booking] = await this.audit.changing<Booking>(
      sql,
      { action: 'created', author, changes: changesBetween({ status: 'held' }, { status: 'confirmed' }) },
      `UPDATE booking SET status = 'confirmed', hold_expires_at = NULL, held_for = NULL, customer_name = $3, phone = $4,
         phone_extension = $5, email = $6, purpose = $7, source = $8, asked_in = $9, asked_from = $10, asked_by = $11,
         updated_at = now()
       WHERE tenant_id = $1 AND id = $2 AND status = 'held' AND hold_expires_at > clock_timestamp()
       RETURNING ${BOOKING_COLUMNS}`,
      [
        ...([tenant, id, name, phone, phoneExtension ?? null] as const),
        ...[email ?? null, purpose ?? null, author.source],
        ...[asker?.conversation ?? null, asker?.number ?? null, asker?.credential ?? null],
      ],
    );
    return booking;
  }

  /**
   * Gives a live hold up for a booking that this transaction moves to its time.
   * @returns the place that was held; undefined when it is not live any more
   */
  async useFor(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    bookingId: string,
    author: Author,
  ): Promise<BookingPlace | undefined> {
    const changes = changesBetween({ status: 'held' }, { status: null, usedByBookingId: bookingId });
    const [row] = await this.audit.changing<HoldRow & { localDate: string }>(
      sql,
      { action: 'released', author, changes },
      `DELETE FROM booking
       WHERE tenant_id = $1 AND id = $2 AND status = 'held' AND hold_expires_at > clock_timestamp()
       RETURNING ${HOLD_COLUMNS}, local_date::text AS "localDate"`,
      [tenant, id],
    );
    return row === undefined ? undefined : { ...toHold(row), localDate: row.localDate };
  }

  /** Gives a hold up that this transaction has locked. @param bookingId what has its time from now on, if anything */
  async giveUp(
    sql: SqlTransaction,
    tenant: TenantId,
    id: string,
    author: Author,
    bookingId?: string,
  ): Promise<void> {
    const changes = changesBetween({ status: 'held' }, { status: null, usedByBookingId: bookingId ?? null });
    await this.audit.changing(
      sql,
      { action: 'released', author, changes },
      `DELETE FROM booking WHERE tenant_id = $1 AND id = $2 AND status = 'held' RETURNING id`,
      [tenant, id],
    );
  }

  /** @returns whether there was a hold to be given back */
  async release(tenant: TenantId, id: string, author: Author): Promise<boolean> {
    const released = await this.database.inTenant(tenant, (sql) =>
      this.audit.changing(
        sql,
        { action: 'released', author, changes: changesBetween({ status: 'held' }, { status: null }) },
        `DELETE FROM booking WHERE tenant_id = $1 AND id = $2 AND status = 'held' RETURNING id`,
        [tenant, id],
      ),
    );
    return released.length > 0;
  }
}

export function toHold({ blockedFrom, blockedTo, ...hold }: HoldRow): Hold {
  return { ...hold, blocked: { start: blockedFrom, end: blockedTo } };
}
