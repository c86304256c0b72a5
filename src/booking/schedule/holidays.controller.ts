import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import { HolidaysDto } from './holidays.dto.js';
import { HolidaysService } from './holidays.service.js';
import { TakesHours } from './takes-hours.decorator.js';

@ApiTags('Working hours')
@Authenticated({ scopes: ['dashboard'] })
@Controller('api/holidays')
export class HolidaysController {
  constructor(private readonly holidays: HolidaysService) {}

  @Get()
  @ApiOperation({ summary: 'Get the holidays', description: 'All of them, in the order of their dates.' })
  @ApiOkResponse({ type: HolidaysDto })
  async list(@CurrentTenant() tenant: TenantId): Promise<HolidaysDto> {
    return { holidays: await this.holidays.list(tenant) };
  }

  @Put()
  @TakesHours()
  @ApiOperation({
    summary: 'Set the holidays',
    description:
      'Replaces all of them. No hours begin on a holiday, those of resources with hours of their own included, unless an ' +
      'override of the hours that apply gives that date its hours. What runs over from the evening before still does. Bookings ' +
      'that were made stay as they are.',
  })
  @ApiOkResponse({ type: HolidaysDto })
  async replace(@CurrentTenant() tenant: TenantId, @Body() { holidays }: HolidaysDto): Promise<HolidaysDto> {
    return { holidays: await this.holidays.replace(tenant, holidays) };
  }
}
