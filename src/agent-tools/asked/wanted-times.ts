import { Injectable } from '@nestjs/common';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { ToolCall } from '../agent-tool.js';
import { AskedHoldReader, isTimeGiven } from './asked-hold.js';
import { AskedSlotReader } from './asked-slot.js';
import type { Wanted } from '../language/sentences.js';
import { timeRefusal, type WantedTime } from './time-refusal.js';
import { ToolRefusal } from '../tool-refusal.js';

/** Takes what a caller wants to have: the time of a hold, of a slot, or of a date and time. */
@Injectable()
export class WantedTimes {
  constructor(
    private readonly holds: AskedHoldReader,
    private readonly slots: AskedSlotReader,
  ) {}

  /**
   * Everything that can be meant, the likelier first. A hold comes first; what is said beside it is what counts where the two
   * differ.
   * @param missing what else the caller has to be asked for
   * @throws ToolRefusal for what has to be asked
   */
  async read(call: ToolCall, missing: readonly Wanted[] = []): Promise<WantedTime[]> {
    const hold = await this.holds.read(call);
    if (hold === undefined) return this.slots.read(call, missing);
    if (missing.length > 0) {
      throw new ToolRefusal('missing_information', call.conversation.say.askFor(missing), { missing });
    }
    if (!isTimeGiven(call)) return [hold];
    const slots = await this.slots.read(call);
    return [...slots.map((slot) => ({ ...slot, holdId: hold.holdId })), ...slots];
  }

  /**
   * Does `take` with the first of the readings that is offered at all. One that is offered but taken ends the search: it is
   * what was meant. Should none be offered, the likeliest is the one to speak of.
   * @throws ToolRefusal in the words of `timeRefusal`
   */
  async takeFirst<Result>(
    call: ToolCall,
    times: readonly WantedTime[],
    take: (time: WantedTime) => Promise<Result>,
  ): Promise<Result> {
    let likeliest: Error | undefined;
    for (const [index, time] of times.entries()) {
      try {
        return await take(time);
      } catch (error) {
        const isLast = index === times.length - 1;
        if (!(error instanceof DomainError)) throw error;
        const refusal = timeRefusal(error, time, call.conversation);
        if (time.holdId !== undefined && !isLast && OF_A_HOLD.includes(error.code)) continue;
        if (error.code !== 'outside_availability') throw refusal;
        likeliest ??= refusal;
      }
    }
    throw likeliest ?? new Error('There is no time to take.');
  }
}

/** For these a hold cannot be used, or is of another time than was said beside it: then what was said is what counts. */
const OF_A_HOLD: readonly string[] = ['invalid_input', 'hold_expired', 'conflict', 'not_found'];
