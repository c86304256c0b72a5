import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import { CreateTimeOffDto, TimeOffDto, TimeOffListQueryDto, TimeOffPageDto } from './time-off.dto.js';
import { TimeOffService } from './time-off.service.js';

@ApiTags('Resources')
@Authenticated({ scopes: ['dashboard'] })
@Controller('api/resources/:id/time-off')
export class TimeOffController {
  constructor(private readonly timeOff: TimeOffService) {}

  @Post()
  @ApiOperation({
    summary: 'Take time off',
    description:
      'By instants, or by local dates of the resource, `toDate` included; 731 days at most. Appointments are kept clear of it; ' +
      'buffers may lie in it. It is kept as instants: a later change of zone does not move it. Bookings that were made stay ' +
      'as they are. A resource has at most 1,000 entries.',
  })
  @ApiBody({
    type: CreateTimeOffDto,
    examples: {
      dates: {
        summary: 'Whole days',
        value: { fromDate: '2027-01-20', toDate: '2027-01-22', reason: 'Vacation' },
      },
      instants: {
        summary: 'A part of a day',
        value: { startsAt: '2027-01-20T12:00:00-05:00', endsAt: '2027-01-20T15:30:00-05:00' },
      },
    },
  })
  @ApiCreatedResponse({ type: TimeOffDto })
  @ApiUnprocessableEntityResponse({
    content: {
      'application/problem+json': {
        example: {
          code: 'limit_reached',
          detail: 'There can be at most 1000 entries of time off for a resource.',
        },
      },
    },
  })
  async add(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Body() body: CreateTimeOffDto,
  ): Promise<TimeOffDto> {
    return this.timeOff.add(tenant, id, body);
  }

  @Get()
  @ApiOperation({
    summary: 'List time off',
    description: 'What is not over, unless `from` says otherwise, in the order of its start, page by page.',
  })
  @ApiOkResponse({ type: TimeOffPageDto })
  async list(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Query() query: TimeOffListQueryDto,
  ): Promise<TimeOffPageDto> {
    return this.timeOff.list(tenant, id, query);
  }

  @Delete(':timeOffId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete time off', description: 'The resource can be booked again at that time.' })
  @ApiNoContentResponse({ description: 'It is deleted.' })
  async remove(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Param('timeOffId') timeOffId: string,
  ): Promise<void> {
    await this.timeOff.remove(tenant, id, timeOffId);
  }
}
