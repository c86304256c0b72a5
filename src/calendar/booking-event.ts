import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Deadline } from '../platform/deadline.js';
import { isCalendarError } from './calendar-error.js';
import {
  CalendarProvider,
  type CalendarRef,
  type EventDraft,
  type ProviderEvent,
} from './calendar-provider.js';
import { eventIdOf } from './event-id.js';
import type { ClaimedWrite } from './claimed-write.js';

/** An id is used up by a deletion; nobody deletes one event more often than this within one attempt. */
const MOST_IDS = 5;
/** A Meet link is usually there a moment after the event; a caller is waiting for it. */
const MEET_LINK_WAITS_MS = [200, 400];

export interface PresentEvent {
  event: ProviderEvent;
  eventAttempt: number;
}

export interface RemovedEvent {
  /** False when there was nothing to be removed, not even the trace of an event. */
  wasThere: boolean;
}

/**
 * One booking's event in the provider's calendar. Everything here can be done again after an outcome that nobody heard of:
 * the event's id comes from the booking, so a repeat meets what the first one made.
 */
@Injectable()
export class BookingEvent {
  constructor(private readonly provider: CalendarProvider) {}

  /** Makes the event, or brings the one that is there to the content. */
  async makePresent(
    calendar: CalendarRef,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<PresentEvent> {
    const draft = { bookingId, content: write.content, withConference: true };
    let { eventAttempt } = write;
    let isKnownToBeThere = write.eventId === eventIdOf(bookingId, eventAttempt);
    for (let used = 0; used < MOST_IDS; used += 1, eventAttempt += 1, isKnownToBeThere = false) {
      const numbered = { ...draft, id: eventIdOf(bookingId, eventAttempt) };
      const event = isKnownToBeThere
        ? await this.#change(calendar, numbered, deadline)
        : await this.#insert(calendar, numbered, deadline);
      if (event !== null) return { event: await this.#withMeetLink(calendar, event, deadline), eventAttempt };
    }
    throw new Error(`The ids of booking ${bookingId} are used up.`);
  }

  /** The event as it is now. */
  async look(
    calendar: CalendarRef,
    bookingId: string,
    write: ClaimedWrite,
    deadline: Deadline,
  ): Promise<ProviderEvent> {
    return this.provider.getEvent(calendar, eventIdOf(bookingId, write.eventAttempt), deadline);
  }

  /** Removes the event, also one whose making nobody heard the end of. */
  async makeAbsent(
    calendar: CalendarRef,
    bookingId: string,
    { content, eventAttempt }: Pick<ClaimedWrite, 'content' | 'eventAttempt'>,
    deadline: Deadline,
  ): Promise<RemovedEvent> {
    let wasThere = false;
    // Where one id is used up, its successor may have been made before anybody could note it.
    for (let attempt = eventAttempt; attempt < eventAttempt + MOST_IDS; attempt += 1) {
      try {
        const notify = content.attendeeEmail !== undefined;
        await this.provider.deleteEvent(calendar, eventIdOf(bookingId, attempt), { notify }, deadline);
        return { wasThere: true };
      } catch (error) {
        if (isCalendarError(error, 'not_found')) break;
        if (!isCalendarError(error, 'gone')) throw error;
        wasThere = true;
      }
    }
    return { wasThere };
  }

  /** @returns null when the id is used up */
  async #insert(calendar: CalendarRef, draft: EventDraft, deadline: Deadline): Promise<ProviderEvent | null> {
    try {
      return await withoutConferenceIfRefused(draft, (wanted) =>
        this.provider.insertEvent(calendar, wanted, deadline),
      );
    } catch (error) {
      if (!isCalendarError(error, 'already_exists')) throw error;
      const existing = await this.provider.getEvent(calendar, draft.id, deadline);
      const isOurs = existing.mark?.bookingId === draft.bookingId && existing.mark.tenant === calendar.tenant;
      return existing.cancelled || !isOurs ? null : this.#change(calendar, draft, deadline);
    }
  }

  /** @returns null when the owner has deleted the event */
  async #change(calendar: CalendarRef, draft: EventDraft, deadline: Deadline): Promise<ProviderEvent | null> {
    try {
      const event = await withoutConferenceIfRefused(draft, (wanted) =>
        this.provider.updateEvent(calendar, wanted, deadline),
      );
      return event.cancelled ? null : event;
    } catch (error) {
      if (isCalendarError(error, 'not_found', 'gone')) return null;
      throw error;
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

/** An event without a link is better than none. */
async function withoutConferenceIfRefused(
  draft: EventDraft,
  write: (draft: EventDraft) => Promise<ProviderEvent>,
): Promise<ProviderEvent> {
  try {
    return await write(draft);
  } catch (error) {
    if (!isCalendarError(error, 'invalid', 'forbidden')) throw error;
    return write({ ...draft, withConference: false });
  }
}
