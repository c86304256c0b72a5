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
import { CreateServiceDto, ServiceDto, ServicePageDto, UpdateServiceDto } from './service.dto.js';
import { ServiceCatalog } from './service-catalog.js';

const NO_SUCH_RESOURCE = {
  content: {
    'application/problem+json': {
      example: {
        code: 'not_found',
        detail: 'There is no such resource.',
        errors: [{ field: 'resourceIds[0]', message: 'there is no such resource' }],
      },
    },
  },
};

@ApiTags('Services')
@Authenticated({ scopes: ['dashboard'] })
@Controller('api/services')
export class ServicesController {
  constructor(private readonly catalog: ServiceCatalog) {}

  @Post()
  @ApiOperation({
    summary: 'Add a service',
    description: 'Only `name` and `durationMinutes` are needed. A tenant has at most 200.',
  })
  @ApiBody({
    type: CreateServiceDto,
    examples: {
      short: { summary: 'What is needed', value: { name: 'Consultation', durationMinutes: 30 } },
      full: {
        summary: 'With rules of its own',
        value: {
          ...{ name: 'Check-up', durationMinutes: 45, slotStepMinutes: 15, bufferAfterMinutes: 15 },
          ...{ minNoticeMinutes: 120, maxAdvanceDays: 90, maxPerDay: 8 },
          description: 'Routine examination and cleaning, for patients who have been here before.',
        },
      },
    },
  })
  @ApiCreatedResponse({ type: ServiceDto })
  @ApiNotFoundResponse(NO_SUCH_RESOURCE)
  @ApiUnprocessableEntityResponse({
    content: {
      'application/problem+json': {
        example: { code: 'limit_reached', detail: 'There can be at most 200 services.' },
      },
    },
  })
  async add(@CurrentTenant() tenant: TenantId, @Body() body: CreateServiceDto): Promise<ServiceDto> {
    return this.catalog.add(tenant, body);
  }

  @Get()
  @ApiOperation({
    summary: 'List services',
    description: 'Oldest first, page by page; those not active as well.',
  })
  @ApiOkResponse({ type: ServicePageDto })
  async list(@CurrentTenant() tenant: TenantId, @Query() query: PageQueryDto): Promise<ServicePageDto> {
    return this.catalog.list(tenant, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a service' })
  @ApiOkResponse({ type: ServiceDto })
  async get(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<ServiceDto> {
    return this.catalog.get(tenant, id);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change a service',
    description:
      'Fields left out stay as they are; null takes `maxPerDay` and `description` away. Bookings that were made keep their ' +
      'times, and block as long as they did when they were made.',
  })
  @ApiBody({
    type: UpdateServiceDto,
    examples: {
      rules: { summary: 'Other rules', value: { bufferAfterMinutes: 10, maxPerDay: null } },
      pause: { summary: 'Not offered for now', value: { active: false } },
    },
  })
  @ApiOkResponse({ type: ServiceDto })
  async change(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Body() body: UpdateServiceDto,
  ): Promise<ServiceDto> {
    return this.catalog.change(tenant, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a service',
    description:
      'It is offered and listed no more. Its bookings stay as they are, those to come as well: cancel them one by one if ' +
      'they should not take place.',
  })
  @ApiNoContentResponse({ description: 'It is deleted.' })
  async remove(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<void> {
    await this.catalog.remove(tenant, id);
  }
}
