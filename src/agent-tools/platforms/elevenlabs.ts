import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import type { ToolSpecification } from '../agent-tool.js';
import { toolSchema } from '../tool-parameters.js';
import { carriesSecret, header, isHmac, isRecent } from './authenticity.js';
import { directAnswer, directCall } from './direct-call.js';
import { objectOf } from './json.js';
import { CALL_HEADERS, type CallFields, callReported, reported } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type CallVariables,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  VoicePlatform,
} from './voice-platform.js';

const INIT = 'conversation-init';
const POST_CALL = 'post-call';

/** What ElevenLabs fills in itself, where a tool is set up to send it; a model cannot. */
const SYSTEM_FIELDS = {
  id: ['system__conversation_id'],
  caller: ['system__caller_id'],
  dialled: ['system__called_number'],
} as const satisfies CallFields;

/**
 * ElevenLabs. A tool is called at an address of its own with the properties it was set up with and nothing else; what tells of
 * the call are headers or, in older set-ups, properties.
 * @see https://elevenlabs.io/docs/agents-platform/customization/tools/server-tools
 * @see https://elevenlabs.io/docs/agents-platform/customization/personalization/twilio-personalization
 * @see https://elevenlabs.io/docs/agents-platform/workflows/post-call-webhooks
 */
export class ElevenLabs extends VoicePlatform {
  readonly name = 'elevenlabs';
  readonly title = 'ElevenLabs';
  override readonly signatureHeader = 'elevenlabs-signature';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs:
      'The bearer token that tools and the conversation initiation webhook send in the header `Authorization`.',
    webhookSecretIs: 'The shared secret that ElevenLabs shows when the post-call webhook is made.',
  };
  override readonly webhooks = { 'conversation initiation': INIT, 'post-call': POST_CALL };

  isAuthentic(request: PlatformRequest, { secrets, webhookSecret }: ConnectionSecrets): boolean {
    if (request.action === POST_CALL) {
      return webhookSecret !== null && isSigned(request, [webhookSecret]);
    }
    return carriesSecret(request, secrets);
  }

  read(request: PlatformRequest): PlatformEvent {
    const body = objectOf(request.body);
    switch (request.action) {
      case INIT:
        return { kind: 'call_started', voiceCall: callStarting(body) };
      case POST_CALL:
        return { kind: 'call_ended', voiceCall: callEnded(body) };
      default: {
        const voiceCall = callReported(request, SYSTEM_FIELDS);
        return { kind: 'tools', calls: [directCall(request)], voiceCall };
      }
    }
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return directAnswer(answered);
  }

  override renderCallStart(variables: CallVariables): object {
    return { type: 'conversation_initiation_client_data', dynamic_variables: variables };
  }

  define(tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    const callHeaders = {
      [CALL_HEADERS.caller]: { variable_name: SYSTEM_FIELDS.caller[0] },
      [CALL_HEADERS.dialled]: { variable_name: SYSTEM_FIELDS.dialled[0] },
      [CALL_HEADERS.id]: { variable_name: SYSTEM_FIELDS.id[0] },
    };
    return tools.map(({ name, description, parameters }) => ({
      type: 'webhook',
      name,
      description,
      response_timeout_secs: 20,
      api_schema: {
        url: `${url}/${name}`,
        method: 'POST',
        request_headers: { Authorization: `Bearer ${secret}`, ...callHeaders },
        request_body_schema: toolSchema(parameters),
      },
    }));
  }
}

/** `t=<epoch seconds>,v0=<hex HMAC-SHA256 of "t.body">`. */
function isSigned(request: PlatformRequest, secrets: ConnectionSecrets['secrets']): boolean {
  const parts = /^t=(\d{10}),v0=([0-9a-f]{64})$/i.exec(header(request, 'elevenlabs-signature') ?? '');
  const [, timestamp = '', digest = ''] = parts ?? [];
  return (
    isHmac(digest, ['sha256'], [`${timestamp}.`, request.rawBody], secrets) &&
    isRecent(Number(timestamp) * 1000, request)
  );
}

function callStarting({
  conversation_id: id,
  call_sid: sid,
  caller_id: caller,
  called_number: dialled,
}: Body) {
  return { id: reported(id, sid), caller: reported(caller), dialled: reported(dialled) };
}

function callEnded(body: Body) {
  const { conversation_id: id, metadata } = objectOf(body['data']);
  const { external_number: caller, agent_number: dialled } = objectOf(objectOf(metadata)['phone_call']);
  return { id: reported(id), caller: reported(caller), dialled: reported(dialled) };
}

type Body = ReturnType<typeof objectOf>;
