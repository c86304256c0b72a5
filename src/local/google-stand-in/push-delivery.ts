import { setTimeout as sleep } from 'node:timers/promises';
import type { PushChannel } from './push-channel.js';

type ResourceState = 'sync' | 'exists' | 'not_exists';

/** Only these make Google try again; any other answer is taken as final. */
const retried = new Set([500, 502, 503, 504]);
const pausesMs = [200, 1_000, 5_000];

/** Sends push messages on their own time, and forgets them when it is stopped. */
export class PushDelivery {
  /** How often each message is sent: 0 loses it, 2 doubles it. */
  copies = 1;
  delayMs = 0;
  /** When on, a watch is answered after its sync message was delivered, which Google does not rule out. */
  syncBeforeAnswer = false;
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();

  send(channel: PushChannel, state: ResourceState): void {
    const headers = headersOf(channel, state);
    for (let copy = 0; copy < this.copies; copy++) {
      const sent = this.deliver(channel.address, headers).catch(() => undefined);
      this.running.add(sent);
      void sent.finally(() => this.running.delete(sent));
    }
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    while (this.running.size) await Promise.all(this.running);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.settled();
  }

  private async deliver(address: string, headers: Record<string, string>): Promise<void> {
    const { signal } = this.stopping;
    if (this.delayMs) await sleep(this.delayMs, undefined, { signal });
    for (const pauseMs of [...pausesMs, undefined]) {
      const answer = await fetch(address, {
        method: 'POST',
        headers,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
      });
      await answer.body?.cancel();
      if (!retried.has(answer.status) || pauseMs === undefined) return;
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

function headersOf(channel: PushChannel, state: ResourceState): Record<string, string> {
  return {
    'X-Goog-Channel-ID': channel.id,
    'X-Goog-Message-Number': String(channel.messageNumber),
    'X-Goog-Resource-ID': channel.resourceId,
    'X-Goog-Resource-State': state,
    'X-Goog-Resource-URI': channel.resourceUri,
    'X-Goog-Channel-Expiration': new Date(channel.expiration).toUTCString(),
    ...(channel.token ? { 'X-Goog-Channel-Token': channel.token } : {}),
    'User-Agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
  };
}
