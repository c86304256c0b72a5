import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import { AvailabilityDto, AvailabilityQueryDto } from './availability.dto.js';
import { AvailabilityService } from './availability.service.js';

@ApiTags('Availability')
@Controller('api/availability')
export class AvailabilityController {
  constructor(private readonly availability: AvailabilityService) {}

  @Get()
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({
    summary: 'Find free slots',
    description:
      'From the working hours, the bookings and holds, and the busy times of the connected calendar. Every slot that is ' +
      'offered can be booked until somebody takes it. In order of their start, a page at a time: where `nextCursor` is not null, ask ' +
      'the same question with it as `cursor` for the rest.',
  })
  @ApiOkResponse({ type: AvailabilityDto })
  async find(
    @CurrentTenant() tenant: TenantId,
    @Query() { cursor, limit, ...query }: AvailabilityQueryDto,
  ): Promise<AvailabilityDto> {
    return this.availability.find(tenant, query, { cursor, limit });
  }
}
