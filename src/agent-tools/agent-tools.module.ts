import { Module } from '@nestjs/common';
import { BookingModule } from '../booking/booking.module.js';
import { TenantModule } from '../tenant/tenant.module.js';
import type { AgentTool } from './agent-tool.js';
import { Apologies } from './apologies.js';
import { AgentToolsController } from './agent-tools.controller.js';
import { AskedBookingReader } from './asked/asked-booking.js';
import { AskedHoldReader } from './asked/asked-hold.js';
import { AskedSlotReader } from './asked/asked-slot.js';
import { Bookables } from './asked/bookables.js';
import { AgentConnectionsController } from './connections/agent-connections.controller.js';
import { AgentConnectionsService } from './connections/agent-connections.service.js';
import { McpController } from './mcp/mcp.controller.js';
import { McpEndpoint } from './mcp/mcp-endpoint.js';
import { FirstAnswers } from './first-answers.js';
import { OfferedTools } from './offered-tools.js';
import { OpeningFinder } from './asked/openings.js';
import { CallStart } from './platforms/call-start.js';
import { VoiceController } from './platforms/voice.controller.js';
import { VoiceEvents } from './platforms/voice-events.js';
import { ToolDefinitions } from './tool-definitions.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { TOOLS } from './tools.js';
import { WantedTimes } from './asked/wanted-times.js';

@Module({
  imports: [TenantModule, BookingModule],
  controllers: [AgentToolsController, AgentConnectionsController, VoiceController, McpController],
  providers: [
    AgentConnectionsService,
    Apologies,
    CallStart,
    VoiceEvents,
    AskedBookingReader,
    AskedHoldReader,
    AskedSlotReader,
    Bookables,
    FirstAnswers,
    McpEndpoint,
    OfferedTools,
    OpeningFinder,
    ToolDefinitions,
    ToolRunner,
    WantedTimes,
    ...TOOLS,
    {
      provide: ToolRegistry,
      inject: [...TOOLS],
      useFactory: (...tools: AgentTool[]) => new ToolRegistry(tools),
    },
  ],
})
export class AgentToolsModule {}
