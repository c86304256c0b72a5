import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticRequest } from './connection.guard.js';

/** What the platform asks, as `ConnectionGuard` let it in: `@ConnectionRequest() request: AuthenticRequest`. */
export const ConnectionRequest = createParamDecorator(
  (_data: undefined, context: ExecutionContext): AuthenticRequest => {
    const { authentic } = context.switchToHttp().getRequest<{ authentic?: AuthenticRequest }>();
    if (authentic === undefined) throw new Error('A route of voice platforms is without its guard.');
    return authentic;
  },
);
