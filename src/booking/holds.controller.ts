import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Authenticated } from '../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../tenant/current-tenant.decorator.js';
import type { Author } from './author.js';
import { CurrentAuthor } from './current-author.decorator.js';
import { CreateHoldDto, HoldDto } from './hold.dto.js';
import { HoldsService } from './holds.service.js';
import { ApiIdempotencyKey, IdempotencyKey } from './idempotency-key.decorator.js';
import { ApiRefusals } from './refusals.openapi.js';

@ApiTags('Holds')
@Controller('api/holds')
@Authenticated({ scopes: ['dashboard', 'agent'] })
export class HoldsController {
  constructor(private readonly holds: HoldsService) {}

  @Post()
  @ApiOperation({
    summary: 'Hold a time while the caller decides',
    description:
      'Nobody else gets it until the hold is booked (`POST /api/bookings` with `holdId`), a booking is moved ' +
      'to it (`POST /api/bookings/{id}/reschedule` with `holdId`), it is released, or it runs out. Refused as a booking ' +
      'would be. A credential has at most 20 live holds (`maxHoldsPerKey` of the tenant) and an organisation 100; the next is ' +
      'refused with 429 `rate_limited`, whose `limit` says which it was.',
  })
  @ApiIdempotencyKey('hold')
  @ApiBody({
    type: CreateHoldDto,
    examples: {
      byStart: { summary: 'By start', value: { startsAt: '2027-01-20T15:00:00-05:00', ttlSeconds: 120 } },
      bySlot: {
        summary: 'By a slot that was offered',
        value: { slotId: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ' },
      },
    },
  })
  @ApiCreatedResponse({ type: HoldDto })
  @ApiRefusals(
    'not_found',
    'slot_taken',
    'idempotency_key_reused',
    'outside_availability',
    'calendar_unreadable',
    'unavailable',
  )
  async create(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: CreateHoldDto,
  ): Promise<HoldDto> {
    return this.holds.create(tenant, body, { author, idempotencyKey });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Release a hold',
    description:
      'Its time is free at once. Releasing it again, or after it ran out, changes nothing; one that has been booked or ' +
      'moved to is refused with 409 `conflict`.',
  })
  @ApiNoContentResponse()
  @ApiRefusals('conflict')
  async release(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @Param('id') id: string,
  ): Promise<void> {
    return this.holds.release(tenant, id, author);
  }
}
