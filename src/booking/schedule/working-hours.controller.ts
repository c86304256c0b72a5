import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import { WorkingHoursDto } from './working-hours.dto.js';
import { WorkingHoursService } from './working-hours.service.js';
import { TakesHours } from './takes-hours.decorator.js';

@ApiTags('Working hours')
@Controller('api/working-hours')
export class WorkingHoursController {
  constructor(private readonly workingHours: WorkingHoursService) {}

  @Get()
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Get the working hours',
    description: 'Monday to Friday, 09:00–17:00, until they are set.',
  })
  @ApiOkResponse({ type: WorkingHoursDto })
  async get(@CurrentTenant() tenant: TenantId): Promise<WorkingHoursDto> {
    return this.workingHours.get(tenant);
  }

  @Put()
  @TakesHours()
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Set the working hours',
    description:
      'Replaces all of them. Wall times in the tenant’s zone. Bookings that were made stay as they are.',
  })
  @ApiOkResponse({ type: WorkingHoursDto })
  async replace(@CurrentTenant() tenant: TenantId, @Body() body: WorkingHoursDto): Promise<WorkingHoursDto> {
    return this.workingHours.replace(tenant, body);
  }
}
