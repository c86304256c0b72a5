import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../../platform/config/settings.js';
import { DomainError } from '../../platform/errors/domain-error.js';

/**
 * Refuses pages of other origins than our own and the dashboards'. Voice platforms are servers and send no `Origin`; a browser
 * always does, also one that was led here under another name (DNS rebinding).
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
@Injectable()
export class McpOriginGuard implements CanActivate {
  readonly #allowed: ReadonlySet<string>;

  constructor({ publicUrl, dashboardOrigins }: Settings) {
    this.#allowed = new Set([publicUrl, ...dashboardOrigins]);
  }

  canActivate(context: ExecutionContext): boolean {
    const { origin } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (origin === undefined || this.#allowed.has(origin)) return true;
    throw new DomainError('origin_not_allowed', 'Pages of this origin may not use the tools.');
  }
}
