import { Injectable } from '@nestjs/common';
import type { OfferedSlot } from '../../booking/availability/availability.service.js';
import { zonedInstant } from '../../booking/engine/zoned-time.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { readAskedTime } from '../asked/asked-time.js';
import { Bookables } from '../asked/bookables.js';
import type { Conversation } from '../conversation.js';
import { OpeningFinder, type Openings, spokenWish, type Wish, wishOf } from '../asked/openings.js';
import { ToolRefusal } from '../tool-refusal.js';
import {
  MOST_SLOTS,
  nearest,
  offerOf,
  soonest,
  spread,
  startOf,
  toolSlots,
  wallTimeOf,
} from '../tool-slot.js';
import { CALLER_TIMEZONE, DATE, RESOURCE, SERVICE, TIME, TIME_PREFERENCE } from './parameters.js';

export const CHECK_AVAILABILITY: ToolSpecification = {
  name: 'check_availability',
  description:
    'Looks up which appointment times are free on a day. Call it whenever the caller asks for times, and before offering ' +
    'any: never make times up. Tell the caller what "say" says. To book one of the times, pass its slot_id to ' +
    'create_booking.',
  parameters: {
    date: { ...DATE, required: true },
    time_preference: TIME_PREFERENCE,
    time: TIME,
    service: SERVICE,
    resource: RESOURCE,
    caller_timezone: CALLER_TIMEZONE,
  },
  readOnly: true,
  destructive: false,
  exampleAnswer: {
    ok: true,
    say: 'On Wednesday, January 20 I have 2 PM, 3 PM and 4 PM.',
    slots: [
      {
        slot_id: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
        starts_at: '2027-01-20T14:00:00-05:00',
        ends_at: '2027-01-20T15:00:00-05:00',
        label: 'Wednesday, January 20 at 2 PM',
      },
    ],
    alternatives: [],
    named: ['C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ'],
    more: 0,
    service: { name: 'Appointment', duration_minutes: 60, description: 'Bring the insurance card.' },
    calendar: { state: 'fresh', as_of: '2027-01-18T15:04:05.000Z' },
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/** Free times of a day: all of them for the agent, at most three for the caller. */
@Injectable()
export class CheckAvailabilityTool extends AgentTool {
  readonly specification = CHECK_AVAILABILITY;

  constructor(
    private readonly bookables: Bookables,
    private readonly openings: OpeningFinder,
  ) {
    super();
  }

  async handle(call: ToolCall): Promise<ToolResult> {
    const { tenant, arguments: given, conversation, deadline } = call;
    const asked = readAskedTime(given, conversation);
    const wish = wishOf(asked, conversation);
    if (wish === undefined) {
      throw new ToolRefusal('missing_information', conversation.say.askFor(['day']), { missing: ['day'] });
    }
    const bookable = await this.bookables.read(call);
    // Beside whether the time of one day is free, the agent is given what else that day has.
    const isOneTime = wish.times.length > 0 && wish.dates.length === 1 && wish.or === undefined;
    const wanted = isOneTime ? { ...wish, times: [] } : wish;
    const found = await this.openings.suiting(tenant, wanted, bookable, deadline);
    const { slots, alternatives, calendar, service, unclearHalf } = found;
    if (unclearHalf !== undefined) {
      throw new ToolRefusal('unclear_time', conversation.say.whichHalf(unclearHalf));
    }
    const { say, named }: Saying =
      slots.length === 0
        ? {
            say: conversation.say.nothingFree(spokenWish(found.wish), alternatives.map(startOf)),
            named: alternatives,
          }
        : isOneTime
          ? sayingOfTime(wish, found, conversation)
          : asked.earliest
            ? { say: conversation.say.earliest(soonest(slots).map(startOf)), named: soonest(slots) }
            : {
                say: conversation.say.offer(offerOf(slots), { withYear: asked.rolled }),
                named: spread(slots),
              };
    return {
      // What is offered may not be kept: that is said beside it.
      say: slots.length > 0 ? [say, ...doubtOf(calendar, conversation)].join(' ') : say,
      slots: toolSlots(slots, conversation, named),
      alternatives: toolSlots(alternatives, conversation),
      named: named.map(({ slotId }) => slotId),
      more: Math.max(0, slots.length - MOST_SLOTS),
      service: {
        name: service.name,
        duration_minutes: service.durationMinutes,
        ...(service.description === null ? {} : { description: service.description }),
      },
      calendar: { state: calendar.state, as_of: calendar.asOf },
    };
  }
}

function doubtOf({ state, asOf }: Openings['calendar'], { say }: Conversation): string[] {
  if (state !== 'stale' && state !== 'unknown') return [];
  return [say.knownAsOf(asOf === null ? null : Date.parse(asOf))];
}

/** A sentence, and the times that it names. */
interface Saying {
  say: string;
  named: OfferedSlot[];
}

/** Whether the time that was asked for is free, and what is near it if not. */
function sayingOfTime(
  { dates: [date = ''], times }: Wish,
  { slots }: Openings,
  { say, timezone }: Conversation,
): Saying {
  const instants = times.flatMap((time) => zonedInstant(date, time, timezone).instants);
  const free = slots.filter((slot) => instants.includes(startOf(slot)));
  const [first] = free;
  // Where the clock goes back, one time comes twice; said, it is one.
  if (free.length > 1 && new Set(free.map((slot) => wallTimeOf(startOf(slot), timezone))).size > 1) {
    return { say: say.offer({ starts: free.map(startOf), more: true }, { withYear: false }), named: free };
  }
  if (first !== undefined) return { say: say.timeIsFree(startOf(first)), named: free };
  const [asked] = instants;
  if (asked === undefined) return { say: say.noSuchTime(date, times[0] ?? ''), named: [] };
  const others = nearest(slots, asked);
  return { say: say.timeIsNotFree(date, times[0] ?? '', others.map(startOf)), named: others };
}
