import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import { PageQueryDto } from './page-query.dto.js';
import { CreateResourceDto, ResourceDto, ResourcePageDto, UpdateResourceDto } from './resource.dto.js';
import { ResourcesService } from './resources.service.js';
import { TakesHours } from './takes-hours.decorator.js';

@ApiTags('Resources')
@Authenticated({ scopes: ['dashboard'] })
@Controller('api/resources')
export class ResourcesController {
  constructor(private readonly resources: ResourcesService) {}

  @Post()
  @TakesHours()
  @ApiOperation({
    summary: 'Add a resource',
    description:
      'Somebody or something that is booked: staff, a room. It gives the services that name it in `resourceIds`, and none ' +
      'until then. A tenant has at most 200.',
  })
  @ApiBody({
    type: CreateResourceDto,
    examples: {
      short: { summary: 'With the tenant’s zone, hours and calendar', value: { name: 'Dr. Reyes' } },
      own: {
        summary: 'With a zone and hours of its own',
        value: {
          name: 'Dr. Okafor',
          timezone: 'America/Chicago',
          workingHours: {
            weekly: [
              { day: 1, start: '08:00', end: '12:00' },
              { day: 1, start: '13:00', end: '16:00' },
              { day: 5, start: '20:00', end: '02:00' },
            ],
            overrides: [{ date: '2027-01-20', intervals: [] }],
          },
        },
      },
    },
  })
  @ApiCreatedResponse({ type: ResourceDto })
  @ApiNotFoundResponse({
    content: {
      'application/problem+json': {
        example: {
          code: 'not_found',
          detail: 'There is no such calendar.',
          errors: [{ field: 'calendars.read[0]', message: 'is not one of the calendars that can be chosen' }],
        },
      },
    },
  })
  @ApiUnprocessableEntityResponse({
    content: {
      'application/problem+json': {
        example: { code: 'limit_reached', detail: 'There can be at most 200 resources.' },
      },
    },
  })
  async add(@CurrentTenant() tenant: TenantId, @Body() body: CreateResourceDto): Promise<ResourceDto> {
    return this.resources.add(tenant, body);
  }

  @Get()
  @ApiOperation({
    summary: 'List resources',
    description: 'Oldest first, page by page; those not active as well.',
  })
  @ApiOkResponse({ type: ResourcePageDto })
  async list(@CurrentTenant() tenant: TenantId, @Query() query: PageQueryDto): Promise<ResourcePageDto> {
    return this.resources.list(tenant, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a resource' })
  @ApiOkResponse({ type: ResourceDto })
  async get(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<ResourceDto> {
    return this.resources.get(tenant, id);
  }

  @Patch(':id')
  @TakesHours()
  @ApiOperation({
    summary: 'Change a resource',
    description:
      'Fields left out stay as they are; null for `timezone`, `workingHours` and `calendars` goes back to the tenant’s. ' +
      'Bookings that were made stay at their times, and in the calendar they were written to.',
  })
  @ApiBody({
    type: UpdateResourceDto,
    examples: {
      hours: {
        summary: 'Other hours',
        value: { workingHours: { weekly: [{ day: 2, start: '10:00', end: '18:00' }], overrides: [] } },
      },
      back: { summary: 'The tenant’s hours again', value: { workingHours: null } },
      pause: { summary: 'Not offered for now', value: { active: false } },
    },
  })
  @ApiOkResponse({ type: ResourceDto })
  async change(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Body() body: UpdateResourceDto,
  ): Promise<ResourceDto> {
    return this.resources.change(tenant, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a resource',
    description:
      'It is offered and listed no more, and gives no service. Its bookings stay as they are, those to come as well, and ' +
      'their events stay in the calendar: cancel them one by one if they should not take place.',
  })
  @ApiNoContentResponse({ description: 'It is deleted.' })
  async remove(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<void> {
    await this.resources.remove(tenant, id);
  }
}
