import type { ToolSpecification } from '../agent-tool.js';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import { toolSchema } from '../tool-parameters.js';
import { carriesSecret } from './authenticity.js';
import { directAnswer } from './direct-call.js';
import { namedCall } from './flat-request.js';
import { callInHeaders, toolCallInHeaders } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  VoicePlatform,
} from './voice-platform.js';

/**
 * Programs of the customer's own that run an agent's tools: LiveKit's, behind Twilio's ConversationRelay, and whatever has no
 * file here. The arguments go to an address for each tool, or to that of the connection with the tool's name beside them; the
 * answer is what the tool says.
 */
export class Generic extends VoicePlatform {
  readonly name = 'generic';
  readonly title = 'your own server';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs: 'The bearer token, or the value of `X-API-Key`, that your server sends.',
  };

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    return carriesSecret(request, secrets);
  }

  read(request: PlatformRequest): PlatformEvent {
    const call = { ...namedCall(request), id: toolCallInHeaders(request) };
    return { kind: 'tools', calls: [call], voiceCall: callInHeaders(request) };
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return directAnswer(answered);
  }

  /** The tools need no connection: a tenant's API key opens them too. */
  override targetWithoutConnection(publicUrl: string): DefinitionTarget {
    return { url: `${publicUrl}/api/agent-tools`, secret: '<API key with the scope "agent">' };
  }

  define(tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters, readOnly }) => ({
      name,
      description,
      parameters: toolSchema(parameters),
      readOnly,
      method: 'POST',
      url: `${url}/${name}`,
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    }));
  }
}
