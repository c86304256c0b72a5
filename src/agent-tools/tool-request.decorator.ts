import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { distinctHeaders } from '../platform/http/distinct-headers.js';
import { callInHeaders, type ReportedCall, toolCallInHeaders, unlessRepeated } from './call/reported-call.js';

/** A tool call as it came in. */
export interface RequestedToolCall {
  tool: string;
  body: unknown;
  voiceCall: ReportedCall;
  toolCallId: string | null;
}

/**
 * The tool's name and the body as they came. Not `@Param` and `@Body`: what the validation of other routes
 * refuses with a status, here has to be answered with a sentence.
 */
export const RequestedTool = createParamDecorator(
  (_data: undefined, context: ExecutionContext): RequestedToolCall => {
    const { params, raw, body, repeatedMembers } = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { tool: string } }>>();
    const headers = distinctHeaders(raw);
    const voiceCall = unlessRepeated(callInHeaders({ headers }), repeatedMembers);
    return { tool: params.tool, body, voiceCall, toolCallId: toolCallInHeaders({ headers }) };
  },
);
