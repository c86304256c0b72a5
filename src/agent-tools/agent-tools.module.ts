import { Module } from '@nestjs/common';
import { BookingModule } from '../booking/booking.module.js';
import { TenantModule } from '../tenant/tenant.module.js';
import type { AgentTool } from './agent-tool.js';
import { AgentToolsController } from './agent-tools.controller.js';
import { AskedSlotReader } from './asked-slot.js';
import { Bookables } from './bookables.js';
import { McpController } from './mcp/mcp.controller.js';
import { McpEndpoint } from './mcp/mcp-endpoint.js';
import { OfferedTools } from './offered-tools.js';
import { OpeningFinder } from './openings.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { TOOLS } from './tools.js';

@Module({
  imports: [TenantModule, BookingModule],
  controllers: [AgentToolsController, McpController],
  providers: [
    AskedSlotReader,
    Bookables,
    McpEndpoint,
    OfferedTools,
    OpeningFinder,
    ToolRunner,
    ...TOOLS,
    {
      provide: ToolRegistry,
      inject: [...TOOLS],
      useFactory: (...tools: AgentTool[]) => new ToolRegistry(tools),
    },
  ],
})
export class AgentToolsModule {}
