import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { BOOKING_STATUSES } from '../booking/booking.js';
import type { ToolSpecification } from './agent-tool.js';
import { toolSchema } from './tool-parameters.js';
import { TOOL_REFUSALS } from './tool-refusal.js';
import { TOOL_SPECIFICATIONS } from './tools.js';

/** Documents the one route of all tools from what the tools say of themselves. */
export function ApiTools(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Call a tool',
      description: DESCRIPTION,
    }),
    ApiParam({
      name: 'tool',
      description: 'Also in camel case.',
      schema: { type: 'string', enum: TOOL_SPECIFICATIONS.map(({ name }) => name) },
    }),
    ApiHeader({
      name: 'X-Request-Id',
      required: false,
      description:
        'An id of your own for this request; comes back in the same header and stands in the logs.',
      schema: { type: 'string', maxLength: 64 },
    }),
    ApiBody({
      required: false,
      description: 'The arguments, flat. Choose the example that belongs to the tool.',
      schema: {
        anyOf: TOOL_SPECIFICATIONS.map(({ name, parameters }) => ({
          title: name,
          ...toolSchema(parameters),
        })),
      },
      examples: Object.fromEntries(
        TOOL_SPECIFICATIONS.map((tool) => [tool.name, { value: exampleArguments(tool) }]),
      ),
    }),
    ApiOkResponse({
      description: 'Whatever happened: `ok` and the sentence `say`.',
      headers: {
        'X-Request-Id': { description: 'Quote it when asking for help.', schema: { type: 'string' } },
      },
      content: { 'application/json': { schema: ANSWER_SCHEMA, examples: exampleAnswers() } },
    }),
  );
}

const DESCRIPTION = [
  'Answers 200 for every outcome: `ok`, and in `say` the sentence for the caller. `ok: false` adds a `code` and, where it ' +
    'helps, `alternatives` to offer. Only a missing or wrong credential and a body that is no JSON are answered otherwise.',
  'Arguments may be missing, null, numbers, in camel case, or JSON text: what cannot be understood is asked for in `say`. ' +
    'Unknown ones are ignored. Dates and times may be in words; they mean the tenant’s zone.',
  `Codes:\n${Object.entries(TOOL_REFUSALS)
    .map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
    .join('\n')}`,
].join('\n\n');

type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const SLOTS_SCHEMA: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['slot_id', 'starts_at', 'ends_at', 'label'],
    properties: {
      slot_id: { type: 'string', description: 'Opaque; books exactly this.' },
      starts_at: { type: 'string', format: 'date-time' },
      ends_at: { type: 'string', format: 'date-time' },
      label: { type: 'string', description: 'For saying.' },
    },
  },
};

