import type { RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { PlatformRequest } from './voice-platform.js';

const NO_BYTES = Buffer.alloc(0);

export type VoiceRequest = RawBodyRequest<
  FastifyRequest<{ Params: { platform: string; connectionId: string; action?: string } }>
>;

/** @param publicUrl origin under which platforms reach this service: what stands in front may have changed the host */
export function platformRequest(request: VoiceRequest, publicUrl: string): PlatformRequest {
  const [, query = ''] = /\?(.*)$/s.exec(request.url) ?? [];
  return {
    method: request.method,
    url: `${publicUrl}${request.url}`,
    headers: request.headers,
    query: new URLSearchParams(query),
    action: request.params.action ?? '',
    rawBody: request.rawBody ?? NO_BYTES,
    body: request.body,
    receivedAt: Date.now(),
  };
}
