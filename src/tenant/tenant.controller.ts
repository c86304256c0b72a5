import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { TenantId } from '../platform/database/tenant-id.js';
import { AdminOnly } from './authenticated.decorator.js';
import { TenantIdPipe } from './tenant-id.pipe.js';
import { CreateTenantDto, ListTenantsDto, TenantDto, TenantPageDto, UpdateTenantDto } from './tenant.dto.js';
import { TenantService } from './tenant.service.js';

const TENANT_ID = {
  name: 'id',
  schema: { type: 'string', format: 'uuid' },
  description: 'Of the tenant.',
} as const;

@ApiTags('Administration')
@AdminOnly()
@Controller('api/admin/tenants')
export class TenantController {
  constructor(private readonly tenants: TenantService) {}

  @Post()
  @ApiOperation({
    summary: 'Make a tenant',
    description:
      'The tenant begins with one resource, one service of 60 minutes, and working hours Monday–Friday 09:00–17:00.',
  })
  @ApiCreatedResponse({ type: TenantDto })
  create(@Body() body: CreateTenantDto): Promise<TenantDto> {
    return this.tenants.create(body);
  }

  @Get()
  @ApiOperation({ summary: 'List tenants', description: 'Oldest first, a page at a time.' })
  @ApiOkResponse({ type: TenantPageDto })
  list(@Query() { cursor, limit = 50 }: ListTenantsDto): Promise<TenantPageDto> {
    return this.tenants.list({ cursor, limit });
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a tenant', description: 'With its zone, language and calendar policy.' })
  @ApiParam(TENANT_ID)
  @ApiOkResponse({ type: TenantDto })
  get(@Param('id', TenantIdPipe) tenant: TenantId): Promise<TenantDto> {
    return this.tenants.get(tenant);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change a tenant',
    description:
      'Fields left out stay as they are. A new zone moves working hours, which are wall times; bookings already made stay ' +
      'at their instants.',
  })
  @ApiParam(TENANT_ID)
  @ApiOkResponse({ type: TenantDto })
  change(@Param('id', TenantIdPipe) tenant: TenantId, @Body() body: UpdateTenantDto): Promise<TenantDto> {
    return this.tenants.change(tenant, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a tenant',
    description:
      'Deletes everything that is the tenant’s: bookings, keys, calendar connections. Access to Google is revoked first. ' +
      'Events already in its Google Calendar stay. Cannot be undone.',
  })
  @ApiParam(TENANT_ID)
  @ApiNoContentResponse({ description: 'The tenant is gone, and its keys no longer work.' })
  delete(@Param('id', TenantIdPipe) tenant: TenantId): Promise<void> {
    return this.tenants.delete(tenant);
  }
}
