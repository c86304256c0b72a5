import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Booking } from './booking.js';
import { BOOKING_COLUMNS } from './booking.repository.js';

/** A booking with what a caller would call it by. */
export interface CallerBooking {
  booking: Booking;
  serviceName: string;
  resourceName: string;
}

type Row = Booking & Omit<CallerBooking, 'booking'>;

/** More than anybody has, and few enough to be answered. */
const MOST = 50;
/** For so long a caller who cancels again means the booking that was cancelled. */
const JUST_CANCELLED_MINUTES = 15;

const COLUMNS = `${BOOKING_COLUMNS},
  (SELECT s.name FROM service s WHERE s.tenant_id = b.tenant_id AND s.id = b.service_id) AS "serviceName",
  (SELECT r.name FROM resource r WHERE r.tenant_id = b.tenant_id AND r.id = b.resource_id) AS "resourceName"`;

/** The bookings of the number that calls. Every statement names the tenant itself. */
@Injectable()
export class CallerBookings {
  constructor(private readonly database: Database) {}

  /** Those to come, and those to come that were cancelled a moment ago; the next first. @param phone E.164 */
  async ofPhone(tenant: TenantId, phone: string): Promise<CallerBooking[]> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query<Row>(
        `SELECT ${COLUMNS} FROM booking b
         WHERE b.tenant_id = $1 AND b.phone = $2 AND b.starts_at > now() AND (b.status IN ('pending', 'confirmed')
           OR b.status = 'cancelled' AND b.cancelled_at > now() - interval '${JUST_CANCELLED_MINUTES} minutes')
         ORDER BY b.starts_at, b.id LIMIT ${MOST}`,
        [tenant, phone],
      ),
    );
    return rows.map(({ serviceName, resourceName, ...booking }) => ({ booking, serviceName, resourceName }));
  }
}
