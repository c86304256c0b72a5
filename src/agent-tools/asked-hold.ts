import { Injectable } from '@nestjs/common';
import { HoldsService } from '../booking/holds.service.js';
import { isUuid } from '../platform/database/tenant-id.js';
import type { ToolCall } from './agent-tool.js';
import { Bookables } from './bookables.js';
import { ToolRefusal } from './tool-refusal.js';

/** Finds out which hold a call means, if any. */
@Injectable()
export class AskedHoldReader {
  constructor(
    private readonly holds: HoldsService,
    private readonly bookables: Bookables,
  ) {}

  /**
   * @returns undefined where the call says no hold, or none that it could be and a time beside it
   * @throws ToolRefusal `unknown_hold` for one that never was, or is not in the credential's scope
   */
  async read(call: ToolCall): Promise<string | undefined> {
    const { tenant, arguments: given, conversation, scope } = call;
    const said = given['hold_id'] ?? given['slot_id'];
    if (!isUuid(said)) {
      if (given['hold_id'] === undefined || isTimeGiven(call)) return undefined;
      throw new ToolRefusal('unknown_hold', conversation.say.bookings.unknownHold());
    }
    const time = await this.holds.timeOf(tenant, said);
    const isThere = time !== undefined && (await this.bookables.allows(tenant, scope, { ...time, start: 0 }));
    if (isThere) return said;
    if (isTimeGiven(call)) return undefined;
    throw new ToolRefusal('unknown_hold', conversation.say.bookings.unknownHold());
  }
}

/** Whether the call says which time it means otherwise than by a hold. */
export function isTimeGiven({ arguments: { slot_id: slotId, date, time } }: ToolCall): boolean {
  return (slotId !== undefined && !isUuid(slotId)) || (date !== undefined && time !== undefined);
}
