import { Injectable } from '@nestjs/common';
import { AgentTool, type ToolCall, type ToolResult, type ToolSpecification } from '../agent-tool.js';
import { Bookables } from '../asked/bookables.js';
import { ToolRefusal } from '../tool-refusal.js';
import { MOST_SAID } from '../tool-slot.js';

/** As many as an agent is given; further ones are only counted. */
const MOST_LISTED = 50;

export const LIST_SERVICES: ToolSpecification = {
  name: 'list_services',
  description:
    'Lists the kinds of appointments that can be booked, with how long each takes. Call it when the caller asks what is ' +
    'offered or names something that may not be. Never make services up. Tell the caller what "say" says, and what they ask ' +
    'for of "services". Pass the name as "service" to the other tools.',
  parameters: {},
  readOnly: true,
  destructive: false,
  exampleAnswer: {
    ok: true,
    say: 'We offer Check-up, which takes half an hour; Cleaning, which takes an hour. Which would you like?',
    services: [
      {
        name: 'Check-up',
        duration_minutes: 30,
        description: 'Bring the insurance card.',
        resources: ['Dr. Lee'],
      },
      { name: 'Cleaning', duration_minutes: 60, description: null, resources: ['Dr. Lee', 'Sam'] },
    ],
    more: 0,
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  },
};

/** What can be booked: three of it said, all of it for the agent. */
@Injectable()
export class ListServicesTool extends AgentTool {
  readonly specification = LIST_SERVICES;

  constructor(private readonly bookables: Bookables) {
    super();
  }

  async handle({ tenant, scope, conversation: { say } }: ToolCall): Promise<ToolResult> {
    const { services, resources } = await this.bookables.offered(tenant, scope);
    if (services.length === 0) throw new ToolRefusal('unknown_service', say.nothingToBook());
    const said = services.slice(0, MOST_SAID);
    return {
      say: say.business.services(
        said.map(({ name, durationMinutes: minutes }) => ({ name, minutes })),
        services.length > said.length,
      ),
      services: services.slice(0, MOST_LISTED).map(({ id, name, description, durationMinutes }) => ({
        name,
        duration_minutes: durationMinutes,
        description,
        resources: resources.filter(({ serviceIds }) => serviceIds.includes(id)).map((given) => given.name),
      })),
      more: Math.max(0, services.length - MOST_LISTED),
    };
  }
}
