import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Authenticated } from '../../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../../tenant/current-tenant.decorator.js';
import type { Author } from '../author.js';
import { CurrentAuthor } from '../current-author.decorator.js';
import { ApiRefusals } from '../refusals.openapi.js';
import { ConflictDto, ConflictListQueryDto, ConflictPageDto, ResolveConflictDto } from './conflict.dto.js';
import { ConflictsService } from './conflicts.service.js';

@ApiTags('Conflicts')
@Controller('api/conflicts')
@Authenticated({ scopes: ['dashboard'] })
export class ConflictsController {
  constructor(private readonly conflicts: ConflictsService) {}

  @Get()
  @ApiOperation({
    summary: 'List conflicts between bookings and the connected calendars',
    description:
      'What the owner did in Google Calendar counts: a booking whose event is moved moves with it, one whose event is deleted is ' +
      'cancelled. What could not be followed is here, and so is an event of the owner’s over a booking.',
  })
  @ApiOkResponse({ type: ConflictPageDto })
  list(@CurrentTenant() tenant: TenantId, @Query() query: ConflictListQueryDto): Promise<ConflictPageDto> {
    return this.conflicts.list(tenant, query);
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Decide a conflict',
    description: 'With one of its `actions`. Deciding the same again changes nothing.',
  })
  @ApiOkResponse({ type: ConflictDto })
  @ApiRefusals('slot_taken', 'conflict', 'booking_not_changeable')
  resolve(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @Param('id') id: string,
    @Body() { action }: ResolveConflictDto,
  ): Promise<ConflictDto> {
    return this.conflicts.resolve(tenant, id, action, author);
  }
}
