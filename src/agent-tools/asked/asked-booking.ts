import { Injectable } from '@nestjs/common';
import { type CallerBooking, CallerBookings } from '../../booking/caller-bookings.js';
import { ReferenceLookup } from '../../booking/reference-lookup.js';
import { allowsResource, allowsService } from '../agent-scope.js';
import type { ToolCall } from '../agent-tool.js';
import type { Conversation } from '../conversation.js';
import { spokenReference } from '../language/spoken-reference.js';
import type { WhenReading } from '../language/when.js';
import { toolBooking } from '../tool-booking.js';
import { ToolRefusal } from '../tool-refusal.js';
import { MOST_SAID } from '../tool-slot.js';

/** Which bookings a caller may mean. */
export interface MeantBookings {
  /** By reference: whatever became of it. */
  named?: CallerBooking;
  /** By the number that calls: those to come. */
  upcoming: CallerBooking[];
  /** By the same: those to come that were cancelled a moment ago. */
  justCancelled: CallerBooking[];
}

/**
 * Finds out which booking a caller means: by its reference or by the number that the platform says they call from. Never by a
 * number that was said: anybody can say anybody's.
 */
@Injectable()
export class AskedBookingReader {
  constructor(
    private readonly bookings: CallerBookings,
    private readonly references: ReferenceLookup,
  ) {}

  /**
   * @throws ToolRefusal `missing_information` where there is neither reference nor number; `unknown_booking` where nothing is
   * found, also for what is another tenant's or not in the credential's scope; `too_many_references` after too many wrong ones
   */
  async read(call: ToolCall): Promise<MeantBookings> {
    const { arguments: given, conversation, voiceCall } = call;
    const { bookings: say } = conversation.say;
    if (given['reference'] !== undefined) {
      const named = await this.#named(call, given['reference']);
      if (named !== undefined) return { named, upcoming: [], justCancelled: [] };
      const described = await this.#described(call, given['reference']);
      if (described !== undefined) return { upcoming: described, justCancelled: [] };
      throw new ToolRefusal('unknown_booking', say.unknownReference());
    }
    if (voiceCall.caller === null) {
      throw new ToolRefusal('missing_information', say.askReference(), { missing: ['reference'] });
    }
    const found = await this.#ofCaller(call, voiceCall.caller);
    const upcoming = found.filter(({ booking }) => booking.status !== 'cancelled');
    const justCancelled = found.filter(({ booking }) => booking.status === 'cancelled');
    if (found.length === 0) throw new ToolRefusal('unknown_booking', say.noneFound());
    return { upcoming, justCancelled };
  }

  /** "The Tuesday one", "tomorrow at 3", in place of a reference: those of the caller's own at that time, or all to choose from. */
  async #described(call: ToolCall, said: string): Promise<CallerBooking[] | undefined> {
    const { voiceCall, conversation } = call;
    const isMeant = timeTest(conversation.language.readWhen(said, conversation), conversation);
    if (isMeant === undefined || voiceCall.caller === null) return undefined;
    const found = await this.#ofCaller(call, voiceCall.caller);
    const upcoming = found.filter(({ booking }) => booking.status !== 'cancelled');
    const meant = upcoming.filter(({ booking }) => isMeant(booking.startsAt.getTime()));
    if (meant.length > 0) return meant;
    if (upcoming.length > 0) throw whichOf(upcoming, call);
    return undefined;
  }

  async #ofCaller(call: ToolCall, caller: string): Promise<CallerBooking[]> {
    const ofPhone = await this.bookings.ofPhone(call.tenant, caller);
    return ofPhone.filter((each) => isInScope(each, call));
  }

  /** @throws ToolRefusal `too_many_references` */
  async #named(call: ToolCall, said: string): Promise<CallerBooking | undefined> {
    const { tenant, asker, scope, voiceCall, conversation } = call;
    const reference = spokenReference(said);
    if (reference === undefined) return undefined;
    const answer = await this.references.find(tenant, reference, {
      ...asker,
      caller: voiceCall.caller,
      ...scope,
    });
    if (answer === 'locked') {
      throw new ToolRefusal('too_many_references', conversation.say.bookings.tooManyReferences());
    }
    return answer === 'unknown' ? undefined : answer;
  }
}

/** Whether an instant is at the day that was said and, if one was, the time; undefined where no day was understood. */
function timeTest(
  { day, time, rest }: WhenReading,
  { clock }: Conversation,
): ((start: number) => boolean) | undefined {
  if (rest !== '' || day === undefined || day.kind === 'no_such_date') return undefined;
  const dates = day.kind === 'days' ? day.dates : day.kind === 'ambiguous' ? day.candidates : [day.date];
  return (start) =>
    dates.includes(clock.dateOf(start)) &&
    (time.times.length === 0 || time.times.includes(clock.wallTimeOf(start)));
}

function isInScope({ booking }: CallerBooking, { scope }: ToolCall): boolean {
  return allowsService(scope, booking.serviceId) && allowsResource(scope, booking.resourceId);
}

/** @returns the refusal that asks which of these is meant */
export function whichOf(bookings: readonly CallerBooking[], { conversation }: ToolCall): ToolRefusal {
  const starts = bookings.slice(0, MOST_SAID).map(({ booking }) => booking.startsAt.getTime());
  return new ToolRefusal('which_booking', conversation.say.bookings.which(starts), {
    missing: ['reference'],
    bookings: bookings.map((booking) => toolBooking(booking, conversation)),
  });
}
