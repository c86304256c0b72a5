import { Injectable } from '@nestjs/common';
import { type CallerBooking, CallerBookings } from '../booking/caller-bookings.js';
import { allowsResource, allowsService } from './agent-scope.js';
import type { ToolCall } from './agent-tool.js';
import { spokenReference } from './language/spoken-reference.js';
import { toolBooking } from './tool-booking.js';
import { ToolRefusal } from './tool-refusal.js';
import { MOST_SAID } from './tool-slot.js';

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
  constructor(private readonly bookings: CallerBookings) {}

  /**
   * @throws ToolRefusal `missing_information` where there is neither reference nor number; `unknown_booking` where nothing is
   * found, also for what is another tenant's or not in the credential's scope
   */
  async read(call: ToolCall): Promise<MeantBookings> {
    const { tenant, arguments: given, conversation, voiceCall, scope } = call;
    const { bookings: say } = conversation.say;
    const isInScope = ({ booking }: CallerBooking) =>
      allowsService(scope, booking.serviceId) && allowsResource(scope, booking.resourceId);
    if (given['reference'] !== undefined) {
      const reference = spokenReference(given['reference']);
      const named = reference && (await this.bookings.ofReference(tenant, reference));
      if (named && isInScope(named)) return { named, upcoming: [], justCancelled: [] };
      throw new ToolRefusal('unknown_booking', say.unknownReference());
    }
    if (voiceCall.caller === null) {
      throw new ToolRefusal('missing_information', say.askReference(), { missing: ['reference'] });
    }
    const found = (await this.bookings.ofPhone(tenant, voiceCall.caller)).filter(isInScope);
    const upcoming = found.filter(({ booking }) => booking.status !== 'cancelled');
    const justCancelled = found.filter(({ booking }) => booking.status === 'cancelled');
    if (found.length === 0) throw new ToolRefusal('unknown_booking', say.noneFound());
    return { upcoming, justCancelled };
  }
}

/** @returns the refusal that asks which of these is meant */
export function whichOf(bookings: readonly CallerBooking[], { conversation }: ToolCall): ToolRefusal {
  const starts = bookings.slice(0, MOST_SAID).map(({ booking }) => booking.startsAt.getTime());
  return new ToolRefusal('which_booking', conversation.say.bookings.which(starts), {
    bookings: bookings.map((booking) => toolBooking(booking, conversation)),
  });
}
