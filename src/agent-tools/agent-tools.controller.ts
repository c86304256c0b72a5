import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Author } from '../booking/author.js';
import { CurrentAuthor } from '../booking/current-author.decorator.js';
import { Settings } from '../platform/config/settings.js';
import { TakesAnyBody } from '../platform/http/json-body.js';
import { Authenticated } from '../tenant/authenticated.decorator.js';
import type { Caller } from '../tenant/caller.js';
import { CurrentCaller } from '../tenant/current-tenant.decorator.js';
import { confinesOf } from './agent-scope.js';
import { DefinitionsDto, DefinitionsQueryDto } from './agent-tools.dto.js';
import { ApiTools } from './agent-tools.openapi.js';
import { toolDefinitions } from './tool-definitions.js';
import { ToolRegistry } from './tool-registry.js';
import { RequestedTool, type RequestedToolCall } from './tool-request.decorator.js';
import { type ToolAnswer, ToolRunner } from './tool-runner.js';

@ApiTags('Agent tools')
@Controller('api/agent-tools')
@Authenticated({ scopes: ['agent'] })
export class AgentToolsController {
  constructor(
    private readonly runner: ToolRunner,
    private readonly registry: ToolRegistry,
    private readonly settings: Settings,
  ) {}

  @Get('definitions')
  @ApiOperation({
    summary: 'Tool definitions',
    description: 'Ready to be given to a model or pasted into a voice platform.',
  })
  @ApiOkResponse({ type: DefinitionsDto })
  definitions(@Query() { format }: DefinitionsQueryDto): DefinitionsDto {
    const specifications = this.registry.all.map(({ specification }) => specification);
    return { format, tools: toolDefinitions(format, specifications, this.settings.publicUrl) };
  }

  @Post(':tool')
  @HttpCode(200)
  @TakesAnyBody()
  @ApiTools()
  async call(
    @CurrentCaller() caller: Caller,
    @CurrentAuthor() author: Author,
    @RequestedTool() { tool, body, voiceCall }: RequestedToolCall,
  ): Promise<ToolAnswer> {
    return this.runner.run(caller.tenant, author, { tool, body, voiceCall, ...confinesOf(caller) });
  }
}
