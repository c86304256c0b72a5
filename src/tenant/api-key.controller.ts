import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { TenantId } from '../platform/database/tenant-id.js';
import { ApiKeyDto, ApiKeyListDto, CreateApiKeyDto, CreatedApiKeyDto } from './api-key.dto.js';
import { ApiKeyService } from './api-key.service.js';
import { AdminOnly } from './authenticated.decorator.js';
import { TenantIdPipe } from './tenant-id.pipe.js';

@ApiTags('Administration')
@ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' }, description: 'Of the tenant.' })
@AdminOnly()
@Controller('api/admin/tenants/:id/api-keys')
export class ApiKeyController {
  constructor(private readonly keys: ApiKeyService) {}

  @Post()
  @ApiOperation({
    summary: 'Make an API key',
    description: 'The answer shows the key, once: only its hash is kept. A tenant has at most 100 keys.',
  })
  @ApiCreatedResponse({ type: CreatedApiKeyDto })
  @ApiConflictResponse({
    description: 'The tenant has as many keys as it may.',
    content: { 'application/problem+json': { example: { code: 'conflict' } } },
  })
  create(
    @Param('id', TenantIdPipe) tenant: TenantId,
    @Body() body: CreateApiKeyDto,
  ): Promise<CreatedApiKeyDto> {
    return this.keys.create(tenant, body);
  }

  @Get()
  @ApiOperation({
    summary: 'List API keys',
    description: 'With what each may do and when it was last used; never the keys.',
  })
  @ApiOkResponse({ type: ApiKeyListDto })
  async list(@Param('id', TenantIdPipe) tenant: TenantId): Promise<ApiKeyListDto> {
    const items: ApiKeyDto[] = await this.keys.list(tenant);
    return { items };
  }

  @Delete(':keyId')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Revoke an API key',
    description:
      'At once on the instance that answers, within five seconds on every other. Cannot be undone.',
  })
  @ApiParam({ name: 'keyId', schema: { type: 'string', format: 'uuid' }, description: 'Of the key.' })
  @ApiNoContentResponse({ description: 'The key no longer works.' })
  revoke(@Param('id', TenantIdPipe) tenant: TenantId, @Param('keyId') keyId: string): Promise<void> {
    return this.keys.revoke(tenant, keyId);
  }
}
