import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { optionsOf } from './route-options.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether an early guard has let it in, so that the guard need not look again. */
    admitted: boolean;
    /** Who it was let in for, in words that are the same for all requests of one credential; null where nobody in particular. */
    principal: string | null;
    /** In what it is looked at once more when its body is there; null where that is not needed. */
    unread: ExecutionContext | null;
  }
}

/**
 * `admitted`: it may be answered, in the name of `principal`. `open`: everybody may ask. `unread`: whether it is authentic is
 * only known once its body is there. `not mine`: another guard decides.
 */
export type Admission =
  { kind: 'admitted'; principal: string } | { kind: 'open' } | { kind: 'unread' } | { kind: 'not mine' };

/** A guard that decides by the headers, where it can: before the body is read. */
export interface EarlyGuard {
  /** @throws DomainError for a request that is not let in */
  admit(context: ExecutionContext, request: FastifyRequest): Admission | Promise<Admission>;
  /** For what was `unread`: with `rawBody`, and before anything is parsed. @throws DomainError */
  admitBody?(context: ExecutionContext, request: FastifyRequest): Promise<void>;
}

/**
 * The guards of the modules above, which register here. Nest runs guards after the body was read and parsed: anybody could
 * have the service do that, a megabyte at a time. So those that need no body run in a hook before it, and find that they have
 * run when Nest comes to them.
 */
@Injectable()
export class EarlyGuards {
  readonly #guards: EarlyGuard[] = [];

  register(guard: EarlyGuard): void {
    this.#guards.push(guard);
  }

  /** @throws DomainError */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { handling } = optionsOf(request);
    // The documents are not answered by Nest, and open to everybody.
    if (handling === undefined) return;
    const context = new ExecutionContextHost([request, reply], handling.controller, handling.handler);
    for (const guard of this.#guards) {
      const admission = await guard.admit(context, request);
      if (admission.kind === 'not mine') continue;
      if (admission.kind === 'admitted') {
        request.admitted = true;
        request.principal = admission.principal;
      } else if (admission.kind === 'unread') {
        request.unread = context;
      }
      return;
    }
  }

  /** For a request that was `unread`, once its bytes are there. @throws DomainError */
  async admitBody(request: FastifyRequest): Promise<void> {
    const { unread } = request;
    if (unread === null) return;
    for (const guard of this.#guards) await guard.admitBody?.(unread, request);
  }
}
