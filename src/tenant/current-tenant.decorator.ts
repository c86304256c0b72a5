import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { ADMINISTRATOR, type AuthenticatedRequest, type Caller } from './caller.js';

/** The tenant whose credential this request carries: `@CurrentTenant() tenant: TenantId`. */
export const CurrentTenant = createParamDecorator(
  (_data: undefined, context: ExecutionContext): TenantId => callerOf(context).tenant,
);

/** Who makes this request, for what it may do and for the record: `@CurrentCaller() caller: Caller`. */
export const CurrentCaller = createParamDecorator((_data: undefined, context: ExecutionContext): Caller =>
  callerOf(context),
);

/** @throws when the route is public or an admin's: such a handler has no tenant to ask for, so the code is wrong. */
export function callerOf(context: ExecutionContext): Caller {
  const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (user === undefined || user === ADMINISTRATOR) {
    throw new Error(
      `${context.getClass().name}.${context.getHandler().name} asks for a tenant but is not @Authenticated`,
    );
  }
  return user;
}
