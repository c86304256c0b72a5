import type { ToolSpecification } from '../agent-tool.js';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import type { ToolAnswer } from '../tool-runner.js';
import { type ToolParameters, toolSchema } from '../tool-parameters.js';
import { carriesSecret, header, isOneOf } from './authenticity.js';
import { fieldsOf, namedCall } from './flat-request.js';
import { type JsonObject, listOf, objectOf, textOf } from './json.js';
import { CALL_HEADERS, type CallFields, callReported } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  VoicePlatform,
} from './voice-platform.js';

/** As many times, and as many bookings, as a caller can keep in mind. */
const PLACES = [1, 2, 3] as const;

/** In a template's query or body. `phone_number` is always the other party's, whoever called whom. */
const CALL_FIELDS: CallFields = {
  id: ['call_id'],
  caller: ['phone_number', 'from'],
  dialled: ['to', 'from'],
  // A `call_id` by itself may be the model's.
  marks: ['phone_number', 'from', 'to'],
};

/**
 * Bland. Requests are templates that the customer fills (`{{input.date}}`, `{{phone_number}}`); answers are read by JSONPath into
 * variables, so they are flat and always have the same members.
 * @see https://docs.bland.ai/api-v1/post/tools
 * @see https://docs.bland.ai/tutorials/dynamic-data
 */
export class Bland extends VoicePlatform {
  readonly name = 'bland';
  readonly title = 'Bland';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs: 'The value of the tool’s header `authorization`, with or without the word `Bearer`.',
  };

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    return carriesSecret(request, secrets) || isOneOf(header(request, 'authorization'), secrets);
  }

  read(request: PlatformRequest): PlatformEvent {
    const fields = fieldsOf(request);
    const call = namedCall(request);
    // What the model said, apart from what the template says; without it, the template has the arguments beside each other.
    const { input } = fields;
    const calls = [input === undefined ? call : { ...call, arguments: input }];
    return { kind: 'tools', calls, voiceCall: callReported(request, CALL_FIELDS) };
  }

  render([answered]: readonly AnsweredToolCall[]): object {
    return answered === undefined ? {} : flatAnswer(answered.answer);
  }

  define(tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters }) => ({
      name,
      description,
      url: `${url}/${name}`,
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        authorization: `Bearer ${secret}`,
        // Not in the body: its template takes values as they are, quotation marks and all.
        [CALL_HEADERS.caller]: '{{phone_number}}',
        [CALL_HEADERS.dialled]: '{{to}}',
        [CALL_HEADERS.id]: '{{call_id}}',
      },
      body: {
        input: Object.fromEntries(
          Object.keys(parameters).map((parameter) => [parameter, `{{input.${parameter}}}`]),
        ),
      },
      input_schema: { ...toolSchema(parameters), example: exampleOf(parameters) },
      response: RESPONSE,
      timeout: 5000,
    }));
  }
}

/** Bland's model goes by an example more than by the schema. */
function exampleOf(parameters: ToolParameters): Record<string, string> {
  const entries = Object.entries(parameters);
  const examples = entries.flatMap(([name, { example }]) => (example === undefined ? [] : [[name, example]]));
  return Object.fromEntries(examples) as Record<string, string>;
}

/** The variables to put the answer into, named so that Bland's own words (`say`, `input`, …) are none of them. */
const RESPONSE = {
  answer: '$.say',
  succeeded: '$.ok',
  problem: '$.code',
  ...Object.fromEntries(
    PLACES.flatMap((place) => [
      [`slot_${place}_id`, `$.slot_${place}_id`],
      [`slot_${place}_label`, `$.slot_${place}_label`],
    ]),
  ),
  hold_id: '$.hold_id',
  booking_reference: '$.booking_reference',
  current_date: '$.today',
};

/** Every member always there, null where there is nothing to say. */
function flatAnswer(answer: ToolAnswer): JsonObject {
  const { ok, say } = answer;
  const details: JsonObject = answer;
  const [slots, alternatives] = [listOf(details['slots']), listOf(details['alternatives'])];
  const times = said(slots.length > 0 ? slots : alternatives, listOf(details['named']));
  const made = details['booking'] === undefined ? [] : [details['booking']];
  const bookings = [...made, ...listOf(details['bookings'])].map(objectOf);
  const hold = objectOf(details['hold']);
  return {
    ok,
    say,
    ...picked(details, ['code', 'timezone', 'now', 'today']),
    missing: listOf(details['missing']).join(', ') || null,
    ...numbered('slot', times, (slot) => ({
      id: textOf(slot['slot_id']),
      ...when(slot),
      ...picked(slot, ['label']),
    })),
    hold_id: textOf(hold['id']),
    hold_expires_at: textOf(hold['expires_at']),
    ...prefixed('booking', {
      ...picked(bookings[0], ['id', 'reference', 'status', 'name', 'meet_link', 'calendar_status']),
      ...when(bookings[0]),
    }),
    booking_count: bookings.length,
    ...numbered('booking', bookings, (booking) => ({
      ...picked(booking, ['reference', 'label', 'name']),
      ...when(booking),
    })),
  };
}

/** At most three: those that the sentence names, where the tool says which. */
function said(times: readonly unknown[], named: readonly unknown[]): JsonObject[] {
  const slots = times.map(objectOf);
  const inSentence = slots.filter((slot) => named.includes(slot['slot_id']));
  return (inSentence.length > 0 ? inSentence : slots).slice(0, PLACES.length);
}

function numbered(
  name: string,
  items: readonly JsonObject[],
  flat: (item: JsonObject) => JsonObject,
): JsonObject {
  const places = PLACES.map((place) => prefixed(`${name}_${place}`, flat(objectOf(items[place - 1]))));
  return Object.assign({}, ...places) as JsonObject;
}

function prefixed(prefix: string, members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`${prefix}_${name}`, value]));
}

function picked(from: JsonObject | undefined, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, textOf(from?.[name])]));
}

/** Date and time apart, as Bland's own tools have them: "2027-01-20" and "2:00 PM". By the organisation's clock. */
function when(item: JsonObject | undefined): { date: string | null; time: string | null } {
  const [, date, hour, minute] =
    /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})/.exec(textOf(item?.['starts_at']) ?? '') ?? [];
  if (date === undefined || hour === undefined || minute === undefined) return { date: null, time: null };
  const hours = Number(hour);
  return { date, time: `${hours % 12 || 12}:${minute} ${hours < 12 ? 'AM' : 'PM'}` };
}
