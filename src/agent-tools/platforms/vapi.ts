import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import type { ToolSpecification } from '../agent-tool.js';
import { toolSchema } from '../tool-parameters.js';
import type { ToolAnswer } from '../tool-runner.js';
import { header, hasBearer, isHmac, isOneOf, isRecent } from './authenticity.js';
import { briefAnswer } from './brief-answer.js';
import { isObject, type JsonObject, listOf, objectIn, objectOf, textOf } from './json.js';
import { reported, type ReportedCall } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  type PlatformToolCall,
  VoicePlatform,
} from './voice-platform.js';

/** What is neither read nor answered any better. */
const UNREADABLE: PlatformToolCall = { id: null, tool: '', arguments: {} };

/**
 * Vapi. Tool calls come as server messages (`tool-calls`), in up to three lists that repeat each other, and its answers are
 * matched by the ids of the calls.
 * @see https://docs.vapi.ai/tools/custom-tools
 * @see https://docs.vapi.ai/server-url/server-authentication
 */
export class Vapi extends VoicePlatform {
  readonly name = 'vapi';
  readonly title = 'Vapi';
  override readonly signatureHeader = 'x-signature';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs: 'The bearer token, `X-Vapi-Secret` or HMAC secret of a custom credential in Vapi.',
  };

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    return (
      hasBearer(request, secrets) ||
      isOneOf(header(request, 'x-vapi-secret'), secrets) ||
      isSigned(request, secrets)
    );
  }

  read({ body }: PlatformRequest): PlatformEvent {
    const message = objectOf(objectOf(body)['message']);
    const voiceCall = voiceCallOf(message);
    const calls = toolCallsOf(message);
    switch (message['type']) {
      case 'end-of-call-report':
        return { kind: 'call_ended', voiceCall };
      case 'status-update':
        return message['status'] === 'ended' ? { kind: 'call_ended', voiceCall } : { kind: 'notice' };
      case 'tool-calls':
      case undefined:
        return { kind: 'tools', calls: calls.length > 0 ? calls : [UNREADABLE], voiceCall };
      default:
        return { kind: 'notice' };
    }
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return {
      results: answered.map(({ id, tool, answer }) => ({
        name: tool,
        toolCallId: id ?? '',
        ...(!answer.ok && answer.code === 'unavailable' ? { error: answer.say } : { result: lineOf(answer) }),
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

/** JSON escapes what breaks lines, but for the separators of Unicode. */
function lineOf(answer: ToolAnswer): string {
  return JSON.stringify(briefAnswer(answer)).replace(/[\u0085\u2028\u2029]/g, ' ');
}

/** HMAC over `{timestamp}.{body}`. The unit of the timestamp is not documented: seconds and milliseconds. */
function isSigned(request: PlatformRequest, secrets: ConnectionSecrets['secrets']): boolean {
  const timestamp = header(request, 'x-timestamp') ?? '';
  const signature = header(request, 'x-signature')?.replace(/^sha\d{1,3}=/, '') ?? '';
  if (!/^\d{10}(\d{3})?$/.test(timestamp)) return false;
  const time = Number(timestamp) * (timestamp.length === 10 ? 1000 : 1);
  const signed = [`${timestamp}.`, request.rawBody];
  return isHmac(signature, ['sha256', 'sha512', 'sha1'], signed, secrets) && isRecent(time, request);
}

/** Each once: by its id or, where it has none, from the first list that holds any. */
function toolCallsOf(message: JsonObject): PlatformToolCall[] {
  const lists = [
    listOf(message['toolCallList']),
    listOf(message['toolCalls']),
    listOf(message['toolWithToolCallList']).map((item) => objectOf(item)['toolCall']),
  ];
  const calls = lists.map((list) => list.filter(isObject).map(toolCallOf));
  const [first = []] = calls.filter((list) => list.length > 0);
  const known = new Set<string>();
  return [...first, ...calls.flat().filter(({ id }) => id !== null)].filter(({ id }) => {
    const isNew = id === null || !known.has(id);
    if (id !== null) known.add(id);
    return isNew;
  });
}

function toolCallOf(call: JsonObject): PlatformToolCall {
  const inner = objectOf(call['function']);
  const given = [call, inner].flatMap((place) => [place['parameters'], place['arguments']]);
  const [only = {}, ...others] = given.filter((value) => value !== undefined && value !== null);
  return {
    id: textOf(call['id']),
    tool: textOf(inner['name']) ?? textOf(call['name']) ?? '',
    // As it is where it is alone, so that it can be said to be unreadable.
    arguments: others.length === 0 ? only : Object.assign({}, ...[only, ...others].map(objectIn)),
  };
}

function voiceCallOf(message: JsonObject): ReportedCall {
  const call = objectOf(message['call']);
  const numberOf = (party: string) =>
    reported(...[message, call].map((place) => objectOf(place[party])['number']));
  return { id: reported(call['id']), caller: numberOf('customer'), dialled: numberOf('phoneNumber') };
}
