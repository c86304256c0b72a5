import { createHash, randomInt } from 'node:crypto';
import { ApiError, badRequest, required } from './api-error.js';
import type { Calendar } from './calendar.js';
import type { PushChannel } from './push-channel.js';
import { PushDelivery } from './push-delivery.js';
import type { ChangedCalendar } from './surroundings.js';

/** The body of events.watch and channels.stop, as far as it matters here. */
export interface ChannelRequest {
  id?: string | null;
  type?: string | null;
  address?: string | null;
  token?: string | null;
  params?: Record<string, string> | null;
  expiration?: string | number | null;
  resourceId?: string | null;
}

const weekMs = 7 * 86_400_000;
const longestMs = 30 * 86_400_000;

export class PushChannels {
  readonly delivery = new PushDelivery();
  private readonly channels = new Map<string, PushChannel>();

  constructor(
    private readonly now: () => number,
    kept: PushChannel[] = [],
  ) {
    for (const channel of kept) this.channels.set(channel.id, channel);
  }

  toJSON(): PushChannel[] {
    return this.live();
  }

  live(): PushChannel[] {
    return [...this.channels.values()].filter((channel) => channel.expiration > this.now());
  }

  open(calendar: Calendar, openedBy: string, request: ChannelRequest): PushChannel {
    const { id, address } = checked(request);
    if (this.live().some((channel) => channel.id === id)) {
      throw badRequest(`Channel id ${id} not unique`, 'channelIdNotUnique');
    }
    if (calendar.refusesPush) {
      const message = 'Push notifications are not supported by this resource.';
      throw badRequest(message, 'pushNotSupportedForRequestedResource');
    }
    const path = `/calendar/v3/calendars/${encodeURIComponent(calendar.id)}/events`;
    const channel: PushChannel = {
      id,
      address,
      openedBy,
      token: request.token ?? undefined,
      calendarId: calendar.id,
      resourceId: resourceIdOf(calendar),
      resourceUri: `${calendar.surroundings.origin()}${path}?alt=json`,
      expiration: this.expirationOf(request),
      messageNumber: 1,
    };
    this.channels.set(id, channel);
    // Not awaited: like Google's, this message may arrive before the answer to the watch.
    this.delivery.send(channel, 'sync');
    return channel;
  }

  stop(openedBy: string, { id, resourceId }: ChannelRequest): void {
    if (!id) throw required('id');
    if (!resourceId) throw required('resourceId');
    const channel = this.live().find((one) => one.id === id);
    if (channel?.resourceId !== resourceId || channel.openedBy !== openedBy) {
      throw new ApiError(404, 'notFound', `Channel '${id}' not found for project 'google-stand-in'`);
    }
    this.channels.delete(id);
  }

  announce(calendar: ChangedCalendar): void {
    for (const channel of this.live()) {
      if (channel.calendarId !== calendar.id) continue;
      // Numbers grow, but a client must not expect the next one.
      channel.messageNumber += randomInt(1, 5);
      this.delivery.send(channel, calendar.deleted ? 'not_exists' : 'exists');
    }
  }

  private expirationOf({ params, expiration }: ChannelRequest): number {
    const wished = params?.ttl
      ? this.now() + Number(params.ttl) * 1000
      : Number(expiration ?? this.now() + weekMs);
    if (!(wished > this.now())) throw badRequest('Invalid channel expiration.', 'invalid');
    return Math.floor(Math.min(wished, this.now() + longestMs) / 1000) * 1000;
  }
}

function checked({ id, type, address, token }: ChannelRequest): { id: string; address: string } {
  if (!id) throw required('id');
  if (!/^[A-Za-z0-9\-_+/=]{1,64}$/.test(id)) throw badRequest('Invalid channel id.', 'channelIdInvalid');
  if (type !== 'web_hook' && type !== 'webhook') throw badRequest('Unknown channel type.', 'channelUnknown');
  if (!address) throw required('address');
  if (!isAllowedAddress(address)) {
    throw badRequest(`WebHook callback must be HTTPS: ${address}`, 'push.webhookUrlNotHttps');
  }
  if (token && token.length > 256) throw badRequest('Channel token is too long: at most 256.', 'invalid');
  return { id, address };
}

/** Google takes HTTPS only; a receiver on this machine may be plain HTTP, as it has no certificate. */
function isAllowedAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
}

/** Stable for a calendar, opaque, and the same for all its channels. */
function resourceIdOf(calendar: Calendar): string {
  return createHash('sha256').update(calendar.id).digest('base64url').slice(0, 27);
}
