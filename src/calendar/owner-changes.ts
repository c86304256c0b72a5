import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { BusyInterval, EventContent } from './calendar-provider.js';

/** An event of a booking that its owner has moved. */
export interface MovedEvent {
  bookingId: string;
  calendarId: string;
  eventId: string;
  /** Null for a time that cannot be read. */
  time: BusyInterval | null;
  isAllDay: boolean;
}

/**
 * What came of an event that the owner has moved: the booking has followed, and its event says this from now on; or it could not, which is
 * noted as a conflict; or the booking is none that follows any more.
 */
export type Followed = { outcome: 'followed'; content: EventContent } | { outcome: 'conflict' | 'left' };

/** What is to be compared with each other: events that a synchronisation told of, and bookings whose events it told of. */
export interface ChangedTimes {
  eventIds: readonly string[];
  bookingIds: readonly string[];
}

/** What the owner's doing in the calendar means for bookings. All of it is part of the transaction `sql`. */
export interface OwnerChangeHandler {
  /** Until the transaction ends, nobody else changes this booking. Before any other lock. */
  lock(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void>;
  moved(sql: SqlTransaction, tenant: TenantId, event: MovedEvent): Promise<Followed>;
  /** @returns whether the booking has been cancelled; one that is over has not */
  deleted(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<boolean>;
  /** The event is where the booking is: what they had between them is over. */
  agreed(sql: SqlTransaction, tenant: TenantId, bookingId: string): Promise<void>;
  /** Notes which events of a calendar lie over bookings, and which do no more; of all of them with null. */
  noteOverlaps(
    sql: SqlTransaction,
    tenant: TenantId,
    calendarId: string,
    changed: ChangedTimes | null,
  ): Promise<void>;
}

/**
 * Where the module above says what follows from changes in a calendar, so that this one need not know it. Register in the constructor or in
 * `onModuleInit`.
 */
@Injectable()
export class OwnerChanges implements OwnerChangeHandler {
  #handler: OwnerChangeHandler | undefined;

  handledBy(handler: OwnerChangeHandler): void {
    this.#handler = handler;
  }

  lock(...given: Parameters<OwnerChangeHandler['lock']>): Promise<void> {
    return this.#handled.lock(...given);
  }

  moved(...given: Parameters<OwnerChangeHandler['moved']>): Promise<Followed> {
    return this.#handled.moved(...given);
  }

  deleted(...given: Parameters<OwnerChangeHandler['deleted']>): Promise<boolean> {
    return this.#handled.deleted(...given);
  }

  agreed(...given: Parameters<OwnerChangeHandler['agreed']>): Promise<void> {
    return this.#handled.agreed(...given);
  }

  noteOverlaps(...given: Parameters<OwnerChangeHandler['noteOverlaps']>): Promise<void> {
    return this.#handled.noteOverlaps(...given);
  }

  get #handled(): OwnerChangeHandler {
    if (this.#handler === undefined)
      throw new Error('Nobody has said what follows from changes in a calendar.');
    return this.#handler;
  }
}
