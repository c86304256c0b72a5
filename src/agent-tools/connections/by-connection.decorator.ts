import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { ACCESS, type Access, SECURITY_SCHEMES } from '../../tenant/authenticated.decorator.js';
import { ConnectionGuard } from './connection.guard.js';

/**
 * Opens the routes of a controller to voice platforms, each by its connection: the guard of keys leaves these to the guard of
 * connections, which is set here together with that.
 */
export function ByConnection(): MethodDecorator & ClassDecorator {
  const access: Access = { kind: 'connection' };
  return applyDecorators(
    SetMetadata(ACCESS, access),
    UseGuards(ConnectionGuard),
    ApiBearerAuth(SECURITY_SCHEMES.agentConnection),
  );
}
