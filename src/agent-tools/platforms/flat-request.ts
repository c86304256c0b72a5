import { directCall } from './direct-call.js';
import { type JsonObject, objectIn } from './json.js';
import { reported } from '../call/reported-call.js';
import type { PlatformRequest, PlatformToolCall } from './voice-platform.js';

/* Requests without a form of the platform's own: the arguments, in the body or the query, and beside them what was set up. */

/** What was sent in the query and the body, by name; the body counts where both have it. */
export function fieldsOf(request: PlatformRequest): JsonObject {
  return objectIn(directCall(request).arguments);
}

/** The one tool that is called: named in the path or, where that names none, as `tool` or `name` beside the arguments. */
export function namedCall(request: PlatformRequest): PlatformToolCall {
  // With the tool in the path, `name` is an argument: the customer's.
  if (request.action !== '') return directCall(request);
  const fields = fieldsOf(request);
  const place = reported(fields['tool']) === null ? 'name' : 'tool';
  const { [place]: name, ...others } = fields;
  return { id: null, tool: reported(name) ?? '', arguments: others };
}
