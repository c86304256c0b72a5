import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Deadline } from '../platform/deadline.js';
import { CalendarError, isCalendarError } from './calendar-error.js';
import {
  CalendarProvider,
  type CalendarRef,
  type EventChange,
  type EventContent,
  type EventDraft,
  type ProviderEvent,
} from './calendar-provider.js';
import { eventIdOf } from './event-id.js';
import { withoutWhatIsRefused } from './refused-parts.js';
import type { ClaimedWrite, EventPart } from './claimed-write.js';
import { clock } from '../platform/time/clock.js';

/** An id is used up by a deletion; nobody deletes one event more often than this within one attempt. */
const MOST_IDS = 5;
/** Somebody would have to change the event in the moment between looking at it and writing it, this often in a row. */
const MOST_CHANGES = 3;
/** A Meet link is usually there a moment after the event; a caller is waiting for it. */
const MEET_LINK_WAITS_MS = [200, 400];

/** The event as it is in the calendar now. */
export interface PresentEvent {
  event: ProviderEvent;
  eventAttempt: number;
  /** What Google refused of it. */
  leftOut: readonly EventPart[];
  /** Its owner has moved it, and the booking was not given another time since: the owner's time counts. */
  isMovedByOwner: boolean;
  /** What it says, but for when it is; null where that is not known. */
  written: EventContent | null;
}

/** Its owner has deleted it after the booking was changed last. */
export interface DeletedEvent {
  event: null;
}

export interface RemovedEvent {
  /** False when Google says that there is nothing to be removed, and shows no trace of the event either. */
  isSure: boolean;
}

/**
 * One booking's event in the provider's calendar. Everything here can be done again after an outcome that nobody heard of:
 * the event's id comes from the booking, so a repeat meets what the first one made.
 */
@Injectable()
export class BookingEvent {
  constructor(private readonly provider: CalendarProvider) {}

  /**
   * Makes the event, or brings the one that is there to the content. Whoever acted last has the say: what the owner did with the event after
   * the booking was changed is told, and left as it is.
   * @throws CalendarError also `not_found`: the event that should be there is not, which is believed when it is said again
   */
  async makePresent(
    calendar: CalendarRef,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<PresentEvent | DeletedEvent> {
    const draft = {
      bookingId,
      content: write.content,
      // A link that is there stays there.
      withConference: write.meetLink === null,
      conferenceTry: write.isMeetLinkDue ? write.attempts : 0,
    };
    let { eventAttempt } = write;
    let isKnownToBeThere = write.eventId === eventIdOf(bookingId, eventAttempt);
    for (let used = 0; used < MOST_IDS; used += 1, eventAttempt += 1, isKnownToBeThere = false) {
      const numbered = { ...draft, id: eventIdOf(bookingId, eventAttempt) };
      const made = isKnownToBeThere
        ? await this.#change(
            calendar,
            { draft: numbered, ...write, ifMatch: write.eventEtag },
            write,
            deadline,
          )
        : await this.#insert(calendar, numbered, write, deadline);
      if (made === 'deleted_by_owner') return { event: null };
      if (made === 'used_up') continue;
      const event = await this.#withMeetLink(calendar, made.event, deadline);
      // Its owner may have been at it while the link was waited for.
      if (event.cancelled) return { event: null };
      return { ...made, event, eventAttempt, isMovedByOwner: isMoved(event, write.content) };
    }
    throw new Error(`The ids of booking ${bookingId} are used up.`);
  }

  /**
   * The event as it is now; null when it has been deleted.
   * @throws CalendarError `calendar_gone` when the whole calendar has; `forbidden` where its events may not be seen
   */
  async look(
    calendar: CalendarRef,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<ProviderEvent | null> {
    const event = await this.#find(calendar, eventIdOf(bookingId, write.eventAttempt), deadline);
    if (event !== null) return event;
    // That an event is not found is also said where its calendar is not, or where its events may not be seen any more.
    const now = clock.now();
    const window = { from: now, to: now + 60_000 };
    await this.provider.eventPages(calendar, { window }, deadline.remainingMs)[Symbol.asyncIterator]().next();
    return null;
  }

  async #find(calendar: CalendarRef, eventId: string, deadline: Deadline): Promise<ProviderEvent | null> {
    try {
      return await this.provider.getEvent(calendar, eventId, deadline);
    } catch (error) {
      if (isCalendarError(error, 'not_found', 'gone')) return null;
      throw error;
    }
  }

  /** Whether the event is there now. */
  async isThere(calendar: CalendarRef, eventId: string, deadline: Deadline): Promise<boolean> {
    const event = await this.#find(calendar, eventId, deadline);
    return event !== null && !event.cancelled;
  }

  /** Removes one event that is known by its id, if it is there. */
  async remove(calendar: CalendarRef, eventId: string, notify: boolean, deadline: Deadline): Promise<void> {
    await this.#delete(calendar, eventId, notify, deadline);
  }

  /** Removes the event, also one whose making nobody heard the end of. */
  async makeAbsent(
    calendar: CalendarRef,
    bookingId: string,
    { content, eventAttempt }: Pick<ClaimedWrite, 'content' | 'eventAttempt'>,
    deadline: Deadline,
  ): Promise<RemovedEvent> {
    const notify = content.attendeeEmail !== undefined;
    let isSure = false;
    // Where one id is used up, its successor may have been made before anybody could note it.
    for (let attempt = eventAttempt; attempt < eventAttempt + MOST_IDS; attempt += 1) {
      const eventId = eventIdOf(bookingId, attempt);
      if (await this.#delete(calendar, eventId, notify, deadline)) return { isSure: true };
      const remains = await this.#find(calendar, eventId, deadline);
      if (remains === null) break;
      if (!remains.cancelled) throw new CalendarError('unavailable', { reason: 'contradicts_itself' });
      isSure = true;
    }
    return { isSure };
  }

  /** @returns false where Google says that there is no such event */
  async #delete(
    calendar: CalendarRef,
    eventId: string,
    notify: boolean,
    deadline: Deadline,
  ): Promise<boolean> {
    try {
      await this.provider.deleteEvent(calendar, eventId, { notify }, deadline);
      return true;
    } catch (error) {
      if (!isCalendarError(error, 'not_found', 'gone')) throw error;
      return false;
    }
  }

