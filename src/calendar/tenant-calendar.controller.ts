import { Controller, Delete, Get, HttpCode, Query, Res } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
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
import { AuthUrlDto, AuthUrlQueryDto, CalendarStatusDto } from './tenant-calendar.dto.js';

/** Longer than anything Google sends. */
const LONGEST_PARAMETER = 4096;

@ApiTags('Calendar')
@Controller('api/tenant-calendar')
export class TenantCalendarController {
  constructor(
    private readonly connector: CalendarConnector,
    private readonly status: CalendarStatusService,
    private readonly store: CalendarStore,
  ) {}

  @Get('auth-url')
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Start connecting a Google Calendar',
    description:
      'Send the owner’s browser to `authUrl`. Connecting another account replaces the one there is.',
  })
  @ApiOkResponse({ type: AuthUrlDto })
  authUrl(@CurrentTenant() tenant: TenantId, @Query() { returnTo }: AuthUrlQueryDto): Promise<AuthUrlDto> {
    return this.connector.begin(tenant, returnTo);
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
    summary: 'Show the connected calendar',
    description: 'Whether there is one, whose, and whether its owner has to connect it again.',
  })
  @ApiOkResponse({ type: CalendarStatusDto })
  getStatus(@CurrentTenant() tenant: TenantId): Promise<CalendarStatusDto> {
    return this.status.get(tenant);
  }

  @Delete('disconnect')
  @HttpCode(204)
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Disconnect the calendar',
    description:
      'Ends the access at Google, at once or as soon as Google can be reached, and deletes the tokens, the address and what ' +
      'was read of the calendar. Bookings stay, and so do their events in Google. Can be repeated.',
  })
  @ApiNoContentResponse({ description: 'No calendar is connected.' })
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