const ANSWER_SCHEMA: Schema = {
  type: 'object',
  required: ['ok', 'say'],
  properties: {
    ok: { type: 'boolean' },
    say: { type: 'string', description: 'What to tell the caller, in the tenant’s language.' },
    code: { type: 'string', enum: Object.keys(TOOL_REFUSALS), description: 'With `ok: false`.' },
    slots: {
      ...SLOTS_SCHEMA,
      description: '`check_availability`: all free times that were asked for, at most 50. `say` names three.',
    },
    named: {
      type: 'array',
      items: { type: 'string' },
      description: '`check_availability`: the `slot_id` of each time that `say` names.',
    },
    more: { type: 'integer', description: 'How many further ones there are: free times, services.' },
    alternatives: { ...SLOTS_SCHEMA, description: 'Free times to offer instead.' },
    calendar: {
      type: 'object',
      description: '`check_availability`: what is known of the connected calendar, and as of when.',
      properties: {
        state: { type: 'string', enum: ['not_connected', 'fresh', 'stale', 'unknown'] },
        as_of: { type: 'string', format: 'date-time', nullable: true },
      },
    },
    hold: {
      type: 'object',
      description: '`hold_slot`: what is held, and until when.',
      properties: {
        id: { type: 'string', format: 'uuid', description: '`hold_id` of the other tools.' },
        expires_at: { type: 'string', format: 'date-time' },
        slot_id: { type: 'string' },
        starts_at: { type: 'string', format: 'date-time' },
        ends_at: { type: 'string', format: 'date-time' },
      },
    },
    booking: {
      type: 'object',
      description: '`create_booking`, `reschedule_booking`, `cancel_booking`: the booking as it is now.',
      properties: {
        id: { type: 'string', format: 'uuid' },
        reference: { type: 'string', description: 'Short enough to be read out.' },
        status: { type: 'string', enum: [...BOOKING_STATUSES] },
        starts_at: { type: 'string', format: 'date-time' },
        ends_at: { type: 'string', format: 'date-time' },
        meet_link: { type: 'string', nullable: true },
        calendar_status: { type: 'string', enum: ['not_connected', 'pending', 'synced', 'failed'] },
      },
    },
    bookings: {
      type: 'array',
      description: '`find_booking`: all that were found. With `which_booking`: those of which one is meant.',
      items: {
        type: 'object',
        properties: {
          reference: { type: 'string', description: 'Names it in the other tools.' },
          status: { type: 'string', enum: [...BOOKING_STATUSES] },
          starts_at: { type: 'string', format: 'date-time' },
          ends_at: { type: 'string', format: 'date-time' },
          label: { type: 'string', description: 'For saying.' },
          name: { type: 'string' },
          service: { type: 'string' },
          resource: { type: 'string' },
        },
      },
    },
    services: {
      type: 'array',
      description: '`list_services`: at most 50; `more` counts further ones. `say` names three.',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          duration_minutes: { type: 'integer' },
          description: { type: 'string', nullable: true },
          resources: { type: 'array', items: { type: 'string' }, description: 'Who gives it.' },
        },
      },
    },
    business: {
      type: 'object',
      description: '`get_business_info`: the organisation as it describes itself (`/api/business-info`).',
      properties: {
        name: { type: 'string' },
        address: { type: 'string', nullable: true },
        phone: { type: 'string', nullable: true },
        email: { type: 'string', nullable: true },
        website: { type: 'string', nullable: true },
        note: { type: 'string', nullable: true },
      },
    },
    hours: {
      type: 'object',
      description:
        '`get_business_info`: opening hours by the organisation’s clock; without hours it is closed.',
      properties: {
        weekly: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              days: { type: 'array', items: { type: 'string' } },
              hours: { type: 'array', items: { type: 'string', example: '09:00-17:00' } },
            },
          },
        },
        special: {
          type: 'array',
          description: 'Coming dates with other hours, holidays among them.',
          items: {
            type: 'object',
            properties: {
              date: { type: 'string', format: 'date' },
              hours: { type: 'array', items: { type: 'string' } },
              name: { type: 'string', nullable: true },
            },
          },
        },
      },
    },
    open_now: { type: 'boolean', description: '`get_business_info`.' },
    missing: {
      type: 'array',
      items: { type: 'string' },
      description: 'What the caller has to be asked for.',
    },
    fields: { type: 'array', items: { type: 'string' }, description: 'Arguments that could not be read.' },
    timezone: { type: 'string', description: 'The tenant’s zone (IANA name).' },
    now: { type: 'string', format: 'date-time', description: 'The present time there.' },
    today: { type: 'string', description: 'The present date there, with weekday and year.' },
  },
};

function exampleArguments({ parameters }: ToolSpecification): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { example }]) =>
      example === undefined ? [] : [[name, example]],
    ),
  );
}

function exampleAnswers(): Record<string, { value: object }> {
  const refused = {
    ok: false,
    code: 'missing_information',
    say: 'May I have your name and phone number?',
    missing: ['name', 'phone'],
    timezone: 'America/New_York',
    now: '2027-01-18T10:04:05-05:00',
    today: 'Monday, January 18, 2027',
  };
  return {
    ...Object.fromEntries(
      TOOL_SPECIFICATIONS.map(({ name, exampleAnswer }) => [name, { value: exampleAnswer }]),
    ),
    refused: { value: refused },
  };
}
