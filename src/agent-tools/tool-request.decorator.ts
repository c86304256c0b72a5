import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callInHeaders, type ReportedCall } from './call/reported-call.js';

/** A tool call as it came in. */
export interface RequestedToolCall {
  tool: string;
  body: unknown;
  voiceCall: ReportedCall;
}

/**
 * The tool's name and the body as they came. Not `@Param` and `@Body`: what the validation of other routes
 * refuses with a status, here has to be answered with a sentence.
 */
export const RequestedTool = createParamDecorator(
  (_data: undefined, context: ExecutionContext): RequestedToolCall => {
    const { params, headers, body } = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { tool: string } }>>();
    return { tool: params.tool, body, voiceCall: callInHeaders({ headers }) };
  },
);
