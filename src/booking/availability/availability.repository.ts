import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { UnreadableCalendarPolicy } from '../../tenant/tenant.js';
import type { Interval } from '../engine/intervals.js';
import type { ServiceRules } from '../engine/slot-finder.js';
import type { WorkingHours } from '../engine/working-hours.js';

export interface ServiceSnapshot extends ServiceRules {
  id: string;
  name: string;
  /** For the agent. */
  description: string | null;
  /** How many bookings of it a day may have; null for any number. */
  maxPerDay: number | null;
}

interface ResourceSnapshot {
  id: string;
  name: string;
  /** Null: the tenant's. */
  timezone: string | null;
  /** Null: the tenant's. */
  workingHours: WorkingHours | null;
  /** When it is away; null for never. */
  timeOff: Interval[] | null;
}

/** A calendar that is read for conflicts, with what was last known of it. */
interface CalendarSnapshot {
  id: string;
  /** The resources that read it. */
  resourceIds: string[];
  googleId: string;
  connectionId: string;
  connectionState: 'connected' | 'needs_reconnect';
  /** The window that is mirrored, and as of when; null before the first synchronisation. */
  knownFrom: number | null;
  knownTo: number | null;
  knownAsOf: number | null;
  /** Whether it is known to have changed since, or cannot be read any more. */
  isBehind: boolean;
  /** What blocks in it by the mirror; null for nothing. */
  busy: Interval[] | null;
}

/** Everything that an availability answer rests on, as of one moment. Instants are epoch milliseconds. */
export interface AvailabilitySnapshot {
  timezone: string;
  locale: string;
  unreadableCalendarPolicy: UnreadableCalendarPolicy;
  /** How old the mirror of a calendar may be before that policy applies. */
  calendarStaleAfterMinutes: number;
  /** Null for a tenant that never set any. */
  workingHours: WorkingHours | null;
  /** Dates on which the organisation is closed. */
  holidays: string[];
  /** The service asked for, or the tenant's first one; null when there is none. */
  service: ServiceSnapshot | null;
  /** The active resources that give the service. */
  resources: ResourceSnapshot[];
  /** Local dates on which the service has as many bookings as it may have. */
  fullDays: string[];
  /** Blocked ranges of these resources' bookings and live holds. */
  booked: (Interval & { resourceId: string })[];
  /** The calendars that these resources read; none where no account is connected. */
  calendars: CalendarSnapshot[];
}

/** For whom a time is looked for: what bears on the answer beside what was asked. */
export interface Seeker {
  /** Only these resources may be offered to them; undefined for all. */
  withinResourceIds?: readonly string[];
  /** What is offered is booked with the resource that it was found for: others were ruled out. */
  namesResource?: boolean;
  /** What their holds are kept under: these do not stand in their own way. */
  heldFor?: string;
}

/** What an answer is asked for. */
export interface SnapshotQuery extends Seeker {
  serviceId?: string;
  resourceId?: string;
  /** A booking or hold that does not stand in its own way. */
  exceptBookingId?: string;
}

@Injectable()
export class AvailabilityRepository {
  constructor(private readonly database: Database) {}

  /**
   * In one round trip, whatever the tenant's size.
   * @param from,to the range of starts asked about, in epoch milliseconds. What is returned reaches two days further back
   * and three further ahead, so the range may be off by a zone's offset.
   */
  async snapshot(
    tenant: TenantId,
    range: { from: number; to: number },
    { serviceId, resourceId, exceptBookingId, heldFor, withinResourceIds }: SnapshotQuery,
  ): Promise<AvailabilitySnapshot | null> {
    const snapshot = await this.database.call<AvailabilitySnapshot>(
      'availability_snapshot',
      tenant,
      serviceId ?? null,
      resourceId ?? null,
      new Date(range.from),
      new Date(range.to),
      exceptBookingId ?? null,
      heldFor ?? null,
    );
    if (snapshot === null || withinResourceIds === undefined) return snapshot;
    const resources = snapshot.resources.filter(({ id }) => withinResourceIds.includes(id));
    const isRead = (ids: readonly string[]) => resources.some(({ id }) => ids.includes(id));
    const calendars = snapshot.calendars.filter(({ resourceIds }) => isRead(resourceIds));
    return { ...snapshot, resources, calendars };
  }
}
