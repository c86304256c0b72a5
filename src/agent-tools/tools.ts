import type { Type } from '@nestjs/common';
import type { AgentTool, ToolSpecification } from './agent-tool.js';
import { CANCEL_BOOKING, CancelBookingTool } from './tools/cancel-booking.tool.js';
import { CHECK_AVAILABILITY, CheckAvailabilityTool } from './tools/check-availability.tool.js';
import { CREATE_BOOKING, CreateBookingTool } from './tools/create-booking.tool.js';
import { FIND_BOOKING, FindBookingTool } from './tools/find-booking.tool.js';
import { GET_BUSINESS_INFO, GetBusinessInfoTool } from './tools/get-business-info.tool.js';
import { HOLD_SLOT, HoldSlotTool } from './tools/hold-slot.tool.js';
import { LIST_SERVICES, ListServicesTool } from './tools/list-services.tool.js';
import { RESCHEDULE_BOOKING, RescheduleBookingTool } from './tools/reschedule-booking.tool.js';

/** Every tool there is. Another one is another file and a line in each of these two. */
export const TOOLS: readonly Type<AgentTool>[] = [
  CheckAvailabilityTool,
  CreateBookingTool,
  HoldSlotTool,
  FindBookingTool,
  RescheduleBookingTool,
  CancelBookingTool,
  ListServicesTool,
  GetBusinessInfoTool,
];

/** What is told of them, for the documentation: known before any of them is made. */
export const TOOL_SPECIFICATIONS: readonly ToolSpecification[] = [
  CHECK_AVAILABILITY,
  CREATE_BOOKING,
  HOLD_SLOT,
  FIND_BOOKING,
  RESCHEDULE_BOOKING,
  CANCEL_BOOKING,
  LIST_SERVICES,
  GET_BUSINESS_INFO,
];
