import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { invalidInput } from '../platform/errors/domain-error.js';

const NAME = 'Idempotency-Key';

/** The key that a request carries: `@IdempotencyKey() idempotencyKey: string | undefined`. */
export const IdempotencyKey = createParamDecorator(
  (_data: undefined, context: ExecutionContext): string | undefined => {
    const given = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
    if (given === undefined) return undefined;
    if (typeof given === 'string' && /^[\x21-\x7e]{1,255}$/.test(given)) return given;
    throw invalidInput({ field: NAME, message: 'must be 1 to 255 visible ASCII characters' });
  },
);

/** @param what is made once by it */
export const ApiIdempotencyKey = (what: string): MethodDecorator & ClassDecorator =>
  ApiHeader({
    name: NAME,
    required: false,
    description: `Repeating a request with the same key and content gives the first answer instead of a second ${what}.`,
    schema: { type: 'string', maxLength: 255 },
  });
