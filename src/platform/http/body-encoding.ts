import type { FastifyReply, FastifyRequest } from 'fastify';
import { promisify } from 'node:util';
import { gunzip, inflate, type ZlibOptions } from 'node:zlib';
import { DomainError } from '../errors/domain-error.js';

type Decode = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', promisify<Buffer, ZlibOptions, Buffer>(gunzip)],
  ['x-gzip', promisify<Buffer, ZlibOptions, Buffer>(gunzip)],
  ['deflate', promisify<Buffer, ZlibOptions, Buffer>(inflate)],
]);

/** Whether a body is sent as it is, so that there is nothing to decode. */
export function isPlain({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return codingOf(headers) === 'identity';
}

/**
 * The bytes that were meant, where a body was compressed for the way (RFC 9110, section 8.4).
 * @param limit the most bytes that it may come to
 * @throws DomainError `body_too_large`, `malformed_request`
 */
export async function decodedBody(
  { headers }: Pick<FastifyRequest, 'headers'>,
  bytes: Buffer,
  limit: number,
): Promise<Buffer> {
  const coding = codingOf(headers);
  const decode = DECODERS.get(coding);
  if (decode === undefined || bytes.length === 0) return bytes;
  try {
    return await decode(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new DomainError('body_too_large', 'The body is larger than this address takes.');
    throw new DomainError('malformed_request', `The body is no valid ${coding}.`);
  }
}

/** Before the body is read. @throws DomainError `unsupported_media_type` */
export function refuseUnknownCoding({ headers }: FastifyRequest, reply: FastifyReply): void {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const coding = codingOf(headers);
  if (!hasBody || coding === 'identity' || DECODERS.has(coding)) return;
  // As RFC 9110 asks for in this case (section 12.5.3).
  void reply.header('accept-encoding', 'gzip, deflate');
  throw new DomainError(
    'unsupported_media_type',
    'The body is encoded in a way that is not understood here. Send it as it is, or with gzip or deflate.',
  );
}

function codingOf(headers: FastifyRequest['headers']): string {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase() || 'identity';
}
