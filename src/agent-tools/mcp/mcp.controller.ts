import { Controller, Delete, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Author } from '../../booking/author.js';
import { CurrentAuthor } from '../../booking/current-author.decorator.js';
import { distinctHeaders } from '../../platform/http/distinct-headers.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import type { Caller } from '../../tenant/caller.js';
import { CurrentCaller } from '../../tenant/current-tenant.decorator.js';
import { confinesOf } from '../agent-scope.js';
import { callInHeaders, toolCallInHeaders } from '../call/reported-call.js';
import { McpEndpoint } from './mcp-endpoint.js';
import { McpOriginGuard } from './mcp-origin.guard.js';
import { ApiMcp } from './mcp.openapi.js';
import { refusal, sendWebResponse, webRequest } from './web-exchange.js';

/** The tools over the Model Context Protocol, for platforms and models that speak it. */
@ApiTags('Agent tools')
@Controller('mcp')
@Authenticated({ scopes: ['agent'], connections: true })
@UseGuards(McpOriginGuard)
export class McpController {
  constructor(private readonly endpoint: McpEndpoint) {}

  @Post()
  @ApiMcp()
  async post(
    @CurrentCaller() caller: Caller,
    @CurrentAuthor() author: Author,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { tenant } = caller;
    const headers = distinctHeaders(request.raw);
    const [voiceCall, toolCallId] = [callInHeaders({ headers }), toolCallInHeaders({ headers })];
    const asked = { tenant, author, voiceCall, toolCallId, ...confinesOf(caller) };
    const response = await this.endpoint.answer(asked, webRequest(request), request.body);
    await sendWebResponse(response, reply);
  }

  /** Older revisions listen here for what a server says by itself; there is nothing. */
  @Get()
  @ApiExcludeEndpoint()
  async get(@Res() reply: FastifyReply): Promise<void> {
    await sendWebResponse(refusal(405, 'This server sends nothing by itself: use POST.'), reply);
  }

  /** Older revisions end their session here; there is none. */
  @Delete()
  @ApiExcludeEndpoint()
  async delete(@Res() reply: FastifyReply): Promise<void> {
    await sendWebResponse(refusal(405, 'There are no sessions: use POST.'), reply);
  }
}
