import { Injectable, Logger } from '@nestjs/common';
import {
  createMcpHandler,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type Tool,
} from '@modelcontextprotocol/server';
import type { Author } from '../../booking/author.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Deadline } from '../../platform/deadline.js';
import { packageVersion } from '../../platform/package-version.js';
import { TOOL_RULES } from '../agent-instructions.js';
import type { AgentScope } from '../agent-scope.js';
import { OfferedTools } from '../offered-tools.js';
import { ToolRegistry } from '../tool-registry.js';
import { type ToolAnswer, ToolRunner } from '../tool-runner.js';
import type { ReportedCall } from '../call/reported-call.js';
import { mcpResult, mcpTool } from './mcp-result.js';
import { refusal } from './web-exchange.js';

/** Who asks, and what they may: all from the request's credential and headers, nothing from what a model says. */
export interface McpCaller {
  readonly tenant: TenantId;
  readonly author: Author;
  readonly voiceCall: ReportedCall;
  /**
   * The id of the tool call that the client reports in a header. Not that of the message: a client may count its messages anew
   * within one conversation.
   */
  readonly toolCallId: string | null;
  readonly scope: AgentScope;
  /** Default: that of the tenant. */
  readonly locale?: string;
}

const SERVER = { name: 'receptionist-calendar', title: 'Receptionist calendar', version: packageVersion() };

/** As long as a tool may take: clients list the tools when a call begins. */
const LONGEST_LIST_MS = 1_800;

const INSTRUCTIONS = `The appointment calendar of one organisation, for a voice agent with a caller on the line. ${TOOL_RULES}`;

/**
 * The tools as an MCP server. One is made for each request and forgotten with it, so that any instance can answer: revision
 * 2026-07-28 knows no sessions, and the older ones are served without.
 */
@Injectable()
export class McpEndpoint {
  readonly #logger = new Logger(McpEndpoint.name);

  constructor(
    private readonly runner: ToolRunner,
    private readonly registry: ToolRegistry,
    private readonly offered: OfferedTools,
  ) {}

  /** @param body as it was parsed; undefined when there was none */
  async answer(caller: McpCaller, request: Request, body: unknown): Promise<Response> {
    // Only revision 2025-03-26 has them: a hundred calls in one request are more than any limit allows for.
    if (Array.isArray(body)) return refusal(400, 'Send each message in a request of its own.');
    let failure: Error | undefined;
    const handler = createMcpHandler(() => this.#serverFor(caller), {
      onerror: (error) => {
        failure = error;
        this.#logger.debug({ error }, 'MCP refused or failed');
      },
    });
    const response = await handler.fetch(request, { parsedBody: body });
    // What nobody foresaw is answered and logged like anywhere else.
    if (response.status >= 500) throw failure ?? new Error('The MCP server failed.');
    return response;
  }

  /** What a client is answered where nobody can be told apart: tools give the apology, everything else is as usual. */
  async apologize(answer: ToolAnswer, request: Request, body: unknown): Promise<Response> {
    const handler = createMcpHandler(() => {
      const mcp = new McpServer(SERVER, { instructions: INSTRUCTIONS });
      mcp.server.registerCapabilities({ tools: {} });
      mcp.server.setRequestHandler('tools/list', () => {
        throw new ProtocolError(ProtocolErrorCode.InternalError, answer.say);
      });
      mcp.server.setRequestHandler('tools/call', () => mcpResult(answer));
      return mcp;
    });
    return handler.fetch(request, { parsedBody: body });
  }

  #serverFor({ tenant, author, ...options }: McpCaller): McpServer {
    const mcp = new McpServer(SERVER, { instructions: INSTRUCTIONS });
    const { server } = mcp;
    server.registerCapabilities({ tools: {} });
    // Not through `registerTool`, which checks arguments before our own reading of them has corrected what it can.
    server.setRequestHandler('tools/list', async () => ({ tools: await this.#list(tenant, options.scope) }));
    server.setRequestHandler('tools/call', async ({ params }) => {
      const tool = this.registry.find(params.name)?.specification.name;
      if (tool === undefined) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no tool of that name.');
      }
      return mcpResult(await this.runner.run(tenant, author, { tool, body: params.arguments, ...options }));
    });
    return mcp;
  }

  async #list(tenant: TenantId, scope: AgentScope): Promise<Tool[]> {
    try {
      const tools = await Deadline.in(LONGEST_LIST_MS).race(this.offered.list(tenant, scope));
      if (tools === undefined) throw new Error('Listing the tools takes too long.');
      return tools.map(mcpTool);
    } catch (error) {
      // The SDK would tell the client what was thrown.
      this.#logger.error({ error }, 'The tools could not be listed');
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'The tools cannot be listed at the moment.');
    }
  }
}
