import { Injectable } from '@nestjs/common';
import { BusinessInfoService } from '../../booking/business/business-info.service.js';
import type { BusinessInfo } from '../../booking/business/business-info.js';
import { type OpeningHours, OpeningHoursService } from '../../booking/business/opening-hours.service.js';
import { TenantService } from '../../tenant/tenant.service.js';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import type { Conversation } from '../conversation.js';
import { CALLER_TIMEZONE } from './parameters.js';
import { groupedWeek, hoursForTool, spokenPhone, spokenToday } from '../business-hours.js';

const TOPICS = ['hours', 'address', 'phone', 'today'] as const;
type Topic = (typeof TOPICS)[number];

export const GET_BUSINESS_INFO: ToolSpecification = {
  name: 'get_business_info',
  description:
    'Tells about the organisation: opening hours, special days and holidays, address, phone number, what else callers ask ' +
    "for, its time zone and today's date there. Call it when the caller asks for any of these, and whenever you need to know " +
    'the date. Never make them up. Tell the caller what "say" says; the rest of the answer has the details.',
  parameters: {
    topic: {
      description: 'What the caller asks about.',
      enum: TOPICS,
      example: 'hours',
      maxLength: 60,
      whenTooLong: 'cut',
      asks: 'purpose',
    },
    caller_timezone: CALLER_TIMEZONE,
  },
  readOnly: true,
  destructive: false,
  exampleAnswer: {
    ok: true,
    say: "Acme Dental is open Monday to Friday from 9 AM to 5 PM. We're open now, until 5 PM.",
    business: {
      name: 'Acme Dental',
      address: '12 Main Street, Springfield',
      phone: '+14155550100',
      email: 'hello@example.com',
      website: 'https://www.example.com',
      note: 'Parking is behind the house.',
    },
    hours: {
      weekly: [{ days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], hours: ['09:00-17:00'] }],
      special: [{ date: '2027-01-19', hours: [], name: 'Founders’ Day' }],
    },
    open_now: true,
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/** What callers ask of an organisation beside its appointments. */
@Injectable()
export class GetBusinessInfoTool extends AgentTool {
  readonly specification = GET_BUSINESS_INFO;

  constructor(
    private readonly tenants: TenantService,
    private readonly info: BusinessInfoService,
    private readonly openingHours: OpeningHoursService,
  ) {
    super();
  }

  async handle({ tenant, arguments: given, conversation }: ToolCall): Promise<ToolResult> {
    const { timezone, now } = conversation;
    const [{ name }, info, hours] = await Promise.all([
      this.tenants.recent(tenant),
      this.info.get(tenant),
      this.openingHours.at(tenant, timezone, now),
    ]);
    return {
      say: sayOf(topicOf(given['topic']), { name, info, hours }, conversation),
      business: { name, ...info },
      hours: hoursForTool(hours),
      open_now: hours.open !== null,
    };
  }
}

/** What models ask for that do not keep to the enumeration. */
const OTHER_TOPICS: readonly (readonly [RegExp, Topic])[] = [
  [/hour|open|clos|horario|abier|abre|cierra/i, 'hours'],
  [/address|location|direction|where|direcci|ubicaci|dónde/i, 'address'],
  [/phone|contact|number|tel[eé]fono|contacto|número/i, 'phone'],
  [/today|date|time|hoy|fecha/i, 'today'],
];

function topicOf(text = ''): Topic {
  const named = TOPICS.find((topic) => topic === text.toLowerCase());
  return named ?? OTHER_TOPICS.find(([words]) => words.test(text))?.[1] ?? 'hours';
}

function sayOf(
  topic: Topic,
  { name, info, hours }: { name: string; info: BusinessInfo; hours: OpeningHours },
  conversation: Conversation,
): string {
  const { business: say } = conversation.say;
  switch (topic) {
    case 'address':
      return info.address === null ? say.notKnown() : say.address(info.address);
    case 'phone':
      return info.phone === null ? say.notKnown() : say.phone(spokenPhone(info.phone));
    case 'today':
      return say.now();
    case 'hours':
      return say.hours(name, groupedWeek(hours), spokenToday(hours, conversation));
  }
}
