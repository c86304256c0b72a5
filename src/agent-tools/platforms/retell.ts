import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import { isStrongSecret } from '../../tenant/strong-secret.js';
import type { ToolSpecification } from '../agent-tool.js';
import { toolSchema } from '../tool-parameters.js';
import { carriesSecret, header, isHmac, isRecent } from './authenticity.js';
import { directAnswer, directCall } from './direct-call.js';
import { isObject, type JsonObject, objectOf, textOf } from './json.js';
import {
  CALL_HEADERS,
  callInHeaders,
  firstReported,
  reported,
  type ReportedCall,
} from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type CallVariables,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  type PlatformToolCall,
  type PlatformWebhooks,
  VoicePlatform,
} from './voice-platform.js';

const WEBHOOKS: PlatformWebhooks = { 'inbound call': 'inbound', 'call events': 'events' };

/**
 * Retell. A custom function is called with an envelope of its name, its arguments and the call; or, with "payload: args only",
 * with its arguments alone, and without a body where the method has none: then the path says which it is.
 * @see https://docs.retellai.com/build/single-multi-prompt/custom-function
 * @see https://docs.retellai.com/features/secure-webhook
 */
export class Retell extends VoicePlatform {
  readonly name = 'retell';
  readonly title = 'Retell';
  override readonly signatureHeader = 'x-retell-signature';
  readonly credential: PlatformCredential = {
    secretFrom: 'theirs',
    secretIs:
      'The API key of the Retell workspace that has the webhook badge, with which Retell signs; or the bearer token in a header ' +
      'of the custom functions, which has to be 32 random characters or more.',
  };
  override readonly webhooks = WEBHOOKS;

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    // What Retell signs with is not ours to choose: one that can be guessed is no bearer token, which could be tried.
    const random = secrets.filter((secret) => isStrongSecret(secret.reveal()));
    return carriesSecret(request, random) || isSigned(request, secrets);
  }

  read(request: PlatformRequest): PlatformEvent {
    const body = objectOf(request.body);
    const isWebhook = Object.values(WEBHOOKS).includes(request.action);
    const event =
      isWebhook || (request.action === '' && !isObject(body['args'])) ? textOf(body['event']) : null;
    switch (event) {
      case null:
        return isWebhook
          ? { kind: 'notice' }
          : { kind: 'tools', calls: [toolCallOf(request)], voiceCall: voiceCallIn(request) };
      case 'call_inbound':
        return { kind: 'call_started', voiceCall: voiceCallOf(objectOf(body['call_inbound'])) };
      case 'call_ended':
        return { kind: 'call_ended', voiceCall: voiceCallOf(objectOf(body['call'])) };
      default:
        return { kind: 'notice' };
    }
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return directAnswer(answered);
  }

  override renderCallStart(variables: CallVariables): object {
    return { call_inbound: { dynamic_variables: variables, metadata: {} } };
  }

  define(tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters }) => ({
      type: 'custom',
      name,
      description,
      url,
      method: 'POST',
      headers: {
        Authorization: `Bearer ${secret}`,
        [CALL_HEADERS.caller]: '{{user_number}}',
        [CALL_HEADERS.dialled]: '{{agent_number}}',
        [CALL_HEADERS.id]: '{{call_id}}',
      },
      parameters: toolSchema(parameters),
      args_at_root: false,
      // They answer within two seconds, and say what comes next themselves.
      speak_during_execution: false,
      speak_after_execution: true,
      timeout_ms: 10_000,
      max_retry: 1,
    }));
  }
}

/** `v=<epoch milliseconds>,d=<hex HMAC-SHA256 of the body and v>`. */
function isSigned(request: PlatformRequest, secrets: ConnectionSecrets['secrets']): boolean {
  const parts = /^v=(\d{13}),d=([0-9a-f]{64})$/i.exec(header(request, 'x-retell-signature') ?? '');
  const [, timestamp = '', digest = ''] = parts ?? [];
  return (
    isHmac(digest, ['sha256'], [request.rawBody, timestamp], secrets) && isRecent(Number(timestamp), request)
  );
}

/** `name` alone is no envelope: it is an argument, too. */
function toolCallOf(request: PlatformRequest): PlatformToolCall {
  const { name, args } = objectOf(request.body);
  if (!isObject(args)) return directCall(request);
  return { id: null, tool: request.action === '' ? (textOf(name) ?? '') : request.action, arguments: args };
}

/**
 * At a tool's own address, the whole body may be what a model made up, were it in the shape of an envelope: there, only headers
 * tell of the call.
 */
function voiceCallIn(request: PlatformRequest): ReportedCall {
  const inHeaders = callInHeaders(request);
  if (request.action !== '') return inHeaders;
  return firstReported(inHeaders, voiceCallOf(objectOf(objectOf(request.body)['call'])));
}

/** Whoever speaks with the agent is its caller, also where it was the agent that called. */
function voiceCallOf(call: JsonObject): ReportedCall {
  const { call_id: id, direction, from_number: from, to_number: to } = call;
  const [caller, dialled] = direction === 'outbound' ? [to, from] : [from, to];
  return { id: reported(id), caller: reported(caller), dialled: reported(dialled) };
}
