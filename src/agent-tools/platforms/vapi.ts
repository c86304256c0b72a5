import { toolSchema } from '../tool-parameters.js';
import type { ToolSpecification } from '../agent-tool.js';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import { header, hasBearer, isHmac, isOneOf, isRecent } from './authenticity.js';
import { type JsonObject, listOf, objectOf, textOf } from './json.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  type PlatformToolCall,
  VoicePlatform,
} from './voice-platform.js';

/** More than a model ever calls at once. */
const MOST_CALLS = 20;

/**
 * Vapi. Tool calls come as server messages (`tool-calls`), in up to three lists that repeat each other, and its answers are
 * matched by the ids of the calls.
 * @see https://docs.vapi.ai/tools/custom-tools
 * @see https://docs.vapi.ai/server-url/server-authentication
 */
export class Vapi extends VoicePlatform {
  readonly name = 'vapi';
  readonly title = 'Vapi';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs: 'The bearer token, `X-Vapi-Secret` or HMAC secret of a custom credential in Vapi.',
  };

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    const signature = header(request, 'x-signature');
    if (signature !== undefined) return isSigned(request, signature, secrets);
    return hasBearer(request, secrets) || isOneOf(header(request, 'x-vapi-secret'), secrets);
  }

  read({ body }: PlatformRequest): PlatformEvent {
    const message = objectOf(objectOf(body)['message']);
    const voiceCall = voiceCallOf(message);
    switch (message['type']) {
      case 'tool-calls':
        return { kind: 'tools', calls: toolCallsOf(message), voiceCall };
      case 'end-of-call-report':
        return { kind: 'call_ended', voiceCall };
      default:
        return { kind: 'notice' };
    }
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return {
      results: answered.map(({ id, tool, answer }) => ({
        name: tool,
        toolCallId: id,
        // JSON has no line breaks of its own, and escapes those in texts.
        ...(!answer.ok && answer.code === 'unavailable'
          ? { error: answer.say }
          : { result: JSON.stringify(answer) }),
      })),
    };
  }

  define(tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters }) => ({
      type: 'function',
      async: false,
      function: { name, description, parameters: toolSchema(parameters) },
      server: { url, timeoutSeconds: 20, headers: { Authorization: `Bearer ${secret}` } },
    }));
  }
}

/** HMAC over `{timestamp}.{body}`, hex or base64. The unit of the timestamp is not documented: seconds and milliseconds. */
function isSigned(
  request: PlatformRequest,
  signature: string,
  secrets: ConnectionSecrets['secrets'],
): boolean {
  const timestamp = header(request, 'x-timestamp') ?? '';
  if (!/^\d{10}(\d{3})?$/.test(timestamp)) return false;
  const time = Number(timestamp) * (timestamp.length === 10 ? 1000 : 1);
  const value = signature.replace(/^sha256=/, '');
  const bytes = Buffer.from(value, /^[0-9a-f]{64}$/i.test(value) ? 'hex' : 'base64');
  return isHmac(bytes, 'sha256', [`${timestamp}.`, request.rawBody], secrets) && isRecent(time, request);
}

function toolCallsOf(message: JsonObject): PlatformToolCall[] {
  const listed = [
    ...listOf(message['toolCallList']),
    ...listOf(message['toolCalls']),
    ...listOf(message['toolWithToolCallList']).map((item) => objectOf(item)['toolCall']),
  ];
  const calls = new Map<string, PlatformToolCall>();
  for (const item of listed) {
    const call = objectOf(item);
    const inner = objectOf(call['function']);
    const id = textOf(call['id']);
    const tool = textOf(inner['name']) ?? textOf(call['name']);
    if (id === null || tool === null || calls.has(id)) continue;
    const given = inner['arguments'] ?? inner['parameters'] ?? call['arguments'] ?? call['parameters'];
    calls.set(id, { id, tool, arguments: given ?? {} });
  }
  return [...calls.values()].slice(0, MOST_CALLS);
}

function voiceCallOf(message: JsonObject) {
  const call = objectOf(message['call']);
  const customer = [message['customer'], call['customer']].map(objectOf);
  const phone = [message['phoneNumber'], call['phoneNumber']].map(objectOf);
  const number = (places: JsonObject[]) =>
    places.map(({ number: value }) => textOf(value)).find((value) => value !== null);
  return { id: textOf(call['id']), caller: number(customer), dialled: number(phone) };
}
