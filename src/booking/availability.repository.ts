import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { UnreadableCalendarPolicy } from '../tenant/tenant.js';
import type { ServiceRules } from './slot-finder.js';
import type { WorkingHours } from './working-hours.js';

interface ServiceSnapshot extends ServiceRules {
  id: string;
  name: string;
}

interface ResourceSnapshot {
  id: string;
  name: string;
  /** Null: the tenant's. */
  timezone: string | null;
  /** Null: the tenant's. */
  workingHours: WorkingHours | null;
}

/** Everything that an availability answer rests on, as of one moment. Instants are epoch milliseconds. */
export interface AvailabilitySnapshot {
  timezone: string;
  locale: string;
  unreadableCalendarPolicy: UnreadableCalendarPolicy;
  /** Null for a tenant that never set any. */
  workingHours: WorkingHours | null;
  /** The service asked for, or the tenant's first one; null when there is none. */
  service: ServiceSnapshot | null;
  /** The active resources that give the service. */
  resources: ResourceSnapshot[];
  /** Blocked ranges of bookings and live holds. */
  booked: { resourceId: string; serviceId: string; startsAt: number; start: number; end: number }[];
  connection: { id: string; state: 'connected' | 'needs_reconnect' } | null;
  /** What the connected calendars were last known to block. */
  busy: { start: number; end: number }[];
}

@Injectable()
export class AvailabilityRepository {
  constructor(private readonly database: Database) {}

  /**
   * In one round trip, whatever the tenant's size.
   * @param from,to the range of starts asked about, in epoch milliseconds. What is returned reaches two days further on
   * both sides, so the range may be off by a zone's offset.
   */
  async snapshot(
    tenant: TenantId,
    range: { from: number; to: number },
    serviceId: string | undefined,
    resourceId: string | undefined,
  ): Promise<AvailabilitySnapshot | null> {
    return this.database.call<AvailabilitySnapshot>(
      'availability_snapshot',
      tenant,
      serviceId ?? null,
      resourceId ?? null,
      new Date(range.from),
      new Date(range.to),
    );
  }
}
