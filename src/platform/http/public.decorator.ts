import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** Where the guard finds who may use a route. A route without it is closed to everybody. */
export const ACCESS = 'receptionist:access';

/** Opens a route, or all routes of a controller, to everybody. */
export function Public(): CustomDecorator {
  return SetMetadata(ACCESS, { kind: 'public' });
}
