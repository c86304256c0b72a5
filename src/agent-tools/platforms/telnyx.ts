import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import type { ToolSpecification } from '../agent-tool.js';
import { toolSchema } from '../tool-parameters.js';
import { header, isRecent } from './authenticity.js';
import { directAnswer, directCall } from './direct-call.js';
import { ed25519PublicKey, isEd25519Signature } from './ed25519.js';
import { type JsonObject, objectOf, textOf } from './json.js';
import { callInHeaders, firstReported, reported, type ReportedCall } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  VoicePlatform,
} from './voice-platform.js';

const INIT = 'init';

/** Fields that a tool's configuration presets, so that the model can neither see nor set them; by Telnyx's own names. */
const PRESET_FIELDS = {
  call_control_id: '{{call_control_id}}',
  telnyx_conversation_id: '{{telnyx_conversation_id}}',
  telnyx_end_user_target: '{{telnyx_end_user_target}}',
  telnyx_agent_target: '{{telnyx_agent_target}}',
  telnyx_shaken_stir_attestation: '{{telnyx_shaken_stir_attestation}}',
} as const;

/**
 * Telnyx. Its webhook tools are called with what they were set up to send, in body or query; every request is signed with the
 * account's key.
 * @see https://developers.telnyx.com/docs/inference/ai-assistants/dynamic-variables
 * @see https://developers.telnyx.com/docs/inference/ai-assistants/preset-webhook-parameters
 * @see https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks#webhook-signing
 */
export class Telnyx extends VoicePlatform {
  readonly name = 'telnyx';
  readonly title = 'Telnyx';
  readonly credential: PlatformCredential = {
    secretFrom: 'theirs',
    secretIs:
      'The public key of the Telnyx account, in base64: Portal, Account, Keys & Credentials, Public Key.',
    required: true,
    problemWith: (key) =>
      ed25519PublicKey(key) === undefined
        ? 'must be the public key of the Telnyx account: 32 bytes in base64'
        : null,
  };
  override readonly webhooks = { 'dynamic variables': INIT };

  /** What is stored is no secret, so that nothing but a signature counts. */
  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    const timestamp = header(request, 'telnyx-timestamp') ?? '';
    const signature = header(request, 'telnyx-signature-ed25519') ?? '';
    if (!/^\d{10}$/.test(timestamp) || !isRecent(Number(timestamp) * 1000, request)) return false;
    const signed = Buffer.concat([Buffer.from(`${timestamp}|`), request.rawBody]);
    return secrets.some((secret) => {
      const publicKey = ed25519PublicKey(secret.reveal());
      return publicKey !== undefined && isEd25519Signature(signature, signed, publicKey);
    });
  }

  read(request: PlatformRequest): PlatformEvent {
    const body = objectOf(request.body);
    const data = objectOf(body['data']);
    const event = request.action === '' || request.action === INIT ? eventOf(body, data) : null;
    if (event === 'assistant.initialization') {
      return { kind: 'call_started', voiceCall: callStarting(objectOf(data['payload'])) };
    }
    if (event === 'call.conversation.ended') {
      return { kind: 'call_ended', voiceCall: voiceCallOf(objectOf(data['payload'])) };
    }
    if (event !== null || request.action === INIT) return { kind: 'notice' };
    const tool = textOf(request.action) ?? textOf(request.query.get('tool')) ?? textOf(body['tool']) ?? '';
    const call = directCall(request, tool);
    const voiceCall = firstReported(callInHeaders(request), inPresetFields(objectOf(call.arguments)), {
      id: reported(header(request, 'x-telnyx-call-control-id')),
      caller: null,
      dialled: null,
    });
    return { kind: 'tools', calls: [call], voiceCall };
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return directAnswer(answered);
  }

  define(tools: readonly ToolSpecification[], { url }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters }) => ({
      type: 'webhook',
      webhook: {
        name,
        description,
        url: `${url}/${name}`,
        method: 'POST',
        body_parameters: toolSchema(parameters),
        preset_body_fields: PRESET_FIELDS,
      },
      // Within `webhook` it would be stored and not applied.
      timeout_ms: 5_000,
    }));
  }
}

function eventOf(body: JsonObject, data: JsonObject): string | null {
  return textOf(data['event_type']) ?? textOf(body['event_type']);
}

/**
 * What an assistant is told when a call begins, it may say to whoever calls: a number counts only where the network vouches
 * for it (full attestation).
 */
function callStarting(payload: JsonObject): ReportedCall {
  const call = voiceCallOf(payload);
  return payload['telnyx_end_user_target_verified'] === true ? call : { ...call, caller: null };
}

/** A number of which the network says that it knows nothing (attestation C) counts as none. */
function inPresetFields(fields: JsonObject): ReportedCall {
  const call = voiceCallOf(fields);
  const attestation = textOf(fields['telnyx_shaken_stir_attestation'])?.toLowerCase();
  return attestation === 'c' ? { ...call, caller: null } : call;
}

function voiceCallOf(fields: JsonObject): ReportedCall {
  return {
    id: reported(fields['call_control_id'], fields['telnyx_conversation_id']),
    caller: reported(fields['telnyx_end_user_target']),
    dialled: reported(fields['telnyx_agent_target']),
  };
}
