import type { ToolSpecification } from '../agent-tool.js';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import { strictToolSchema, toolSchema } from '../tool-parameters.js';
import { carriesSecret } from './authenticity.js';
import { briefAnswer } from './brief-answer.js';
import { fieldsOf } from './flat-request.js';
import { type JsonObject, listOf, objectIn, objectOf, textOf } from './json.js';
import { callInHeaders, reported } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  type PlatformToolCall,
  VoicePlatform,
} from './voice-platform.js';

/** Messages of Chat Completions, items of Responses, or events of Realtime: what an answer has to be, to be sent on as it is. */
type Style = 'chat' | 'item' | 'event';

interface Asked {
  readonly style: Style;
  /** Whether a list is answered, or the one call. */
  readonly several: boolean;
  readonly calls: readonly PlatformToolCall[];
}

/**
 * OpenAI. Its models' calls of tools come to the customer's own program, which passes them on as the API gave them and gives the
 * API what it is answered: function call items (Responses), `tool_calls` (Chat Completions), server events (Realtime).
 * @see https://platform.openai.com/docs/guides/function-calling
 * @see https://platform.openai.com/docs/guides/realtime-conversations#function-calling
 */
export class OpenAi extends VoicePlatform {
  readonly name = 'openai';
  readonly title = 'OpenAI';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs: 'The bearer token that your program sends. Not the API key of OpenAI.',
  };

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    return carriesSecret(request, secrets);
  }

  read(request: PlatformRequest): PlatformEvent {
    const { style, calls } = asked(request);
    // Programs may pass on every event of a Realtime session.
    if (style === 'event' && calls.length === 0) return { kind: 'notice' };
    const nameless = [{ id: null, tool: '', arguments: {} }];
    return {
      kind: 'tools',
      calls: calls.length === 0 ? nameless : calls,
      voiceCall: callInHeaders(request),
    };
  }

  render(answered: readonly AnsweredToolCall[], request: PlatformRequest): object {
    const { style, several } = asked(request);
    const outputs = answered.map(({ id, answer }) =>
      RENDERINGS[style](id, JSON.stringify(briefAnswer(answer))),
    );
    return several ? outputs : (outputs[0] ?? {});
  }

  override get formats(): readonly string[] {
    return ['openai', 'openai_realtime'];
  }

  /** `openai`: strict, for Responses. `openai_realtime`: for a Realtime session, which has no strict mode. */
  define(tools: readonly ToolSpecification[], _target: unknown, format: string): object[] {
    return tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      ...(format === 'openai_realtime'
        ? { parameters: toolSchema(parameters) }
        : { parameters: strictToolSchema(parameters), strict: true }),
    }));
  }
}

const RENDERINGS: Record<Style, (id: string | null, output: string) => object> = {
  chat: (id, content) => ({ role: 'tool', tool_call_id: id, content }),
  item: (id, output) => ({ type: 'function_call_output', call_id: id, output }),
  event: (id, output) => ({
    type: 'conversation.item.create',
    item: { type: 'function_call_output', call_id: id, output },
  }),
};

function asked(request: PlatformRequest): Asked {
  const { body, action } = request;
  if (Array.isArray(body)) return listed(body, 'item');
  const fields = fieldsOf(request);
  for (const holder of [fields, objectOf(fields['message']), messageOf(fields)]) {
    if (Array.isArray(holder['tool_calls'])) return listed(holder['tool_calls'], 'chat');
  }
  if (Array.isArray(fields['output'])) return listed(fields['output'], 'item');
  if (isEvent(fields)) {
    const output = objectOf(fields['response'])['output'];
    if (Array.isArray(output)) return listed(output, 'event');
    return { style: 'event', several: false, calls: callsIn([fields['item'] ?? fields]) };
  }
  const style = 'function' in fields || 'tool_call_id' in fields ? 'chat' : 'item';
  return {
    style,
    several: false,
    calls: callsIn([{ ...fields, ...(action === '' ? {} : { name: action }) }]),
  };
}

/** Items have `function_call` as their type, events a name with a dot: `response.function_call_arguments.done`. */
function isEvent({ type }: JsonObject): boolean {
  return textOf(type)?.includes('.') === true;
}

/** Of a whole completion. */
function messageOf({ choices }: JsonObject): JsonObject {
  return objectOf(objectOf(listOf(choices)[0])['message']);
}

function listed(items: readonly unknown[], style: Style): Asked {
  return { style, several: true, calls: callsIn(items) };
}

/** Whatever is no call (a message, reasoning) is passed over; each call is run once. */
function callsIn(items: readonly unknown[]): PlatformToolCall[] {
  const calls = new Map<unknown, PlatformToolCall>();
  for (const item of items) {
    const fields = objectIn(item);
    const inner = objectOf(fields['function']);
    const tool = reported(inner['name'], fields['name']);
    if (tool === null) continue;
    const id = reported(fields['call_id'], fields['tool_call_id'], fields['id']);
    const given = inner['arguments'] ?? fields['arguments'] ?? fields['parameters'] ?? {};
    if (!calls.has(id ?? item)) calls.set(id ?? item, { id, tool, arguments: given });
  }
  return [...calls.values()];
}
