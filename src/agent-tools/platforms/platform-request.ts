import type { RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { PlatformRequest } from './voice-platform.js';
import { clock } from '../../platform/time/clock.js';

const NO_BYTES = Buffer.alloc(0);

export type VoiceRequest = RawBodyRequest<
  FastifyRequest<{ Params: { platform: string; connectionId: string; action?: string; '*'?: string } }>
>;

/** @param publicUrl origin under which platforms reach this service: what stands in front may have changed the host */
export function platformRequest(request: VoiceRequest, publicUrl: string): PlatformRequest {
  const [, query = ''] = /\?(.*)$/s.exec(request.url) ?? [];
  return {
    method: request.method,
    url: `${publicUrl}${request.url}`,
    headers: distinctHeaders(request.raw),
    query: new URLSearchParams(query),
    action: request.params.action ?? '',
    path: (request.params['*'] ?? '').split('/'),
    rawBody: request.rawBody ?? NO_BYTES,
    body: request.body,
    receivedAt: clock.now(),
  };
}

/** One that came several times is a list of all its values: Node would let the first `Authorization` stand for both. */
function distinctHeaders({ headers, rawHeaders }: IncomingMessage): IncomingHttpHeaders {
  const values = new Map<string, string[]>();
  for (const [index, value] of rawHeaders.entries()) {
    const name = rawHeaders[index - 1]?.toLowerCase();
    if (index % 2 === 1 && name !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
  }
  const repeated = [...values].filter(([, all]) => all.length > 1);
  return { ...headers, ...Object.fromEntries(repeated) };
}
