import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Settings } from '../config/settings.js';
import { DomainError } from '../errors/domain-error.js';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/**
 * Lets the operator in: whoever holds the admin key, or a scraper on the same machine. What a proxy on the same machine
 * passes on does not count as coming from there.
 */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(private readonly settings: Settings) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (this.#isLocal(request) || this.#hasAdminKey(request.headers.authorization)) return true;
    throw new DomainError('unauthenticated', 'Send the admin key: "Authorization: Bearer <ADMIN_API_KEY>".');
  }

  #isLocal({ headers, socket }: FastifyRequest): boolean {
    const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
    return !isForwarded && headers.authorization === undefined && LOOPBACK.test(socket.remoteAddress ?? '');
  }

  #hasAdminKey(authorization = ''): boolean {
    const [, presented] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    // Hashed, so that lengths are equal and the comparison takes the same time whatever is presented.
    return (
      presented !== undefined && timingSafeEqual(hash(presented), hash(this.settings.adminApiKey.reveal()))
    );
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
