import type { IncomingHttpHeaders } from 'node:http';
import type { ToolSpecification } from '../agent-tool.js';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import { toolSchema } from '../tool-parameters.js';
import { carriesSecret, hasQueryKey } from './authenticity.js';
import { directAnswer } from './direct-call.js';
import { fieldsOf, namedCall } from './flat-request.js';
import type { JsonObject } from './json.js';
import { CALL_HEADERS, callInHeaders } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  VoicePlatform,
} from './voice-platform.js';

/** Longer than the 2.5 s that are usual there, by the way to us and back: an answer takes 2 s at most. */
const TIMEOUT = '3s';

/** Never arguments, although some are named so. */
const OF_HTTP = new Set(['authorization', 'x-api-key', 'cookie', 'host', 'from', 'user-agent']);
/** The `Date` of HTTP rather than that of an appointment: "Tue, 19 Jan 2027 08:12:31 GMT". */
const HTTP_DATE = /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/;

/**
 * Ultravox. HTTP tools, whose parameters it puts into the body, the query, headers or the path, and which answer with what the
 * model reads.
 * @see https://docs.ultravox.ai/tools/custom/parameters
 * @see https://docs.ultravox.ai/tools/custom/authentication
 */
export class Ultravox extends VoicePlatform {
  readonly name = 'ultravox';
  readonly title = 'Ultravox';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs:
      'The API key of the tool: as a bearer token, in the header `X-API-Key` or in the query, as `api_key`.',
  };

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    return carriesSecret(request, secrets) || hasQueryKey(request, secrets);
  }

  read(request: PlatformRequest): PlatformEvent {
    const { headers, path = [] } = request;
    const { api_key: _, ...sent } = fieldsOf(request);
    const body = { ...inHeaders(headers), ...inPath(path), ...sent };
    const calls = [namedCall({ ...request, query: new URLSearchParams(), body })];
    return { kind: 'tools', calls, voiceCall: callInHeaders(request) };
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return directAnswer(answered);
  }

  define(tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters, readOnly }) => {
      const { properties, required } = toolSchema(parameters);
      return {
        modelToolName: name,
        description,
        dynamicParameters: Object.entries(properties).map(([parameter, schema]) => ({
          name: parameter,
          location: 'PARAMETER_LOCATION_BODY',
          schema,
          required: required.includes(parameter),
        })),
        automaticParameters: [
          { name: CALL_HEADERS.id, location: 'PARAMETER_LOCATION_HEADER', knownValue: 'KNOWN_PARAM_CALL_ID' },
        ],
        staticParameters: [
          { name: 'Authorization', location: 'PARAMETER_LOCATION_HEADER', value: `Bearer ${secret}` },
        ],
        timeout: TIMEOUT,
        // Such a tool may be called before the model has decided to.
        precomputable: readOnly,
        http: { baseUrlPattern: `${url}/${name}`, httpMethod: 'POST' },
      };
    });
  }
}

/** Headers of other names than a parameter's are left out later, like every unknown argument. */
function inHeaders(headers: IncomingHttpHeaders): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => typeof value === 'string' && !OF_HTTP.has(name) && !HTTP_DATE.test(value),
    ),
  );
}

/** In the path they come by name and value: `…/check_availability/date/{date}`. */
function inPath(path: readonly string[]): JsonObject {
  return Object.fromEntries(
    path.flatMap((name, index) => (index % 2 === 0 ? [[name, path[index + 1]] as const] : [])),
  );
}
