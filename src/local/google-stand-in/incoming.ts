import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './api-error.js';

/** A request that has been read completely. */
export interface Incoming {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  text: string;
}

const largestBody = 1_000_000;

export async function readIncoming(request: IncomingMessage, origin: string): Promise<Incoming> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new ApiError(413, 'uploadTooLarge', 'The request is too large.');
    chunks.push(chunk);
  }
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', origin),
    headers: request.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

export function formOf(incoming: Incoming): URLSearchParams {
  return new URLSearchParams(incoming.text);
}

export function jsonOf(incoming: Incoming): unknown {
  try {
    return JSON.parse(incoming.text || '{}');
  } catch {
    throw badRequest('Parse Error', 'parseError');
  }
}

export function bearerToken({ headers, url }: Incoming): string | undefined {
  const [scheme, token] = (headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'bearer' && token) return token;
  return url.searchParams.get('oauth_token') ?? url.searchParams.get('access_token') ?? undefined;
}
