import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import { BusinessInfoDto, ReplaceBusinessInfoDto } from './business-info.dto.js';
import { BusinessInfoService } from './business-info.service.js';

@ApiTags('Business information')
@Authenticated({ scopes: ['dashboard'] })
@Controller('api/business-info')
export class BusinessInfoController {
  constructor(private readonly info: BusinessInfoService) {}

  @Get()
  @ApiOperation({
    summary: 'Get what callers are told of the organisation',
    description:
      'Name and zone are the tenant’s, hours are the working hours and holidays: these are not repeated here.',
  })
  @ApiOkResponse({ type: BusinessInfoDto })
  async get(@CurrentTenant() tenant: TenantId): Promise<BusinessInfoDto> {
    return this.info.get(tenant);
  }

  @Put()
  @ApiOperation({
    summary: 'Set what callers are told of the organisation',
    description: 'Replaces all of it. The tool `get_business_info` answers with it from the next call on.',
  })
  @ApiOkResponse({ type: BusinessInfoDto })
  async replace(
    @CurrentTenant() tenant: TenantId,
    @Body() { address, phone, email, website, note }: ReplaceBusinessInfoDto,
  ): Promise<BusinessInfoDto> {
    return this.info.replace(tenant, {
      address: address ?? null,
      phone: phone ?? null,
      email: email ?? null,
      website: website ?? null,
      note: note ?? null,
    });
  }
}
