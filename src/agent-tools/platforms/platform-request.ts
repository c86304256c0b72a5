import type { RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { distinctHeaders } from '../../platform/http/distinct-headers.js';
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
    repeatedMembers: request.repeatedMembers ?? [],
    receivedAt: clock.now(),
  };
}