  async #insert(
    calendar: CalendarRef,
    draft: EventDraft,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<Written> {
    try {
      const { event, leftOut } = await withoutWhatIsRefused(draft, write, (wanted) =>
        this.provider.insertEvent(calendar, wanted, deadline),
      );
      return { event, leftOut, isMovedByOwner: false, written: draft.content };
    } catch (error) {
      if (!isCalendarError(error, 'already_exists')) throw error;
      const existing = await this.#find(calendar, draft.id, deadline);
      if (existing === null) return notThere(write);
      if (existing.cancelled) {
        // One that nobody has heard of being made may have been deleted since.
        return write.previousAttemptAt !== null && isOwnersLast(existing, write)
          ? 'deleted_by_owner'
          : 'used_up';
      }
      const isOurs = existing.mark?.bookingId === draft.bookingId && existing.mark.tenant === calendar.tenant;
      if (!isOurs) return 'used_up';
      const { leftOut } = write;
      if (isOwnersMove(existing, null, write))
        return { event: existing, leftOut, isMovedByOwner: true, written: null };
      return this.#change(calendar, { draft, written: null, ifMatch: existing.etag }, write, deadline);
    }
  }

  async #change(
    calendar: CalendarRef,
    change: EventChange,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<Written> {
    let { ifMatch } = change;
    for (let tries = 1; ; tries += 1) {
      try {
        const changed = await withoutWhatIsRefused(change.draft, write, (draft) =>
          this.provider.updateEvent(calendar, { ...change, draft, ifMatch }, deadline),
        );
        const { event } = changed;
        if (event.cancelled) return 'used_up';
        const { content } = change.draft;
        // A change says nothing of guests: one that was left out still is.
        const leftOut = [...write.leftOut.filter((part) => part === 'guest'), ...changed.leftOut];
        // Where the booking changed in another way than by its time, none was written, and the owner's is left.
        return { event, leftOut, isMovedByOwner: isMoved(event, content), written: content };
      } catch (error) {
        if (!isCalendarError(error, 'not_found', 'gone', 'precondition_failed')) throw error;
        const event = await this.#find(calendar, change.draft.id, deadline);
        if (event === null) return notThere(write);
        if (event.cancelled) return isOwnersLast(event, write) ? 'deleted_by_owner' : 'used_up';
        if (isOwnersMove(event, change.written, write)) {
          const { leftOut } = write;
          return { event, leftOut, isMovedByOwner: true, written: change.written };
        }
        if (tries === MOST_CHANGES) throw error;
        ifMatch = event.etag;
      }
    }
  }

  async #withMeetLink(
    calendar: CalendarRef,
    event: ProviderEvent,
    deadline: Deadline,
  ): Promise<ProviderEvent> {
    let latest = event;
    for (const waitMs of MEET_LINK_WAITS_MS) {
      if (latest.conference !== 'pending' || deadline.remainingMs < 2 * waitMs) break;
      await sleep(waitMs);
      // The event is made; that the link cannot be seen yet is no failure.
      latest = await this.provider
        .getEvent(calendar, event.id, deadline.atMost(waitMs * 2))
        .catch(() => latest);
    }
    return latest;
  }
}

/** What came of writing an event under one id. */
type Written =
  | {
      event: ProviderEvent;
      leftOut: readonly EventPart[];
      isMovedByOwner: boolean;
      written: EventContent | null;
    }
  /** It was deleted, and ids cannot be used again. */
  | 'used_up'
  | 'deleted_by_owner';

/** Whether the event was last changed after the booking was, and while its account was connected as it is now. */
function isOwnersLast({ updatedAt }: ProviderEvent, { wantedAt, target }: ClaimedWrite): boolean {
  return updatedAt !== null && updatedAt > wantedAt && (target === null || updatedAt > target.connectedAt);
}

/**
 * Whether the event is where its owner, not we, have put it, and the booking was not given another time since. A write of ours whose answer
 * was lost is told from the owner's doing by the event's own mark; where that does not say when we put it, by what is noted of it.
 */
function isOwnersMove(event: ProviderEvent, written: EventContent | null, write: ClaimedWrite): boolean {
  const { content } = write;
  if (!isMoved(event, content)) return false;
  const put = event.mark?.time;
  const isMovedSince =
    put === undefined
      ? isMoved(event, written)
      : event.time?.start !== put.start || event.time.end !== put.end;
  const isTimeAsBefore = written?.startsAt === content.startsAt && written.endsAt === content.endsAt;
  return isMovedSince && (isTimeAsBefore || isOwnersLast(event, write));
}

/** Whether the event is at another time than `content` says; unknown is not. */
export function isMoved({ time }: ProviderEvent, content: EventContent | null): boolean {
  if (content === null) return false;
  return time?.start !== Date.parse(content.startsAt) || time.end !== Date.parse(content.endsAt);
}

/**
 * An event that should be there, or has just been said to be, is not found. Another one in its place would be the second, should that have
 * been said in error: it has to be said again some time later.
 */
function notThere({ isLongMissing }: ClaimedWrite): 'used_up' {
  if (isLongMissing) return 'used_up';
  throw new CalendarError('not_found', { reason: 'unconfirmed' });
}
