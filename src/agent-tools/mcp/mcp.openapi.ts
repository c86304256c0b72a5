import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { TOOL_SPECIFICATIONS } from '../tools.js';
import { mcpResult, mcpTool } from './mcp-result.js';

const REVISION = '2026-07-28';

const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'swagger-ui', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

const MESSAGE = { type: 'object' as const, additionalProperties: true };

/** Documents the one MCP route: what it is, and one request that can be tried without a client. */
export function ApiMcp(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'The tools over MCP',
      description:
        'An MCP server (Streamable HTTP), revision 2026-07-28 and, for clients that begin with `initialize`, 2025-11-25 and ' +
        'older. It keeps no session, so GET and DELETE are answered with 405. Give an MCP client this address and the ' +
        'header `Authorization: Bearer <API key with the scope "agent">`. Browsers may ask from `PUBLIC_URL` and from ' +
        '`DASHBOARD_URL` only: any other `Origin` is refused with 403 `origin_not_allowed`.\n\n' +
        'Tools and answers are those of `POST /api/agent-tools/{tool}`. A message that the protocol refuses is answered with ' +
        'a JSON-RPC error.',
    }),
    header('MCP-Protocol-Version', 'The revision that the request follows.', REVISION),
    header('Mcp-Method', 'The method, as in the body.', 'tools/list'),
    header('Mcp-Name', 'With `tools/call`: the name of the tool, as in the body.'),
    header('X-Call-Id', "The voice platform's id of the conversation."),
    header('X-Caller-Number', 'The number that calls, E.164.'),
    header('X-Called-Number', 'The number that was called, E.164.'),
    header(
      'X-Tool-Call-Id',
      "The platform's id of this call of the tool. Delivered again, it is answered as the first time.",
    ),
    ApiBody({
      description: 'One JSON-RPC message. The headers have to say the same as the message.',
      schema: MESSAGE,
      examples: {
        'tools/list': { value: message('tools/list', {}) },
        'tools/call': {
          summary: 'tools/call, with its headers Mcp-Method and Mcp-Name',
          value: message('tools/call', {
            name: 'check_availability',
            arguments: { date: 'next Wednesday' },
          }),
        },
      },
    }),
    ApiOkResponse({
      description: 'The JSON-RPC answer.',
      content: {
        'application/json': {
          schema: MESSAGE,
          examples: {
            'tools/list': { value: answer({ tools: TOOL_SPECIFICATIONS.slice(0, 1).map(mcpTool) }) },
            'tools/call': {
              value: answer(
                mcpResult({
                  ok: true,
                  say: 'On Wednesday, January 20 I have 2 PM, 3 PM and 4 PM.',
                  timezone: 'America/New_York',
                }),
              ),
            },
          },
        },
      },
    }),
  );
}

function header(name: string, description: string, example?: string): MethodDecorator {
  return ApiHeader({
    name,
    description,
    required: false,
    schema: { type: 'string', ...(example === undefined ? {} : { example }) },
  });
}

function message(method: string, params: object): object {
  return { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } };
}

function answer(result: object): object {
  return { jsonrpc: '2.0', id: 1, result };
}
