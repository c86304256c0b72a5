import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import {
  AgentConnectionDto,
  AgentConnectionListDto,
  CreateAgentConnectionDto,
  NewAgentConnectionDto,
  RotateAgentConnectionDto,
  UpdateAgentConnectionDto,
} from './agent-connection.dto.js';
import { AgentConnectionsService } from './agent-connections.service.js';

@ApiTags('Agent connections')
@Authenticated({ scopes: ['dashboard'] })
@Controller('api/agent-connections')
export class AgentConnectionsController {
  constructor(private readonly connections: AgentConnectionsService) {}

  @Post()
  @ApiOperation({
    summary: 'Connect a voice platform',
    description:
      'Makes a credential for one platform: it may use the agent tools, and nothing else. The answer has the address to paste ' +
      'into the platform and the secret, shown this once; `GET /api/agent-tools/definitions` has the tools to paste.',
  })
  @ApiBody({
    type: CreateAgentConnectionDto,
    examples: {
      vapi: { summary: 'Vapi', value: { platform: 'vapi', name: 'Front desk' } },
      scoped: {
        summary: 'In Spanish',
        value: { platform: 'vapi', name: 'Recepción', locale: 'es-MX' },
      },
    },
  })
  @ApiCreatedResponse({ type: NewAgentConnectionDto })
  async create(
    @CurrentTenant() tenant: TenantId,
    @Body() { secret, webhookSecret, locale = null, ...body }: CreateAgentConnectionDto,
  ): Promise<NewAgentConnectionDto> {
    const { platform, name, serviceIds = [], resourceIds = [] } = body;
    const wish = { platform, name, serviceIds, resourceIds, locale };
    return this.connections.create(tenant, wish, { secret, webhookSecret });
  }

  @Get()
  @ApiOperation({
    summary: 'List agent connections',
    description: 'With when each was last used; never the secrets.',
  })
  @ApiOkResponse({ type: AgentConnectionListDto })
  async list(@CurrentTenant() tenant: TenantId): Promise<AgentConnectionListDto> {
    return { items: await this.connections.list(tenant) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get an agent connection' })
  @ApiOkResponse({ type: AgentConnectionDto })
  async get(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<AgentConnectionDto> {
    return this.connections.get(tenant, id);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change an agent connection',
    description:
      'Fields left out stay as they are. At once on the instance that answers, within five seconds on others.',
  })
  @ApiOkResponse({ type: AgentConnectionDto })
  async change(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Body() body: UpdateAgentConnectionDto,
  ): Promise<AgentConnectionDto> {
    return this.connections.change(tenant, id, body);
  }

  @Post(':id/rotate')
  @ApiOperation({
    summary: 'Give an agent connection a new secret',
    description:
      'The present one works on for `keepPreviousSeconds`, so that the platform can be changed over meanwhile.',
  })
  @ApiBody({
    type: RotateAgentConnectionDto,
    required: false,
    examples: {
      smoothly: { summary: 'With an hour to change over', value: {} },
      atOnce: { summary: 'The present one has become known', value: { keepPreviousSeconds: 0 } },
    },
  })
  @ApiCreatedResponse({ type: NewAgentConnectionDto })
  async rotate(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Body() { keepPreviousSeconds = 3600, ...given }: RotateAgentConnectionDto = {},
  ): Promise<NewAgentConnectionDto> {
    return this.connections.rotate(tenant, id, { ...given, keepPreviousSeconds });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete an agent connection',
    description:
      'The platform is let in no more: at once on the instance that answers, within five seconds on every other. Bookings ' +
      'that were made through it stay.',
  })
  @ApiNoContentResponse({ description: 'It is deleted.' })
  async delete(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<void> {
    await this.connections.delete(tenant, id);
  }
}
