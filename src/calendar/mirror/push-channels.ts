import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Secret } from '../../platform/config/secret.js';
import { Settings } from '../../platform/config/settings.js';
import { Deadline } from '../../platform/deadline.js';
import { isCalendarError } from '../calendar-error.js';
import { CalendarProvider, type CalendarRef, type ConnectionRef } from '../calendar-provider.js';
import { Gathered } from './gathered.js';
import { NOTIFICATIONS_PATH } from './notifications-path.js';
import { PushChannelRepository, type PushChannel } from './push-channel.repository.js';
import { clock } from '../../platform/time/clock.js';

/** As we make them: others need not be looked for. */
const OUR_ID = /^[\w-]{43}$/;
const HOUR_MS = 3_600_000;
/** What is asked for; Google may give less, and says what it gave. */
const TTL_SECONDS = 7 * 24 * 3600;
/** A channel is replaced before it ends: this share of its time is left to it then. */
const RENEWED_SHARE = 0.2;
/** A calendar that refuses is asked again, should that have changed. */
const REFUSED_AGAIN_MS = 7 * 24 * HOUR_MS;
/** Without an address nobody is asked; one that is given later is noticed as a calendar is looked at. */
const UNTOLD_AGAIN_MS = HOUR_MS;
const FAILED_AGAIN_MS = HOUR_MS / 4;

/** What Google sends with a message. */
export interface PushMessage {
  channelId: string;
  token: string;
}

/**
 * The channels by which Google tells of changes. None can be made longer: a new one is made while the old one still tells, which is then
 * stopped. Whatever fails here costs only time, since calendars are looked at anyway.
 * @see https://developers.google.com/workspace/calendar/api/guides/push
 */
@Injectable()
export class PushChannels {
  readonly #logger = new Logger(PushChannels.name);
  readonly #lookUps = new Gathered((ids: readonly string[]) => this.#find(ids));

  constructor(
    private readonly channels: PushChannelRepository,
    private readonly provider: CalendarProvider,
    private readonly settings: Settings,
  ) {}

  /** Where Google is to send its messages; null where it cannot reach the service. */
  get address(): string | null {
    const { webhookUrl } = this.settings.google;
    return webhookUrl === null ? null : `${webhookUrl}${NOTIFICATIONS_PATH}`;
  }

  /** Opens a channel for a calendar, or renews the one it has. @returns whether Google tells of its changes from now on */
  async keep(calendar: CalendarRef, calendarId: string): Promise<'none' | 'open' | 'refused'> {
    const { address } = this;
    const { tenant } = calendar;
    const before = await this.channels.ofCalendar(tenant, calendarId);
    if (address === null) {
      await this.#stop(calendar, before, this.#deadline());
      await this.channels.setPush(tenant, calendarId, 'none', UNTOLD_AGAIN_MS);
      return 'none';
    }
    try {
      const expiresAt = await this.#open(calendar, calendarId, address);
      if (expiresAt === null) return 'none';
      const lifeMs = Math.max(expiresAt.getTime() - clock.now(), 0);
      await this.channels.setPush(tenant, calendarId, 'open', lifeMs * (1 - RENEWED_SHARE));
      await this.#stop(calendar, before, this.#deadline());
      return 'open';
    } catch (error) {
      if (!isCalendarError(error)) throw error;
      const { kind, status, reason } = error;
      this.#logger.warn({ tenant, calendarId, kind, status, reason }, 'A calendar could not be watched');
      // Other refusals may be over in a moment.
      const isRefused = reason === 'pushNotSupportedForRequestedResource';
      const stillTells = before.some(({ expiresAt }) => (expiresAt?.getTime() ?? 0) > clock.now());
      const push = stillTells ? 'open' : isRefused ? 'refused' : 'none';
      await this.channels.setPush(tenant, calendarId, push, isRefused ? REFUSED_AGAIN_MS : FAILED_AGAIN_MS);
      return push;
    }
  }

  /** Ends the channels of a calendar that is not mirrored any more. */
  async stop(calendar: CalendarRef, calendarId: string, deadline: Deadline): Promise<void> {
    await this.#stop(calendar, await this.channels.ofCalendar(calendar.tenant, calendarId), deadline);
  }

  /** Ends all channels of an account, as far as that can be done before the deadline: what is left tells of nothing that is known. */
  async stopAll(connection: ConnectionRef, deadline: Deadline): Promise<void> {
    const { tenant, connectionId } = connection;
    await deadline.race(
      this.channels
        .ofConnection(tenant, connectionId)
        .then((channels) => this.#stop(connection, channels, deadline)),
    );
  }

  /** @returns the channel that the message came by; null when it is none of ours, or does not come from Google */
  async recognise({ channelId, token }: PushMessage): Promise<PushChannel | null> {
    if (!OUR_ID.test(channelId)) return null;
    const channel = (await this.#lookUps.ask(channelId)).get(channelId) ?? null;
    return channel !== null && timingSafeEqual(channel.tokenHash, hashOf(token)) ? channel : null;
  }

  async #find(ids: readonly string[]): Promise<ReadonlyMap<string, PushChannel>> {
    return new Map((await this.channels.findAll(ids)).map((channel) => [channel.id, channel]));
  }

  /** @returns until when it tells; null where the calendar is not mirrored any more */
  async #open(calendar: CalendarRef, calendarId: string, address: string): Promise<Date | null> {
    const { tenant } = calendar;
    const id = randomBytes(32).toString('base64url');
    const token = new Secret(randomBytes(32).toString('base64url'));
    const tokenHash = hashOf(token.reveal());
    if (!(await this.channels.save(tenant, { id, calendarId, tokenHash, address }))) return null;
    try {
      const watched = { id, token, address, ttlSeconds: TTL_SECONDS };
      const opened = await this.provider.watch(calendar, watched, this.#deadline());
      if (!(await this.channels.opened(tenant, id, opened))) {
        // Its account was disconnected meanwhile.
        await this.#stop(calendar, [{ id, resourceId: opened.resourceId }], this.#deadline());
      }
      return opened.expiresAt;
    } catch (error) {
      // Should it have been made all the same, nobody knows it here, and it ends by itself.
      await this.channels.remove(tenant, [id]);
      throw error;
    }
  }

  async #stop(
    connection: ConnectionRef,
    channels: readonly Pick<PushChannel, 'id' | 'resourceId'>[],
    deadline: Deadline,
  ): Promise<void> {
    await this.channels.remove(
      connection.tenant,
      channels.map(({ id }) => id),
    );
    await Promise.all(
      channels.map(async ({ id, resourceId }) => {
        if (resourceId === null) return;
        try {
          await this.provider.stopWatching(connection, { id, resourceId }, deadline);
        } catch (error) {
          if (!isCalendarError(error)) throw error;
          if (error.kind === 'not_found') return;
          const { kind, status, reason } = error;
          this.#logger.warn(
            { tenant: connection.tenant, kind, status, reason },
            'A channel could not be stopped',
          );
        }
      }),
    );
  }

  #deadline(): Deadline {
    return Deadline.in(this.settings.calendarAttemptMs);
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
