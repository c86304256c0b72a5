import type { ToolSpecification } from '../agent-tool.js';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import { carriesSecret, hasQueryKey } from './authenticity.js';
import { directAnswer } from './direct-call.js';
import { fieldsOf, namedCall } from './flat-request.js';
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

const INBOUND = 'inbound';
const ENDED = 'ended';

/** In a template's query or body. `user_phone_number` is always the other party's, whoever called whom. */
const CALL_FIELDS: CallFields = {
  id: ['call_id'],
  caller: ['user_phone_number', 'from_number'],
  dialled: ['to_phone_number', 'to_number'],
  // A `call_id` by itself may be the model's.
  marks: ['user_phone_number', 'from_number', 'to_phone_number', 'to_number'],
};

/**
 * Synthflow. Custom actions, whose requests are templates that the customer fills (`<date>`, `<user_phone_number>`), and a webhook
 * that is asked before an agent answers a call.
 * @see https://docs.synthflow.ai/about-custom-actions
 * @see https://docs.synthflow.ai/inbound-webhook-api
 */
export class Synthflow extends VoicePlatform {
  readonly name = 'synthflow';
  readonly title = 'Synthflow';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs:
      'The bearer token, or the value of `X-API-Key`, of the custom actions. Webhooks have no headers: it follows their address, as ' +
      '`?api_key=…`.',
  };
  override readonly webhooks = { 'inbound call': INBOUND, 'call ended': ENDED };

  /**
   * Not by Synthflow's own signature of webhooks: it covers the id of the call and nothing of what is said about it, so it would
   * prove less than the secret in the address does.
   */
  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    return carriesSecret(request, secrets) || hasQueryKey(request, secrets);
  }

  read(request: PlatformRequest): PlatformEvent {
    const { api_key: _, ...fields } = fieldsOf(request);
    // What a tool is called with holds what a caller says: a tool's request is never a webhook.
    const isTool = request.action !== '' || reported(fields['tool'], fields['name']) !== null;
    if (request.action === INBOUND || (!isTool && fields['event'] === 'call_inbound')) {
      const { from_number: caller, to_number: dialled } = objectOf(fields['call_inbound']);
      return {
        kind: 'call_started',
        voiceCall: { id: null, caller: reported(caller), dialled: reported(dialled) },
      };
    }
    const call = objectOf(fields['call']);
    if (request.action === ENDED) {
      return {
        kind: 'call_ended',
        voiceCall: { id: reported(call['call_id']), caller: null, dialled: null },
      };
    }
    return { kind: 'tools', calls: [namedCall(request)], voiceCall: callReported(request, CALL_FIELDS) };
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return directAnswer(answered);
  }

  /** A call is dropped where no agent is named; an empty name leaves it with the agent that it came for. */
  override renderCallStart(variables: CallVariables): object {
    return { call_inbound: { override_model_id: '', custom_variables: variables, metadata: {} } };
  }

  define(tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters }) => ({
      CUSTOM_ACTION: {
        http_mode: 'POST',
        url: `${url}/${name}`,
        run_action_before_call_start: false,
        name,
        description,
        variables_during_the_call: Object.entries(parameters).map(
          ([
            variable,
            { description: meaning, enum: values, example = values?.[0] ?? '', type = 'string' },
          ]) => ({
            name: variable,
            description: values === undefined ? meaning : `${meaning} One of: ${values.join(', ')}.`,
            example,
            type: type === 'integer' ? 'number' : type,
          }),
        ),
        headers: [
          { key: 'Content-Type', value: 'application/json' },
          { key: 'Authorization', value: `Bearer ${secret}` },
          // Not in the body: its template takes values as they are, quotation marks and all.
          { key: CALL_HEADERS.caller, value: '<user_phone_number>' },
          { key: CALL_HEADERS.dialled, value: '<to_phone_number>' },
          { key: CALL_HEADERS.id, value: '<call_id>' },
        ],
        json_body_stringified: JSON.stringify({
          ...Object.fromEntries(Object.keys(parameters).map((parameter) => [parameter, `<${parameter}>`])),
        }),
        prompt: 'Tell the caller what <results.data.say> says, and nothing else about times or bookings.',
      },
    }));
  }
}
