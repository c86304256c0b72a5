import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Author } from '../booking/author.js';
import { CurrentAuthor } from '../booking/current-author.decorator.js';
import { TakesAnyBody } from '../platform/http/json-body.js';
import { Authenticated } from '../tenant/authenticated.decorator.js';
import type { Caller } from '../tenant/caller.js';
import { CurrentCaller } from '../tenant/current-tenant.decorator.js';
import { confinesOf } from './agent-scope.js';
import { DefinitionsDto, DefinitionsQueryDto } from './agent-tools.dto.js';
import { ApiTools } from './agent-tools.openapi.js';
import { ApiDefinitions } from './tool-definitions.openapi.js';
import { ToolDefinitions } from './tool-definitions.js';
import { RequestedTool, type RequestedToolCall } from './tool-request.decorator.js';
import { type ToolAnswer, ToolRunner } from './tool-runner.js';

@ApiTags('Agent tools')
@Controller('api/agent-tools')
@Authenticated({ scopes: ['agent'], connections: true })
export class AgentToolsController {
  constructor(
    private readonly runner: ToolRunner,
    private readonly toolDefinitions: ToolDefinitions,
  ) {}

  @Get('definitions')
  @Authenticated({ scopes: ['agent', 'dashboard'], connections: true })
  @ApiDefinitions()
  async definitions(
    @CurrentCaller() caller: Caller,
    @Query() { format, connectionId }: DefinitionsQueryDto,
  ): Promise<DefinitionsDto> {
    return this.toolDefinitions.list(caller, format, connectionId);
  }

  @Post(':tool')
  @HttpCode(200)
  @TakesAnyBody()
  @ApiTools()
  async call(
    @CurrentCaller() caller: Caller,
    @CurrentAuthor() author: Author,
    @RequestedTool() { tool, body, voiceCall, toolCallId }: RequestedToolCall,
  ): Promise<ToolAnswer> {
    return this.runner.run(caller.tenant, author, {
      tool,
      body,
      voiceCall,
      toolCallId,
      ...confinesOf(caller),
    });
  }
}
