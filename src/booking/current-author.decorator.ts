import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../tenant/current-tenant.decorator.js';
import { type Author, authorOf } from './author.js';

/** Who changes something by this request: `@CurrentAuthor() author: Author`. */
export const CurrentAuthor = createParamDecorator((_data: undefined, context: ExecutionContext): Author =>
  authorOf(callerOf(context), context.switchToHttp().getRequest<FastifyRequest>().id),
);
