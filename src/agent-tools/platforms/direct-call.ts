import { briefAnswer } from './brief-answer.js';
import { isObject } from './json.js';
import type { AnsweredToolCall, PlatformRequest, PlatformToolCall } from './voice-platform.js';

/** A call of one tool, whose name the path says and whose arguments are the request: its query and its body. */
export function directCall(
  { action, query, body }: Pick<PlatformRequest, 'action' | 'query' | 'body'>,
  tool = action,
): PlatformToolCall {
  const asked = Object.fromEntries(query);
  if (body === undefined) return { id: null, tool, arguments: asked };
  return { id: null, tool, arguments: isObject(body) ? { ...asked, ...body } : body };
}

/** The answer to a request that calls one tool: the tool's own, flat. */
export function directAnswer([answered]: readonly AnsweredToolCall[]): object {
  return answered === undefined ? {} : briefAnswer(answered.answer);
}
