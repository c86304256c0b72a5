import { Controller, Delete, Get, HttpCode, Param, Query, Res } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { TenantId } from '../platform/database/tenant-id.js';
import { RateLimited } from '../platform/http/rate-limits.js';
import { Authenticated, Public } from '../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../tenant/current-tenant.decorator.js';
import { CalendarConnector, type CallbackParameters } from './calendar-connector.js';
import { CalendarStatusService } from './calendar-status.service.js';
import { CalendarStore } from './calendar-store.js';
import { answerConnecting } from './connect-answer.js';
import { CalendarListService } from './calendar-list.service.js';
import { AuthUrlDto, AuthUrlQueryDto, CalendarStatusDto } from './tenant-calendar.dto.js';
import { ChoosableCalendarDto } from './calendar-list.dto.js';

/** Longer than anything Google sends. */
const LONGEST_PARAMETER = 4096;

@ApiTags('Calendar')
@Controller('api/tenant-calendar')
export class TenantCalendarController {
  constructor(
    private readonly connector: CalendarConnector,
    private readonly status: CalendarStatusService,
    private readonly store: CalendarStore,
    private readonly calendars: CalendarListService,
  ) {}

  @Get('auth-url')
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Start connecting a Google Calendar',
    description:
      'Send the owner’s browser to `authUrl`. An account that is not among those that are connected takes their place or, ' +
      'with `add=true`, comes beside them. The own calendar of the first account counts for resources that have chosen none.',
  })
  @ApiOkResponse({ type: AuthUrlDto })
  authUrl(
    @CurrentTenant() tenant: TenantId,
    @Query() { returnTo, add }: AuthUrlQueryDto,
  ): Promise<AuthUrlDto> {
    return this.connector.begin(tenant, { returnTo, addsAccount: add === 'true' });
  }

  @Get('callback')
  @RateLimited({ perMinute: 60 })
  @Public()
  @ApiOperation({
    summary: 'End connecting a Google Calendar',
    description:
      'Google sends the owner’s browser here. Answers with a small page, or sends the browser on to `returnTo` with ' +
      '`calendar=connected`, or with `calendar=error` and `reason`: `access_denied`, `invalid_state`, `expired_state`, ' +
      '`missing_scope`, `code_rejected`, `identity_unverified`, `no_refresh_token`, `calendar_refused`, ' +
      '`google_unavailable` or `service_unavailable`.',
  })
  @ApiQuery({
    name: 'state',
    required: false,
    example: 'fA08Lj8LTyqaUw2PnxxvEA.Zk9…',
    description: 'As sent to Google.',
  })
  @ApiQuery({
    name: 'code',
    required: false,
    example: '4/0AeanS…',
    description: 'Google’s authorization code.',
  })
  @ApiQuery({
    name: 'error',
    required: false,
    example: 'access_denied',
    description: 'Why there is no code.',
  })
  @ApiResponse({
    status: 200,
    description: 'Connected.',
    content: htmlExample('Calendar connected – office@acme.example'),
  })
  @ApiResponse({ status: 302, description: 'On to `returnTo`.' })
  @ApiResponse({
    status: 400,
    description: 'Not connected.',
    content: htmlExample('The calendar was not connected'),
  })
  @ApiResponse({
    status: 503,
    description: 'Not connected: Google is down.',
    content: htmlExample('The calendar was not connected'),
  })
  async callback(
    @Query() query: Record<string, unknown>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return answerConnecting(await this.connector.finish(callbackParameters(query)), reply);
  }

  @Get('status')
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Show the connected accounts',
    description: 'Whether there are any, whose, and whether an owner has to connect again.',
  })
  @ApiOkResponse({ type: CalendarStatusDto })
  getStatus(@CurrentTenant() tenant: TenantId): Promise<CalendarStatusDto> {
    return this.status.get(tenant);
  }

  @Get('calendars')
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'List the calendars that resources can choose',
    description:
      'All calendars of all connected accounts, the default one first, as Google has them now. Where an account cannot be ' +
      'asked in time, its calendars are those that were last known, and `state` says so.',
  })
  @ApiOkResponse({ type: [ChoosableCalendarDto] })
  listCalendars(@CurrentTenant() tenant: TenantId): Promise<ChoosableCalendarDto[]> {
    return this.calendars.list(tenant);
  }

  @Delete('accounts/:id')
  @HttpCode(204)
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Disconnect one account',
    description:
      'As disconnecting all of them, for one. Resources whose chosen calendars were all in it use the default again; where ' +
      'that was in it, the account that was connected first of those that are left becomes the default. The events of ' +
      'bookings to come are written there.',
  })
  @ApiParam({ name: 'id', format: 'uuid', description: 'The account, as the status names it.' })
  @ApiNoContentResponse({ description: 'The account is not connected any more.' })
  disconnectAccount(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<void> {
    return this.store.disconnectAccount(tenant, id);
  }

  @Delete('disconnect')
  @HttpCode(204)
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Disconnect all accounts',
    description:
      'Ends the access at Google, at once or as soon as Google can be reached, and deletes the tokens, the addresses and what ' +
      'was read of the calendars. Bookings stay, and so do their events in Google. Can be repeated.',
  })
  @ApiNoContentResponse({ description: 'No account is connected.' })
  disconnect(@CurrentTenant() tenant: TenantId): Promise<void> {
    return this.store.disconnect(tenant);
  }
}

/** Google may send more than is known today, so nothing is refused here; what is not a plain text is as if it were not there. */
function callbackParameters(query: Record<string, unknown>): CallbackParameters {
  const textOf = (name: string): string | undefined => {
    const value = query[name];
    return typeof value === 'string' && value !== '' && value.length <= LONGEST_PARAMETER ? value : undefined;
  };
  return { state: textOf('state'), code: textOf('code'), error: textOf('error') };
}

function htmlExample(title: string) {
  return {
    'text/html': { schema: { type: 'string' as const }, example: `<!doctype html>…<h1>${title}</h1>…` },
  };
}
