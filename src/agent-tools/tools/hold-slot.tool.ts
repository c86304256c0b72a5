import { Injectable } from '@nestjs/common';
import { HoldsService } from '../../booking/holds.service.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { WantedTimes } from '../asked/wanted-times.js';
import { byTheClockOf } from '../tool-slot.js';
import {
  CALLER_TIMEZONE,
  OTHERWISE_DATE,
  OTHERWISE_TIME,
  RESOURCE,
  SERVICE,
  SLOT_ID,
  TIME_PREFERENCE,
} from './parameters.js';
import { clock } from '../../platform/time/clock.js';

/** Long enough for a name, a number and a moment's thought; no caller who hung up keeps a time from others for longer. */
const SECONDS = { least: 60, usual: 180, most: 300 };

export const HOLD_SLOT: ToolSpecification = {
  name: 'hold_slot',
  description:
    'Keeps a time from others for three minutes while the caller decides or gives their details. Call it when the caller ' +
    'leans towards a time that check_availability offered but is not ready to book; then call create_booking, or ' +
    'reschedule_booking, with the hold_id. A hold is no booking: it ends by itself. Repeating it is safe. Tell the caller ' +
    'what "say" says.',
  parameters: {
    slot_id: SLOT_ID,
    date: OTHERWISE_DATE,
    time: OTHERWISE_TIME,
    time_preference: TIME_PREFERENCE,
    service: SERVICE,
    resource: RESOURCE,
    seconds: {
      type: 'integer',
      description: `For how long, from ${SECONDS.least} to ${SECONDS.most} seconds. Leave it out for ${SECONDS.usual}.`,
      maxLength: 20,
      whenTooLong: 'cut',
      asks: 'time',
    },
    caller_timezone: CALLER_TIMEZONE,
  },
  readOnly: false,
  destructive: false,
  exampleAnswer: {
    ok: true,
    say: "I'm holding Wednesday, January 20 at 2 PM for you for the next 3 minutes. Shall I book it?",
    hold: {
      id: '7d7f2f0e-64a1-4a2f-9a64-0b9c6c1d2e3f',
      expires_at: '2027-01-18T10:07:05-05:00',
      slot_id: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
      starts_at: '2027-01-20T14:00:00-05:00',
      ends_at: '2027-01-20T15:00:00-05:00',
    },
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/** Holds a time for a caller: one hold, however often it is asked for in a conversation. */
@Injectable()
export class HoldSlotTool extends AgentTool {
  readonly specification = HOLD_SLOT;

  constructor(
    private readonly times: WantedTimes,
    private readonly holds: HoldsService,
  ) {
    super();
  }

  async handle(call: ToolCall): Promise<ToolResult> {
    const { tenant, author, seeker, asker, deadline, conversation } = call;
    const ttlSeconds = secondsOf(call.arguments['seconds']);
    const times = await this.times.read(call);
    const hold = await this.times.takeFirst(call, times, ({ holdId: _, ...time }) =>
      this.holds.create(tenant, { ...time, ttlSeconds }, { author, seeker, asker, deadline }),
    );
    const minutes = Math.floor((Date.parse(hold.expiresAt) - clock.now() + 5_000) / 60_000);
    const byTheClock = (instant: string) => byTheClockOf(conversation.timezone, instant);
    return {
      say: conversation.say.bookings.held(Date.parse(hold.startsAt), Math.max(0, minutes)),
      hold: {
        id: hold.id,
        expires_at: byTheClock(hold.expiresAt),
        slot_id: hold.slotId,
        starts_at: byTheClock(hold.startsAt),
        ends_at: byTheClock(hold.endsAt),
      },
    };
  }
}

function secondsOf(text: string | undefined): number {
  const seconds = Number.parseInt(text ?? '', 10);
  if (Number.isNaN(seconds)) return SECONDS.usual;
  return Math.min(SECONDS.most, Math.max(SECONDS.least, seconds));
}
