import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { TakesAnyBody } from '../../platform/http/json-body.js';
import { RateLimited } from '../../platform/http/rate-limits.js';
import { Public } from '../../tenant/authenticated.decorator.js';
import { Folded } from './folded.js';
import { PushChannels } from './push-channels.js';
import { SyncLoop } from './sync-loop.js';

/** Longer than any that we have made. */
const LONGEST = 256;

@ApiTags('Calendar')
@Controller('api/google/notifications')
export class NotificationsController {
  readonly #folded = new Folded();

  constructor(
    private readonly channels: PushChannels,
    private readonly syncs: SyncLoop,
  ) {}

  @Post()
  @HttpCode(204)
  @Public()
  @TakesAnyBody()
  // Messages about the calendars of all tenants come from few addresses.
  @RateLimited({ perMinute: 60_000 })
  @ApiOperation({
    summary: 'Hear from Google that a calendar has changed',
    description:
      'Google’s push notifications. What changed is looked up afterwards, by a synchronisation of that calendar; many messages about ' +
      'one calendar are followed by one. Messages of channels that are not known, or without their token, change nothing.',
  })
  @ApiHeader({
    name: 'X-Goog-Channel-ID',
    required: false,
    description: 'The channel, by the id that we gave it.',
  })
  @ApiHeader({
    name: 'X-Goog-Channel-Token',
    required: false,
    description: 'The secret that we gave with it.',
  })
  @ApiHeader({
    name: 'X-Goog-Resource-State',
    required: false,
    description: '`sync` when a channel begins, then `exists` or `not_exists`.',
  })
  @ApiNoContentResponse({ description: 'Heard; whether it is believed is not told.' })
  async hear(
    @Headers('x-goog-channel-id') channelId: string | undefined,
    @Headers('x-goog-channel-token') token: string | undefined,
  ): Promise<void> {
    if (channelId === undefined || token === undefined) return;
    if (channelId.length > LONGEST || token.length > LONGEST) return;
    // Answered once it is noted, which is the one thing that takes time: what fails then, Google sends again.
    await this.#folded.run(`${channelId} ${token}`, () => this.#note(channelId, token));
  }

  async #note(channelId: string, token: string): Promise<void> {
    const channel = await this.channels.recognise({ channelId, token });
    if (channel !== null) await this.syncs.request(channel.tenant, channel.calendarId);
  }
}
