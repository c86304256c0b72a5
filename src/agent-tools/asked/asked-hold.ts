import { Injectable } from '@nestjs/common';
import { HoldsService } from '../../booking/holds.service.js';
import { isUuid } from '../../platform/database/tenant-id.js';
import type { ToolCall } from '../agent-tool.js';
import { Bookables } from './bookables.js';
import type { WantedTime } from './time-refusal.js';
import { ToolRefusal } from '../tool-refusal.js';

/** Finds out which hold a call means, if any. */
@Injectable()
export class AskedHoldReader {
  constructor(
    private readonly holds: HoldsService,
    private readonly bookables: Bookables,
  ) {}

  /**
   * @returns the hold with its time, at which one that has run out is tried; undefined where the call says no hold, or none
   * that there is and a time beside it
   * @throws ToolRefusal `unknown_hold` for one that never was, or is not in the credential's scope
   */
  async read(call: ToolCall): Promise<(WantedTime & { holdId: string }) | undefined> {
    const { hold_id: holdId, slot_id: slotId } = call.arguments;
    // Models put what they have of a time into either.
    const said = holdId ?? (isUuid(slotId) ? slotId : undefined);
    if (said === undefined) return undefined;
    const hold = await this.#find(call, said);
    if (hold !== undefined || isTimeGiven(call)) return hold;
    throw new ToolRefusal('unknown_hold', call.conversation.say.bookings.unknownHold());
  }

  async #find(
    { tenant, scope }: ToolCall,
    holdId: string,
  ): Promise<(WantedTime & { holdId: string }) | undefined> {
    const time = isUuid(holdId) ? await this.holds.timeOf(tenant, holdId) : undefined;
    if (time === undefined) return undefined;
    const { serviceId, resourceId, startsAt } = time;
    const slot = { serviceId, resourceId, start: startsAt.getTime() };
    if (!(await this.bookables.allows(tenant, scope, slot))) return undefined;
    return { holdId, startsAt: startsAt.toISOString(), serviceId };
  }
}

/** Whether the call says which time it means otherwise than by a hold. */
export function isTimeGiven({ arguments: { slot_id: slotId, date, time } }: ToolCall): boolean {
  return (slotId !== undefined && !isUuid(slotId)) || (date !== undefined && time !== undefined);
}
