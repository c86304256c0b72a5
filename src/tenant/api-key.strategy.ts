import { Injectable } from '@nestjs/common';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { BearerStrategy } from './bearer.strategy.js';
import type { Principal } from './caller.js';

/** A tenant's API key. */
@Injectable()
export class ApiKeyStrategy extends BearerStrategy {
  constructor(private readonly authenticator: ApiKeyAuthenticator) {
    super('api-key');
  }

  override validate(credential: string): Promise<Principal | null> {
    return this.authenticator.authenticate(credential);
  }
}
