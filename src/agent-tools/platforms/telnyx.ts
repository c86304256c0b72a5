import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import type { ToolSpecification } from '../agent-tool.js';
import { toolSchema } from '../tool-parameters.js';
import { header, isRecent } from './authenticity.js';
import { directAnswer, directCall } from './direct-call.js';
import { ed25519PublicKey, isEd25519Signature } from './ed25519.js';
import { type JsonObject, objectOf, textOf } from './json.js';
import {
  CALL_HEADERS,
  type CallFields,
  callReported,
  reported,
  type ReportedCall,
  unlessRepeated,
} from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  VoicePlatform,
} from './voice-platform.js';

const INIT = 'init';

const ATTESTATION = 'telnyx_shaken_stir_attestation';
const ATTESTATION_HEADER = 'X-Caller-Attestation';

/** In query or body, where a tool presets them. */
const CALL_FIELDS: CallFields = {
  id: ['call_control_id', 'telnyx_conversation_id'],
  caller: ['telnyx_end_user_target'],
  dialled: ['telnyx_agent_target'],
};

/** On the web there is no call, but a conversation. */
const CONVERSATION_HEADER = 'X-Conversation-Id';

/** Headers whose values Telnyx fills in. */
const HEADERS = [
  { name: CALL_HEADERS.caller, value: '{{telnyx_end_user_target}}' },
  { name: CALL_HEADERS.dialled, value: '{{telnyx_agent_target}}' },
  { name: CALL_HEADERS.id, value: '{{call_control_id}}' },
  { name: CONVERSATION_HEADER, value: '{{telnyx_conversation_id}}' },
  { name: ATTESTATION_HEADER, value: '{{telnyx_shaken_stir_attestation}}' },
] as const;

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
  override readonly signatureHeader = 'telnyx-signature-ed25519';
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
    const tool = textOf(request.action) ?? textOf(request.query.get('tool')) ?? textOf(body['tool']);
    // What a tool is called with holds what a caller says: a tool's request is never a webhook.
    const event = tool === null || tool === INIT ? eventOf(body, data) : null;
    if (event === 'assistant.initialization') {
      return { kind: 'call_started', voiceCall: callStarting(objectOf(data['payload'])) };
    }
    if (event === 'call.conversation.ended') {
      return { kind: 'call_ended', voiceCall: voiceCallOf(objectOf(data['payload'])) };
    }
    if (event !== null || request.action === INIT) return { kind: 'notice' };
    const call = directCall(request, tool ?? '');
    return { kind: 'tools', calls: [call], voiceCall: callOfTool(request) };
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
        headers: HEADERS,
        body_parameters: toolSchema(parameters),
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

/**
 * A number of which the network says that it knows nothing (attestation C) counts as none, wherever that is said. The id that
 * Telnyx itself puts into a header goes before one in query or body.
 */
function callOfTool(request: PlatformRequest): ReportedCall {
  const call = callReported(request, CALL_FIELDS);
  const attestations = [
    header(request, ATTESTATION_HEADER.toLowerCase()),
    ...request.query.getAll(ATTESTATION),
    objectOf(request.body)[ATTESTATION],
  ];
  const isUnknown = attestations.some((value) => textOf(value)?.trim().toLowerCase() === 'c');
  const ids = [CALL_HEADERS.id, 'x-telnyx-call-control-id', CONVERSATION_HEADER];
  const id = reported(...ids.map((name) => header(request, name.toLowerCase())), call.id);
  return unlessRepeated({ ...call, id, ...(isUnknown ? { caller: null } : {}) });
}

function voiceCallOf(fields: JsonObject): ReportedCall {
  return {
    id: reported(fields['call_control_id'], fields['telnyx_conversation_id']),
    caller: reported(fields['telnyx_end_user_target']),
    dialled: reported(fields['telnyx_agent_target']),
  };
}
