import { Injectable } from '@nestjs/common';
import type { BookingRequest } from '../../booking/booking-request.js';
import { decodeSlotId } from '../../booking/availability/slot-id.js';
import { zonedInstant } from '../../booking/engine/zoned-time.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { Deadline } from '../../platform/deadline.js';
import type { ToolCall } from '../agent-tool.js';
import { type AskedTime, isBookableDate, readAskedTime } from './asked-time.js';
import { type AskedBookable, Bookables } from './bookables.js';
import type { Conversation } from '../conversation.js';
import type { Wanted } from '../language/sentences.js';
import { OpeningFinder, spokenWish, type Wish, wishOf } from './openings.js';
import type { ToolArguments } from '../tool-arguments.js';
import { ToolRefusal } from '../tool-refusal.js';
import { offerOf, soonest, startOf, toolSlots } from '../tool-slot.js';

/** What of a booking request says what is booked, and when. */
export type AskedSlot = Pick<BookingRequest, 'slotId' | 'startsAt' | 'serviceId' | 'resourceId'>;

/** Finds out which slot a caller means: by its id, or by date and time. */
@Injectable()
export class AskedSlotReader {
  constructor(
    private readonly bookables: Bookables,
    private readonly openings: OpeningFinder,
  ) {}

  /**
   * @param missing what else the caller has to be asked for, in the same question
   * @returns what can be meant, the likelier first
   * @throws ToolRefusal for what has to be asked
   */
  async read(
    call: Pick<ToolCall, 'tenant' | 'arguments' | 'conversation' | 'deadline' | 'scope' | 'seeker'>,
    missing: readonly Wanted[] = [],
  ): Promise<AskedSlot[]> {
    const { tenant, arguments: given, conversation, deadline } = call;
    const { slot_id: slotId, time } = given;
    if (slotId !== undefined && isSlotId(slotId, conversation)) {
      await this.#refuseOutOfScope(call, slotId);
      refuseContradiction(slotId, given, conversation);
      refuseMissing(missing, conversation);
      return [{ slotId }];
    }
    // Models put into slot_id what they have of a slot, such as its start.
    const asked = readAskedTime({ ...given, time: time ?? startIn(slotId, conversation) }, conversation);
    const { times } = asked;
    const wish = wishOf(asked, conversation);
    if (wish === undefined) {
      const time = times.length === 0 ? (['time'] as const) : [];
      return refuseMissing(['day', ...time, ...missing], conversation);
    }
    const bookable = await this.bookables.read(call);
    const [date = '', ...otherDates] = wish.dates;
    if (times.length === 0 || otherDates.length > 0 || wish.or !== undefined) {
      return this.#askForTime(call, wish, asked.earliest, bookable, missing);
    }
    refuseMissing(missing, conversation);
    const meant =
      times.length === 1 ? times : await this.#narrow(tenant, date, times, bookable, conversation, deadline);
    const instants = meant.flatMap((reading) => zonedInstant(date, reading, conversation.timezone).instants);
    if (instants.length === 0) {
      throw new ToolRefusal('outside_availability', conversation.say.noSuchTime(date, meant[0] ?? ''));
    }
    const { serviceId, resourceId } = bookable;
    return instants.map((instant) => ({ startsAt: new Date(instant).toISOString(), serviceId, resourceId }));
  }

  async #refuseOutOfScope(
    { tenant, conversation, scope }: Pick<ToolCall, 'tenant' | 'conversation' | 'scope'>,
    slotId: string,
  ): Promise<void> {
    const slot = decodeSlotId(slotId);
    if (slot !== undefined && (await this.bookables.allows(tenant, scope, slot))) return;
    throw new ToolRefusal('unknown_slot', conversation.say.unknownSlot());
  }

  async #askForTime(
    { tenant, conversation, deadline }: Pick<ToolCall, 'tenant' | 'conversation' | 'deadline'>,
    wish: Wish,
    earliest: boolean,
    bookable: AskedBookable,
    missing: readonly Wanted[],
  ): Promise<never> {
    const { say } = conversation;
    const found = await this.openings.suiting(tenant, wish, bookable, deadline);
    const { slots, alternatives, unclearHalf } = found;
    if (unclearHalf !== undefined) throw new ToolRefusal('unclear_time', say.whichHalf(unclearHalf));
    if (slots.length === 0) {
      throw new ToolRefusal(
        'outside_availability',
        say.nothingFree(spokenWish(found.wish), alternatives.map(startOf)),
        { alternatives: toolSlots(alternatives, conversation) },
      );
    }
    const first = soonest(slots);
    const offer = earliest ? { starts: first.map(startOf), more: false } : offerOf(slots);
    throw new ToolRefusal('missing_information', say.whichTime(offer, missing), {
      missing: ['time', ...missing],
      alternatives: toolSlots(slots, conversation, earliest ? first : undefined),
    });
  }

  /**
   * "7" is in the morning where nothing is ever offered at 7 in the evening. What is offered in two weeks
   * tells that, whether or not the day itself is full.
   */
  async #narrow(
    tenant: TenantId,
    date: string,
    times: readonly string[],
    bookable: AskedBookable,
    { say }: Conversation,
    deadline: Deadline,
  ): Promise<readonly string[]> {
    const offered = await this.openings.offeredTimes(tenant, date, times, bookable, deadline);
    const likely = times.filter((time) => offered.has(time));
    const [first, second] = likely;
    if (first !== undefined && second !== undefined) {
      throw new ToolRefusal('unclear_time', say.whichHalf([first, second]));
    }
    return likely.length === 1 ? likely : times;
  }
}

/**
 * Models mix ids up: where the day or time that they say beside one is another, it is asked which is meant. What is not understood
 * says nothing against the id, and neither does a caller of another zone, who may say times by their own clock.
 */
function refuseContradiction(slotId: string, given: ToolArguments, conversation: Conversation): void {
  const { clock, say } = conversation;
  const start = decodeSlotId(slotId)?.start;
  if (start === undefined || clock.zoneName(start) !== null) return;
  const { dates, times, or } = understood(given, conversation) ?? {};
  if (dates === undefined || times === undefined || or !== undefined) return;
  const [date, time] = [clock.dateOf(start), clock.wallTimeOf(start)];
  const [otherDate] = dates;
  if (otherDate !== undefined && !dates.includes(date)) {
    throw new ToolRefusal('unclear_date', say.whichDay([date, otherDate]));
  }
  const [otherTime] = times;
  if (otherTime !== undefined && !times.includes(time)) {
    throw new ToolRefusal('unclear_time', say.whichHalf([time, otherTime]));
  }
}

function understood(given: ToolArguments, conversation: Conversation): AskedTime | undefined {
  try {
    return readAskedTime(given, conversation);
  } catch (error) {
    if (error instanceof ToolRefusal) return undefined;
    throw error;
  }
}

function isSlotId(text: string, { clock }: Conversation): boolean {
  const slot = decodeSlotId(text);
  return slot !== undefined && isBookableDate(clock.dateOf(slot.start), clock.today);
}

function startIn(slotId: string | undefined, { say }: Conversation): string | undefined {
  if (slotId === undefined || /^\d{4}-\d{2}-\d{2}/.test(slotId)) return slotId;
  throw new ToolRefusal('unknown_slot', say.unknownSlot());
}

function refuseMissing(missing: readonly [Wanted, ...Wanted[]], conversation: Conversation): never;
function refuseMissing(missing: readonly Wanted[], conversation: Conversation): void;
function refuseMissing(missing: readonly Wanted[], { say }: Conversation): void {
  if (missing.length > 0) throw new ToolRefusal('missing_information', say.askFor(missing), { missing });
}
