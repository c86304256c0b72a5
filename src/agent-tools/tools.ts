import type { Type } from '@nestjs/common';
import type { AgentTool, ToolSpecification } from './agent-tool.js';
import { CHECK_AVAILABILITY, CheckAvailabilityTool } from './tools/check-availability.tool.js';
import { CREATE_BOOKING, CreateBookingTool } from './tools/create-booking.tool.js';

/** Every tool there is. Another one is another file and a line in each of these two. */
export const TOOLS: readonly Type<AgentTool>[] = [CheckAvailabilityTool, CreateBookingTool];

/** What is told of them, for the documentation: known before any of them is made. */
export const TOOL_SPECIFICATIONS: readonly ToolSpecification[] = [CHECK_AVAILABILITY, CREATE_BOOKING];
