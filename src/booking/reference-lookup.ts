import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Asker } from './asker.js';
import type { Booking } from './booking.js';
import type { CallerBooking } from './caller-bookings.js';

/**
 * How many different wrong references may be named within an hour. One in a conversation is more than anybody mishears; the
 * others bound what is gained by beginning a new conversation, feigning another number, or calling another line.
 */
const MOST_WRONG_REFERENCES = { conversation: 10, number: 20, credential: 100, tenant: 200 } as const;

/** Who names a reference, and what they may be told of. */
export interface ReferenceAsker extends Asker {
  /** The number that the platform reports, E.164: its bookings are found past any limit. */
  caller: string | null;
  /** What the credential is confined to; empty for everything. */
  serviceIds: readonly string[];
  resourceIds: readonly string[];
}

/** `locked`: so many wrong ones were named that no other counts for now, right or wrong. */
export type ReferenceAnswer = CallerBooking | 'unknown' | 'locked';

type Instants = 'startsAt' | 'endsAt' | 'createdAt' | 'cancelledAt';
type FoundBooking = Omit<Booking, Instants> &
  Omit<CallerBooking, 'booking'> & {
    startsAt: number;
    endsAt: number;
    createdAt: number;
    cancelledAt: number | null;
  };

/** Finds bookings by the references that callers name, and counts those that name none. */
@Injectable()
export class ReferenceLookup {
  constructor(private readonly database: Database) {}

  /** One round trip, whatever became of the booking. @param reference in capitals */
  async find(tenant: TenantId, reference: string, asker: ReferenceAsker): Promise<ReferenceAnswer> {
    const most = MOST_WRONG_REFERENCES;
    const answer = await this.database.call<{
      outcome: 'found' | 'unknown' | 'locked';
      booking?: FoundBooking;
    }>(
      'booking_by_reference',
      tenant,
      ...[reference, asker.caller, asker.serviceIds, asker.resourceIds],
      ...[asker.conversation ?? null, asker.number ?? null, asker.credential],
      ...[most.conversation, most.number, most.credential, most.tenant],
    );
    if (answer?.booking !== undefined) return foundBooking(answer.booking);
    return answer?.outcome === 'locked' ? 'locked' : 'unknown';
  }
}

function foundBooking({ serviceName, resourceName, ...row }: FoundBooking): CallerBooking {
  const booking: Booking = {
    ...row,
    startsAt: new Date(row.startsAt),
    endsAt: new Date(row.endsAt),
    createdAt: new Date(row.createdAt),
    cancelledAt: row.cancelledAt === null ? null : new Date(row.cancelledAt),
  };
  return { booking, serviceName, resourceName };
}
