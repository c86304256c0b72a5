import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { isMoved } from './booking-event.js';
import type { EventContent, ProviderEvent } from './calendar-provider.js';
import type { ClaimedWrite, WriteOutcome } from './claimed-write.js';
import { EventWriteRepository } from './event-write.repository.js';
import { IN_CONFLICT } from './event-write.sql.js';
import { MirrorRepository } from './mirror/mirror.repository.js';
import { OwnerChanges } from './owner-changes.js';
import type { OwnerEdit } from './write-decision.js';

/** The owner has deleted the event of a booking that is over. */
const EVENT_DELETED = 'event_deleted';

/** Lets bookings follow their events, as part of the transaction in which the outcome of an attempt is stored. */
@Injectable()
export class EventFollower {
  readonly #followed: (labels: { change: string; outcome: string }) => void;

  constructor(
    private readonly writes: EventWriteRepository,
    private readonly mirror: MirrorRepository,
    private readonly ownerChanges: OwnerChanges,
    metrics: Metrics,
  ) {
    this.#followed = metrics.counter({
      name: 'calendar_owner_changes_total',
      help: 'Events of bookings that their owner has moved or deleted, by whether the booking followed',
      labels: ['change', 'outcome'],
    });
  }

  /** Lets the booking follow what its owner did with the event, unless it has been changed meanwhile. @returns what comes of that */
  async follow(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    write: ClaimedWrite,
    edit: OwnerEdit,
  ): Promise<Partial<WriteOutcome>> {
    await this.ownerChanges.lock(sql, tenant, bookingId);
    if (!(await this.writes.isCurrent(sql, tenant, bookingId, write))) return {};
    const known = { writtenVersion: write.version, eventAttempt: write.eventAttempt };
    if (edit.kind === 'deleted') {
      const unwanted = await this.ownerChanges.deleted(sql, tenant, bookingId);
      this.#followed({ change: 'deleted', outcome: unwanted ? 'followed' : 'left' });
      const reason = unwanted ? null : EVENT_DELETED;
      return { ...known, status: 'synced', reason, event: null, unwanted };
    }
    const { event, written: texts } = edit;
    const { time, id: eventId, isAllDay } = event;
    const calendarId = write.target?.calendarId ?? '';
    const moved = await this.ownerChanges.moved(sql, tenant, {
      ...{ bookingId, calendarId, eventId, time, isAllDay },
    });
    this.#followed({ change: 'moved', outcome: moved.outcome });
    // What is not known to be there is written anew.
    const written = atTimeOf(event, texts ?? { ...write.content, summary: '', description: '' });
    switch (moved.outcome) {
      case 'followed': {
        const adopted = moved.content;
        // What else the booking says by now is still to be written.
        return isDeepStrictEqual(written, atTimeOf(event, adopted))
          ? { ...known, status: 'synced', reason: null, event, written, adopted }
          : { status: 'pending', reason: null, event, eventAttempt: write.eventAttempt, written, adopted };
      }
      case 'conflict':
        return { ...known, status: 'failed', reason: IN_CONFLICT, event, written };
      case 'left':
        return { ...known, status: 'synced', reason: null, event, written };
    }
  }

  /** An event that is where its booking is blocks nothing beside it; one that is elsewhere does, there. */
  async placeInMirror(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    { target, eventId, content }: ClaimedWrite,
    { event, adopted }: WriteOutcome,
  ): Promise<void> {
    if (event === undefined || target === null) return;
    const isInPlace = event !== null && !isMoved(event, adopted ?? content);
    const isInTheWay = event?.blocks === true && !isInPlace;
    const ids = [event?.id, eventId].filter((id) => id !== null && id !== undefined);
    const place = { bookingId, calendarId: target.calendarId };
    await this.mirror.placeOwn(sql, tenant, place, ids, isInTheWay ? event : null);
    if (isInPlace) await this.ownerChanges.agreed(sql, tenant, bookingId);
  }
}

/** What the event says, at the time that its owner gave it. */
function atTimeOf({ time }: ProviderEvent, content: EventContent): EventContent {
  if (time === null) return content;
  return {
    ...content,
    startsAt: new Date(time.start).toISOString(),
    endsAt: new Date(time.end).toISOString(),
  };
}
