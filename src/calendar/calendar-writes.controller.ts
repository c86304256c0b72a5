import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../platform/database/tenant-id.js';
import { AdminOnly } from '../tenant/authenticated.decorator.js';
import { TenantIdPipe } from '../tenant/tenant-id.pipe.js';
import {
  CalendarWritePageDto,
  CalendarWritesRetriedDto,
  ListCalendarWritesDto,
  RetryCalendarWritesDto,
} from './calendar-writes.dto.js';
import { CalendarWritesService } from './calendar-writes.service.js';

@ApiTags('Administration')
@AdminOnly()
@Controller('api/admin/calendar-writes')
export class CalendarWritesController {
  constructor(private readonly writes: CalendarWritesService) {}

  @Get()
  @ApiOperation({
    summary: 'List events that did not reach their calendar',
    description:
      'Of all tenants, longest waiting first, a page at a time. Names the bookings, never the customers.',
  })
  @ApiOkResponse({ type: CalendarWritePageDto })
  list(
    @Query() { state = 'failed', limit = 50, cursor }: ListCalendarWritesDto,
  ): Promise<CalendarWritePageDto> {
    return this.writes.list({ state, limit, cursor });
  }

  @Post('retry')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Try many events again',
    description:
      'Those that were given up, or that wait, as far as they match: longest waiting first, up to `limit`. `hasMore` says whether to ask again.',
  })
  @ApiAcceptedResponse({ type: CalendarWritesRetriedDto })
  retryAll(
    @Body() { state = 'failed', limit = 500, tenantId, reason }: RetryCalendarWritesDto,
  ): Promise<CalendarWritesRetriedDto> {
    return this.writes.retryAll({ state, limit, tenantId, reason });
  }

  @Post(':tenantId/:bookingId/retry')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Try again to bring an event to its calendar',
    description:
      'For one that was given up, once what was in its way is fixed, or for one that waits too long.',
  })
  @ApiParam({ name: 'tenantId', format: 'uuid', description: 'Whose booking it is.' })
  @ApiParam({ name: 'bookingId', format: 'uuid', description: 'The booking.' })
  @ApiAcceptedResponse({ description: 'It is tried again now.' })
  retry(
    @Param('tenantId', TenantIdPipe) tenant: TenantId,
    @Param('bookingId') bookingId: string,
  ): Promise<void> {
    return this.writes.retry(tenant, bookingId);
  }
}
