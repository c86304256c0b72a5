import { Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiExcludeEndpoint,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../platform/config/settings.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { TakesAnyBody } from '../platform/http/json-body.js';
import { RateLimited } from '../platform/http/rate-limits.js';
import { Authenticated, Public } from '../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../tenant/current-tenant.decorator.js';
import { CalendarConnector, type CallbackParameters } from './calendar-connector.js';
import { CalendarStatusService } from './calendar-status.service.js';
import { CalendarStore } from './calendar-store.js';
import { answerConnecting } from './connect-answer.js';
import { ConnectFailure } from './connect-failure.js';
import { browserOf, type ConnectingBrowser, rememberBrowser } from './connecting-browser.js';
import { CalendarListService } from './calendar-list.service.js';
import { AuthUrlDto, AuthUrlQueryDto, CalendarStatusDto } from './tenant-calendar.dto.js';
import { ChoosableCalendarDto } from './calendar-list.dto.js';

const STATE = 'fA08Lj8LTyqaUw2PnxxvEA.Zk9…';

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
    private readonly settings: Settings,
  ) {}

  @Get('auth-url')
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Start connecting a Google Calendar',
    description:
      'Send the owner’s browser to `authUrl`: it is bound to that browser by a cookie and sends it on to Google. Before anything ' +
      'is stored, the owner is asked whether to connect that account to this organisation. An account that is not among those ' +
      'that are connected takes their place or, with `add=true`, comes beside them. The own calendar of the first account ' +
      'counts for resources that have chosen none.',
  })
  @ApiOkResponse({ type: AuthUrlDto })
  authUrl(
    @CurrentTenant() tenant: TenantId,
    @Query() { returnTo, add }: AuthUrlQueryDto,
  ): Promise<AuthUrlDto> {
    return this.connector.begin(tenant, { returnTo, addsAccount: add === 'true' });
  }

  /**
   * Where `authUrl` leads: gives the browser a cookie by which the callback knows it again, and sends it on to Google. After a refusal the
   * same address begins anew, in the same browser, for an hour.
   */
  @Get('start')
  @RateLimited({ perMinute: 60 })
  @Public()
  @ApiExcludeEndpoint()
  async start(
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    try {
      // Programs that look at links ask for the head only.
      if (request.method === 'HEAD') return '';
      const { state } = callbackParameters(query);
      const { location, newBrowserId } = await this.connector.start(state, this.#browser(request));
      if (newBrowserId !== null) rememberBrowser(reply, newBrowserId, this.#isSecure);
      void reply.status(302).header('location', location).header('cache-control', 'no-store');
      return '';
    } catch (error) {
      if (!(error instanceof ConnectFailure)) throw error;
      return this.#answer({ outcome: error, returnTo: null, retryState: null }, reply);
    }
  }

  @Get('callback')
  @RateLimited({ perMinute: 60 })
  @Public()
  @ApiOperation({
    summary: 'End connecting a Google Calendar',
    description:
      'Google sends the owner’s browser here, and only the one that began is let on. Answers with a page that asks whether to ' +
      'connect the account to the organisation; nothing is stored before the owner has pressed the button there. ' +
      'What is refused is told on a page, from which the owner can try again, or sends the browser on to `returnTo` with ' +
      '`calendar=error` and `reason`: `access_denied`, `declined`, `invalid_state`, `expired_state`, `missing_scope`, ' +
      '`code_rejected`, `identity_unverified`, `no_refresh_token`, `calendar_refused`, `google_unavailable` or ' +
      '`service_unavailable`. Opened again after all is done, it says that the calendar is connected.',
  })
  @ApiQuery({
    name: 'state',
    required: false,
    example: STATE,
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
    description: 'Connect it?',
    content: htmlExample('Connect office@acme.example to Acme Dental?'),
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
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const result = await this.connector.finish(callbackParameters(query), this.#browser(request));
    return this.#answer(result, reply);
  }

  /** The answer to the question on the callback's page. The page that follows may be reloaded. */
  @Post('confirm')
  @RateLimited({ perMinute: 60 })
  @Public()
  @TakesAnyBody()
  @ApiExcludeEndpoint()
  async confirm(
    @Headers('sec-fetch-site') site: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { body } = request;
    const form = new URLSearchParams(typeof body === 'string' ? body : '');
    const { state } = callbackParameters(Object.fromEntries(form));
    // The cookie does not come with other sites' forms; newer browsers also say where a form was.
    const isOurs = site === undefined || site === 'same-origin';
    const browser = isOurs ? this.#browser(request) : { id: null };
    const agrees = form.get('answer') === 'connect';
    const result = await this.connector.answer({ state, agrees }, browser);
    if (result.returnTo !== null || result.outcome instanceof ConnectFailure || state === undefined) {
      return this.#answer(result, reply);
    }
    void reply.status(303).header('location', `callback?state=${encodeURIComponent(state)}`);
    return '';
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

  #answer(result: Parameters<typeof answerConnecting>[0], reply: FastifyReply): string {
    return answerConnecting(result, reply, this.settings.dashboardOrigins[0]);
  }

  #browser(request: FastifyRequest): ConnectingBrowser {
    return browserOf(request, this.#isSecure);
  }

  get #isSecure(): boolean {
    return this.settings.google.redirectUri.startsWith('https:');
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
